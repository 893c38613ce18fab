"""Self-soothing: what withdrawing does for the body is learnt from having been soothed.

    de = rate relief (1 - e) - loss fright e dt
    recovery(e) = soothing^e left_alone^(1 - e)

After frightening care, withdrawing soothes little.

Source: ours (docs/explanation/mechanisms.md).
"""

from collections.abc import Mapping
from typing import ClassVar

import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.theory.declared import Mechanism, parameter


class SelfSoothing(Mechanism):
    """How self-soothing is learnt and what it does."""

    rate: Scalar = parameter(
        0.01,
        low=0.0,
        high=0.2,
        unit="1/arousal",
        meaning="learning by a relief of one unit of arousal",
        source="ours: learnt over the encounters of a childhood",
    )
    most: Scalar = parameter(
        3.0,
        low=0.1,
        high=10.0,
        unit="arousal",
        meaning="greatest relief that is learnt from at once",
        source="ours: from overwhelmed to below rest",
    )
    loss: Scalar = parameter(
        0.0006,
        low=0.0,
        high=0.02,
        unit="1/s",
        meaning="what frightening contact takes",
        source="ours: a little slower than relief gives",
    )
    soothing_s: Scalar = parameter(
        30.0,
        low=1.0,
        high=3600.0,
        unit="s",
        meaning="recovery when withdrawing at efficacy 1",
        source="ours: as quick as an attuned figure",
    )
    newborn: Scalar = parameter(
        0.5,
        low=0.0,
        high=1.0,
        unit="1",
        meaning="efficacy of somebody who has met nobody",
        source="ours: undecided",
    )
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {
        "self_soothing": {"rate": 0.0, "loss": 0.0}
    }

    def step(
        self,
        efficacy: Scalar,
        relief: Scalar,
        fright: Scalar,
        plasticity: Scalar,
        *,
        dt_s: Scalar,
    ) -> Float[Array, "*dyads"]:
        """Efficacy (0 to 1) after `dt_s` seconds.

        Args:
            efficacy: Before.
            relief: Fall of arousal in attuned contact (>= 0).
            fright: Frightening contact (0 to 1).
            plasticity: Factor on what is learnt.
            dt_s: Length of the step (s).
        """
        gained = self.rate * jnp.minimum(plasticity * relief, self.most)
        lost = self.loss * dt_s * plasticity * fright
        return efficacy + gained * (1.0 - efficacy) - lost * efficacy

    def recovery_s(
        self, efficacy: Scalar, withdrawing: Scalar, alone_s: Scalar
    ) -> Float[Array, "*dyads"]:
        """Time constant of recovery (s).

        Args:
            efficacy: Of self-soothing (0 to 1).
            withdrawing: 1 when withdrawing.
            alone_s: Recovery when left alone (s).
        """
        return alone_s * (self.soothing_s / alone_s) ** (efficacy * withdrawing)
