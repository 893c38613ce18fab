"""Therapeutic contact: what a session is, beside the acts made in it.

Reflecting together is contact too; silence keeps company; an act regulates as far as it is
perceived as attuned and fits, and arouses as far as it is perceived as a bad stance and asks,
or leaves need unanswered.

Source: ours (docs/explanation/mechanisms.md).
"""

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.theory.declared import Mechanism, parameter
from bowlby.theory.vocabulary import ACTIONS


class TherapeuticContact(Mechanism):
    """Contact, regulation and arousal in a session."""

    proximity: Scalar = parameter(
        (1.0, 0.5, 0.15, 0.8), low=0.0, high=1.0, unit="share",
        meaning="contact that each action of a client makes",
        source="ours: exploring together is contact",
        over=ACTIONS,
    )  # fmt: skip
    unmentalised: Scalar = parameter(
        0.3,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="share of an act's soothing that needs no mentalising",
        source="ours: a calm voice soothes in part",
    )
    unpressed: Scalar = parameter(
        0.2,
        low=0.0,
        high=2.0,
        unit="1",
        meaning="share of a stance's arousal that comes without pressure",
        source="ours: an act that asks nothing hurts little",
    )
    unanswered: Scalar = parameter(
        0.5,
        low=0.0,
        high=5.0,
        unit="1",
        meaning="share of a stance's arousal that comes with need left unanswered",
        source="Holmes & Slade (2019), in words: dismissing as a failure",
    )
    evidence: Scalar = parameter(
        1.0,
        low=0.0,
        high=5.0,
        unit="1",
        meaning="weight of an act as evidence for a model, relative to what it tells",
        source="ours: as at home; what is repeated tells less (`contingency`)",
    )

    def regulation(
        self, soothing: Scalar, attuned: Scalar, mentalising: Scalar
    ) -> Float[Array, "*dyads"]:
        """Regulation by an act (1/s), from its soothing at perfect attunement (1/s)."""
        share = self.unmentalised + (1.0 - self.unmentalised) * mentalising
        return soothing * attuned * share

    def kick(
        self, kick: Scalar, contact: Scalar, pressure: Scalar, missed: Scalar
    ) -> Float[Array, "*dyads"]:
        """Arousal by an act (1/s).

        Args:
            kick: Arousal of the stance it is perceived as (1/s).
            contact: Contact (0 to 1).
            pressure: How much it asks.
            missed: Need that it does not answer (0 to 1).
        """
        return kick * contact * (self.unpressed + pressure + self.unanswered * missed)
