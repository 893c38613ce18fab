"""Mentalising: a window of tolerance that high and low arousal both close.

    m(a) = best exp(-((a - optimum) / width)^2)

Source: the arousal switch of Fonagy & Luyten (2009), Development and Psychopathology 21,
1355-1381, is given in words; the equation is ours (docs/theory/mechanisms.md).
"""

import equinox as eqx
import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar


class Mentalising(eqx.Module):
    """Window of tolerance.

    Attributes:
        best: Mentalising at the optimum (0 to 1).
        optimum: Arousal at which it is best.
        width: Distance from the optimum at which it has fallen to 37 % (> 0).
    """

    best: Scalar = 0.9
    optimum: Scalar = 0.2
    width: Scalar = 1.3

    def capacity(self, arousal: Scalar) -> Float[Array, "*dyads"]:
        """Mentalising at an arousal, 0 to `best`."""
        return self.best * jnp.exp(-(((arousal - self.optimum) / self.width) ** 2))
