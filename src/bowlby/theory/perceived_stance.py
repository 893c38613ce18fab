"""Perceived stance: how an act looks depends on whether it meets the moment.

    ln p(look | stance) + tilt,
    missed = need (1 - answers),    pushed = need pressure
    tilt = (-k (missed + pushed), k pushed, k missed, 0)

Need that is not answered looks dismissive, pressure on a person in need looks intrusive. How
the act is *perceived* is the client's posterior over stance, under trust, arousal and
relational model. No rule "alliance first" is coded.

Source: ours (docs/explanation/mechanisms.md).
"""

from collections.abc import Mapping
from typing import ClassVar

import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.maths.short_axis import column, softmax
from bowlby.theory.declared import Mechanism, parameter
from bowlby.theory.vocabulary import STANCES


class PerceivedStance(Mechanism):
    """How acts look."""

    tilt: Scalar = parameter(
        1.6,
        low=0.0,
        high=10.0,
        unit="nat",
        meaning="change of how an act looks by need that it misses or pushes",
        source="ours: at full need the best act looks no better than the worst",
    )
    by_act: Scalar = parameter(
        1.0,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="how far the act matters for its look",
        source="Holmes & Slade (2019), in words: timing is all",
    )
    usual: Scalar = parameter(
        (0.75, 0.1, 0.13, 0.02), low=0.0, high=1.0, unit="probability",
        meaning="how any act looks where acts do not matter",
        source="ours: the mean of a supportive protocol",
        over=STANCES,
    )  # fmt: skip
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {"perceived_stance": {"by_act": 0.0}}

    def look(
        self, look: Float[Array, "u *dyads"], answers: Scalar, pressure: Scalar, need: Scalar
    ) -> Float[Array, "u *dyads"]:
        """Likelihood of what an act shows under each stance.

        Args:
            look: The same when the act meets the moment.
            answers: How far it answers need (0 to 1).
            pressure: How much it asks (0 to 1).
            need: The client's need (0 to 1).
        """
        missed, pushed = need * (1.0 - answers), need * pressure
        none = jnp.zeros_like(need)
        tilt = self.tilt * jnp.stack([-(missed + pushed), pushed, missed, none])
        seen = softmax(jnp.log(look) + tilt, axis=0)
        return self.by_act * seen + (1.0 - self.by_act) * column(self.usual, need.ndim)
