"""Sensitive period: plasticity, the factor on all that is learnt, closes with age.

    plasticity(age) = adult + (1 - adult) exp(-age / closing)

It acts on relational models, habits, self-soothing, slow oxytocin and the reading of feelings
alike. In the sessions of a therapy the window is open again: `reopened`.

Source: sensitive periods close for whatever experience shapes: Knudsen (2004), Journal of
Cognitive Neuroscience 16, 1412-1425; two years: Smyke, Zeanah, Fox, Nelson & Guthrie (2010),
Child Development 81, 212-223. The exponential is ours (docs/explanation/mechanisms.md).
"""

from collections.abc import Mapping
from typing import ClassVar

import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.theory.declared import Mechanism, parameter


class SensitivePeriod(Mechanism):
    """Closing of plasticity, and its re-opening."""

    adult: Scalar = parameter(
        0.15,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="plasticity left to adults",
        source="ours: adults learn, slowly",
    )
    closing_years: Scalar = parameter(
        2.0,
        low=0.1,
        high=30.0,
        unit="years",
        meaning="time constant of its closing",
        source="two years: Smyke, Zeanah, Fox, Nelson & Guthrie (2010), Child Dev 81, 212-223",
    )
    reopened: Scalar = parameter(
        1.0,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="plasticity in the sessions of a therapy",
        source="Holmes & Slade (2019), in words: good therapy re-opens the window",
    )
    closing: Scalar = parameter(
        1.0,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="how far the plasticity of children closes with age",
        source="Knudsen (2004), J Cogn Neurosci 16, 1412-1425",
    )
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {"plasticity": {"closing": 0.0}}

    def childhood(self, age_years: Scalar) -> Float[Array, "*dyads"]:
        """Plasticity of a child at an age, as far as it closes."""
        return 1.0 - self.closing * (1.0 - self.plasticity(age_years))

    def plasticity(self, age_years: Scalar) -> Float[Array, "*dyads"]:
        """Plasticity at an age, 1 at birth."""
        open_ = jnp.exp(-jnp.asarray(age_years) / self.closing_years)
        return self.adult + (1.0 - self.adult) * open_
