"""Grown people: weeks of life, with or without sessions of therapy, and what follows.

`live` runs whole courses under a protocol. Its steps are public so that a person can take the
therapist's place, one turn at a time.
"""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from bowlby.agents.relational import begin_encounter, credit_relationship
from bowlby.maths._arrays import Array
from bowlby.mechanisms.sensitive_period import SensitivePeriod
from bowlby.mechanisms.stress_axis import StressAxis
from bowlby.simulation.bodies import contact_table
from bowlby.simulation.course import (
    Client,
    Dyads,
    Progress,
    Rows,
    Schedule,
    Therapy,
    care_encounter,
    effective,
    joined_ticks,
    rested,
    setting_of,
    strong,
)
from bowlby.simulation.dyad import MODELS, Body, Switches, new_body
from bowlby.simulation.encounter import (
    BLOCK,
    Pair,
    People,
    Totals,
    Treatment,
    meet,
    no_totals,
    session_block,
)
from bowlby.simulation.therapy import INTERVENTIONS
from bowlby.simulation.variables import person_variables, session_variables

LIFE_LEARNING = float(SensitivePeriod().plasticity(30.0))
"""Learning in an encounter of adult life: one relationship among many."""

SESSION_SHARE = 0.25
"""Share of a week's strain that a session colours."""


class Week(NamedTuple):
    """A week of life.

    Attributes:
        totals: Sums over its ticks.
        row: Its variables.
    """

    totals: Totals
    row: dict[str, Array]


class Session(NamedTuple):
    """What came of a session.

    Attributes:
        client: The client after it.
        row: Its variables.
    """

    client: Client
    row: dict[str, Array]


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
    rows, ticks = [], []
    last = schedule.sessions
    for week in range(-schedule.waiting_weeks, last + schedule.follow_up_weeks):
        loss = 0.0
        if week == last:
            through = float(schedule.announced and not schedule.falters)
            loss = loss_at_ending(through) * dyads.treated
        client, life = week_of_life(
            client, dyads, schedule, week, loss=loss, keeps_ticks=keeps_ticks
        )
        session = None
        if 0 <= week < last:
            session, kept = _protocol_session(
                client, dyads, schedule, week, life.totals, keeps_ticks=keeps_ticks
            )
            client = session.client
            ticks.append(kept)
        client = pass_week(client, dyads.switches, life.totals, session)
        phase = "waiting" if week < 0 else "therapy" if week < last else "follow-up"
        rows.append(_week_row(phase, week, life.row, session, client))
        on_step()
    return Therapy(client, rows, ticks)


def week_of_life(
    client: Client,
    dyads: Dyads,
    schedule: Schedule,
    week: int,
    *,
    loss: float | Array = 0.0,
    keeps_ticks: bool = False,
) -> tuple[Client, Week]:
    """A week with the partner, work and what happens; before its session, if there is one.

    Args:
        client: The grown people.
        dyads: Who takes part, with `effective` applied.
        schedule: When what happens.
        week: Number of the week; 0 is that of the first session.
        loss: Pull back to the old model by the loss of the therapist (0 to 1).
        keeps_ticks: Whether to run the program that keeps ticks, where childhood has had it
            compiled; those of life are dropped.
    """
    n = len(dyads.keys)
    load = float((schedule.stress or {}).get(week, 1.0))
    strain = 1.0 / (1.0 + np.exp(-(load - 2.0) / 0.3))
    drive = jnp.maximum(jnp.full(n, strain, jnp.float32), jnp.asarray(loss, jnp.float32))
    at_home = People(dyads.seeker, dyads.partner, dyads.switches)
    pair, totals, _, _ = care_encounter(
        _open_life(client, strong(new_body(n)), dyads, drive),
        dyads.keys, _first_block(week, schedule), schedule.life_ticks // BLOCK, at_home,
        contact_table(), setting_of(load, LIFE_LEARNING), depth=schedule.depth,
        keeps_ticks=keeps_ticks,
    )  # fmt: skip
    client, row = _close_life(client, pair, totals)
    return client, Week(totals, row)


def _first_block(week: int, schedule: Schedule) -> int:
    """Where a week's random numbers begin in each dyad's stream."""
    return 1000 + 100 * (week + schedule.waiting_weeks)


