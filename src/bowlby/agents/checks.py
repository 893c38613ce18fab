"""What enters the core is checked once, at its boundary.

Shapes, lengths and kinds of number are known in compiled code too and are always checked.
Values are checked where they are known: outside of `jax.jit`, `jax.vmap` and `jax.grad`. Inside
them nothing can be raised, and an outcome or a control state beyond the last one gives NaN in
all that follows from it, never the result of a neighbour.
"""

from collections.abc import Sequence

import jax.core
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from bowlby.maths._arrays import Array, ArrayLike, Int

SLACK = 2e-4
"""How far a sum of probabilities may be from 1: four digits written by hand are enough."""


def known(x: ArrayLike) -> np.ndarray | None:
    """The values of an array, or None where they are not known yet (compiled code)."""
    return None if isinstance(x, Tracer) else np.asarray(x)


def require_shape(name: str, shape: Sequence[int], wanted: Sequence[int], axes: str) -> None:
    """Raise a ValueError unless the shapes are equal; `axes` says in words what is needed."""
    if tuple(shape) != tuple(wanted):
        raise ValueError(
            f"{name} has shape {tuple(shape)} where {tuple(wanted)} is needed ({axes}). Check "
            "the array, D (which sets the number of states) and A_factors or blocks."
        )


def require_length(name: str, found: int, wanted: int, of: str) -> None:
    """Raise a ValueError unless there are as many `name` as `of`."""
    if found != wanted:
        raise ValueError(f"{name} has {found} entries where {wanted} are needed: one per {of}.")


def require_finite(name: str, x: ArrayLike, remedy: str = "") -> np.ndarray | None:
    """The values of `x` if they are known; a ValueError if one is NaN or infinite."""
    values = known(x)
    if values is not None and not np.isfinite(values).all():
        first = tuple(int(i) for i in np.argwhere(~np.isfinite(values))[0])
        raise ValueError(f"{name} is {values[first]} at {first}: numbers are needed. {remedy}")
    return values


def require_within(
    name: str, x: ArrayLike, low: float, high: float = np.inf, *, above: bool = False
) -> None:
    """Raise a ValueError unless every value lies from (or `above`) `low` to `high`."""
    values = known(x)
    if values is None:
        return
    inside = ((values > low) if above else (values >= low)) & (values <= high)
    if not (inside & np.isfinite(values)).all():
        found = values[~(inside & np.isfinite(values))].ravel()[0]
        bounds = f"{'above' if above else 'at least'} {low:g}"
        bounds += f" and at most {high:g}" if high < np.inf else ", and finite"
        raise ValueError(f"{name} is {found:g}; it must be {bounds}.")


def require_probabilities(name: str, p: ArrayLike, outcomes: int = 1) -> None:
    """Raise a ValueError unless `p` sums to 1 over its first `outcomes` axes everywhere."""
    values = require_finite(name, p)
    if values is None:
        return
    if (values < 0).any():
        first = tuple(int(i) for i in np.argwhere(values < 0)[0])
        raise ValueError(
            f"{name} is {values[first]:g} at {first}: a probability is at least 0."
        )
    sums = values.sum(axis=tuple(range(outcomes)))
    wrong = np.abs(sums - 1) > SLACK
    if wrong.any():
        place = tuple(int(i) for i in np.argwhere(wrong)[0])
        where = f" in column {place}" if place else ""
        raise ValueError(
            f"{name} sums to {sums[place]:g}{where}; probabilities must sum to 1 over "
            f"{'the first axis' if outcomes == 1 else f'the first {outcomes} axes'}. Divide by "
            "the sum; if they are counts to learn from, give them to `with_counts` as well."
        )


def require_counts(name: str, counts: ArrayLike) -> None:
    """Raise a ValueError if a Dirichlet count is negative or no number."""
    values = require_finite(name, counts)
    if values is not None and (values < 0).any():
        first = tuple(int(i) for i in np.argwhere(values < 0)[0])
        raise ValueError(f"{name} is {values[first]:g} at {first}: a count is at least 0.")


def indices(
    what: str,
    x: ArrayLike,
    sizes: Sequence[int],
    *,
    missing: bool = False,
    ticks: bool = False,
) -> Int[Array, "*ticks indices"]:
    """Observations or actions as an array of integers, checked.

    Args:
        what: "observation" or "action".
        x: One index per modality or control, along the last axis.
        sizes: Number of outcomes of each modality, or of states of each control.
        missing: Whether a negative index is allowed (an outcome that is missing).
        ticks: Whether there is an axis of ticks before.

    Raises:
        ValueError: If the shape is wrong, or an index is out of range (where it is known).
        TypeError: If they are no whole numbers.
    """
    per, each = ("modality", "outcome") if what == "observation" else ("control", "state")
    array = x if isinstance(x, jax.Array) else np.asarray(x)
    whole = jnp.issubdtype(array.dtype, jnp.integer)
    if array.size and not whole:
        raise TypeError(
            f"The {what} has numbers of kind {array.dtype}; whole numbers from 0 are needed"
            + (" (-1 where one is missing)." if missing else ".")
        )
    wanted = (*array.shape[:1], len(sizes)) if ticks else (len(sizes),)
    if array.shape != wanted or array.ndim != len(wanted):
        shape = f"(ticks, {len(sizes)})" if ticks else f"({len(sizes)},)"
        raise ValueError(
            f"The {what} has shape {array.shape} where {shape} is needed: the model has "
            f"{len(sizes)} {per if len(sizes) == 1 else _plural(per)}, one {each} for each."
        )
    _require_indices(what, known(array), sizes, missing=missing)
    return jnp.asarray(array, jnp.asarray(0).dtype)


def _require_indices(
    what: str, values: np.ndarray | None, sizes: Sequence[int], *, missing: bool
) -> None:
    if values is None:
        return
    wrong = (values >= np.asarray(sizes)) | ((values < 0) & (not missing))
    if not wrong.any():
        return
    per, each = ("modality", "outcome") if what == "observation" else ("control", "state")
    place = np.argwhere(wrong)[0]
    index, found = int(place[-1]), int(values[tuple(place)])
    tick = f" at tick {int(place[0])}" if values.ndim > 1 else ""
    raise ValueError(
        f"The {what}{tick} has {each} {found} for {per} {index}, whose {_plural(each)} are "
        f"0 to {sizes[index] - 1}{' (negative where missing)' if missing else ''}. Take 1 off "
        "if yours are counted from 1."
    )


def _plural(word: str) -> str:
    return f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"
