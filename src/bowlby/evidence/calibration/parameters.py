"""Population parameters: what a calibration may move, and how far."""

import csv
import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from io import StringIO
from pathlib import Path

import numpy as np

from bowlby._types import FloatArray
from bowlby.courses.messages import CourseError
from bowlby.courses.numbers import number_of, numbers


@dataclass(frozen=True)
class Parameter:
    """A population parameter with its prior range, uniform.

    Attributes:
        name: Entry of a course, by dotted name.
        low: Lower end of the prior range.
        default: Value that the simulator uses.
        high: Upper end.
        unit: Unit.
        meaning: What it is.
    """

    name: str
    low: float
    default: float
    high: float
    unit: str
    meaning: str


def packaged_parameters() -> tuple[Parameter, ...]:
    """The parameters that a calibration moves unless told otherwise."""
    with as_file(files("bowlby.evidence.data") / "parameters.csv") as path:
        return read_priors(path)


def read_priors(path: Path) -> tuple[Parameter, ...]:
    """Parameters with their prior ranges from a CSV of name, low, high.

    Any declared number can be named, `theory.oxytocin.release` as well; default, unit and
    meaning are those of its declaration.

    Raises:
        CourseError: If a column is missing, a name is unknown, or a range is none.
        OSError: If the file cannot be read.
    """
    rows = list(csv.DictReader(StringIO(path.read_text("utf-8-sig"))))
    if not rows or not {"name", "low", "high"} <= rows[0].keys():
        raise CourseError(f"{path}: a table with the columns name, low, high is expected.")
    found = tuple(_parameter(row, f"{path}, line {n}") for n, row in enumerate(rows, 2))
    twice = [p.name for i, p in enumerate(found) if p.name in {q.name for q in found[:i]}]
    if twice:
        raise CourseError(f"{path}: {twice[0]} stands there twice.")
    return found


def _parameter(row: Mapping[str, str], where: str) -> Parameter:
    number = number_of(row["name"])
    if number is None:
        known = [each.name for each in numbers()]
        near = difflib.get_close_matches(row["name"], known, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise CourseError(
            f"{where}: no number {row['name']!r}{hint} `bowlby simulate show theory` lists all."
        )
    try:
        low, high = float(row["low"]), float(row["high"])
    except (TypeError, ValueError):
        raise CourseError(
            f"{where}: {row['low']!r} to {row['high']!r} are no numbers."
        ) from None
    if not number.low <= low < high <= number.high:
        raise CourseError(
            f"{where}: {low:g} to {high:g} is no range within that of {number.name}, "
            f"{number.low:g} to {number.high:g} {number.unit}."
        )
    return Parameter(number.name, low, number.default, high, number.unit, number.meaning)


@dataclass(frozen=True)
class Sensitivity:
    """How far a parameter moves a finding over its whole prior range, in half-bands.

    Attributes:
        parameter: Entry of a course, by dotted name.
        effect: Mean absolute elementary effect (Morris).
        mean: Mean effect, with sign.
    """

    parameter: str
    effect: float
    mean: float


def packaged_screening(slug: str) -> tuple[Sensitivity, ...]:
    """What moves a finding, largest first, by the screening of the shipped calibration.

    Empty for findings that were not screened: signs and shapes have no number to be emulated,
    and findings on emitted signals are left out of calibration runs.
    """
    text = (files("bowlby.evidence.data") / "screening.csv").read_text("utf-8")
    rows = [row for row in csv.DictReader(StringIO(text)) if row["slug"] == slug]
    found = (
        Sensitivity(row["parameter"], float(row["effect"]), float(row["mean"])) for row in rows
    )
    return tuple(sorted(found, key=lambda s: -s.effect))


def values_at(parameters: Sequence[Parameter], point: FloatArray) -> dict[str, float]:
    """Values of the parameters at a point of the cube from -1 (low) to 1 (high).

    Six digits, so that a value that was written down and read again is the same.
    """
    return {
        p.name: float(f"{p.low + 0.5 * (u + 1.0) * (p.high - p.low):.6g}")
        for p, u in zip(parameters, point, strict=True)
    }


def point_of(parameters: Sequence[Parameter], values: Mapping[str, float]) -> FloatArray:
    """The point of the cube from -1 to 1 that has these values."""
    return np.array(
        [2.0 * (values[p.name] - p.low) / (p.high - p.low) - 1.0 for p in parameters]
    )


def default_values(parameters: Sequence[Parameter]) -> dict[str, float]:
    """The values that the simulator uses."""
    return {p.name: p.default for p in parameters}


def parameters_toml(
    parameters: Sequence[Parameter], values: Mapping[str, float], comments: Sequence[str] = ()
) -> str:
    """Values as TOML, a part of a course.

    Args:
        parameters: Their units and meanings become comments.
        values: A value for each.
        comments: Lines at the top.
    """
    sections: dict[str, list[str]] = {}
    for p in parameters:
        section, _, name = p.name.rpartition(".")
        unit = "" if p.unit == "1" else f" ({p.unit})"
        line = f"{name} = {values[p.name]:.6g}  # {p.meaning}{unit}; default {p.default:g}"
        sections.setdefault(section, []).append(line)
    blocks = ["\n".join([f"[{name}]", *lines]) for name, lines in sections.items()]
    return "\n\n".join(["\n".join(f"# {line}" for line in comments), *blocks]).lstrip() + "\n"
