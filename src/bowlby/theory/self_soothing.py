"""Self-soothing: by withdrawing, which is practised, and by thinking, which is mentalising.

    de = rate relief (1 - e) [withdrawing] - loss fright e dt
    recovery = soothing^x left_alone^(1 - x),    x = e when withdrawing, thinking m else

Two skills with two histories. Withdrawing soothes those who had to calm down by themselves and
could; fright takes it. Thinking soothes as far as one mentalises (m), which grows by being
thought about: "stand back from their suffering" (Holmes & Slade 2019).

Source: compulsive self-reliance of those whose care was withheld: Bowlby (1980), Attachment and
Loss, vol. 3, in words; deactivating and security-based strategies of regulation: Mikulincer,
Shaver & Pereg (2003), Motivation and Emotion 27, 77-102, in words; the equations are ours
(docs/explanation/mechanisms.md).
"""

from collections.abc import Mapping
from typing import ClassVar

import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.theory.declared import Mechanism, parameter


class SelfSoothing(Mechanism):
    """How self-soothing is learnt, and what it does."""

    rate: Scalar = parameter(
        0.01,
        low=0.0,
        high=0.2,
        unit="1/arousal",
        meaning="learning by a relief of one unit of arousal while withdrawing",
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
        0.001,
        low=0.0,
        high=0.02,
        unit="1/s",
        meaning="what frightening contact takes",
        source="ours: a little slower than relief gives",
    )
    soothing_s: Scalar = parameter(
        20.0,
        low=1.0,
        high=3600.0,
        unit="s",
        meaning="recovery when withdrawing at efficacy 1",
        source="ours: as quick as an attuned figure",
    )
    thinking: Scalar = parameter(
        0.6,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="how far thinking soothes, relative to withdrawing at efficacy 1",
        source="Holmes & Slade (2019), in words: to stand back from one's suffering; the size "
        "is ours: as much as withdrawing does in an average person",
    )
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {
        "self_soothing": {"rate": 0.0, "loss": 0.0},
        "thinking_soothes": {"thinking": 0.0},
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
            relief: Fall of arousal while withdrawing (>= 0).
            fright: Frightening contact (0 to 1).
            plasticity: Factor on what is learnt.
            dt_s: Length of the step (s).
        """
        gained = self.rate * jnp.minimum(plasticity * relief, self.most)
        lost = self.loss * dt_s * plasticity * fright
        return efficacy + gained * (1.0 - efficacy) - lost * efficacy

    def recovery_s(
        self, efficacy: Scalar, withdrawing: Scalar, mentalising: Scalar, alone_s: Scalar
    ) -> Float[Array, "*dyads"]:
        """Time constant of recovery (s).

        Args:
            efficacy: Of withdrawing (0 to 1).
            withdrawing: 1 when withdrawing.
            mentalising: Own mentalising now (0 to 1).
            alone_s: Recovery when left alone (s).
        """
        by_thinking = self.thinking * (1.0 - withdrawing) * mentalising
        soothed = efficacy * withdrawing + by_thinking
        return alone_s * (self.soothing_s / alone_s) ** soothed
