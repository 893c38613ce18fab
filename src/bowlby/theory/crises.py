"""Crises: severe events come to everybody, one brings the next, and some are made.

    P(event in a week) = yearly / 52 (1 + chain c) exp(made (d - usual))
    c(week + 1) = kept c + event size,    size = Exp(mean)
    load of a week = load (1 + c) / (1 + E c)

c is what a crisis adds to the load of life, relative to an ordinary week, and passes over
months; load is what life brings otherwise (`life_load`), d - usual felt distress beyond that of
ordinary times (`illness.usual`). What is left of many events that have not passed is a lasting
difficulty. The mean load of ordinary people stays 1.

Source: "disruptions that bring individuals for therapy", Holmes & Slade (2019), in words;
three in ten have a severe event or a major difficulty in a year: Brown & Harris (1978), Social
origins of depression; what such events do is over after some months: Kendler, Karkowski &
Prescott (1998), Journal of Nervous and Mental Disease 186, 661-669; some are made by the
person: Hammen (1991), Journal of Abnormal Psychology 100, 555-561. Equations are ours.
"""

from collections.abc import Mapping
from typing import ClassVar

import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.theory.declared import Mechanism, parameter
from bowlby.theory.illness import WEEKS_OF_A_YEAR


class Crises(Mechanism):
    """Severe events of grown people."""

    yearly: Scalar = parameter(
        0.3,
        low=0.0,
        high=10.0,
        unit="1/year",
        meaning="rate of severe events in an ordinary life",
        source="three in ten a year (Brown & Harris 1978)",
    )
    mean: Scalar = parameter(
        2.0,
        low=0.0,
        high=10.0,
        unit="share",
        meaning="mean rise of load by an event",
        source="ours: thrice an ordinary week, at first",
    )
    kept: Scalar = parameter(
        0.93,
        low=0.0,
        high=0.999,
        unit="1/week",
        meaning="what is left of a crisis after a week",
        source="ours: half is over after ten weeks, nearly all after half a year",
    )
    chain: Scalar = parameter(
        0.5,
        low=0.0,
        high=5.0,
        unit="1",
        meaning="rise of the rate by a crisis that is not over",
        source="ours: twice as often after a severe event",
    )
    made: Scalar = parameter(
        0.5,
        low=0.0,
        high=3.0,
        unit="ln/distress",
        meaning="rise of the rate by felt distress",
        source="ours: stress generation (Hammen 1991), half as often again",
    )
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {"crises": {"yearly": 0.0}}

    def expected(self) -> Scalar:
        """Mean of c in an ordinary life without chains."""
        return self.yearly / WEEKS_OF_A_YEAR * self.mean / (1.0 - self.kept)

    def begin(self, uniform: Float[Array, "2 *dyads"]) -> Float[Array, "*dyads"]:
        """What is left of the last crisis of people who are met at any time.

        Args:
            uniform: Random numbers: how long ago it was, how severe.
        """
        rate = jnp.maximum(self.yearly / WEEKS_OF_A_YEAR, _NEVER)
        weeks = -jnp.log1p(-uniform[0]) / rate
        return -self.mean * jnp.log1p(-uniform[1]) * self.kept**weeks * (self.yearly > 0.0)

    def weighs(self, crisis: Scalar) -> Float[Array, "*dyads"]:
        """Factor on the load of life."""
        return (1.0 + crisis) / (1.0 + self.expected())

    def after_week(
        self, crisis: Scalar, beyond: Scalar, uniform: Scalar
    ) -> Float[Array, "*dyads"]:
        """What is left of crises after a week, and whether another came.

        Args:
            crisis: What they added to load in the week.
            beyond: Felt distress of the week beyond that of ordinary times (0 to 3).
            uniform: Random number; what it says beyond whether decides how severe.
        """
        raised = (1.0 + self.chain * crisis) * jnp.exp(self.made * beyond)
        chance = -jnp.expm1(-self.yearly / WEEKS_OF_A_YEAR * raised)
        comes = uniform < chance
        within = jnp.where(comes, uniform / jnp.maximum(chance, _NEVER), 0.0)
        return self.kept * crisis - self.mean * jnp.log1p(-within) * comes


_NEVER = 1e-9
"""A rate or chance that is as good as none (a division by it stays finite)."""
