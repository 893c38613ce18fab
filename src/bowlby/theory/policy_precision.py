"""Policy precision: dopamine as confidence in what to do, raised by oxytocin.

    gamma = base (1 + gain dopamine oxytocin max(0, prediction error))

The prediction error is of reward: a better outcome than expected from this other.

Source: precision of policies as dopamine: Friston, Schwartenbeck, FitzGerald, Moutoussis,
Behrens & Dolan (2014), Philosophical Transactions of the Royal Society B 369, 20130481; the
dependence on oxytocin is ours (docs/explanation/mechanisms.md).
"""

from collections.abc import Mapping
from typing import ClassVar

import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.theory.declared import Mechanism, parameter


class PolicyPrecision(Mechanism):
    """Gain of oxytocin on policy precision."""

    gain: Scalar = parameter(
        1.0,
        low=0.0,
        high=10.0,
        unit="1",
        meaning="factor on every person's rise of precision (dopamine)",
        source="ours: how strong it is differs between people, not here",
    )
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {"oxytocin_precision": {"gain": 0.0}}

    def value(
        self, base: Scalar, dopamine: Scalar, oxytocin: Scalar, prediction_error: Scalar
    ) -> Float[Array, "*dyads"]:
        """Policy precision, never below `base`.

        Args:
            base: Precision without it.
            dopamine: The person's rise at oxytocin 1 and prediction error 1.
            oxytocin: Oxytocin now (0 to 1).
            prediction_error: Of reward (probability).
        """
        rise = self.gain * dopamine * oxytocin * jnp.maximum(prediction_error, 0.0)
        return base * (1.0 + rise)
