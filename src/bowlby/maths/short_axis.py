"""Sums and softmaxes over a short axis, written out term by term.

Dyads lie along the last axis, categories along short axes before it. XLA on a CPU turns a
reduction over such an axis into a scalar loop; written out, the same sum runs over many dyads
at once, four to fourteen times faster (docs/decisions/004-short-axes.md).
"""

from functools import reduce
from typing import Any

import jax
import jax.numpy as jnp

from bowlby.maths._arrays import Array


def _terms(x: Array, axis: int) -> list[Array]:
    return [jax.lax.index_in_dim(x, i, axis, keepdims=False) for i in range(x.shape[axis])]


def summed(x: Array, axis: int) -> Array:
    """Sum along one short axis; truth values are counted."""
    x = jnp.asarray(x)
    x = x.astype(jnp.int32) if x.dtype == bool else x
    return reduce(jnp.add, _terms(x, axis))


def cumulated(x: Array) -> Array:
    """Cumulative sums along the first, short axis."""
    sums = [x[0]]
    for term in _terms(x, 0)[1:]:
        sums.append(sums[-1] + term)
    return jnp.stack(sums)


def softmax(x: Array, axis: int) -> Array:
    """Exponentials along one short axis, scaled to sum to one."""
    x = jnp.asarray(x)
    greatest = reduce(jnp.maximum, _terms(x, axis))
    exponentials = jnp.exp(x - jnp.expand_dims(greatest, axis))
    return exponentials / jnp.expand_dims(summed(exponentials, axis), axis)


def computed_once(x: Array) -> Array:
    """The same array (two axes or more), held back from being fused into what uses it.

    XLA repeats a fused computation for every element of every array that depends on it; a tick
    was worked out a dozen times over. A product with the identity, which is never fused, ends
    that: three times faster. Values must be finite.
    """
    flat = x.reshape(-1, x.shape[-1])
    return (jnp.eye(len(flat), dtype=x.dtype) @ flat).reshape(x.shape)


def column(values: Any, ndim: int) -> Array:
    """One number per category as an array (category, 1, ...) beside `ndim` axes of dyads.

    Values that differ between dyads, (category, dyad), keep their last axis.
    """
    values = jnp.asarray(values, jnp.float32)
    ones = (1,) * (ndim + 1 - values.ndim)
    return values.reshape(values.shape[0], *ones, *values.shape[1:])


def weighted(values: Any, categories: Array) -> Array:
    """Mean of a value per category, under probabilities or a one-hot choice (first axis)."""
    return summed(column(values, categories.ndim - 1) * categories, 0)
