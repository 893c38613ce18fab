"""Interpretation: speaking of the old model itself.

    promise = clip(slope (p of the other models - p of the old one), 0, 1)
    reach = content H m_client m_therapist iota P(attuned) contact promise
    ln evidence of the old model changes by -against reach dt
    its certainty is given up (forgetting), and it is known as old (insight), by reach

An old assumption goes for a better one, not for none: p is the attuned answers that a model
expects. Insight is put to use in life as far as something better is expected there.

Source: "revised assumptions become possible", Holmes & Slade (2019), in words; the equations
are ours (docs/explanation/mechanisms.md).
"""

from collections.abc import Mapping
from typing import ClassVar

import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.maths.short_axis import summed
from bowlby.theory.declared import Mechanism, parameter
from bowlby.theory.relational_models import Memory

_TINY = 1e-6


class Interpretation(Mechanism):
    """What interpretation does to the old model."""

    reach: Scalar = parameter(
        1.0,
        low=0.0,
        high=5.0,
        unit="1",
        meaning="factor on what interpretation reaches",
        source="ours: how much an act speaks of the old model differs between acts, not here",
    )
    against: Scalar = parameter(
        0.1,
        low=0.0,
        high=0.5,
        unit="nat/s",
        meaning="evidence against the old model",
        source="ours: ten seconds that reach in full turn an even belief",
    )
    forgetting: Scalar = parameter(
        0.003,
        low=0.0,
        high=0.1,
        unit="1/s",
        meaning="rate at which certainty in the old model is given up",
        source="ours: a session of it gives up a third",
    )
    weight_loss: Scalar = parameter(
        0.1,
        low=0.0,
        high=1.0,
        unit="1",
        meaning="loss of the old model's prior weight, relative to that of certainty",
        source="ours: what happened stays known",
    )
    promise: Scalar = parameter(
        3.0,
        low=0.0,
        high=20.0,
        unit="1",
        meaning="promise by what other models expect beyond the old one",
        source="ours: a third more attuned answers are a full promise",
    )
    insight: Scalar = parameter(
        0.15,
        low=0.0,
        high=1.0,
        unit="1/s",
        meaning="rate at which insight grows",
        source="ours: a therapy makes it nearly whole; little reaches in full",
    )
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {"interpretation": {"reach": 0.0}}

    def content(
        self,
        content: Scalar,
        hope: Scalar,
        attuned: Scalar,
        client: Scalar,
        therapist: Scalar,
        contact: Scalar,
    ) -> Float[Array, "*dyads"]:
        """How far an interpretation reaches the client (0 to 1), where it has full promise.

        Args:
            content: How far the act speaks of the old model and tells something (0 to 1).
            hope: In this relationship (0 to 1).
            attuned: How far it is perceived as attuned (0 to 1).
            client: The client's mentalising (0 to 1).
            therapist: The therapist's (0 to 1).
            contact: Contact (0 to 1).
        """
        return self.reach * content * hope * attuned * client * therapist * contact

    def promised(
        self,
        old: Float[Array, "k *dyads"],
        others: Float[Array, "k *dyads"],
        expected: Float[Array, "k *dyads"],
    ) -> Float[Array, "*dyads"]:
        """How much better the answers are that other models expect (0 to 1).

        Args:
            old: The model of childhood, as a distribution over models.
            others: Weight of each model, of which those besides the old one count.
            expected: Attuned answers that each expects.
        """
        besides = (others + _TINY) * (1.0 - old)
        theirs = summed(expected * besides, 0) / summed(besides, 0)
        return jnp.clip(self.promise * (theirs - summed(expected * old, 0)), 0.0, 1.0)

    def insight_after(self, insight: Scalar, reached: Scalar, *, dt_s: Scalar) -> Scalar:
        """Insight (0 to 1) after `dt_s` seconds of interpretation that reaches so far."""
        return insight + jnp.minimum(self.insight * dt_s * reached, 1.0) * (1.0 - insight)

    def memory_after(
        self,
        memory: Memory,
        old: Float[Array, "k *dyads"],
        reached: Scalar,
        base: Float[Array, "u 1 1 *dyads"],
        *,
        dt_s: Scalar,
    ) -> Memory:
        """Memory after `dt_s` seconds in which certainty in the old model is given up in part.

        Args:
            memory: Before.
            old: The model of childhood, as a distribution over models.
            reached: How far interpretation reached (0 to 1).
            base: Counts of an unknown other, to which the old model's go back.
            dt_s: Length of the step (s).
        """
        lost = self.forgetting * dt_s * reached * old
        return Memory(
            memory.counts - lost * (memory.counts - base),
            memory.weight * (1.0 - self.weight_loss * lost),
            memory.habits,
        )
