"""Borrowed brain: with trust, the figure's mind serves the seeker.

    m_effective = 1 - (1 - m_seeker) (1 - trust m_figure contact)
    ln p(felt | s) + trust m_figure ln p(figure's reading | s)

The figure's reading of the seeker is a second observation, raised to the trust in it. Without
trust, or with a figure who does not mentalise, nothing is borrowed.

Source: ours (docs/explanation/mechanisms.md); "two brains bind energy better than one" is
Holmes & Slade (2019).
"""

from collections.abc import Mapping
from typing import ClassVar

import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.theory.declared import Mechanism, parameter


class BorrowedBrain(Mechanism):
    """How much is borrowed."""

    share: Scalar = parameter(
        1.0,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="how far a trusted figure's mentalising and reading serve the care-seeker",
        source="ours: full use of what a wholly trusted mind offers",
    )
    at_home: Scalar = parameter(
        0.5,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="share of a caregiver's or partner's mind that is free to be borrowed",
        source="ours: a therapist attends to nothing else, people at home do",
    )
    reading_floor: Scalar = parameter(
        0.25,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="accuracy of the reading of a figure that does not mentalise",
        source="guessing among four",
    )
    reading_gain: Scalar = parameter(
        0.72,
        low=0.0,
        high=0.75,
        unit="share",
        meaning="rise of that accuracy by the figure's mentalising",
        source="ours: at its best it reads as well as one can learn to feel",
    )
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {"borrowed_brain": {"share": 0.0}}

    def mentalising(
        self, own: Scalar, trust: Scalar, figure: Scalar, contact: Scalar
    ) -> Float[Array, "*dyads"]:
        """Mentalising of the seeker with the figure's help, between `own` and 1."""
        return 1.0 - (1.0 - own) * (1.0 - self.borrowed(trust, figure, contact))

    def borrowed(
        self, trust: Scalar, figure: Scalar, contact: Scalar
    ) -> Float[Array, "*dyads"]:
        """How far the figure's mind serves the seeker's (0 to 1)."""
        return self.share * trust * figure * contact

    def reading(
        self, lent: Float[Array, "s *dyads"], trust: Scalar, figure: Scalar
    ) -> Float[Array, "s *dyads"]:
        """Likelihood of each distress from the figure's reading, raised to the trust in it."""
        return jnp.exp(self.share * trust * figure * jnp.log(lent))

    def named_rightly(self, figure: Scalar, own: Scalar) -> Float[Array, "*dyads"]:
        """Accuracy of what two name together.

        Where they agree there is no question, where they differ the more accurate of the two is
        followed: together they are as accurate as the better one (Bayes' decision for two
        reports of unequal accuracy).

        Args:
            figure: The figure's mentalising (0 to 1).
            own: Accuracy of feeling oneself (0 to 1).
        """
        return jnp.maximum(self.accuracy(figure), own)

    def accuracy(self, figure: Scalar) -> Float[Array, "*dyads"]:
        """Accuracy with which a figure of such mentalising reads distress."""
        return self.reading_floor + self.reading_gain * figure
