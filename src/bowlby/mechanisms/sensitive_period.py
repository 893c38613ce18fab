"""Sensitive period: plasticity, the factor on all that is learnt, closes with age.

    plasticity(age) = adult + (1 - adult) exp(-age / closing)

It acts on relational models, habits, self-soothing, slow oxytocin and the reading of feelings
alike. In the sessions of a therapy it is 1: the window is open again.

Source: sensitive periods close for whatever experience shapes: Knudsen (2004), Journal of
Cognitive Neuroscience 16, 1412-1425; two years: Smyke, Zeanah, Fox, Nelson & Guthrie (2010),
Child Development 81, 212-223. The exponential is ours (docs/theory/mechanisms.md).
"""

import equinox as eqx
import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar


class SensitivePeriod(eqx.Module):
    """Closing of plasticity.

    Attributes:
        adult: Plasticity left to adults (0 to 1).
        closing_years: Time constant of its closing (years, > 0).
    """

    adult: Scalar = 0.15
    closing_years: Scalar = 2.0

    def plasticity(self, age_years: Scalar) -> Float[Array, "*dyads"]:
        """Plasticity at an age, 1 at birth."""
        open_ = jnp.exp(-jnp.asarray(age_years) / self.closing_years)
        return self.adult + (1.0 - self.adult) * open_
