"""Distress: how far arousal is from its set point, and the need that comes with it.

    s = number of edges that |a| exceeds
    need(a) = min(|a|, full) / full

Source: ours (docs/explanation/mechanisms.md).
"""

import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.maths.random_words import one_hot
from bowlby.maths.short_axis import column, summed, weighted
from bowlby.theory.declared import Mechanism, parameter
from bowlby.theory.vocabulary import DISTRESS


class Distress(Mechanism):
    """Where distress begins, and what it needs."""

    edges: Scalar = parameter(
        (0.5, 1.2, 2.0), low=0.0, high=10.0, unit="arousal",
        meaning="distance of arousal from its set point at which distress begins",
        source="ours: a standard deviation of arousal at rest, twice, three times",
        over=DISTRESS[1:],
    )  # fmt: skip
    full: Scalar = parameter(
        2.0,
        low=0.1,
        high=10.0,
        unit="arousal",
        meaning="distance from the set point at which need is full",
        source="ours: overwhelmed",
    )
    need: Scalar = parameter(
        (0.0, 0.5, 1.0, 1.0), low=0.0, high=1.0, unit="share",
        meaning="need that goes with the belief in each distress",
        source="ours: need is full when distressed",
        over=DISTRESS,
    )  # fmt: skip
    calm: Scalar = parameter(
        (0.7, 0.2, 0.07, 0.03), low=0.0, high=1.0, unit="probability",
        meaning="belief about one's own distress when an encounter begins",
        source="ours: people mostly come calm",
        over=DISTRESS,
    )  # fmt: skip

    def within(self, distress: int) -> Scalar:
        """Distance of arousal from its set point in the middle of a distress but the last."""
        edges = jnp.asarray(self.edges)
        return 0.5 * (edges[distress - 1] + edges[distress])

    def category(self, arousal: Float[Array, "*dyads"]) -> Float[Array, "4 *dyads"]:
        """Distress as a one-hot category."""
        return one_hot(summed(jnp.abs(arousal) > column(self.edges, arousal.ndim), 0), 4)

    def need_of(self, arousal: Scalar) -> Float[Array, "*dyads"]:
        """Need for care (0 to 1) of a body."""
        return jnp.minimum(jnp.abs(arousal), self.full) / self.full

    def believed_need(self, belief: Float[Array, "s *dyads"]) -> Float[Array, "*dyads"]:
        """Need (0 to 1) under a belief about distress."""
        return jnp.minimum(weighted(self.need, belief), 1.0)
