"""Oxytocin: released by attuned contact, cleared in minutes; calms and makes precise.

    do/dt = release trait contact P(attuned) (1 - o) - (ln 2 / half_life) o

Peripheral oxytocin is a poor proxy of this latent, central quantity.

Source: half-life of a few minutes in plasma (docs/theory/mechanisms.md); the rest is ours.
"""

import equinox as eqx
import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar

_LN2 = 0.6931471805599453


class Oxytocin(eqx.Module):
    """Oxytocin of one brain, between 0 and 1.

    Attributes:
        release: Release per second of full attuned contact with trait 1 (1/s).
        half_life_s: Half-life (s).
        calming: Share by which reactivity falls at oxytocin 1 (0 to 1).
    """

    release: Scalar = 0.02
    half_life_s: Scalar = 180.0
    calming: Scalar = 0.3

    def step(
        self, level: Scalar, attuned_contact: Scalar, *, dt_s: Scalar
    ) -> Float[Array, "*dyads"]:
        """Oxytocin after `dt_s` seconds of constant attuned contact (trait times contact).

        Exact for the linear equation; stays between 0 and 1.
        """
        inflow = self.release * attuned_contact
        total = inflow + _LN2 / self.half_life_s
        target = inflow / total
        return target + (level - target) * jnp.exp(-total * dt_s)

    def reactivity(self, level: Scalar) -> Float[Array, "*dyads"]:
        """Factor on reactivity, 1 without oxytocin."""
        return 1.0 - self.calming * level
