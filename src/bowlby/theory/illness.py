"""Illness: low mood has causes besides relationships, comes in episodes, and leaves traces.

    onset = rate exp(liability z + stress (d - usual) + kindling min(n, most))     per week
    remission = ln 2 / median exp(-hold (d - usual))
    mood = affect z + episode ill

z is the standing of a person's constitution in negative affect, d distress as it is felt
lately, n the episodes there were. While ill, life weighs more: load grows by `burden`.

Source: 6.6 % have an episode of depression in a year (Kessler et al. 2003, JAMA 289,
3095-3105); half of episodes last less than three months (Spijker et al. 2002, British Journal
of Psychiatry 181, 208-213); each recurrence raises the risk of the next by 16 % (Solomon et al.
2000, American Journal of Psychiatry 157, 229-233); heritability .37 (Sullivan, Neale & Kendler
2000, American Journal of Psychiatry 157, 1552-1562). Equations are ours.
"""

from collections.abc import Mapping
from typing import ClassVar, NamedTuple

import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.theory.declared import Mechanism, parameter

WEEKS_OF_A_YEAR = 52.0


class IllnessState(NamedTuple):
    """Where a person is in the course of an illness.

    Attributes:
        ill: 1 during an episode.
        episodes: Episodes so far.
        felt: Distress as it was felt over the last weeks (0 to 3).
    """

    ill: Float[Array, "*dyads"]
    episodes: Float[Array, "*dyads"]
    felt: Float[Array, "*dyads"]


class Illness(Mechanism):
    """Episodes of low mood."""

    yearly: Scalar = parameter(
        0.05,
        low=0.0,
        high=1.0,
        unit="1/year",
        meaning="rate of first episodes of an average person in ordinary times",
        source="with those at risk, near 6.6 % a year (Kessler et al. 2003)",
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
        13.0,
        low=1.0,
        high=500.0,
        unit="week",
        meaning="median length of an episode in ordinary times",
        source="three months (Spijker et al. 2002)",
    )
    hold: Scalar = parameter(
        0.7,
        low=0.0,
        high=5.0,
        unit="ln/distress",
        meaning="how far felt distress holds an episode",
        source="ours: half as long in calm as in distress",
    )
    episode: Scalar = parameter(
        1.5,
        low=0.0,
        high=5.0,
        unit="SD",
        meaning="rise of symptoms in an episode",
        source="ours: from the mean to where clinics begin",
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
        0.5,
        low=0.0,
        high=3.0,
        unit="distress",
        meaning="felt distress of ordinary times",
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

    def begin(self, standing: Scalar, uniform: Float[Array, "2 *dyads"]) -> IllnessState:
        """State of grown people who are met at any time, in ordinary times.

        Args:
            standing: Constitution in negative affect (SD).
            uniform: Random numbers: whether somebody is ill, how many episodes there were.
        """
        onset, remission = self.onset(standing, self.usual, 0.0), self.remission(self.usual)
        ill = (uniform[0] < onset / (onset + remission)) * 1.0
        past = 1.0 - jnp.exp(-onset * WEEKS_OF_A_YEAR * self.grown_years)
        episodes = ill + (uniform[1] < past)
        return IllnessState(ill, episodes, self.usual + 0.0 * episodes)

    def onset(self, standing: Scalar, felt: Scalar, episodes: Scalar) -> Scalar:
        """Rate of episodes (1/week)."""
        raised = (
            self.liability * standing
            + self.stress * (felt - self.usual)
            + self.kindling * jnp.minimum(episodes, self.most)
        )
        return self.yearly / WEEKS_OF_A_YEAR * jnp.exp(raised)

    def remission(self, felt: Scalar) -> Scalar:
        """Rate at which an episode ends (1/week)."""
        return jnp.log(2.0) / self.median_weeks * jnp.exp(-self.hold * (felt - self.usual))

    def after_week(
        self, state: IllnessState, standing: Scalar, felt: Scalar, uniform: Scalar
    ) -> IllnessState:
        """State after a week in which so much distress was felt.

        Args:
            state: Before.
            standing: Constitution in negative affect (SD).
            felt: Mean distress of the week, as it was felt (0 to 3).
            uniform: Random number.
        """
        lately = self.memory * state.felt + (1.0 - self.memory) * felt
        begins = -jnp.expm1(-self.onset(standing, lately, state.episodes))
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
