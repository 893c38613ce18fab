"""Categorical distributions: information and divergence (nats).

Zero probabilities are exact: 0 ln 0 is 0, and nothing is clipped.
"""

import jax.numpy as jnp
from jax.scipy.special import entr, rel_entr

from bowlby.maths._arrays import Array, Float


def entropy(p: Float[Array, "..."], axes: int = 1) -> Float[Array, "..."]:
    """Entropy over the first `axes` axes (nats)."""
    return entr(p).sum(tuple(range(axes)))


def divergence(p: Float[Array, "*outcomes"], q: Float[Array, "*outcomes"]) -> Float[Array, ""]:
    """Kullback-Leibler divergence KL[p || q] over all axes (nats); inf where q excludes p."""
    return rel_entr(p, q).sum()


def log_floored(p: Float[Array, "..."], floor: float) -> Float[Array, "..."]:
    """Logarithm of `p`, or of `floor` where `p` is smaller, so that it stays finite."""
    return jnp.log(jnp.maximum(p, floor))
