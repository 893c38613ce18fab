"""Interpretation: speaking of the old model itself.

    reach = content P(attuned) m_client m_therapist contact
    ln evidence of the old model changes by -against reach dt
    where the present does not fit the old model: its certainty is given up (forgetting), and it
    is known as old (insight), each in proportion to reach

What is said of the old model is no evidence where the therapist is like it: `fits`.

Source: ours (docs/explanation/mechanisms.md); making transference known: Holmes & Slade
(2019), in words.
"""

from collections.abc import Mapping
from typing import ClassVar

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.theory.declared import Mechanism, parameter
from bowlby.theory.relational_models import Memory


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
        0.015,
        low=0.0,
        high=0.5,
        unit="nat/s",
        meaning="evidence against the old model",
        source="ours: minutes of it turn an even belief",
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
    insight: Scalar = parameter(
        0.001,
        low=0.0,
        high=0.1,
        unit="1/s",
        meaning="rate at which insight grows",
        source="ours: a therapy's worth of interpretation makes it nearly whole",
    )
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {"interpretation": {"reach": 0.0}}

    def content(
        self,
        content: Scalar,
        attuned: Scalar,
        client: Scalar,
        therapist: Scalar,
        contact: Scalar,
    ) -> Float[Array, "*dyads"]:
        """How far an interpretation reaches the client (0 to 1).

        Args:
            content: How far the act speaks of the old model (0 to 1).
            attuned: How far it is perceived as attuned (0 to 1).
            client: The client's mentalising (0 to 1).
            therapist: The therapist's (0 to 1).
            contact: Contact (0 to 1).
        """
        return self.reach * content * attuned * client * therapist * contact

    def insight_after(self, insight: Scalar, reached: Scalar, *, dt_s: Scalar) -> Scalar:
        """Insight (0 to 1) after `dt_s` seconds of interpretation that reaches so far."""
        return insight + self.insight * dt_s * reached * (1.0 - insight)

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
