"""Evoked care: a child that is easily upset makes its care harder.

    r -> r - pull z(reactivity)

r is a caregiver's reward from soothing, z the child's standing among others.

Source: children's genes explain 23 % of the variance of parenting (Avinun & Knafo 2014,
Personality and Social Psychology Review 18, 87-102), most of it where parents report on
themselves; half of that is taken. The equation is ours.
"""

from collections.abc import Mapping
from typing import ClassVar

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.theory.declared import Mechanism, parameter


class EvokedCare(Mechanism):
    """What a child's temperament does to its care."""

    pull: Scalar = parameter(
        0.4,
        low=0.0,
        high=2.0,
        unit="nat/SD",
        meaning="fall of a caregiver's reward from soothing by a child's reactivity",
        source="half of 23 % of the variance of parenting (Avinun & Knafo 2014)",
    )
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {"evoked_care": {"pull": 0.0}}

    def contingency(self, own: Scalar, standing: Scalar) -> Float[Array, "*dyads"]:
        """A caregiver's reward from soothing this child (nat)."""
        return own - self.pull * standing
