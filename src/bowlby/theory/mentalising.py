"""Mentalising: a window of tolerance that high and low arousal both close.

    m(a) = best exp(-((a - optimum) / width)^2)

Source: the arousal switch of Fonagy & Luyten (2009), Development and Psychopathology 21,
1355-1381, is given in words; the equation is ours (docs/explanation/mechanisms.md).
"""

from collections.abc import Mapping
from typing import ClassVar

import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.theory.declared import Mechanism, parameter


class Mentalising(Mechanism):
    """Window of tolerance."""

    best: Scalar = parameter(
        0.9,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="mentalising at the best arousal",
        source="ours: nobody reads minds without error",
    )
    optimum: Scalar = parameter(
        0.2,
        low=-2.0,
        high=2.0,
        unit="arousal",
        meaning="arousal at which it is best",
        source="ours: a little above rest, as in inverted U curves of performance",
    )
    gating: Scalar = parameter(
        1.0,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="how far own arousal opens and closes mentalising",
        source="Fonagy & Luyten (2009), in words",
    )
    ungated: Scalar = parameter(
        0.8,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="mentalising where arousal does not matter",
        source="ours: near the mean of the gated one in ordinary life",
    )
    being_mentalised: Scalar = parameter(
        0.0002,
        low=0.0,
        high=0.01,
        unit="1/s",
        meaning="rate at which having been mentalised follows mentalising in contact",
        source="ours: slow against encounters, fast against childhood",
    )
    newborn: Scalar = parameter(
        0.5,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="how far somebody who has met nobody has been mentalised",
        source="ours: undecided",
    )
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {"arousal_gate": {"gating": 0.0}}

    def capacity(self, arousal: Scalar, width: Scalar) -> Float[Array, "*dyads"]:
        """Mentalising at an arousal, 0 to `best`.

        Args:
            arousal: Own arousal.
            width: Distance from the optimum at which it has fallen to 37 % (> 0).
        """
        gate = self.best * jnp.exp(-(((arousal - self.optimum) / width) ** 2))
        return self.gating * gate + (1.0 - self.gating) * self.ungated

    def mentalised(
        self, level: Scalar, mentalising: Scalar, contact: Scalar, *, dt_s: Scalar
    ) -> Float[Array, "*dyads"]:
        """How far one has been mentalised (0 to 1) after `dt_s` seconds of contact."""
        return level + self.being_mentalised * dt_s * contact * (mentalising - level)
