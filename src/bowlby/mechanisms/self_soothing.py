"""Self-soothing: what withdrawing does for the body is learnt from having been soothed.

    de = rate (relief (1 - e) - fright loss e)
    recovery(e) = soothing^e left_alone^(1 - e)

After frightening care, withdrawing soothes little.

Source: ours (docs/theory/mechanisms.md).
"""

import equinox as eqx
import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar


class SelfSoothing(eqx.Module):
    """How self-soothing is learnt and what it does.

    Attributes:
        rate: Learning per tick.
        loss: What a frightening tick takes, relative to what relief gives.
        soothing_s: Recovery when withdrawing at efficacy 1 (s).
        alone_s: Recovery when left alone (s).
    """

    rate: Scalar = 0.01
    loss: Scalar = 0.6
    soothing_s: Scalar = 30.0
    alone_s: Scalar = 300.0

    def step(self, efficacy: Scalar, relief: Scalar, fright: Scalar) -> Float[Array, "*dyads"]:
        """Efficacy (0 to 1) after a tick.

        Args:
            efficacy: Before the tick.
            relief: Fall of arousal in attuned contact (>= 0).
            fright: Frightening contact (0 to 1).
        """
        gained = self.rate * jnp.minimum(relief, 3.0)
        return efficacy + gained * (1.0 - efficacy) - self.rate * self.loss * fright * efficacy

    def recovery_s(self, efficacy: Scalar, withdrawing: Scalar) -> Float[Array, "*dyads"]:
        """Time constant of recovery (s)."""
        return self.alone_s * (self.soothing_s / self.alone_s) ** (efficacy * withdrawing)
