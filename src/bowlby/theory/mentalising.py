"""Mentalising: a window of tolerance that high and low arousal both close.

    m(a) = best exp(-((a - optimum) / width)^2),    best = ordinary + growth (M - usual)
    dM = rate plasticity c R (m_other P(attuned) - M) dt
    shut = (1 - m(a) / best) (1 - what is borrowed)

M is how far one has been mentalised: one learns to think from somebody who thinks about one.
`shut` is what arousal does not let one think, alone or with the other.

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
        meaning="mentalising at the best arousal of somebody ordinarily mentalised",
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
        0.002,
        low=0.0,
        high=0.01,
        unit="1/s",
        meaning="rate at which having been mentalised follows the other's mentalising",
        source="ours: slow against encounters, fast against childhood",
    )
    growth: Scalar = parameter(
        0.6,
        low=0.0,
        high=2.0,
        unit="1",
        meaning="rise of the best by having been mentalised",
        source="Holmes & Slade (2019), in words: minds grow by being thought about",
    )
    usual: Scalar = parameter(
        0.5,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="having been mentalised at which the best is ordinary",
        source="ours: undecided, as in a newborn",
    )
    most: Scalar = parameter(
        0.98,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="greatest of the best",
        source="ours: nobody reads minds without error",
    )
    edge: Scalar = parameter(
        2.0,
        low=0.5,
        high=10.0,
        unit="1",
        meaning="how sharply thinking ends where arousal shuts it",
        source="ours: a little arousal shuts little",
    )
    newborn: Scalar = parameter(
        0.5,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="how far somebody who has met nobody has been mentalised",
        source="ours: undecided",
    )
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {
        "arousal_gate": {"gating": 0.0},
        "growing_mind": {"growth": 0.0},
    }

    def at_best(self, mentalised: Scalar) -> Float[Array, "*dyads"]:
        """Mentalising at the best arousal, of somebody so far mentalised (0 to 1)."""
        best = self.best + self.growth * (mentalised - self.usual)
        return jnp.clip(best, 0.0, self.most)

    def capacity(self, arousal: Scalar, width: Scalar, mentalised: Scalar) -> Scalar:
        """Mentalising at an arousal, 0 to 1.

        Args:
            arousal: Own arousal.
            width: Distance from the optimum at which it has fallen to 37 % (> 0).
            mentalised: How far one has been mentalised (0 to 1).
        """
        gate = self.at_best(mentalised) * self._open(arousal, width)
        return self.gating * gate + (1.0 - self.gating) * self.ungated

    def unthinkable(self, arousal: Scalar, width: Scalar, borrowed: Scalar) -> Scalar:
        """What arousal does not let one think, alone or with the other (0 to 1).

        Args:
            arousal: Own arousal.
            width: As in `capacity`.
            borrowed: How far the other's mind serves one's own (0 to 1).
        """
        shut = self.gating * (1.0 - self._open(arousal, width))
        return (shut * (1.0 - borrowed)) ** self.edge

    def mentalised(
        self, level: Scalar, other: Scalar, thought_about: Scalar, *, dt_s: Scalar
    ) -> Float[Array, "*dyads"]:
        """How far one has been mentalised (0 to 1) after `dt_s` seconds.

        Args:
            level: Before.
            other: The other's mentalising as far as it is perceived as attuned (0 to 1).
            thought_about: Contact in which things are thought about, with plasticity (0 to 1).
            dt_s: Length of the step (s).
        """
        return level + self.being_mentalised * dt_s * thought_about * (other - level)

    def _open(self, arousal, width):
        return jnp.exp(-(((arousal - self.optimum) / width) ** 2))
