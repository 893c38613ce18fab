"""The course of many lives at once: childhood, life, therapy, ending, what follows.

A course is a sequence of encounters with life between them. The loop over encounters is in
Python,
over ticks and dyads in compiled blocks; nothing depends on how many dyads run together.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from bowlby.agents.relational import (
    begin_encounter,
    credit_relationship,
    restaurant_prior,
)
from bowlby.maths._arrays import Array, Float, PRNGKeyArray
from bowlby.mechanisms.stress_axis import StressAxis
from bowlby.simulation.bodies import contact_table
from bowlby.simulation.dyad import (
    MODELS,
    Body,
    Experience,
    Figure,
    Seeker,
    Switches,
    new_body,
    new_experience,
)
from bowlby.simulation.encounter import (
    BLOCK,
    Pair,
    People,
    Setting,
    Totals,
    Treatment,
    care_block,
    meet,
    no_totals,
    session_block,
)
from bowlby.simulation.strange_situation import strange_situation
from bowlby.simulation.therapy import Protocol
from bowlby.simulation.variables import (
    childhood_variables,
    person_variables,
    session_variables,
)

LIFE_LEARNING = 0.15
"""Learning in an encounter of adult life: one relationship among many."""

SESSION_SHARE = 0.25
"""Share of a week's strain that a session colours."""

Rows = dict[str, np.ndarray]


@dataclass(frozen=True)
class Schedule:
    """When what happens.

    Attributes:
        childhood_encounters: Encounters with the caregiver, spread over four years.
        childhood_ticks: Ticks of each (a multiple of 50).
        placed_after: Encounters with an earlier caregiver, before the child comes to the one it
            grows up with; 0 for none.
        waiting_weeks: Weeks of adult life before the first session.
        sessions: Weekly sessions.
        session_ticks: Ticks of each (a multiple of 50; 300 is fifty minutes).
        life_ticks: Ticks of life between sessions (a multiple of 50).
        follow_up_weeks: Weeks after the last session.
        stress: Week (from the first session) to the stress of that week (1 is ordinary).
        breaks: Sessions that do not take place.
        announced: Whether breaks and the ending are announced.
        falters: Whether the last third of the therapy falters.
        depth: Actions looked ahead (1 to 3).
    """

    childhood_encounters: int = 10
    childhood_ticks: int = 300
    placed_after: int = 0
    waiting_weeks: int = 12
    sessions: int = 30
    session_ticks: int = 300
    life_ticks: int = 100
    follow_up_weeks: int = 10
    stress: Mapping[int, float] = None  # pyright: ignore[reportAssignmentType]
    breaks: tuple[int, ...] = ()
    announced: bool = True
    falters: bool = False
    depth: int = 2


class Dyads(NamedTuple):
    """Everybody who takes part, one entry per dyad.

    Attributes:
        keys: One random key each.
        seeker: The child, later client.
        caregiver: Figure of childhood.
        partner: Figure of adult life.
        therapist: The therapist.
        protocol: What the therapist does.
        treated: 1 with sessions, 0 on the waiting list.
        may_leave: 1 if the client can leave.
        switches: Mechanisms in force.
        earlier: Figure of the first encounters of a child that is placed later.
    """

    keys: PRNGKeyArray
    seeker: Seeker
    caregiver: Figure
    partner: Figure
    therapist: Figure
    protocol: Protocol
    treated: Float[Array, "*dyads"]
    may_leave: Float[Array, "*dyads"]
    switches: Switches
    earlier: Figure | None = None


class Client(NamedTuple):
    """A grown person between encounters.

    Attributes:
        experience: What was learnt.
        body: Own body.
        old: Model of childhood, as a distribution over models.
        life_model: Belief about the partner.
        therapy_model: Belief about the therapist.
        reading: Trust as the therapist reads it.
        stays: 1 until the client leaves.
    """

    experience: Experience
    body: Body
    old: Float[Array, "k *dyads"]
    life_model: Float[Array, "k *dyads"]
    therapy_model: Float[Array, "k *dyads"]
    reading: Float[Array, "*dyads"]
    stays: Float[Array, "*dyads"]


class Childhood(NamedTuple):
    """What a childhood left.

    Attributes:
        client: The grown person.
        reunion: Sums over the reunions of the Strange Situation.
        home: Sums over the last encounters at home.
        rows: Encounter variables (encounter, ..., dyads).
        ticks: Kept ticks, per encounter.
    """

    client: Client
    reunion: Totals
    home: Totals
    rows: list[Rows]
    ticks: list[Rows]


class Therapy(NamedTuple):
    """What came of a therapy.

    Attributes:
        client: The person at the end.
        rows: Encounter variables.
        ticks: Kept ticks, per encounter.
    """

    client: Client
    rows: list[Rows]
    ticks: list[Rows]


