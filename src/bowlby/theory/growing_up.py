"""Growing up: from four to eighteen other people come to matter beside those at home.

    home(age) = at_four exp(-leaving (age - 4))
    friends(age) = (1 - home) friends (age - 4) / 14,    school(age) = the rest

are shares of the encounters in which one is with them. A teacher is there for `stage_years` and
is then another; the friend stays. Each is met as a stranger, with what was learnt before.

Source: time with the family falls from 35 % to 14 % of waking hours between ten and eighteen:
Larson, Richards, Moneta, Holmbeck & Duckett (1996), Developmental Psychology 32, 744-754;
whom one turns to: Hazan & Zeifman (1994), in Advances in Personal Relationships 5, 151-178, in
words; the equations are ours (docs/explanation/mechanisms.md).
"""

import jax.numpy as jnp
import numpy as np

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.theory.declared import Mechanism, parameter

FOUR, EIGHTEEN = 4.0, 18.0
"""Years between which one grows up."""

PLACES = ("home", "school", "friends")
"""Where one is."""


class GrowingUp(Mechanism):
    """With whom one is."""

    at_four: Scalar = parameter(
        0.7,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="encounters with those at home, of those of a child of four",
        source="carried back from Larson et al. (1996) at the same rate",
    )
    leaving: Scalar = parameter(
        0.115,
        low=0.0,
        high=1.0,
        unit="1/year",
        meaning="rate at which those at home are left",
        source="ln(35 / 14) over eight years: Larson et al. (1996)",
    )
    friends: Scalar = parameter(
        0.7,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="encounters with friends, of those away from home, at eighteen",
        source="ours: most, as friends are turned to first by then (Hazan & Zeifman 1994, in "
        "words)",
    )
    stage_years: Scalar = parameter(
        2.0,
        low=0.5,
        high=14.0,
        unit="years",
        meaning="time for which a teacher is the same",
        source="ours: classes change teachers every year or few",
    )

    def shares(self, age_years: Scalar) -> Float[Array, "place"]:
        """Shares of encounters at home, at school and with friends (they sum to 1)."""
        grown = (age_years - FOUR) / (EIGHTEEN - FOUR)
        home = self.at_four * jnp.exp(-self.leaving * (age_years - FOUR))
        friends = (1.0 - home) * self.friends * grown
        return jnp.stack([home, 1.0 - home - friends, friends])

    def ages(self, encounters: int) -> Float[np.ndarray, "encounter"]:
        """Age (years) in the middle of each encounter's time."""
        return FOUR + (EIGHTEEN - FOUR) * (np.arange(encounters) + 0.5) / encounters

    def places(self, encounters: int) -> list[str]:
        """Where one is in each encounter: shares are kept as nearly as whole numbers allow."""
        due, found = np.zeros(len(PLACES)), []
        for age in self.ages(encounters):
            due += np.asarray(self.shares(float(age)))
            at = int(due.argmax())
            due[at] -= 1.0
            found.append(PLACES[at])
        return found

    def teachers(self) -> int:
        """How many teachers one has."""
        return int(np.ceil((EIGHTEEN - FOUR) / float(self.stage_years)))

    def teacher(self, age_years: float) -> int:
        """Number of the teacher of an age, from 0."""
        return int((age_years - FOUR) // float(self.stage_years))
