"""Deactivation: withdrawing takes feeling with it, as far as it soothes.

    accuracy -> floor + (accuracy - floor) (1 - numbing e)    while withdrawing

of feeling oneself. e is self-soothing: those whom withdrawing does not soothe (`self_soothing`,
lost by fright) cannot deactivate, and disorganisation is not avoidance. What is not felt is not
in the symptoms that are told; the body keeps it.

Source: "inhibitions of feeling", Holmes & Slade (2019), in words; hidden arousal of avoidant
children: Spangler & Grossmann (1993), Child Development 64, 1439-1450, in words; the equation
is ours (docs/explanation/mechanisms.md).
"""

from collections.abc import Mapping
from typing import ClassVar

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.theory.declared import Mechanism, parameter


class Deactivation(Mechanism):
    """What withdrawing takes of feeling oneself."""

    numbing: Scalar = parameter(
        0.9,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="accuracy of feeling oneself that withdrawing takes where it soothes fully",
        source="ours: nearly all; what is left is felt",
    )
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {"deactivation": {"numbing": 0.0}}

    def feeling(
        self, accuracy: Scalar, floor: Scalar, withdrawing: Scalar, self_soothing: Scalar
    ) -> Float[Array, "*dyads"]:
        """Accuracy of feeling oneself now.

        Args:
            accuracy: The accuracy that was learnt.
            floor: That of guessing.
            withdrawing: 1 when withdrawing.
            self_soothing: Efficacy of self-soothing (0 to 1).
        """
        return floor + (accuracy - floor) * (1.0 - self.numbing * self_soothing * withdrawing)
