"""School and adolescence, lived: at home, with one teacher after the other, with a friend."""

from typing import NamedTuple

import jax.numpy as jnp

from bowlby.maths._arrays import Array
from bowlby.simulation.child_encounters import (
    Met,
    as_known,
    between_encounters,
    met_again,
    row,
    with_stranger,
)
from bowlby.simulation.company.caregiver import CAREGIVER, at_home
from bowlby.simulation.dyad import People
from bowlby.simulation.encounter import encounter
from bowlby.simulation.lives import Dyads, Progress, Rows, Schedule
from bowlby.simulation.tick import Pair
from bowlby.theory.people import AttachmentFigure

_FIRST_BLOCK = 2**21
"""Block of each dyad's random stream at which youth begins."""


class Youth(NamedTuple):
    """What school and adolescence left.

    Attributes:
        pair: The young adult with those at home.
        rows: Encounter variables (encounter, ..., dyads).
        ticks: Kept ticks, per encounter.
    """

    pair: Pair
    rows: list[Rows]
    ticks: list[Rows]


def grow_older(
    pair: Pair,
    dyads: Dyads,
    at_home_now: AttachmentFigure,
    schedule: Schedule,
    *,
    keeps_ticks: bool,
    on_step: Progress,
) -> Youth:
    """From four to eighteen, with what childhood left; plasticity opens again in adolescence.

    Args:
        pair: The child with its caregiver, at four.
        dyads: Who takes part.
        at_home_now: The caregiver as it is from then on.
        schedule: How many encounters, how long.
        keeps_ticks: Whether to keep every tick.
        on_step: Called after each encounter.
    """
    theory, blocks = dyads.world.theory, schedule.blocks(schedule.childhood_ticks)
    law, n = theory.growing_up, schedule.youth_encounters
    met: dict[str, Met] = {}
    here, rows, ticks = "home", [], []
    for count, (age, place) in enumerate(zip(law.ages(n), law.places(n), strict=True)):
        who = f"teacher {law.teacher(age)}" if place == "school" else place
        if who != here:
            met[here] = as_known(pair)
            pair = _turned_to(met.get(who), pair, dyads)
            here = who
        load = _load(dyads, schedule, count, place)
        figure = _figure(dyads, at_home_now, law.teacher(age), place)
        first = _FIRST_BLOCK + count * blocks
        pair, sums, kept = encounter(
            pair,
            dyads.keys,
            range(first, first + blocks),
            jnp.zeros(len(dyads.keys)),
            People(dyads.seeker, theory.caregiver_load.under(figure, load), dyads.world),
            at_home(
                load,
                theory.sensitive_period.youth(age),
                helps=theory.stress_axis.helps_at(age),
            ),
            figure=CAREGIVER,
            pace=schedule.pace,
            keeps_ticks=keeps_ticks,
        )
        pair = between_encounters(pair, dyads.world)
        rows.append(row(sums, pair, "youth", age_years=float(age)) | {"place": place})
        ticks.append(kept)
        on_step()
    if here != "home":
        pair = _turned_to(met["home"], pair, dyads)
    return Youth(pair, rows, ticks)


def _turned_to(met: Met | None, pair: Pair, dyads: Dyads) -> Pair:
    """The child with somebody else, known or met for the first time."""
    if met is None:
        return with_stranger(pair, dyads.seeker, dyads.world)
    return met_again(pair, met, dyads.world)


def _figure(
    dyads: Dyads, at_home_now: AttachmentFigure, teacher: int, place: str
) -> AttachmentFigure:
    """Who is there."""
    if place == "school":
        return dyads.teachers[teacher]
    if place == "friends":
        assert dyads.young_friend is not None
        return dyads.young_friend
    return at_home_now


def _load(dyads: Dyads, schedule: Schedule, count: int, place: str) -> Array:
    """What life brings the family, relative to an ordinary time; it stays at home."""
    if place != "home" or dyads.family_load is None:
        return jnp.ones(len(dyads.keys))
    return dyads.family_load[schedule.childhood_encounters + count]
