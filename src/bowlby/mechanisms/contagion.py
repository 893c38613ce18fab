"""Contagion: arousal is pulled towards the other's.

    drive = strength contact (other - own)

Towards a calm figure contagion soothes; towards an aroused one it alarms. There is no reward
for being alike.

Source: ours (docs/theory/mechanisms.md).
"""

import equinox as eqx

from bowlby.maths._arrays import Array, Float, Scalar


class Contagion(eqx.Module):
    """Pull of the other's arousal.

    Attributes:
        strength: Pull per unit of difference at full contact (1/s, >= 0).
    """

    strength: Scalar = 0.02

    def pull(self, own: Scalar, other: Scalar, contact: Scalar) -> Float[Array, "*dyads"]:
        """Drive on one's own arousal (1/s)."""
        return self.strength * contact * (other - own)
