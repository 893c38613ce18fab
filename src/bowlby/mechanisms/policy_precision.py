"""Policy precision: dopamine as confidence in what to do, raised by oxytocin.

    gamma = base (1 + gain oxytocin max(0, prediction error))

The prediction error is of reward: a better outcome than expected from this other.

Source: precision of policies as dopamine: Friston, Schwartenbeck, FitzGerald, Moutoussis,
Behrens & Dolan (2014), Philosophical Transactions of the Royal Society B 369, 20130481; the
dependence on oxytocin is ours (docs/theory/mechanisms.md).
"""

import equinox as eqx
import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar


class PolicyPrecision(eqx.Module):
    """Gain of oxytocin on policy precision.

    Attributes:
        gain: Rise of precision at oxytocin 1 and prediction error 1.
    """

    gain: Scalar = 1.0

    def value(
        self, base: Scalar, oxytocin: Scalar, prediction_error: Scalar
    ) -> Float[Array, "*dyads"]:
        """Policy precision, never below `base`."""
        return base * (1.0 + self.gain * oxytocin * jnp.maximum(prediction_error, 0.0))
