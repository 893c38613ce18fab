"""Sensitive period: a biological gate on learning that safety opens and age closes.

    P = sigmoid(slope (safety - threshold(age)))
    safety = P(attuned) max(0, 1 - |arousal|) (1 + oxytocin_weight o)
    threshold(age) = adult_threshold (1 - exp(-age / closing))

The simulator does not use it: windows there open, peak and close by inference alone, when a new
relational model is opened (docs/theory/mechanisms.md).
"""

import equinox as eqx
import jax
import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar


class SensitivePeriod(eqx.Module):
    """The gate.

    Attributes:
        slope: Sharpness of the opening (> 0).
        adult_threshold: Safety at which it is half open in adults.
        closing_years: Time constant of its normative closing (years, > 0).
        oxytocin_weight: Help of oxytocin.
        discounting: Share of old certainty given up per fully open day of contact (1/d).
    """

    slope: Scalar = 8.0
    adult_threshold: Scalar = 0.7
    closing_years: Scalar = 4.0
    oxytocin_weight: Scalar = 0.5
    discounting: Scalar = 0.5

    def plasticity(
        self, trust: Scalar, arousal: Scalar, oxytocin: Scalar, age_years: Scalar
    ) -> Float[Array, "*dyads"]:
        """Opening of the gate, 0 to 1."""
        calm = jnp.maximum(1.0 - jnp.abs(arousal), 0.0)
        safety = trust * calm * (1.0 + self.oxytocin_weight * oxytocin)
        threshold = self.adult_threshold * (1.0 - jnp.exp(-age_years / self.closing_years))
        return jax.nn.sigmoid(self.slope * (safety - threshold))

    def discounted(
        self,
        counts: Float[Array, "..."],
        base: Float[Array, "..."],
        plasticity: Scalar,
        *,
        dt_d: Scalar,
    ) -> Float[Array, "..."]:
        """Counts when certainty is given up: base + (counts - base) exp(-discounting P dt)."""
        return base + (counts - base) * jnp.exp(-self.discounting * plasticity * dt_d)
