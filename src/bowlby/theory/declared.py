"""Numbers of the theory, declared once: value, range, unit, meaning and source.

A mechanism is a module with declared numbers, a law, and what it is without (`OFF`), all in one
file. Tables, course files, sensitivity analyses and docs are made from the declarations.
"""

from collections.abc import Mapping
from dataclasses import Field, dataclass, fields
from typing import Any, ClassVar

import equinox as eqx


@dataclass(frozen=True)
class Declaration:
    """What is known of a number before anything runs.

    Attributes:
        value: Default; a tuple where there is one for each of `over`.
        low: Least value that makes sense.
        high: Greatest.
        unit: Unit; "1" without.
        meaning: What it is, in a few words.
        source: A paper, or "ours" with the reason.
        over: Names of the entries of a tuple.
    """

    value: Any
    low: float
    high: float
    unit: str
    meaning: str
    source: str
    over: tuple[str, ...] = ()


def parameter(
    value: Any,
    *,
    low: float,
    high: float,
    unit: str,
    meaning: str,
    source: str,
    over: tuple[str, ...] = (),
) -> Any:
    """A declared number, or one for each of `over`, as a field of a mechanism."""
    declaration = Declaration(value, low, high, unit, meaning, source, over)
    return eqx.field(default=value, metadata={"declaration": declaration})


def declarations(module: Any) -> dict[str, Declaration]:
    """Declared numbers of a module or its class, by field."""
    return {f.name: _of(f) for f in fields(module) if "declaration" in f.metadata}


def _of(field: Field) -> Declaration:
    return field.metadata["declaration"]


class Mechanism(eqx.Module):
    """A mechanism of the theory: declared numbers and a law.

    Attributes:
        OFF: Name of an ablation to the numbers of this mechanism that it changes, and to what.
            Mechanisms may share an ablation; a share of it changes numbers in part.
    """

    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {}
