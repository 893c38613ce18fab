"""Hope: this relationship has been better lately than was expected.

    dh = (oxytocin c (P(attuned) - expected) - h) dt / memory
    H = clip(gain h, 0, 1)

A reward prediction error, weighted by oxytocin and kept for each relationship. Hope opens
plasticity (`sensitive_period`), lets interpretation work (`interpretation`) and makes a new
relational model likelier when an encounter begins: openness (1 + opens H).

Source: oxytocin "cross-talks to the dopamine system", "the therapist's hope and love", Holmes &
Slade (2019), in words; dopamine as reward prediction error: Schultz, Dayan & Montague (1997),
Science 275, 1593-1599; the equation is ours (docs/explanation/mechanisms.md).
"""

from collections.abc import Mapping
from typing import ClassVar

import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.theory.declared import Mechanism, parameter


class Hope(Mechanism):
    """Hope in one relationship."""

    memory_s: Scalar = parameter(
        994.99,
        low=10.0,
        high=36000.0,
        unit="s",
        meaning="time over which it has been better or worse",
        source="ours: a hundredth in ten seconds",
    )
    gain: Scalar = parameter(
        60.0,
        low=0.0,
        high=1000.0,
        unit="1",
        meaning="hope by a unit of reward beyond what was expected",
        source="ours: a good session by somebody not trusted makes it whole",
    )
    opens: Scalar = parameter(
        10.0,
        low=0.0,
        high=100.0,
        unit="1",
        meaning="rise of openness to a new relational model at full hope",
        source="ours: a new model then weighs as much as a relationship",
    )
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {
        "hope": {"gain": 0.0},
        "oxytocin_precision": {"gain": 0.0},
    }

    def step(
        self, hope: Scalar, oxytocin: Scalar, contact: Scalar, surprise: Scalar, *, dt_s: Scalar
    ) -> Float[Array, "*dyads"]:
        """Reward beyond what was expected, lately, after `dt_s` seconds.

        Args:
            hope: Before.
            oxytocin: Of the one who hopes (0 to 1).
            contact: Contact (0 to 1).
            surprise: P(attuned) as perceived, beyond that expected of this act.
            dt_s: Length of the step (s).
        """
        share = 1.0 - jnp.exp(-dt_s / self.memory_s)
        return hope + share * (oxytocin * contact * surprise - hope)

    def level(self, hope: Scalar) -> Float[Array, "*dyads"]:
        """H, 0 to 1."""
        return jnp.clip(self.gain * hope, 0.0, 1.0)

    def openness(self, hope: Scalar) -> Float[Array, "*dyads"]:
        """Factor on openness to a new relational model."""
        return 1.0 + self.opens * self.level(hope)
