"""Leaving: clients who do not trust, and whom sessions upset, may not come back.

    P(leave) = most sigmoid((staying - trust + upset (session - life)) / width)

per session, with |arousal| in session and life.

Source: ours (docs/explanation/mechanisms.md).
"""

from collections.abc import Mapping
from typing import ClassVar

import jax

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.theory.declared import Mechanism, parameter


class Leaving(Mechanism):
    """Dropout."""

    most: Scalar = parameter(
        0.08,
        low=0.0,
        high=1.0,
        unit="1/session",
        meaning="greatest chance to leave after a session",
        source="ours: with the shares who leave in mistrust",
    )
    staying: Scalar = parameter(
        0.25,
        low=0.0,
        high=1.0,
        unit="probability",
        meaning="trust at which that chance is halved",
        source="ours: as attuned as chance",
    )
    width: Scalar = parameter(
        0.06,
        low=0.005,
        high=1.0,
        unit="probability",
        meaning="width of that edge",
        source="ours: nearly a category",
    )
    upset: Scalar = parameter(
        0.35,
        low=0.0,
        high=5.0,
        unit="1/arousal",
        meaning="trust that a session's arousal above life's outweighs",
        source="ours: being upset counts, mistrust counts more",
    )
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {"leaving": {"most": 0.0}}

    def chance(
        self, trust: Scalar, in_session: Scalar, in_life: Scalar
    ) -> Float[Array, "*dyads"]:
        """Probability to leave after a session, from mean trust and mean |arousal|."""
        stay = trust - self.upset * (in_session - in_life)
        return self.most * jax.nn.sigmoid((self.staying - stay) / self.width)
