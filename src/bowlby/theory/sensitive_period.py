"""Sensitive period: plasticity, the factor on all that is learnt, closes with age.

    base(age) = adult + (1 - adult) exp(-age / closing)
    base -> base + adolescent (1 - base) exp(-(age - height)^2 / (2 width^2))    in youth
    plasticity = base + reopening (1 - base) H m m_other R

It acts on relational models, habits, self-soothing, slow oxytocin and the reading of feelings
alike. The window opens again where there is hope in this relationship (H, `hope`), both think
(m, m_other), and what happens is thought about (R): in life seldom, in good therapy often.

Source: sensitive periods close for whatever experience shapes: Knudsen (2004), Journal of
Cognitive Neuroscience 16, 1412-1425; two years: Smyke, Zeanah, Fox, Nelson & Guthrie (2010),
Child Development 81, 212-223; adolescence as a second one: Fuhrmann, Knoll & Blakemore (2015),
Trends in Cognitive Sciences 19, 558-566, in words. Exponential and bell are ours
(docs/explanation/mechanisms.md).
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
    adolescent: Scalar = parameter(
        0.25,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="how far adolescence re-opens plasticity at its height",
        source="ours: a second window, smaller than the first (Fuhrmann, Knoll & Blakemore "
        "2015, in words)",
    )
    height_years: Scalar = parameter(
        14.0,
        low=4.0,
        high=18.0,
        unit="years",
        meaning="age at which adolescence is at its height",
        source="ours: after puberty has begun",
    )
    width_years: Scalar = parameter(
        2.5,
        low=0.1,
        high=10.0,
        unit="years",
        meaning="how long it lasts: standard deviation of the bell",
        source="ours: most of it from eleven to seventeen",
    )
    reopening: Scalar = parameter(
        1.0,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="how far hope that is thought about re-opens plasticity",
        source="Holmes & Slade (2019), in words: effective therapy re-opens a sensitive period",
    )
    unnamed: Scalar = parameter(
        0.25,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="how far things are thought about where nobody names them",
        source="ours: a quarter; being with somebody is thought about a little",
    )
    closing: Scalar = parameter(
        1.0,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="how far the plasticity of children closes with age",
        source="Knudsen (2004), J Cogn Neurosci 16, 1412-1425",
    )
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {
        "plasticity": {"closing": 0.0},
        "adolescence": {"adolescent": 0.0},
        "reopening": {"reopening": 0.0},
    }

    def childhood(self, age_years: Scalar) -> Float[Array, "*dyads"]:
        """Plasticity of a child at an age, as far as it closes."""
        return 1.0 - self.closing * (1.0 - self.plasticity(age_years))

    def youth(self, age_years: Scalar) -> Float[Array, "*dyads"]:
        """Plasticity of those who go to school, with what adolescence opens again."""
        base = self.childhood(age_years)
        far = (jnp.asarray(age_years) - self.height_years) / self.width_years
        return base + self.adolescent * (1.0 - base) * jnp.exp(-0.5 * far**2)

    def plasticity(self, age_years: Scalar) -> Float[Array, "*dyads"]:
        """Plasticity at an age, 1 at birth."""
        open_ = jnp.exp(-jnp.asarray(age_years) / self.closing_years)
        return self.adult + (1.0 - self.adult) * open_

    def reopened(
        self, base: Scalar, hope: Scalar, own: Scalar, other: Scalar, thought_about: Scalar
    ) -> Float[Array, "*dyads"]:
        """Plasticity in an encounter; where nothing can be learnt (base 0) nothing opens.

        Args:
            base: Plasticity at this age (0 to 1).
            hope: In this relationship (0 to 1).
            own: Own mentalising (0 to 1).
            other: The other's (0 to 1).
            thought_about: How far what happens is thought about together (0 to 1).
        """
        opened = self.reopening * hope * own * other * thought_about
        return base + (base > 0.0) * (1.0 - base) * opened
