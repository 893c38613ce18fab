"""Categorical distributions: information and divergence (nats).

Zero probabilities are exact: 0 ln 0 is 0, and nothing is clipped. Gradients are finite there
too: what has probability zero, and stays at zero, adds nothing to any derivative. (The
derivative of an entropy towards a zero that is about to be left is infinite; it is not given.)
"""

import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float


def log_or_minus_inf(p: Float[Array, "..."]) -> Float[Array, "..."]:
    """Logarithm; -inf with derivative 0 where `p` is 0."""
    # The inner `where` keeps 1 / 0 out of the derivative, in which 0 * inf would be NaN.
    return jnp.where(p == 0, -jnp.inf, jnp.log(jnp.where(p == 0, 1, p)))


def cross_entropy(p: Float[Array, "..."], q: Float[Array, "..."]) -> Float[Array, "..."]:
    """-p ln q elementwise, not summed (nats): 0 where `p` is 0, inf where `q` excludes it."""
    p, q = jnp.broadcast_arrays(p, q)
    defined = (p != 0) & (q != 0)
    terms = -p * jnp.log(jnp.where(defined, q, 1))
    return jnp.where(defined, terms, jnp.where(p == 0, 0, jnp.inf))


def entropy(p: Float[Array, "..."], axes: int = 1) -> Float[Array, "..."]:
    """Entropy over the first `axes` axes (nats)."""
    return cross_entropy(p, p).sum(tuple(range(axes)))


def divergence(p: Float[Array, "*outcomes"], q: Float[Array, "*outcomes"]) -> Float[Array, ""]:
    """Kullback-Leibler divergence KL[p || q] over all axes (nats); inf where q excludes p."""
    return (cross_entropy(p, q) - cross_entropy(p, p)).sum()


def log_floored(p: Float[Array, "..."], floor: float) -> Float[Array, "..."]:
    """Logarithm of `p`, or of `floor` where `p` is smaller, so that it stays finite."""
    return jnp.log(jnp.maximum(p, floor))
