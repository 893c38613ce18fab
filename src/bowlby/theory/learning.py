"""Learning: how much of a moment is learnt from.

    attention = information (apart + (1 - apart) contact) (calm + (1 - calm) need)

Attachment is learnt in need and in contact; therapy uses calm moments too, to reflect.

Source: learning in need: Petters (2006), in words; the equation is ours
(docs/explanation/mechanisms.md).
"""

from collections.abc import Mapping
from typing import ClassVar

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.theory.declared import Mechanism, parameter

TEN_SECONDS = 10.0
"""Unit of time of a person's `learning_rate` and `evidence_weight` (s)."""


class Learning(Mechanism):
    """Attention by contact and need."""

    apart: Scalar = parameter(
        0.2,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="attention to the other without contact",
        source="ours: people see each other from afar too",
    )
    calm_at_home: Scalar = parameter(
        0.1,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="learning in calm moments at home, relative to distressed ones",
        source="attachment is learnt in need: Petters (2006), in words",
    )
    calm_in_session: Scalar = parameter(
        0.3,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="learning in calm moments of a session, relative to distressed ones",
        source="ours: calm is used to reflect",
    )
    gating: Scalar = parameter(
        1.0,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="how far need and contact gate learning",
        source="ours: see above",
    )
    ungated: Scalar = parameter(
        0.3,
        low=0.0,
        high=2.0,
        unit="1",
        meaning="attention where they do not matter",
        source="ours: near the mean of the gated one in childhood",
    )
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {"plasticity": {"gating": 0.0}}

    def attention(
        self, information: Scalar, contact: Scalar, need: Scalar, calm: Scalar
    ) -> Float[Array, "*dyads"]:
        """Factor on what is learnt.

        Args:
            information: What the moment tells, relative to an ordinary one.
            contact: Contact (0 to 1).
            need: Need as felt (0 to 1).
            calm: Learning in calm moments here, relative to distressed ones.
        """
        near = self.apart + (1.0 - self.apart) * contact
        gated = information * near * (calm + (1.0 - calm) * need)
        return self.gating * gated + (1.0 - self.gating) * self.ungated
