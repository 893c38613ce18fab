"""Leaving: out of mistrust, because life comes in between, or because it is enough.

    stay = trust - upset (session - life) + hopeful (2 e - 1)
    P(mistrust) = most sigmoid((staying - stay) / width)
    P(life) = practical load
    P(enough) = satisfied    once felt distress is below `well`, after `least` sessions

per session, with |arousal| in session and life, and what is expected of help, e. Enough is an
end that both agree on.

Source: ours (docs/explanation/mechanisms.md).
"""

from collections.abc import Mapping
from typing import ClassVar

import jax
import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.theory.declared import Mechanism, parameter


class Leaving(Mechanism):
    """Dropout."""

    most: Scalar = parameter(
        0.05,
        low=0.0,
        high=1.0,
        unit="1/session",
        meaning="greatest chance to leave after a session",
        source="ours: with the shares who leave in mistrust",
    )
    staying: Scalar = parameter(
        0.25,
        low=0.0,
        high=1.0,
        unit="probability",
        meaning="trust at which that chance is halved",
        source="ours: as attuned as chance",
    )
    width: Scalar = parameter(
        0.06,
        low=0.005,
        high=1.0,
        unit="probability",
        meaning="width of that edge",
        source="ours: nearly a category",
    )
    upset: Scalar = parameter(
        0.35,
        low=0.0,
        high=5.0,
        unit="1/arousal",
        meaning="trust that a session's arousal above life's outweighs",
        source="ours: being upset counts, mistrust counts more",
    )
    hopeful: Scalar = parameter(
        0.2,
        low=0.0,
        high=2.0,
        unit="probability",
        meaning="trust that expecting help for certain stands for",
        source="ours: who expects much of help stays where trust is low",
    )
    practical: Scalar = parameter(
        0.002,
        low=0.0,
        high=1.0,
        unit="1/session",
        meaning="chance that moving, costs or work end a therapy, at ordinary load",
        source="ours: a tenth of clients, whose load is twice that, in half a year",
    )
    satisfied: Scalar = parameter(
        0.02,
        low=0.0,
        high=1.0,
        unit="1/session",
        meaning="chance to end by agreement when one is well",
        source="ours: some of the well end early, most stay as agreed",
    )
    well: Scalar = parameter(
        0.3,
        low=0.0,
        high=3.0,
        unit="distress",
        meaning="felt distress of a week below which one is well",
        source="ours: below ordinary adults",
    )
    least: Scalar = parameter(
        8.0,
        low=0.0,
        high=100.0,
        unit="session",
        meaning="sessions before it can be enough",
        source="ours: half of clients are better by then",
    )
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {
        "leaving": {"most": 0.0, "practical": 0.0, "satisfied": 0.0},
        "expectation": {"hopeful": 0.0},
    }

    def by_life(self, load: Scalar) -> Float[Array, "*dyads"]:
        """Probability that life ends the therapy after a session."""
        return jnp.minimum(self.practical * load, 1.0)

    def enough(self, felt: Scalar, session: Scalar) -> Float[Array, "*dyads"]:
        """Probability to end by agreement after a session.

        Args:
            felt: Mean distress of the week, as it was felt (0 to 3).
            session: Number of the session, from 1.
        """
        return self.satisfied * (felt < self.well) * (session >= self.least)

    def mistrust(
        self, trust: Scalar, expects: Scalar, in_session: Scalar, in_life: Scalar
    ) -> Float[Array, "*dyads"]:
        """Probability to leave in mistrust.

        Args:
            trust: Mean of the session (0 to 1).
            expects: What is expected of help (0 to 1).
            in_session: Mean |arousal| in it.
            in_life: Mean |arousal| of the week.
        """
        stay = trust - self.upset * (in_session - in_life)
        stay = stay + self.hopeful * (2.0 * expects - 1.0)
        return self.most * jax.nn.sigmoid((self.staying - stay) / self.width)
