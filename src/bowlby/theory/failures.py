"""Failures: looming and dismissing, by a therapist's own arousal and attachment.

    P(loom) = sigmoid(blind + alarm (.5 + anxiety) + anxiety)
    P(dismiss) = sigmoid(blind + alarm (.5 + avoidance) + avoidance)
    blind = 2 (.6 - m) - 5.5,    alarm = 2.5 max(0, arousal)

Source: looming and dismissing as the two failures of a carer: Holmes & Slade (2019), in words;
the equations are ours (docs/explanation/mechanisms.md).
"""

from collections.abc import Mapping
from typing import ClassVar

import jax
import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.theory.declared import Mechanism, parameter


class Failures(Mechanism):
    """How readily a therapist looms over or dismisses a client."""

    resting: Scalar = parameter(
        -5.5,
        low=-10.0,
        high=2.0,
        unit="nat",
        meaning="log-odds of either for a calm therapist who mentalises well",
        source="ours: one or two in an hour",
    )
    blindness: Scalar = parameter(
        2.0,
        low=0.0,
        high=10.0,
        unit="nat",
        meaning="rise by mentalising that is missing",
        source="ours: without mentalising three times as often",
    )
    good_enough: Scalar = parameter(
        0.6,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="mentalising above which failures become rarer",
        source="ours: that of an average therapist",
    )
    alarm: Scalar = parameter(
        2.5,
        low=0.0,
        high=20.0,
        unit="nat/arousal",
        meaning="rise by own alarm",
        source="ours: an overwhelmed therapist fails most of the time",
    )
    secure: Scalar = parameter(
        0.5,
        low=0.0,
        high=2.0,
        unit="1",
        meaning="share of that alarm in a therapist who is securely attached",
        source="ours: attachment makes the greater part",
    )
    loom: Scalar = parameter(
        1.0,
        low=0.0,
        high=1.0,
        unit="1",
        meaning="factor on the probability of looming",
        source="Holmes & Slade (2019), in words",
    )
    dismiss: Scalar = parameter(
        1.0,
        low=0.0,
        high=1.0,
        unit="1",
        meaning="factor on the probability of dismissing",
        source="Holmes & Slade (2019), in words",
    )
    least_left: Scalar = parameter(
        0.05,
        low=0.0,
        high=1.0,
        unit="probability",
        meaning="least probability that is left for what a therapist means to do",
        source="ours: nobody fails all the time",
    )
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {
        "failures": {"loom": 0.0, "dismiss": 0.0},
        "looming": {"loom": 0.0},
        "dismissing": {"dismiss": 0.0},
    }

    def looming(
        self, mentalising: Scalar, alarm: Scalar, anxiety: Scalar
    ) -> Float[Array, "*dyads"]:
        """Probability of looming.

        Args:
            mentalising: The therapist's, now (0 to 1).
            alarm: The therapist's arousal above its set point.
            anxiety: The therapist's own attachment anxiety (0 to 1).
        """
        return self.loom * self._fails(mentalising, alarm, anxiety)

    def dismissing(
        self, mentalising: Scalar, alarm: Scalar, avoidance: Scalar
    ) -> Float[Array, "*dyads"]:
        """Probability of dismissing; the therapist's own attachment avoidance (0 to 1)."""
        return self.dismiss * self._fails(mentalising, alarm, avoidance)

    def left(self, looms: Scalar, dismisses: Scalar) -> Float[Array, "*dyads"]:
        """Probability that is left for what a therapist means to do."""
        return jnp.maximum(1.0 - looms - dismisses, self.least_left)

    def _fails(self, mentalising, alarm, attachment):
        blind = self.blindness * (self.good_enough - mentalising) + self.resting
        pushed = self.alarm * alarm * (self.secure + attachment)
        return jax.nn.sigmoid(blind + pushed + attachment)
