"""Grown people: weeks of life, with or without sessions of therapy, and what follows.

`live` runs whole courses under a protocol. Its steps are public so that a person can take the
therapist's place, one turn at a time.
"""

from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp
import numpy as np

from bowlby.maths._arrays import Array, PRNGKeyArray
from bowlby.simulation.companions import (
    Acquaintance,
    Companion,
    company_after,
    standings,
    who_is_there,
)
from bowlby.simulation.company.caregiver import CAREGIVER, at_home
from bowlby.simulation.company.therapist import THERAPIST, Treatment, treatment
from bowlby.simulation.dyad import Body, People, World, new_body
from bowlby.simulation.encounter import encounter
from bowlby.simulation.health import health_of_week, uniforms
from bowlby.simulation.lives import (
    Client,
    Dyads,
    Progress,
    Rows,
    Schedule,
    Therapy,
    strong,
)
from bowlby.simulation.observables import (
    Ended,
    Person,
    Sums,
    person_variables,
    variables,
)
from bowlby.simulation.opening import opened
from bowlby.simulation.seeker import if_distressed
from bowlby.simulation.sessions import Session, close_session, end_therapy, open_session
from bowlby.simulation.tick import Pair
from bowlby.theory import Theory
from bowlby.theory.illness import WEEKS_OF_A_YEAR
from bowlby.theory.people import AttachmentFigure, CareSeeker

ADULT_YEARS = 30.0
"""Age at which a therapy begins."""

_ROUNDING = 1e-4

_LEAVING, _COUPLE, _SOMEBODY = 99, 92, 91
"""Places in a week's stream of random numbers; `health` has its own."""


class Week(NamedTuple):
    """A week of life.

    Attributes:
        sums: Sums over its ticks.
        row: Its variables.
    """

    sums: Sums
    row: dict[str, Array]


