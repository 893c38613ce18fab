"""Couples and groups of three: grown people who are each other's attachment figure.

Everybody has a childhood, a constitution, a body and a mind of their own, and meets the others
of the household as a partner who seeks care too (`company/partner.py`). As somebody's figure
each is what its childhood has made of it (`theory/transmission.py`, as for a child of its own),
and as tired as its own load makes it (`theory/caregiver_load.py`).

A week is a round of encounters: two people meet once; of three each pair meets once while the
third is alone. What is believed of somebody and what they have shown is kept for each other
person; what is learnt, the body and illness are one's own and go through all of them.
"""

from functools import reduce
from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp
import numpy as np

from bowlby.courses.sections import CoupleSection
from bowlby.maths._arrays import Array, PRNGKeyArray
from bowlby.simulation.adult_life import (
    ADULT_YEARS,
    first_block,
    pass_week,
    stream_of,
)
from bowlby.simulation.companions import Acquaintance
from bowlby.simulation.company.caregiver import at_home
from bowlby.simulation.company.partner import PARTNER, Together, across
from bowlby.simulation.dyad import People, World
from bowlby.simulation.encounter import encounter
from bowlby.simulation.health import health_of_week
from bowlby.simulation.instruments import couple as instrument
from bowlby.simulation.lives import Client, Dyads, Progress, Rows, Schedule, summed_up
from bowlby.simulation.observables import Ended, variables
from bowlby.simulation.opening import opened
from bowlby.simulation.seeker import if_distressed
from bowlby.simulation.tick import Pair
from bowlby.theory.bond import no_history
from bowlby.theory.illness import WEEKS_OF_A_YEAR
from bowlby.theory.people import AttachmentFigure, CareSeeker

ROUNDS = {2: ((1, 0),), 3: ((1, 0, 2), (2, 1, 0), (0, 2, 1))}
"""Who is with whom in each encounter of a week, by the number of members; oneself: alone."""

_STREAM = 2**22
"""Blocks between the random numbers of two encounters of a week: farther than all weeks."""


class Meeting(NamedTuple):
    """An encounter of a week.

    Attributes:
        other: Place of the person each one is with; one's own for those who are alone.
        alone: 1 for those who are alone in it.
    """

    other: np.ndarray
    alone: np.ndarray


class Lived(NamedTuple):
    """Weeks that were lived together.

    Attributes:
        client: Everybody at the end.
        rows: Variables of each week; a value per person.
        ticks: Kept ticks of each week (tick, ..., people).
    """

    client: Client
    rows: list[Rows]
    ticks: list[Rows]


def meetings(members: int, households: int, width: int) -> list[Meeting]:
    """The encounters of a week, with everybody of several households side by side.

    Args:
        members: People in each household; they follow each other.
        households: How many there are.
        width: People in all; those who belong to no household are alone.
    """
    people = np.arange(width)
    found = []
    for who in ROUNDS[members]:
        other = people.copy()
        first = np.arange(households) * members
        for member, partner in enumerate(who):
            other[first + member] = first + partner
        found.append(Meeting(other, (other == people).astype(np.float32)))
    return found


def live_together(
    client: Client,
    dyads: Dyads,
    as_figure: AttachmentFigure,
    week_of: list[Meeting],
    section: CoupleSection,
    schedule: Schedule,
    *,
    on_step: Progress = lambda: None,
) -> Lived:
    """Weeks of people who are each other's figure.

    Args:
        client: The grown people, household by household; the others are strangers at first.
        dyads: Who takes part.
        as_figure: What each is as somebody's figure.
        week_of: The encounters of a week.
        section: How many weeks, how long, which are spent apart, which are hard.
        schedule: Pace, and lengths in blocks.
        on_step: Called after each week.
    """
    n = len(dyads.keys)
    stranger = Acquaintance(client.life_model, no_history(n))
    known, rows, ticks = [stranger] * len(week_of), [], []
    for week in range(section.weeks):
        client, known, row, kept = _week(
            client, known, dyads, as_figure, week_of, section, schedule, week
        )
        rows.append(row)
        ticks.append(kept)
        on_step()
    return Lived(client, rows, ticks)


