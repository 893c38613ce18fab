"""The first years with a caregiver, the Strange Situation, and growing up."""

from dataclasses import replace
from typing import NamedTuple

import equinox as eqx
import jax
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
from bowlby.simulation.dyad import (
    Pace,
    People,
    World,
    new_body,
    new_experience,
)
from bowlby.simulation.encounter import encounter
from bowlby.simulation.lives import (
    Assessment,
    Childhood,
    Client,
    Dyads,
    Progress,
    Schedule,
    strong,
    summed_up,
)
from bowlby.simulation.observables import Sums, zero_sums
from bowlby.simulation.strange_situation import strange_situation
from bowlby.simulation.tick import Pair, meet
from bowlby.simulation.youth import grow_older
from bowlby.theory.bond import no_history
from bowlby.theory.partnership import first_company
from bowlby.theory.people import AttachmentFigure, CareSeeker
from bowlby.theory.vocabulary import MODELS

YEARS = 4.0
"""Years that a childhood's encounters are spread over."""

_SECOND_ASSESSED = 2**19
"""Blocks after childhood at which the assessment with a second caregiver begins."""

_FIRST_ASSESSED = 2**20
"""Block of each dyad's random stream at which an earlier assessment begins."""

_OTHER_CHILDHOOD = 2**27
"""Key of the childhood that stands for the other people of the years between."""


def grow_up(
    dyads: Dyads,
    schedule: Schedule,
    *,
    keeps_ticks: bool = False,
    on_step: Progress = lambda: None,
) -> Childhood:
    """A childhood with a caregiver or two, or placed after many, and what an adult keeps of it.

    Plasticity falls with age, and every caregiver before a placement is a stranger at first.
    A Strange Situation, at the end or earlier, changes nothing; after an earlier one the
    caregiver is as `dyads.changed`. Between childhood and adult life other people leave their
    part: school and adolescence are lived (`youth`), or what the same temperament learns from
    `dyads.other_caregiver` is mixed in.

    Args:
        dyads: Who takes part.
        schedule: How many encounters, how long.
        keeps_ticks: Whether to keep every tick.
        on_step: Called after each encounter.
    """
    n, theory = len(dyads.keys), dyads.world.theory
    pair = _newborn(dyads.seeker, dyads.world)
    home, home_at_first, first = zero_sums(n, theory), zero_sums(n, theory), None
    known, with_second, home_second = _Known(), False, zero_sums(n, theory)
    rows, ticks, number = [], [], 0
    years = YEARS / schedule.childhood_encounters
    blocks = schedule.blocks(schedule.childhood_ticks)
    people = People(dyads.seeker, dyads.caregiver, dyads.world)
    for count in range(schedule.childhood_encounters):
        if 0 < count <= schedule.placed_after:
            pair = with_stranger(pair, dyads.seeker, dyads.world)
        if schedule.with_second(count) != with_second:
            pair, known = _turned(pair, known, dyads, was_second=with_second)
            with_second = not with_second
        load = _family_load(dyads, count)
        carer = _who_cares(dyads, schedule, count, with_second=with_second)
        figure = theory.caregiver_load.under(carer, load)
        people = people._replace(figure=figure)
        learning = theory.sensitive_period.childhood(count * years)
        pair, sums, kept = encounter(
            pair,
            dyads.keys,
            range(number, number + blocks),
            jnp.zeros(n),
            people,
            at_home(load, learning, helps=theory.stress_axis.helps_at(count * years)),
            figure=CAREGIVER,
            pace=schedule.pace,
            keeps_ticks=keeps_ticks,
        )
        number += blocks
        pair = between_encounters(pair, dyads.world)
        if count >= schedule.childhood_encounters // 2 and not with_second:
            home = summed_up(home, sums)
        if with_second:
            home_second = summed_up(home_second, sums)
        if schedule.assessed_after // 2 <= count < schedule.assessed_after:
            home_at_first = summed_up(home_at_first, sums)
        if count + 1 == schedule.assessed_after:
            reunion = _assess(pair, dyads, _FIRST_ASSESSED, people, schedule.pace)
            first = Assessment(reunion, home_at_first)
        rows.append(row(sums, pair, "childhood", age_years=(count + 1) * years))
        ticks.append(kept)
        on_step()
    second = None
    if with_second:
        pair, known = _turned(pair, known, dyads, was_second=True)
    if known.second is not None:
        other, _ = _turned(pair, known, dyads, was_second=False)
        people = people._replace(figure=dyads.second)
        reunion = _assess(other, dyads, number + _SECOND_ASSESSED, people, schedule.pace)
        second = Assessment(reunion, home_second)
    people = people._replace(
        figure=_who_cares(dyads, schedule, schedule.childhood_encounters, with_second=False)
    )
    assessed = Assessment(_assess(pair, dyads, number, people, schedule.pace), home)
    if schedule.youth_encounters:
        youth = grow_older(
            pair, dyads, people.figure, schedule, keeps_ticks=keeps_ticks, on_step=on_step
        )
        pair, rows, ticks = youth.pair, rows + youth.rows, ticks + youth.ticks
    child = _grown(pair, dyads.seeker, dyads.world)
    if schedule.youth_encounters:
        client = child._replace(body=new_body(theory, n))
    else:
        client = _adult(child, dyads, schedule, keeps_ticks=keeps_ticks)
    return Childhood(child, pair.bond, client, assessed, first, second, rows, ticks)