Progress = Callable[[], None]


def effective(dyads: Dyads) -> Dyads:
    """The dyads with the switches that act on parameters applied."""
    on, mind = dyads.switches, dyads.seeker.mind
    mind = eqx.tree_at(
        lambda m: (m.epistemic, m.openness, m.hazard, m.return_hazard),
        mind,
        (
            mind.epistemic * on.epistemic,
            mind.openness * on.several_models,
            mind.hazard * on.several_models,
            mind.return_hazard * on.return_to_old,
        ),
    )
    return dyads._replace(seeker=eqx.tree_at(lambda s: s.mind, dyads.seeker, mind))


def grow_up(
    dyads: Dyads,
    schedule: Schedule,
    *,
    keeps_ticks: bool = False,
    on_step: Progress = lambda: None,
) -> Childhood:
    """A childhood with one caregiver, or placed with a second, then the Strange Situation.

    Args:
        dyads: Who takes part.
        schedule: How many encounters, how long.
        keeps_ticks: Whether to keep every tick.
        on_step: Called after each encounter.
    """
    dyads = effective(dyads)
    n = len(dyads.keys)
    people = People(dyads.seeker, dyads.caregiver, dyads.switches)
    table, ordinary = contact_table(), _setting(1.0, 1.0)
    first = _strong(jnp.zeros((MODELS, n)).at[0].set(1.0))
    experience = _strong(new_experience(dyads.seeker, MODELS, n))
    pair = _strong(meet(first, experience, new_body(n), new_body(n), jnp.full(n, 0.3)))
    blocks = schedule.childhood_ticks // BLOCK
    rows, ticks, number = [], [], 0
    home = no_totals(n, MODELS)
    years = 4.0 / schedule.childhood_encounters
    before = people._replace(figure=dyads.earlier) if dyads.earlier is not None else people
    for encounter in range(schedule.childhood_encounters):
        if schedule.placed_after and encounter == schedule.placed_after:
            pair = _placed(pair, dyads.seeker)
        present = before if encounter < schedule.placed_after else people
        pair, totals, kept, number = _care(
            pair, dyads.keys, number, blocks, present, table, ordinary, schedule, keeps_ticks
        )
        pair = _credit(pair, 1.0, days=10.0)
        if encounter >= schedule.childhood_encounters // 2:
            home = _sum(home, totals)
        rows.append(_childhood_row(totals, pair, age=(encounter + 1) * years))
        ticks.append(kept)
        on_step()
    reunion = strange_situation(
        pair, dyads.keys, number, people, table, _setting(1.0, 0.0), depth=schedule.depth
    )
    return Childhood(_grown(pair, dyads.seeker), reunion, home, rows, ticks)