def _week(
    client: Client,
    known: list[Acquaintance],
    dyads: Dyads,
    as_figure: AttachmentFigure,
    week_of: list[Meeting],
    section: CoupleSection,
    schedule: Schedule,
    week: int,
) -> tuple[Client, list[Acquaintance], Rows, Rows]:
    world, seeker, theory = dyads.world, dyads.seeker, dyads.world.theory
    first = first_block(week, schedule)
    load = _load(client, dyads, section, week)
    drive = theory.transference.strain(load)
    figure = theory.caregiver_load.under(as_figure, load)
    apart = float(week in section.apart)
    ended, met, after, ticks = [], [], [], []
    for number, meeting in enumerate(week_of):
        other = jnp.asarray(meeting.other)
        absent = jnp.maximum(jnp.asarray(meeting.alone), apart)
        home = at_home(load, theory.sensitive_period.plasticity(ADULT_YEARS), separation=0.0)
        pair, sums, kept = encounter(
            _meet(client, known[number], other, seeker, world, drive),
            dyads.keys,
            stream_of(first + number * _STREAM, schedule.blocks(section.ticks)),
            absent,
            People(seeker, across(figure, other), world),
            Together(home, other),
            figure=PARTNER,
            pace=schedule.pace,
            keeps_ticks=True,
        )
        client, now = _part(client, pair, absent, world)
        ended.append(Ended(sums, pair))
        met.append(instrument.Met(meeting, sums, kept["arousal"].mean(1)[:, 0]))
        after.append(now)
        ticks.append(kept)
    whole = ended[-1]._replace(sums=reduce(summed_up, [one.sums for one in ended]))
    client, found = _week_ends(client, whole, world, seeker, dyads.keys, jnp.asarray(first))
    client = pass_week(client, world, whole.sums, None)
    row: Rows = {name: np.asarray(value) for name, value in found.items()}
    row |= instrument.of_week(met, is_apart=bool(apart))
    row |= {
        "life_load": np.asarray(load),
        "phase": np.array("apart" if apart else "together"),
        "week": np.array(float(week)),
        "age_years": np.array(ADULT_YEARS + week / WEEKS_OF_A_YEAR),
        "session": np.array(0),
    }
    return client, after, row, _joined(ticks)


def _load(client: Client, dyads: Dyads, section: CoupleSection, week: int) -> Array:
    """What the week brings to each: to the household, and one's own illness and crises."""
    theory = dyads.world.theory
    assert dyads.load is not None
    shared = float(section.stress.get(week, 1.0)) * jnp.asarray(dyads.load[week])
    own = theory.illness.weighs(client.illness.ill) * theory.crises.weighs(client.crisis)
    return jnp.asarray(shared * own, jnp.float32)


@eqx.filter_jit
def _meet(
    client: Client,
    known: Acquaintance,
    other: Array,
    seeker: CareSeeker,
    world: World,
    drive: Array,
) -> Pair:
    """Each beside the person it is with, whose own body is the figure's."""
    insight = world.theory.transference.insight * client.experience.insight
    pair = opened(client, *known, client.body, seeker, world, drive, insight)
    return eqx.tree_at(lambda p: p.figure_body, pair, across(pair.body, other))


@eqx.filter_jit
def _part(
    client: Client, pair: Pair, absent: Array, world: World
) -> tuple[Client, Acquaintance]:
    """Everybody after an encounter, and what is known of the other."""
    between, belief = world.theory.between_encounters, pair.belief.sum(0)
    credit = between.life_credit * (1.0 - absent)
    memory = between.credited(pair.experience.memory, belief, credit)
    experience = eqx.tree_at(lambda e: e.memory, pair.experience, memory)
    return client._replace(experience=experience, body=pair.body), Acquaintance(
        belief, pair.bond
    )


@eqx.filter_jit
def _week_ends(
    client: Client,
    week: Ended,
    world: World,
    seeker: CareSeeker,
    keys: PRNGKeyArray,
    first: Array,
) -> tuple[Client, dict[str, Array]]:
    health = health_of_week(client, week.sums, world.theory, seeker, keys, first)
    pair = week.pair
    would = if_distressed(
        pair.belief.sum(0), pair.experience, pair.body, pair.trust, seeker, world
    )
    row = variables("life", week._replace(would=would))
    del row["life_model_belief"]  # One's belief about each other is `Acquaintance`.
    client = client._replace(
        illness=health.illness, crisis=health.crisis, weeks=client.weeks + 1.0
    )
    return client, row | health.row


def _joined(ticks: list[Rows]) -> Rows:
    """Kept ticks of the encounters of a week, one after the other: each one's own side."""
    kept = {name: np.concatenate([t[name] for t in ticks]) for name in instrument.KEPT}
    return kept | {"arousal": kept["arousal"][:, :, 0]}
