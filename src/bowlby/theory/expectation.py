"""Expectation of help: what a client believes that this therapy will bring.

    e = (weight e0 + helped) / (weight + sessions)
    d helped = sigmoid((felt lately - felt this week) / noticed)     per session
    openness to a new relational model with the therapist x (1 + opens (2 e - 1))

e0 is what somebody expects of help before it begins: a belief with a weight, which weeks that
were better or worse than those before confirm or not. Who expects help stays (`leaving`), is
readier to see the therapist as somebody new, and finds that aims are shared: the goals of an
alliance.

Source: expectation and credibility of treatment as beliefs of their own: Devilly & Borkovec
(2000), Journal of Behavior Therapy and Experimental Psychiatry 31, 73-86, in words; hope as
common factor: Frank & Frank (1991), Persuasion and healing, in words; the equation, a
beta-binomial, is ours.
"""

from collections.abc import Mapping
from typing import ClassVar

import jax

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.theory.declared import Mechanism, parameter


class Expectation(Mechanism):
    """What a client expects of help."""

    weight: Scalar = parameter(
        6.0,
        low=0.1,
        high=100.0,
        unit="session",
        meaning="weight of what is expected before a therapy begins",
        source="ours: a month and a half of therapy weighs as much",
    )
    noticed: Scalar = parameter(
        0.25,
        low=0.01,
        high=3.0,
        unit="distress",
        meaning="change of felt distress that is noticed as better or worse",
        source="ours: half of that between people",
    )
    opens: Scalar = parameter(
        1.0,
        low=0.0,
        high=1.0,
        unit="1",
        meaning="rise of openness to a new relational model by expecting help",
        source="ours: who expects nothing sees nobody new",
    )
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {"expectation": {"opens": 0.0}}

    def level(self, before: Scalar, helped: Scalar, sessions: Scalar) -> Float[Array, "*dyads"]:
        """Expectation of help (0 to 1).

        Args:
            before: What is expected before a therapy begins (0 to 1).
            helped: Sessions after weeks that were better, so far.
            sessions: Sessions so far.
        """
        return (self.weight * before + helped) / (self.weight + sessions)

    def better(self, lately: Scalar, felt: Scalar) -> Float[Array, "*dyads"]:
        """How far a week was better than those before it (0 to 1).

        Args:
            lately: Felt distress of the last weeks (0 to 3).
            felt: That of this week.
        """
        return jax.nn.sigmoid((lately - felt) / self.noticed)

    def openness(self, expects: Scalar) -> Float[Array, "*dyads"]:
        """Factor on openness to a new relational model with the therapist."""
        return 1.0 + self.opens * (2.0 * expects - 1.0)
