"""Projection: own fear read into the other when mentalising is shut.

    p'(u) proportional to p(u) exp(strength (1 - m) distress [u is not attuned])

Source: ours (docs/explanation/mechanisms.md).
"""

from collections.abc import Mapping
from typing import ClassVar

import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.theory.declared import Mechanism, parameter


class Projection(Mechanism):
    """Own fear read into the other when mentalising is shut."""

    strength: Scalar = parameter(
        0.8,
        low=0.0,
        high=5.0,
        unit="nat",
        meaning="log-odds at full distress and shut mentalising",
        source="ours: doubles the odds of a bad stance",
    )
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {"projection": {"strength": 0.0}}

    def tilt(
        self, stance: Float[Array, "u *dyads"], distress: Scalar, mentalising: Scalar
    ) -> Float[Array, "u *dyads"]:
        """Expectation of the other's stance (attuned first) tilted by own distress (0 to 1).

        Not renormalised: it multiplies likelihoods.
        """
        factor = jnp.exp(self.strength * (1.0 - mentalising) * distress)
        return jnp.concatenate([stance[:1], stance[1:] * factor])
