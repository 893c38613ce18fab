"""A theory of one's own, checked before it runs: every law that was replaced is called once.

What the built-in laws are called with is recorded while one tick of each kind is traced
(`recording`); the replaced law is then called with such arguments. It must not fail, must
return what the built-in law returns in shape, and a finite number wherever that gives one.
"""

import difflib
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from bowlby.theory.declared import declarations
from bowlby.theory.theory import Theory, TheoryError

GRID = (0.0, 0.01, 0.25, 0.5, 0.75, 1.0)
"""Values that each argument takes, one at a time; arousal also lower and higher ones."""

_AROUSAL_GRID = (-2.0, -0.5, *GRID, 2.0)
_MIDDLE = 0.5

_ALIKE = 0.7
"""How like two names are of which one is taken for the other, misspelt (0 to 1)."""


@dataclass(frozen=True)
class Call:
    """How a law is called.

    Attributes:
        mechanism: Field of the theory.
        law: Name of the method.
        arguments: Its arguments by name; arrays as shapes.
    """

    mechanism: str
    law: str
    arguments: Mapping[str, Any]


def replaced_laws(theory: Theory) -> dict[str, list[str]]:
    """Laws of a theory that are not the built-in ones, by mechanism.

    Raises:
        TheoryError: If a mechanism lacks a law or a number of the one that it replaces.
    """
    found = {}
    for name, mechanism in Theory().mechanisms().items():
        mine, built_in = type(theory.mechanisms()[name]), type(mechanism)
        if mine is built_in:
            continue
        lacking = [
            law for law in (*_laws(built_in), *_numbers(built_in)) if not _has(mine, law)
        ]
        if lacking:
            raise TheoryError(
                f"{mine.__name__} stands for {built_in.__name__}, but has no {lacking[0]!r}. "
                f"Make it a subclass: class {mine.__name__}({built_in.__name__})."
            )
        _check_names(mine, built_in)
        found[name] = [law for law in _laws(built_in) if _own(mine, law) is not
                       _own(built_in, law)]  # fmt: skip
    return {name: laws for name, laws in found.items() if laws}


def _check_names(mine: type, built_in: type) -> None:
    """Nothing that was written would be passed over: a law's name misspelt, a bare number."""
    for name in vars(mine):
        near = difflib.get_close_matches(name, _laws(built_in), n=1, cutoff=_ALIKE)
        if name in _laws(mine) and name not in _laws(built_in) and near:
            raise TheoryError(
                f"{mine.__name__}.{name}: no law of {built_in.__name__}, and would never be "
                f"called; did you mean {near[0]!r}? (A helper begins with _.)"
            )
        if name in _numbers(built_in) and name not in mine.__annotations__:
            raise TheoryError(
                f"{mine.__name__}.{name}: a bare number would be passed over; write "
                f"`{name}: float = parameter(...)`"
            )


def check_numbers(theory: Theory) -> None:
    """Every declared number of a mechanism of one's own lies in its range.

    Raises:
        TheoryError: If one does not.
    """
    built_in = Theory().mechanisms()
    for name, mechanism in theory.mechanisms().items():
        if type(mechanism) is type(built_in[name]):
            continue
        for number, declared in declarations(mechanism).items():
            if not declared.low < declared.high:
                raise TheoryError(
                    f"{type(mechanism).__name__}.{number}: low={declared.low} is not below "
                    f"high={declared.high}"
                )
            theory.changed(f"{name}.{number}", getattr(mechanism, number))


def _laws(mechanism: type) -> list[str]:
    """Public methods that a mechanism defines."""
    return [name for name, value in vars(mechanism).items()
            if not name.startswith("_") and callable(getattr(mechanism, name, None))
            and not isinstance(value, type) and name not in _numbers(mechanism)]  # fmt: skip


def _numbers(mechanism: type) -> list[str]:
    return [each.name for each in fields(mechanism)]


def _has(mechanism: type, name: str) -> bool:
    return hasattr(mechanism, name) or name in getattr(mechanism, "__dataclass_fields__", ())


def _own(mechanism: type, name: str) -> Any:
    return inspect.getattr_static(mechanism, name)


def recording(mechanism: Any, name: str, laws: list[str], calls: list[Call]) -> Any:
    """A built-in mechanism that notes how these laws of it are called."""
    built_in = type(mechanism)

    def noted(law: str) -> Callable[..., Any]:
        plain = inspect.unwrap(getattr(built_in, law))
        signature = inspect.signature(plain)

        def method(self, *given, **named):
            bound = signature.bind(self, *given, **named).arguments
            shapes = {k: jax.tree.map(_shape, v) for k, v in list(bound.items())[1:]}
            calls.append(Call(name, law, shapes))
            return plain(self, *given, **named)

        return method

    spy = type(f"Recorded{built_in.__name__}", (built_in,), {law: noted(law) for law in laws})
    return spy(**{number: getattr(mechanism, number) for number in _numbers(built_in)})


def _shape(leaf: Any) -> Any:
    """The shape of an array; numbers of Python stay as they are."""
    if isinstance(leaf, jax.Array | np.ndarray):
        return jax.ShapeDtypeStruct(leaf.shape, jnp.result_type(leaf))
    return leaf