class _Known(NamedTuple):
    """Two caregivers at home, as far as they are known and not here."""

    first: Met | None = None
    second: Met | None = None


def _turned(
    pair: Pair, known: _Known, dyads: Dyads, *, was_second: bool
) -> tuple[Pair, _Known]:
    """The child with the other of its two caregivers; each keeps a relationship of its own."""
    known = known._replace(**{"second" if was_second else "first": as_known(pair)})
    other = known.first if was_second else known.second
    if other is None:
        return with_stranger(pair, dyads.seeker, dyads.world), known
    return met_again(pair, other, dyads.world), known


def _adult(child: Client, dyads: Dyads, schedule: Schedule, *, keeps_ticks: bool) -> Client:
    """The child grown up, after the years with other people."""
    if dyads.other_caregiver is None:
        return child
    keys = jax.vmap(lambda key: jax.random.fold_in(key, _OTHER_CHILDHOOD))(dyads.keys)
    elsewhere = dyads._replace(
        keys=keys, caregiver=dyads.other_caregiver, earlier=(), changed=None,
        other_caregiver=None, second=None, family_load=None,
    )  # fmt: skip
    plain = replace(schedule, placed_after=0, assessed_after=0, second_share=0.0)
    # The program that childhood has had compiled; its ticks are dropped.
    other = grow_up(elsewhere, plain, keeps_ticks=keeps_ticks).child
    return _with_others(child, other, dyads.world)


@eqx.filter_jit
def _with_others(child: Client, other: Client, world: World) -> Client:
    experience = world.theory.years_between.grown(child.experience, other.experience)
    body = new_body(world.theory, child.stays.shape[0])
    return child._replace(experience=experience, body=body)


def _family_load(dyads: Dyads, count: int) -> Array:
    """What life brings the family in an encounter, relative to an ordinary one."""
    if dyads.family_load is None:
        return jnp.ones(len(dyads.keys))
    return dyads.family_load[count]


def _who_cares(
    dyads: Dyads, schedule: Schedule, count: int, *, with_second: bool
) -> AttachmentFigure:
    """The figure of an encounter."""
    if with_second:
        assert dyads.second is not None
        return dyads.second
    if count < len(dyads.earlier):
        return dyads.earlier[count]
    if dyads.changed is not None and count >= schedule.assessed_after:
        return dyads.changed
    return dyads.caregiver


@eqx.filter_jit
def _newborn(seeker: CareSeeker, world: World) -> Pair:
    """A newborn with somebody it has not met."""
    n, theory = seeker.reactivity.shape[0], world.theory
    first = strong(jnp.zeros((MODELS, n)).at[0].set(1.0))
    experience = strong(new_experience(theory, seeker, MODELS, n))
    reading = jnp.full(n, theory.therapist_reading.newcomer)
    body, other = new_body(theory, n), new_body(theory, n)
    return strong(meet(first, experience, body, other, reading, no_history(n), theory))


def _assess(pair: Pair, dyads: Dyads, number: int, people: People, pace: Pace) -> Sums:
    room = at_home(jnp.ones(len(dyads.keys)), 0.0)
    return strange_situation(pair, dyads.keys, number, people, room, pace=pace)


@eqx.filter_jit
def _grown(pair: Pair, seeker: CareSeeker, world: World) -> Client:
    """A grown person, who has met neither partner nor therapist."""
    models, reading = world.theory.relational_models, world.theory.therapist_reading
    old = pair.belief.sum(0)
    stranger = models.restaurant_prior(pair.experience.memory, seeker.mind.openness)
    one = jnp.ones_like(pair.trust)
    return Client(
        pair.experience,
        pair.body,
        old,
        stranger,
        stranger,
        reading.newcomer * one,
        one,
        no_history(one.shape[0]),
        no_history(one.shape[0]),
        0.0 * one,
        world.theory.illness.healthy(0.0 * one),
        0.0 * one,
        first_company(stranger),
        0.0 * one,
        0.0 * one,
        0.0 * one,
    )