def live(
    client: Client,
    dyads: Dyads,
    schedule: Schedule,
    weeks: range | None = None,
    *,
    named: Array | None = None,
    keeps_ticks: bool = False,
    on_step: Progress = lambda: None,
) -> Therapy:
    """Adult life: waiting, therapy with life between the sessions, and what follows.

    Args:
        client: The grown people.
        dyads: Who takes part.
        schedule: When what happens.
        weeks: Weeks that are lived, of `schedule.weeks`; all if left out. A life in two parts
            is the life in one, if nothing is changed between them.
        named: What the part before left (`Therapy.named`).
        keeps_ticks: Whether to keep every tick of the sessions.
        on_step: Called after each week.
    """
    rows, ticks = [], []
    last, idle = schedule.sessions, None
    # A session of nobody leaves everything as it is: the first one stands for all.
    nobody = not keeps_ticks and not np.any(dyads.treated)
    named = jnp.zeros(len(dyads.keys)) if named is None else named
    for week in schedule.weeks if weeks is None else weeks:
        loss = 0.0
        if week == last:
            through = _worked_through(schedule, named)
            loss = dyads.world.theory.endings.loss_at_ending(through) * dyads.treated
            client = end_therapy(client, dyads.world, through, dyads.treated)
        client, life = week_of_life(
            client, dyads, schedule, week, loss=loss, keeps_ticks=keeps_ticks
        )
        session = None
        if idle is not None and week < last:
            session = idle._replace(client=client)
        elif 0 <= week < last:
            session, kept = _protocol_session(
                client, dyads, schedule, week, life, named, keeps_ticks=keeps_ticks
            )
            client, idle = session.client, session if nobody else None
            named = jnp.where(session.row["present"] > 0.5, session.named, named)
            ticks.append(kept)
        client = pass_week(client, dyads.world, life.sums, session)
        phase = "waiting" if week < 0 else "therapy" if week < last else "follow-up"
        rows.append(_week_row(phase, week, life.row, session, client))
        on_step()
    return Therapy(client, rows, ticks, named)


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
        dyads: Who takes part.
        schedule: When what happens.
        week: Number of the week; 0 is that of the first session.
        loss: Pull back to the old model by the loss of the therapist (0 to 1).
        keeps_ticks: Whether to run the program that keeps ticks, where childhood has had it
            compiled; those of life are dropped.
    """
    n, theory = len(dyads.keys), dyads.world.theory
    load = _load(dyads, schedule, week) * theory.illness.weighs(client.illness.ill)
    load = load * theory.crises.weighs(client.crisis)
    strain = jnp.asarray(theory.transference.strain(load), jnp.float32)
    drive = jnp.maximum(strain, jnp.asarray(loss, jnp.float32))
    body, first = strong(new_body(theory, n)), first_block(week, schedule)
    companion = who_is_there(client, dyads)
    figure = _under_load(theory, companion.figure, jnp.asarray(load))
    pair, sums, _ = encounter(
        _open_life(client, companion, body, dyads.seeker, dyads.world, drive),
        dyads.keys,
        stream_of(first, schedule.blocks(schedule.life_ticks)),
        companion.absent,
        People(dyads.seeker, figure, dyads.world),
        at_home(
            load,
            theory.sensitive_period.plasticity(ADULT_YEARS),
            separation=0.0,
            held=client.held,
        ),
        figure=CAREGIVER,
        pace=schedule.pace,
        keeps_ticks=keeps_ticks,
    )
    client, row = _close_life(
        client, pair, sums, dyads.world, dyads.seeker, dyads.keys, jnp.asarray(first)
    )  # fmt: skip
    return client, Week(sums, row | {"life_load": jnp.asarray(load)})


@eqx.filter_jit
def _under_load(theory: Theory, figure: AttachmentFigure, load: Array) -> AttachmentFigure:
    """The figure in such a week; what is hard for one is hard for both."""
    return theory.caregiver_load.under(figure, load)


def _load(dyads: Dyads, schedule: Schedule, week: int) -> np.ndarray:
    """What life brings each of them in a week, relative to an ordinary one."""
    ordinary = np.full(len(dyads.keys), float((schedule.stress or {}).get(week, 1.0)))
    if dyads.load is None:
        return ordinary
    return ordinary * dyads.load[min(week + schedule.waiting_weeks, len(dyads.load) - 1)]


def first_block(week: int, schedule: Schedule) -> int:
    """Where a week's random numbers begin in each dyad's stream."""
    return 1000 + 100 * (week + schedule.waiting_weeks)


def stream_of(first: int, blocks: int) -> list[int]:
    """Numbers of an encounter's blocks; those beyond the week's own fifty lie far behind."""
    return [first + block % 50 + 2**24 * (block // 50) for block in range(blocks)]


def _protocol_session(
    client: Client,
    dyads: Dyads,
    schedule: Schedule,
    week: int,
    life: Week,
    named: Array,
    *,
    keeps_ticks: bool,
) -> tuple[Session, dict[str, Array] | None]:
    """A session in which the therapist follows the protocol."""
    theory, number = dyads.world.theory, first_block(week, schedule)
    falters = _falters(schedule, week, theory)
    happens = dyads.treated * client.stays * float((week + 1) not in schedule.breaks)
    opened = open_session(client, dyads, _absence(week, schedule, theory, named, falters))
    pair, sums, kept = encounter(
        _told(opened, dyads.protocol.told, dyads.world),
        dyads.keys,
        stream_of(number + 50, schedule.blocks(schedule.session_ticks)),
        jnp.zeros((len(theory.interventions.names), 1)),
        People(dyads.seeker, _therapist(dyads, falters), dyads.world),
        _treatment(week, dyads, schedule, client),
        figure=THERAPIST,
        pace=schedule.pace,
        keeps_ticks=keeps_ticks,
    )
    session = close_session(
        client, pair, sums, life.sums, happens, dyads, jnp.asarray(number + _LEAVING),
        load=life.row["life_load"],
    )  # fmt: skip
    return session, kept


@eqx.filter_jit
def _told(pair: Pair, asked: Array, world: World) -> Pair:
    """Client and therapist, who is told how the client rates trust, where clients are asked."""
    reading = world.theory.therapist_reading.told(pair.reading, pair.trust, asked)
    return eqx.tree_at(lambda p: p.reading, pair, reading)


def _falters(schedule: Schedule, week: int, theory: Theory) -> bool:
    """Whether the therapy falters in this week."""
    first = int(float(theory.endings.faltering_from) * schedule.sessions + _ROUNDING)
    return schedule.falters and week >= first


def _worked_through(schedule: Schedule, named: Array) -> Array:
    """How far the ending was worked through (0 to 1)."""
    return jnp.maximum(float(schedule.announced and not schedule.falters), named)


def _absence(week, schedule, theory: Theory, named: Array, falters: bool) -> Array:  # noqa: FBT001
    """Pull to the old model at the start of a session: after a break, and while ending."""
    drive = jnp.zeros_like(named)
    # Sessions count from 1: the session of this week's predecessor.
    if week in schedule.breaks:
        worked_through = jnp.maximum(float(schedule.announced), named)
        drive = theory.endings.loss_after_break(worked_through)
    return jnp.maximum(drive, theory.endings.foreboding) if falters else drive


def _treatment(week: int, dyads: Dyads, schedule: Schedule, client: Client) -> Treatment:
    """The protocol in this session."""
    session = week + 1
    late = (session >= dyads.protocol.switch_session).astype(jnp.float32)
    absence = dyads.world.theory.endings.is_about(jnp.float32(schedule.until_absence(session)))
    return treatment(dyads.protocol, late, client.old, absence)


def _therapist(dyads: Dyads, falters: bool) -> AttachmentFigure:  # noqa: FBT001
    """The therapist, who may falter at the end."""
    factor = dyads.world.theory.endings.faltering if falters else 1.0
    return eqx.tree_at(
        lambda f: f.mentalising, dyads.therapist, dyads.therapist.mentalising * factor
    )


@eqx.filter_jit
def _open_life(
    client: Client,
    companion: Companion,
    figure_body: Body,
    seeker: CareSeeker,
    world: World,
    drive: Array,
) -> Pair:
    insight = world.theory.transference.insight * client.experience.insight
    met = companion.belief, companion.bond
    return opened(client, *met, figure_body, seeker, world, drive, insight)


@eqx.filter_jit
def _close_life(
    client: Client,
    pair: Pair,
    sums: Sums,
    world: World,
    seeker: CareSeeker,
    keys: PRNGKeyArray,
    first: Array,
) -> tuple[Client, dict[str, Array]]:
    between, belief = world.theory.between_encounters, pair.belief.sum(0)
    memory = between.credited(pair.experience.memory, belief, between.life_credit)
    experience = eqx.tree_at(lambda e: e.memory, pair.experience, memory)
    health = health_of_week(client, sums, world.theory, seeker, keys, first)
    would = if_distressed(belief, pair.experience, pair.body, pair.trust, seeker, world)
    row = variables("life", Ended(sums, pair, would)) | health.row
    row |= {"together": client.company.together}
    client, parted = company_after(
        client._replace(experience=experience, body=pair.body),
        Acquaintance(belief, pair.bond),
        world.theory,
        seeker,
        health.beyond,
        uniforms(keys, first + _COUPLE)[0],
        standings(keys, first + _SOMEBODY),
    )
    return client._replace(
        illness=health.illness,
        crisis=health.crisis + world.theory.crises.mean * parted,
        weeks=client.weeks + 1.0,
    ), row


def pass_week(client: Client, world: World, life: Sums, session: Session | None) -> Client:
    """The rest of a week: the stress axis follows its mean strain, who was not there fades.

    Args:
        client: The grown people.
        world: The theory that holds.
        life: Sums over the week's life.
        session: The week's session, if there was one.
    """
    strain, met = life["hyper"] / life["ticks"], jnp.zeros_like(client.held)
    if session is not None:
        met = present = session.row["present"]
        in_session = jnp.where(present > 0.5, session.row["hyper"], strain)
        strain = world.theory.between_encounters.week_strain(strain, in_session, present)
    return _week_passes(client, world, strain, met)


@eqx.filter_jit
def _week_passes(client: Client, world: World, strain: Array, met: Array) -> Client:
    held = jnp.where(met > 0.5, client.held, world.theory.social_baseline.faded(client.held))
    stress = world.theory.stress_axis.after_week(client.body.stress, strain)
    body = Body(client.body.arousal, client.body.past, client.body.oxytocin, stress)
    return client._replace(body=body, held=held)


def _week_row(phase, week, life_row, session: Session | None, client: Client) -> Rows:
    row = {name: np.asarray(value) for name, value in life_row.items()}
    row |= {name: np.asarray(value) for name, value in (session.row if session else {}).items()}
    person = person_variables(Person(client.experience, client.body, client.old))
    row |= {name: np.asarray(value) for name, value in person.items()}
    number = week + 1 if phase == "therapy" else 0
    age = ADULT_YEARS + week / WEEKS_OF_A_YEAR
    return row | {"phase": phase, "week": float(week), "age_years": age, "session": number}