def check_laws(theory: Theory, calls: list[Call]) -> None:
    """Every replaced law gives finite numbers of the right shape where the built-in one does.

    Args:
        theory: The theory.
        calls: How the built-in laws were called.

    Raises:
        TheoryError: If one does not; names the law, the argument and its value.
    """
    mine, built_in = theory.as_data().mechanisms(), Theory().as_data().mechanisms()
    for call in _distinct(calls):
        law = f"{type(mine[call.mechanism]).__name__}.{call.law}"
        _check_shapes(law, mine[call.mechanism], built_in[call.mechanism], call)
        _check_numbers(law, mine[call.mechanism], built_in[call.mechanism], call)


def _distinct(calls: list[Call]) -> Iterator[Call]:
    seen = set()
    for call in calls:
        mark = (call.mechanism, call.law, str(call.arguments))
        if mark not in seen:
            seen.add(mark)
            yield call


def _check_shapes(law: str, mine: Any, built_in: Any, call: Call) -> None:
    wanted = _shapes_of(built_in, call)
    try:
        given = _shapes_of(mine, call)
    except Exception as error:
        raise TheoryError(
            f"{law}: raised {type(error).__name__}: {_first_line(error)}{_remedy(error)}"
        ) from error
    if jax.tree.structure(given) != jax.tree.structure(wanted):
        raise TheoryError(f"{law}: returns {_spoken(given)}; wanted is {_spoken(wanted)}.")
    for one, other in zip(jax.tree.leaves(given), jax.tree.leaves(wanted), strict=True):
        if one.shape != other.shape:
            raise TheoryError(
                f"{law}: returns the shape {one.shape}; wanted is {other.shape}, that of the "
                "built-in law. Work on each entry of the arrays, without sums over them."
            )
        if one.dtype != other.dtype:
            raise TheoryError(
                f"{law}: returns {one.dtype}; wanted is {other.dtype}, that of the built-in "
                "law."
            )


def _shapes_of(mechanism: Any, call: Call) -> Any:
    static, arrays = _parted(call.arguments)
    return jax.eval_shape(lambda a: getattr(mechanism, call.law)(**_merged(static, a)), arrays)


def _check_numbers(law: str, mine: Any, built_in: Any, call: Call) -> None:
    """Each argument over a grid, the others at the middle, all in one compiled program."""
    static, arrays = _parted(call.arguments)
    points = list(_points(arrays))
    if not points:
        return
    stacked = jax.tree.map(lambda *leaves: jnp.stack(leaves), *(p[2] for p in points))

    @jax.jit
    def finite(mechanisms, values):
        def one(value):
            return [
                jnp.all(jnp.array([jnp.all(jnp.isfinite(leaf)) for leaf in jax.tree.leaves(
                    getattr(m, call.law)(**_merged(static, value)))]))
                for m in mechanisms
            ]  # fmt: skip

        return jax.vmap(one)(values)

    good, wanted = (np.asarray(x) for x in finite((mine, built_in), stacked))
    for (argument, value, _), is_good, is_wanted in zip(points, good, wanted, strict=True):
        if is_wanted and not is_good:
            raise TheoryError(
                f"{law}: gives no finite number for {argument} = {value:g} (other arguments "
                f"{_MIDDLE:g}), where the built-in law does."
            )


def _parted(arguments: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Arguments that stay as they are, and those with arrays in them."""
    with_arrays = {
        name: value for name, value in arguments.items()
        if any(isinstance(leaf, jax.ShapeDtypeStruct) for leaf in jax.tree.leaves(value))
    }  # fmt: skip
    return {k: v for k, v in arguments.items() if k not in with_arrays}, with_arrays


def _merged(static: Mapping[str, Any], arrays: Mapping[str, Any]) -> dict[str, Any]:
    return {**static, **arrays}


def _points(arrays: Mapping[str, Any]) -> Iterator[tuple[str, float, dict[str, Any]]]:
    """Argument, its value, and all arguments then."""
    for name in arrays:
        for value in _AROUSAL_GRID if "arousal" in name else GRID:
            yield name, value, {
                other: jax.tree.map(
                    lambda leaf, v=value if other == name else _MIDDLE: _filled(leaf, v), tree
                )
                for other, tree in arrays.items()
            }  # fmt: skip


def _filled(leaf: Any, value: float) -> Any:
    if not isinstance(leaf, jax.ShapeDtypeStruct):
        return jnp.asarray(leaf)
    return jnp.full(leaf.shape, value, leaf.dtype)


def _spoken(shapes: Any) -> str:
    leaves = jax.tree.leaves(shapes)
    what = "one array" if len(leaves) == 1 else f"{len(leaves)} arrays"
    return f"{type(shapes).__name__} of {what}" if len(leaves) != 1 else what


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else "no message"


def _remedy(error: Exception) -> str:
    unknown = jax.errors.ConcretizationTypeError | jax.errors.TracerArrayConversionError
    if isinstance(error, unknown) or "truth value of an array" in str(error):
        return (
            " A law works on arrays whose values are not known yet: use jnp.where for `if`, "
            "and jax.numpy for numpy."
        )
    return ""