def _protocol_session(client, dyads, schedule, week, life, *, keeps_ticks):
    """A session in which the therapist follows the protocol."""
    n, number = len(dyads.keys), _first_block(week, schedule)
    treatment, therapist = _treatment(week, dyads, client, schedule)
    with_therapist = People(dyads.seeker, therapist, dyads.switches)
    happens = dyads.treated * client.stays * float((week + 1) not in schedule.breaks)
    pair = open_session(client, dyads, _absence(week, schedule))
    totals, kept = no_totals(n, MODELS), []
    for block in range(schedule.session_ticks // BLOCK):
        pair, totals, trace = session_block(
            pair, totals, dyads.keys, jnp.asarray(number + 50 + block),
            jnp.zeros((BLOCK, len(INTERVENTIONS))), with_therapist, contact_table(), treatment,
            depth=schedule.depth, keeps_ticks=keeps_ticks,
        )  # fmt: skip
        kept.append(trace)
    session = close_session(
        client, pair, totals, life, happens, dyads, jnp.asarray(number + 99)
    )
    return session, joined_ticks(kept)


def loss_at_ending(worked_through: float) -> float:
    """Pull back to the old model in the week after the last session (0 to 1).

    Args:
        worked_through: How far the ending was spoken of and heard (0 to 1).
    """
    return 0.9 - 0.75 * worked_through


def loss_after_break(worked_through: float) -> float:
    """Pull back to the old model in the first session after a break (0 to 1)."""
    return 0.9 - 0.65 * worked_through


def _absence(week: int, schedule: Schedule) -> float:
    """Pull to the old model at the start of a session: after a break, and while ending."""
    drive = 0.0
    # Sessions count from 1: the session of this week's predecessor.
    if week in schedule.breaks:
        drive = loss_after_break(float(schedule.announced))
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


@eqx.filter_jit
def _open_life(client: Client, figure_body: Body, dyads: Dyads, drive: Array) -> Pair:
    experience = client.experience
    belief = begin_encounter(
        experience.memory,
        client.life_model,
        dyads.seeker.mind,
        client.old,
        drive,
        experience.insight * dyads.switches.several_models,
    )
    return meet(belief, experience, rested(client.body), figure_body, client.reading)


def open_session(client: Client, dyads: Dyads, loss: float) -> Pair:
    """Client and therapist at the start of a session.

    Args:
        client: The grown people.
        dyads: Who takes part, with `effective` applied.
        loss: Pull back to the old model by an absence of the therapist (0 to 1).
    """
    figure_body = strong(new_body(len(dyads.keys)))
    return _open_session(client, figure_body, dyads, jnp.asarray(loss, jnp.float32))


@eqx.filter_jit
def _open_session(client: Client, figure_body: Body, dyads: Dyads, drive: Array) -> Pair:
    experience = client.experience
    belief = begin_encounter(
        experience.memory, client.therapy_model, dyads.seeker.mind, client.old, drive
    )
    return meet(belief, experience, rested(client.body), figure_body, client.reading)


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
        "life_protest_rate": totals["policy"][2:, 3].sum(0) / ticks,
        "life_protest": (totals["policy"][2:, 3].sum(0) + 0.5) / (hard + 2.0),
        "life_withdrawal": (totals["policy"][2:, 2].sum(0) + 0.25) / (hard + 2.0),
        "life_model_belief": belief,
        "life_arousal": totals["hyper"] / ticks,
    }
    return client, row


@eqx.filter_jit
def close_session(
    client: Client,
    pair: Pair,
    totals: Totals,
    life: Totals,
    happens: Array,
    dyads: Dyads,
    number: Array,
) -> Session:
    """The client after a session, for those for whom it took place, and its variables.

    Args:
        client: The client before the session.
        pair: The two at its end.
        totals: Sums over the session.
        life: Sums over the week before it.
        happens: 1 where the session took place.
        dyads: Who takes part.
        number: Random stream in which some decide to leave.
    """
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
    return Session(client, row | {"present": happens, "left": leaves})


def pass_week(
    client: Client, switches: Switches, life: Totals, session: Session | None
) -> Client:
    """The rest of a week: the stress axis follows the week's mean strain.

    Args:
        client: The grown people.
        switches: Mechanisms in force.
        life: Sums over the week's life.
        session: The week's session, if there was one.
    """
    strain = life["hyper"] / life["ticks"]
    if session is not None:
        present = session.row["present"]
        in_session = jnp.where(present > 0.5, session.row["hyper"], strain)
        strain = strain + SESSION_SHARE * present * (in_session - strain)
    return _week_passes(client, switches, strain)


@eqx.filter_jit
def _week_passes(client: Client, switches: Switches, strain: Array) -> Client:
    drive = 1.0 + switches.stress_axis * strain
    stress = StressAxis().days(client.body.stress, drive, dt_d=3.5, steps=2)
    body = Body(client.body.arousal, client.body.past, client.body.oxytocin, stress)
    return client._replace(body=body)


def _week_row(phase, week, life_row, session: Session | None, client: Client) -> Rows:
    row = {name: np.asarray(value) for name, value in life_row.items()}
    row |= {name: np.asarray(value) for name, value in (session.row if session else {}).items()}
    person = person_variables(client.experience, client.body, client.old)
    row |= {name: np.asarray(value) for name, value in person.items()}
    number = week + 1 if phase == "therapy" else 0
    age = 30.0 + week / 52.0
    return row | {"phase": phase, "week": float(week), "age_years": age, "session": number}
