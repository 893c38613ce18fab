"""Illness: low mood has causes besides relationships, comes in episodes, and leaves traces.

    onset = rate exp(liability z + stress (d - usual) + kindling min(n, most))     per week
    remission = ln 2 / median exp(-hold (d - usual) - hopeless (G - ordinary))
    mood = affect z + episode ill

z is the standing of a person's constitution in negative affect, d distress as it is felt
lately, G the expected free energy of life lately (hopelessness), n the episodes there were.
Episodes end when there is security and hope again. While ill, life weighs more: load grows by
`burden`. Who is met for the first time is as ill as people of such constitution and life are.

Source: one in six has a common mental disorder in a year (Steel et al. 2014, International
Journal of Epidemiology 43, 476-493: 17.6 %); of episodes .50, .63, .76 and .80 are over after
3, 6, 12 and 24 months (Spijker et al. 2002, British Journal of Psychiatry 181, 208-213); each
recurrence raises the risk of the next by 16 % (Solomon et al. 2000, American Journal of
Psychiatry 157, 229-233); heritability .37 (Sullivan, Neale & Kendler 2000, American Journal of
Psychiatry 157, 1552-1562). Equations are ours.
"""

from collections.abc import Mapping
from typing import ClassVar, NamedTuple

import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.theory.declared import Mechanism, parameter

WEEKS_OF_A_YEAR = 52.0


class Felt(NamedTuple):
    """How life is felt.

    Attributes:
        distress: Distress (0 to 3).
        hopelessness: Expected free energy (nat).
    """

    distress: Float[Array, "*dyads"]
    hopelessness: Float[Array, "*dyads"]


class IllnessState(NamedTuple):
    """Where a person is in the course of an illness.

    Attributes:
        ill: 1 during an episode.
        episodes: Episodes so far.
        felt: How life was felt over the last weeks.
    """

    ill: Float[Array, "*dyads"]
    episodes: Float[Array, "*dyads"]
    felt: Felt


