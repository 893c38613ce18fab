"""Entrainment: a fast channel between two hearts.

    df_i = (-f_i / forgetting + strength contact (f_j(t - latency) - f_i)) dt + noise dW

Faces and voices carry arousal within half a second; this fast part rides on slow arousal and is
why hearts lag each other by less than a second in contact.

Source: ours (docs/theory/mechanisms.md); lags below one second: Feldman, Magori-Cohen, Galili,
Singer & Louzoun (2011), Infant Behavior and Development 34, 569-577.
"""

import equinox as eqx
import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar


class Entrainment(eqx.Module):
    """Fast coupling of two bodies.

    Attributes:
        forgetting_s: Time constant of each (s).
        strength: Pull per unit of difference in full contact (1/s).
        latency_s: Time the signal needs (s).
    """

    forgetting_s: Scalar = 3.0
    strength: Scalar = 1.0
    latency_s: Scalar = 0.4

    def step(
        self,
        own: Scalar,
        other_before: Scalar,
        contact: Scalar,
        noise: Scalar,
        *,
        dt_s: Scalar,
    ) -> Float[Array, "*dyads"]:
        """Fast arousal after `dt_s` seconds; variance 1 when alone.

        Args:
            own: Own fast arousal.
            other_before: The other's, `latency_s` ago.
            contact: Contact (0 to 1).
            noise: Random number of mean 0 and variance 1.
            dt_s: Length of the step (s).
        """
        pull = self.strength * contact
        rate = 1.0 / self.forgetting_s + pull
        kept = jnp.exp(-rate * dt_s)
        spread = jnp.sqrt((1.0 - kept**2) / (rate * self.forgetting_s))
        return own * kept + pull / rate * other_before * (1.0 - kept) + spread * noise
