"""Sensory precision: how well feelings and others are read is itself learnt.

Counts of hits and misses per channel; the accuracy is their mean, and old counts are forgotten
so that the total stays the same. Being helped to name a feeling is a labelled sample and adds
hits; a misleading cue adds misses.

Source: Dirichlet learning of a likelihood (Friston et al. 2016, Neuroscience & Biobehavioral
Reviews 68, 862-879), reduced to hits and misses; docs/theory/mechanisms.md.
"""

import equinox as eqx
import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar


class SensoryPrecision(eqx.Module):
    """Learning of a channel's accuracy.

    Attributes:
        floor: Accuracy of guessing among four.
        ceiling: Best accuracy that can be learnt.
    """

    floor: Scalar = 0.25
    ceiling: Scalar = 0.97

    def accuracy(self, counts: Float[Array, "2 *dyads"]) -> Float[Array, "*dyads"]:
        """Accuracy of a channel under its counts (hit, miss)."""
        return jnp.clip(counts[0] / (counts[0] + counts[1]), self.floor, self.ceiling)

    def step(
        self, counts: Float[Array, "2 *dyads"], hits: Scalar, misses: Scalar
    ) -> Float[Array, "2 *dyads"]:
        """Counts after a tick's hits and misses, with the total kept."""
        total = counts[0] + counts[1]
        grown = counts + jnp.stack([hits, misses])
        return grown * (total / (grown[0] + grown[1]))
