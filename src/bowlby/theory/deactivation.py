"""Deactivation: withdrawing takes feeling with it, as far as it soothes.

    p(felt | s) -> (1 - n) p(felt | s) + n [felt = calm],    n = numbing e    while withdrawing

What is shut out feels like calm, not like doubt, and is believed as anything else that is felt.
e is self-soothing: those whom withdrawing does not soothe (`self_soothing`, lost by fright)
cannot deactivate, and disorganisation is not avoidance. What is not felt is not in the symptoms
that are told; the body keeps it.

Source: "inhibitions of feeling", Holmes & Slade (2019), in words; defensive exclusion: Bowlby
(1980), Attachment and Loss, vol. 3, in words; hidden arousal of avoidant children: Spangler &
Grossmann (1993), Child Development 64, 1439-1450, in words; the equation is ours
(docs/explanation/mechanisms.md).
"""

from collections.abc import Mapping
from typing import ClassVar

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.theory.declared import Mechanism, parameter
from bowlby.theory.vocabulary import CALM


class Deactivation(Mechanism):
    """What withdrawing takes of feeling oneself."""

    numbing: Scalar = parameter(
        0.9,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="what is felt as calm while withdrawing, where that soothes fully",
        source="ours: nearly all; what is left is felt",
    )
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {"deactivation": {"numbing": 0.0}}

    def felt(
        self, felt: Float[Array, "s *dyads"], withdrawing: Scalar, self_soothing: Scalar
    ) -> Float[Array, "s *dyads"]:
        """Probability of what is felt now.

        Args:
            felt: The same where nothing is shut out.
            withdrawing: 1 when withdrawing.
            self_soothing: Efficacy of self-soothing (0 to 1).
        """
        numbed = self.numbing * self_soothing * withdrawing
        return ((1.0 - numbed) * felt).at[CALM].add(numbed)