class Illness(Mechanism):
    """Episodes of low mood."""

    yearly: Scalar = parameter(
        0.08,
        low=0.0,
        high=1.0,
        unit="1/year",
        meaning="rate of first episodes of an average person in ordinary times",
        source="with those at risk, and those still ill, near 17.6 % a year (Steel et al.)",
    )
    liability: Scalar = parameter(
        0.8,
        low=0.0,
        high=3.0,
        unit="ln/SD",
        meaning="rise of the rate by constitution",
        source="heritability .37 (Sullivan et al. 2000) and half as much again of one's own",
    )
    stress: Scalar = parameter(
        1.0,
        low=0.0,
        high=5.0,
        unit="ln/distress",
        meaning="rise of the rate by distress as it is felt",
        source="ours: thrice as often in distress as in calm",
    )
    kindling: Scalar = parameter(
        0.148,
        low=0.0,
        high=1.0,
        unit="ln/episode",
        meaning="rise of the rate by each episode",
        source="16 % each (Solomon et al. 2000)",
    )
    most: Scalar = parameter(
        6.0,
        low=0.0,
        high=50.0,
        unit="episodes",
        meaning="episodes after which the rate does not rise further",
        source="ours: what they followed (Solomon et al. 2000)",
    )
    median_weeks: Scalar = parameter(
        9.6,
        low=1.0,
        high=500.0,
        unit="week",
        meaning="median length of an episode of an average person in ordinary times",
        source="three months over all people (Spijker et al. 2002)",
    )
    hold: Scalar = parameter(
        2.5,
        low=0.0,
        high=10.0,
        unit="ln/distress",
        meaning="how far felt distress holds an episode",
        source="with the next, as unlike episodes as Spijker's four shares need; "
        "recovery follows security (Brown, Lemyre & Bifulco 1992, British Journal of "
        "Psychiatry 161, 44-54)",
    )
    hopeless: Scalar = parameter(
        1.27,
        low=0.0,
        high=10.0,
        unit="ln/nat",
        meaning="how far hopelessness holds an episode",
        source="as much as distress does; recovery follows hope (Brown et al. 1992)",
    )
    episode: Scalar = parameter(
        2.0,
        low=0.0,
        high=5.0,
        unit="SD",
        meaning="rise of symptoms in an episode",
        source="ours: with constitution and distress, two SD of people above the mean",
    )
    affect: Scalar = parameter(
        0.5,
        low=0.0,
        high=3.0,
        unit="SD",
        meaning="symptoms by constitution, outside of episodes",
        source="ours: less than half of what neuroticism goes with",
    )
    burden: Scalar = parameter(
        0.3,
        low=0.0,
        high=3.0,
        unit="share",
        meaning="rise of load in an episode",
        source="stress generation (Hammen 1991, Journal of Abnormal Psychology 100, 555-561)",
    )
    usual: Scalar = parameter(
        0.38,
        low=0.0,
        high=3.0,
        unit="distress",
        meaning="felt distress of ordinary times",
        source="ours: mean of untreated adults",
    )
    ordinary: Scalar = parameter(
        -1.33,
        low=-10.0,
        high=10.0,
        unit="nat",
        meaning="expected free energy of ordinary times",
        source="ours: mean of untreated adults",
    )
    memory: Scalar = parameter(
        0.75,
        low=0.0,
        high=0.99,
        unit="1/week",
        meaning="what is left after a week of how one felt",
        source="ours: a month",
    )
    grown_years: Scalar = parameter(
        12.0,
        low=0.0,
        high=80.0,
        unit="year",
        meaning="years in which there can have been an episode before",
        source="ours: from eighteen to thirty",
    )
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {
        "illness": {"yearly": 0.0, "affect": 0.0},
        "kindling": {"kindling": 0.0},
    }

    def healthy(self, zero: Scalar) -> IllnessState:
        """State of people who have not been met yet."""
        return IllnessState(zero, zero, Felt(self.usual + zero, self.ordinary + zero))

    def begin(
        self, standing: Scalar, felt: Felt, uniform: Float[Array, "2 *dyads"]
    ) -> IllnessState:
        """State of grown people who are met at any time of a life like this.

        Args:
            standing: Constitution in negative affect (SD).
            felt: How their life is felt.
            uniform: Random numbers: whether somebody is ill, how many episodes there were.
        """
        onset = self.onset(standing, felt.distress, 0.0)
        ill = (uniform[0] < onset / (onset + self.remission(felt))) * 1.0
        past = 1.0 - jnp.exp(-onset * WEEKS_OF_A_YEAR * self.grown_years)
        return IllnessState(ill, ill + (uniform[1] < past), felt)

    def onset(self, standing: Scalar, distress: Scalar, episodes: Scalar) -> Scalar:
        """Rate of episodes (1/week)."""
        raised = (
            self.liability * standing
            + self.stress * (distress - self.usual)
            + self.kindling * jnp.minimum(episodes, self.most)
        )
        return self.yearly / WEEKS_OF_A_YEAR * jnp.exp(raised)

    def remission(self, felt: Felt) -> Scalar:
        """Rate at which an episode ends (1/week)."""
        held = self.hold * (felt.distress - self.usual) + self.hopeless * (
            felt.hopelessness - self.ordinary
        )
        return jnp.log(2.0) / self.median_weeks * jnp.exp(-held)

    def after_week(
        self, state: IllnessState, standing: Scalar, felt: Felt, uniform: Scalar
    ) -> IllnessState:
        """State after a week that was felt so.

        Args:
            state: Before.
            standing: Constitution in negative affect (SD).
            felt: How the week was felt.
            uniform: Random number.
        """
        lately = Felt(
            *(
                self.memory * before + (1.0 - self.memory) * now
                for before, now in zip(state.felt, felt, strict=True)
            )
        )
        begins = -jnp.expm1(-self.onset(standing, lately.distress, state.episodes))
        ends = -jnp.expm1(-self.remission(lately))
        falls_ill = (1.0 - state.ill) * (uniform < begins)
        stays = state.ill * (uniform >= ends)
        return IllnessState(falls_ill + stays, state.episodes + falls_ill, lately)

    def mood(self, standing: Scalar, ill: Scalar) -> Float[Array, "*dyads"]:
        """What constitution and illness add to symptoms (SD)."""
        return self.affect * standing + self.episode * ill

    def weighs(self, ill: Scalar) -> Float[Array, "*dyads"]:
        """Factor on the load of life."""
        return 1.0 + self.burden * ill
