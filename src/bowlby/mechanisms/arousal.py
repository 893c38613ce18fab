"""Arousal: a level that events push away from its set point and that recovers by itself.

    da = (-a / recovery + drive) dt + noise dW

a = 0 is the set point, positive is hyper-arousal, negative hypo-arousal.

Source: the leaky integrator is ours (docs/theory/mechanisms.md); exact step of a linear
stochastic equation: Gillespie (1996), Physical Review E 54, 2084-2091.
"""

import equinox as eqx
import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar


class Arousal(eqx.Module):
    """Arousal of one body.

    Attributes:
        recovery_s: Time constant of recovery when left alone (s, > 0).
        noise: Standard deviation gained in one second (per square root of s, >= 0).
    """

    recovery_s: Scalar = 300.0
    noise: Scalar = 0.06

    def step(
        self, level: Scalar, drive: Scalar, noise: Scalar, *, dt_s: Scalar
    ) -> Float[Array, "*dyads"]:
        """Arousal after `dt_s` seconds of a constant drive.

        Exact for the linear equation, so any step length is stable.

        Args:
            level: Arousal now.
            drive: What pushes it (1/s).
            noise: Random number of mean 0 and variance 1.
            dt_s: Length of the step (s).
        """
        kept = jnp.exp(-dt_s / self.recovery_s)
        spread = self.noise * jnp.sqrt(0.5 * self.recovery_s * (1.0 - kept**2))
        return level * kept + drive * self.recovery_s * (1.0 - kept) + spread * noise
