"""Threat: unresolved fear that frightens others.

    ln odds(frightening) = resting + sensitivity h (base + alarm max(0, figure's arousal))

Frightening behaviour depends on the figure alone, never on the child's bid: if it did, avoiding
would solve the child's problem, and fear would organise instead of disorganise.

Source: Main & Hesse (1990) in words; the equation is ours (docs/explanation/mechanisms.md).
"""

from collections.abc import Mapping
from typing import ClassVar

import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.theory.declared import Mechanism, parameter


class Threat(Mechanism):
    """Frightening behaviour of a figure."""

    resting: Scalar = parameter(
        -4.0,
        low=-10.0,
        high=2.0,
        unit="nat",
        meaning="log-odds without unresolved fear",
        source="ours: ordinary parents frighten in one turn of a hundred",
    )
    sensitivity: Scalar = parameter(
        2.1,
        low=0.0,
        high=10.0,
        unit="nat",
        meaning="rise per unit of unresolved fear",
        source="ours: with the share of disorganised children (Main & Hesse 1990, in words)",
    )
    alarm: Scalar = parameter(
        1.05,
        low=0.0,
        high=10.0,
        unit="nat/arousal",
        meaning="further rise per unit of own arousal",
        source="ours: half as strong",
    )

    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {
        "fright": {"sensitivity": 0.0, "alarm": 0.0}
    }

    def logit(self, fear: Scalar, arousal: Scalar) -> Float[Array, "*dyads"]:
        """Log-weight of a frightening turn."""
        return self.resting + fear * (self.sensitivity + self.alarm * jnp.maximum(arousal, 0.0))
