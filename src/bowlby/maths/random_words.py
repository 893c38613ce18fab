"""Random numbers for many dyads from few random bits, the same whatever the batch.

Each dyad has its own key, so results do not depend on who else is simulated. A 32-bit word
gives two uniform numbers of 16 bits or four increments of a weak Euler scheme.
"""

import jax
import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, PRNGKeyArray, Scalar
from bowlby.maths.short_axis import computed_once, cumulated, summed


def random_words(keys: PRNGKeyArray, number: Scalar, ticks: int, words: int) -> Array:
    """Words (ticks, words, dyads) of unsigned 32-bit integers: block `number` of each dyad.

    Args:
        keys: One key per dyad.
        number: Which block of the dyad's stream.
        ticks: Ticks in the block.
        words: Words a tick needs.
    """

    def block(key):
        return jax.random.bits(jax.random.fold_in(key, number), (ticks, words), jnp.uint32)

    return jnp.moveaxis(jax.vmap(block)(keys), 0, -1)


def uniforms(words: Array) -> Float[Array, "n *dyads"]:
    """Two uniform numbers in (0, 1) from each word along the first axis."""
    halves = jnp.concatenate([words & 0xFFFF, words >> 16])
    return (halves.astype(jnp.float32) + 0.5) / 65536.0


def increments(words: Array) -> Float[Array, "n *dyads"]:
    """Four random numbers of mean 0 and variance 1 from each word along the first axis.

    Each is the number of ones in eight bits, centred and scaled: its first, second and third
    moments are those of a normal, which is what a weak Euler scheme of first order needs.

    Source:
        Kloeden & Platen (1992), Numerical Solution of Stochastic Differential Equations,
        chapter 14: simplified weak Euler scheme.
    """
    bytes_ = jnp.concatenate([(words >> shift) & 0xFF for shift in (0, 8, 16, 24)])
    ones = jax.lax.population_count(bytes_).astype(jnp.float32)
    return (ones - 4.0) / jnp.sqrt(2.0)


def drawn(
    probabilities: Float[Array, "n *dyads"], uniform: Float[Array, "*dyads"]
) -> Float[Array, "n *dyads"]:
    """One category per dyad, one-hot, drawn with the given (unnormalised) probabilities."""
    edges = cumulated(probabilities)
    index = summed(uniform * edges[-1] > edges[:-1], 0)
    return computed_once(one_hot(index, probabilities.shape[0]))


def one_hot(index: Array, number: int) -> Float[Array, "n *dyads"]:
    """Category as a vector along a new first axis."""
    return (index == jnp.arange(number).reshape(-1, *(1,) * index.ndim)).astype(jnp.float32)