def live(
    client: Client,
    dyads: Dyads,
    schedule: Schedule,
    *,
    keeps_ticks: bool = False,
    on_step: Progress = lambda: None,
) -> Therapy:
    """Adult life: waiting, therapy with life between the sessions, and what follows.

    Args:
        client: The grown people.
        dyads: Who takes part.
        schedule: When what happens.
        keeps_ticks: Whether to keep every tick of the sessions.
        on_step: Called after each week.
    """
    dyads = effective(dyads)
    n = len(dyads.keys)
    table = contact_table()
    at_home = People(dyads.seeker, dyads.partner, dyads.switches)
    figure_body = _strong(new_body(n))
    rows, ticks = [], []
    number = 1000
    stress = schedule.stress or {}
    last = schedule.sessions
    for week in range(-schedule.waiting_weeks, last + schedule.follow_up_weeks):
        load = float(stress.get(week, 1.0))
        number = 1000 + 100 * (week + schedule.waiting_weeks)
        drive = jnp.full(n, 1.0 / (1.0 + np.exp(-(load - 2.0) / 0.3)), jnp.float32)
        if week == last:
            loss = 0.15 if schedule.announced and not schedule.falters else 0.9
            drive = jnp.maximum(drive, loss * dyads.treated)
        pair = _open_life(client, figure_body, dyads, drive)
        pair, life, _, _ = _care(
            pair, dyads.keys, number, schedule.life_ticks // BLOCK, at_home, table,
            _setting(load, LIFE_LEARNING), schedule, False,
        )  # fmt: skip
        client, life_row = _close_life(client, pair, life)
        session_row = None
        if 0 <= week < last:
            treatment, therapist = _treatment(week, dyads, client, schedule)
            with_therapist = People(dyads.seeker, therapist, dyads.switches)
            happens = dyads.treated * client.stays * float((week + 1) not in schedule.breaks)
            absence = _absence(week, schedule)
            pair = _open_session(client, figure_body, dyads, jnp.asarray(absence, jnp.float32))
            totals, kept = no_totals(n, MODELS), []
            for block in range(schedule.session_ticks // BLOCK):
                pair, totals, trace = session_block(
                    pair, totals, dyads.keys, jnp.asarray(number + 50 + block),
                    jnp.zeros((BLOCK, 10)), with_therapist, table, treatment,
                    depth=schedule.depth, keeps_ticks=keeps_ticks,
                )  # fmt: skip
                kept.append(trace)
            client, session_row = _close_session(
                client, pair, totals, life, happens, dyads, jnp.asarray(number + 99)
            )
            ticks.append(_joined(kept))
        client = _between(client, dyads.switches, life, session_row)
        phase = "waiting" if week < 0 else "therapy" if week < last else "follow-up"
        rows.append(_week_row(phase, week, life_row, session_row, client))
        on_step()
    return Therapy(client, rows, ticks)


def _absence(week: int, schedule: Schedule) -> float:
    """Pull to the old model at the start of a session: after a break, and while ending."""
    drive = 0.0
    # Sessions count from 1: the session of this week's predecessor.
    if week in schedule.breaks:
        drive = 0.25 if schedule.announced else 0.9
    if schedule.falters and week >= schedule.sessions * 2 // 3:
        drive = max(drive, 0.5)
    return drive


def _treatment(week, dyads, client, schedule):
    """The protocol in this session, and the therapist, who may falter at the end."""
    late = (week + 1 >= dyads.protocol.switch_session).astype(jnp.float32)
    falters = schedule.falters and week >= schedule.sessions * 2 // 3
    factor = 0.4 if falters else 1.0
    therapist = eqx.tree_at(
        lambda f: f.mentalising, dyads.therapist, dyads.therapist.mentalising * factor
    )
    return Treatment(dyads.protocol, late, client.old), therapist


def _care(pair, keys, number, blocks, people, table, setting, schedule, keeps_ticks):
    """An encounter with a caregiver or partner."""
    totals, kept = no_totals(pair.trust.shape[0], MODELS), []
    for _ in range(blocks):
        pair, totals, trace = care_block(
            pair, totals, keys, jnp.asarray(number), jnp.zeros(BLOCK), people, table, setting,
            depth=schedule.depth, keeps_ticks=keeps_ticks,
        )  # fmt: skip
        kept.append(trace)
        number += 1
    return pair, totals, _joined(kept), number


def _joined(kept) -> Rows:
    if not kept or kept[0] is None:
        return {}
    return {name: np.concatenate([np.asarray(t[name]) for t in kept]) for name in kept[0]}


def _setting(stress: float, learning: float) -> Setting:
    return Setting(jnp.asarray(stress, jnp.float32), jnp.asarray(learning, jnp.float32))


def _strong(tree):
    """The same numbers with strong types, so that the first block compiles once."""
    return jax.tree.map(lambda leaf: jnp.array(leaf, jnp.float32), tree)


@eqx.filter_jit
def _credit(pair: Pair, amount: float, *, days: float) -> Pair:
    memory = credit_relationship(pair.experience.memory, pair.belief.sum(0), amount)
    stress = StressAxis().days(
        pair.body.stress, 1.0 + 0.5 * pair.body.arousal.clip(0), dt_d=days
    )
    return eqx.tree_at(lambda p: (p.experience.memory, p.body.stress), pair, (memory, stress))


@eqx.filter_jit
def _sum(totals: Totals, more: Totals) -> Totals:
    return jax.tree.map(jnp.add, totals, more)


@eqx.filter_jit
def _grown(pair: Pair, seeker: Seeker) -> Client:
    """A grown person, who has met neither partner nor therapist."""
    old = pair.belief.sum(0)
    stranger = restaurant_prior(pair.experience.memory, seeker.mind.openness)
    one = jnp.ones_like(pair.trust)
    return Client(pair.experience, pair.body, old, stranger, stranger, 0.3 * one, one)


@eqx.filter_jit
def _placed(pair: Pair, seeker: Seeker) -> Pair:
    """A child who meets a new caregiver: whom it meets is not yet known."""
    prior = restaurant_prior(pair.experience.memory, seeker.mind.openness)
    n = pair.trust.shape[0]
    return meet(prior, pair.experience, _rested(pair.body), new_body(n), pair.reading)


@eqx.filter_jit
def _open_life(client: Client, figure_body: Body, dyads: Dyads, drive: Array) -> Pair:
    experience = client.experience
    belief = begin_encounter(
        experience.memory,
        client.life_model,
        dyads.seeker.mind,
        client.old,
        drive,
        experience.insight,
    )
    return meet(belief, experience, _rested(client.body), figure_body, client.reading)


@eqx.filter_jit
def _open_session(client: Client, figure_body: Body, dyads: Dyads, drive: Array) -> Pair:
    experience = client.experience
    belief = begin_encounter(
        experience.memory, client.therapy_model, dyads.seeker.mind, client.old, drive
    )
    return meet(belief, experience, _rested(client.body), figure_body, client.reading)


def _rested(body: Body) -> Body:
    """A body that comes into an encounter with what is left of the day's arousal."""
    arousal = 0.5 * body.arousal
    past = jnp.broadcast_to(arousal, body.past.shape)
    return Body(arousal, past, 0.3 * body.oxytocin, body.stress)


@eqx.filter_jit
def _close_life(client: Client, pair: Pair, totals: Totals) -> tuple[Client, dict[str, Array]]:
    belief = pair.belief.sum(0)
    memory = credit_relationship(pair.experience.memory, belief, 0.05)
    experience = eqx.tree_at(lambda e: e.memory, pair.experience, memory)
    client = client._replace(experience=experience, body=pair.body, life_model=belief)
    ticks = totals["ticks"]
    steps = jnp.arange(4.0).reshape(4, 1)
    hard = totals["distress"][2:].sum(0)
    row = {
        "life_distress": (steps * totals["distress"]).sum(0) / ticks,
        "life_value": totals["value"] / ticks,
        "life_protest": (totals["policy"][2:, 3].sum(0) + 0.5) / (hard + 2.0),
        "life_withdrawal": (totals["policy"][2:, 2].sum(0) + 0.25) / (hard + 2.0),
        "life_model_belief": belief,
        "life_arousal": totals["hyper"] / ticks,
    }
    return client, row


@eqx.filter_jit
def _close_session(
    client: Client,
    pair: Pair,
    totals: Totals,
    life: Totals,
    happens: Array,
    dyads: Dyads,
    number: Array,
) -> tuple[Client, dict[str, Array]]:
    """The client after a session, for those for whom it took place, and its variables."""
    belief = pair.belief.sum(0)
    memory = credit_relationship(pair.experience.memory, belief, 0.3)
    experience = eqx.tree_at(lambda e: e.memory, pair.experience, memory)
    after = client._replace(
        experience=experience, body=pair.body, therapy_model=belief, reading=pair.reading
    )
    client = jax.tree.map(lambda new, old: happens * new + (1.0 - happens) * old, after, client)
    ticks = totals["ticks"]
    worse = (totals["arousal"] / ticks) - life["arousal"] / life["ticks"]
    stay = totals["trust"] / ticks - 0.35 * worse
    leaving = 0.08 * jax.nn.sigmoid((0.25 - stay) / 0.06)
    chance = jax.vmap(lambda k: jax.random.uniform(jax.random.fold_in(k, number)))(dyads.keys)
    leaves = (chance < leaving) * happens * dyads.may_leave
    client = client._replace(stays=client.stays * (1.0 - leaves))
    row = session_variables(totals, pair)
    row = {name: jnp.where(happens > 0.5, value, jnp.nan) for name, value in row.items()}
    return client, row | {"present": happens, "left": leaves}


def _childhood_row(totals: Totals, pair: Pair, *, age: float) -> Rows:
    row = {k: np.asarray(v) for k, v in childhood_variables(totals, pair).items()}
    return row | {"phase": "childhood", "week": np.nan, "age_years": age, "session": 0}


def _between(client: Client, switches: Switches, life: Totals, session) -> Client:
    """A week of life: the stress axis follows the week's mean strain."""
    strain = life["hyper"] / life["ticks"]
    if session is not None:
        present = session["present"]
        in_session = jnp.where(present > 0.5, session["hyper"], strain)
        strain = strain + SESSION_SHARE * present * (in_session - strain)
    return _week_passes(client, switches, strain)


@eqx.filter_jit
def _week_passes(client: Client, switches: Switches, strain: Array) -> Client:
    drive = 1.0 + switches.stress_axis * strain
    stress = StressAxis().days(client.body.stress, drive, dt_d=3.5, steps=2)
    body = Body(client.body.arousal, client.body.past, client.body.oxytocin, stress)
    return client._replace(body=body)


def _week_row(phase, week, life_row, session_row, client: Client) -> Rows:
    row = {name: np.asarray(value) for name, value in life_row.items()}
    row |= {name: np.asarray(value) for name, value in (session_row or {}).items()}
    person = person_variables(client.experience, client.body, client.old)
    row |= {name: np.asarray(value) for name, value in person.items()}
    session = week + 1 if phase == "therapy" else 0
    age = 30.0 + week / 52.0
    return row | {"phase": phase, "week": float(week), "age_years": age, "session": session}
