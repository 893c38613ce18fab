"""The room: a simulated client and a trainee, one minute at a time.

A course is a seed and the moves made; everything else follows. The trainee's move goes through
the engine's interface for a person (the cues of `block`): nothing is scripted. Life
happens between the sessions as in any simulated course.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from bowlby._types import FloatArray
from bowlby.courses.protocols import THERAPISTS
from bowlby.courses.theories import theory_of
from bowlby.practice.client import SimulatedClient
from bowlby.practice.moves import override
from bowlby.simulation.adult_life import pass_week, week_of_life
from bowlby.simulation.arms import dyads_of
from bowlby.simulation.childhood import grow_up
from bowlby.simulation.company.therapist import THERAPIST, Treatment, treatment
from bowlby.simulation.dyad import People
from bowlby.simulation.encounter import block
from bowlby.simulation.lives import Client, Dyads, Schedule, until_first
from bowlby.simulation.observables import Sums, zero_sums
from bowlby.simulation.population import figures
from bowlby.simulation.precision import in_single_precision
from bowlby.simulation.schedule import schedule_of
from bowlby.simulation.sessions import close_session, end_therapy, open_session
from bowlby.simulation.tick import Pair
from bowlby.theory import Theory
from bowlby.theory.interventions import built_in

TICKS = 6
"""Ticks in a turn: a minute."""

_STREAM = 10_000_000

# One compiled encounter at home then serves childhood, its assessment and life.
_grow_up = partial(grow_up, keeps_ticks=True)
_week = partial(week_of_life, keeps_ticks=True)


@dataclass(frozen=True)
class Standing:
    """A course between two sessions.

    Attributes:
        who: The client as written.
        dyads: The engine's client, parents, partner and therapist.
        schedule: When what happens.
        client: The client now.
        life: Sums over the last week of life.
        session: Sessions that have taken place.
        week: Week of life that has just been lived.
        named: How far the coming absence was spoken of in the last session (0 to 1).
        waiting: Distress and value of life in each week before the first session.
        after: The same in each week after the last.
    """

    who: SimulatedClient
    dyads: Dyads
    schedule: Schedule
    client: Client
    life: Sums
    session: int
    week: int
    named: float
    waiting: tuple[tuple[float, float], ...] = ()
    after: tuple[tuple[float, float], ...] = ()

    @property
    def break_after(self) -> int:
        """Session after which a week falls out; 0 for none."""
        return self.schedule.sessions // 2 if self.schedule.sessions >= 4 else 0

    @cached_property
    def people(self) -> People:
        """Who meets in the room."""
        return People(self.dyads.seeker, self.dyads.therapist, self.dyads.world)

    @property
    def until_absence(self) -> int:
        """Sessions after the next one until the last before the break or the ending."""
        return until_first((self.break_after, self.schedule.sessions), self.session + 1)

    @cached_property
    def treatment(self) -> Treatment:
        """What the therapist would do next without the trainee, who always decides."""
        absence = self.theory.endings.is_about(jnp.full(1, float(self.until_absence)))
        return treatment(self.dyads.protocol, jnp.zeros(1), self.client.old, absence)

    @property
    def theory(self) -> Theory:
        """The theory that holds in the room."""
        return self.dyads.world.theory

    @cached_property
    def own(self) -> int:
        """A number of this course alone, from which the choice of words is drawn."""
        return int(np.asarray(jax.random.key_data(self.dyads.keys))[0, -1])


@dataclass(frozen=True)
class Minute:
    """One turn, as the engine gave it.

    Attributes:
        move: What the trainee did.
        before: The pair before it.
        after: The pair after it.
        trace: The engine's ticks (tick, ...), without the axis of dyads.
    """

    move: str
    before: Pair
    after: Pair
    trace: dict[str, np.ndarray]

    @property
    def arousal(self) -> FloatArray:
        """Arousal (second, partner)."""
        return self.trace["arousal"].reshape(-1, 2)


@dataclass(frozen=True)
class Session:
    """An open session.

    Attributes:
        standing: Where it began, after the week of life before it.
        opening: The pair when the client comes in.
        sums: Sums so far.
        minutes: Turns made.
    """

    standing: Standing
    opening: Pair
    sums: Sums
    minutes: tuple[Minute, ...] = ()

    @property
    def number(self) -> int:
        """From 1."""
        return self.standing.session + 1

    @property
    def until_absence(self) -> int:
        """Sessions after this one until the last before the break or the ending."""
        return self.standing.until_absence

    @property
    def pair(self) -> Pair:
        """Client and therapist now."""
        return self.minutes[-1].after if self.minutes else self.opening


DRAWS = 8
"""Childhoods that are drawn at most until one fits the client's pattern."""


def _grown(
    who: SimulatedClient, seed: int, sessions: int
) -> Iterator[tuple[Dyads, Schedule, Client]]:
    """Clients whose childhood has given the expectations of their pattern.

    Chance can give the same parents another child; a course would then be with someone else
    than the card says. Childhoods are drawn from the seed until one fits, at most `DRAWS`; the
    last is taken as it is.
    """
    from bowlby.practice.view import fits

    for draw in range(DRAWS):
        course = who.course(seed=(seed + draw * 1_000_003) % 2**31, sessions=sessions)
        schedule = schedule_of(course)
        # The client is who the card says: weeks differ, lives do not.
        theory = theory_of(course).changed("years_between.own", 1.0)
        base = dyads_of(course, np.arange(1), theory.changed("life_load.between", 0.0))
        client = _grow_up(base, schedule).client
        if draw == DRAWS - 1 or fits(who.pattern, expected_of(client)):
            yield base, schedule, client


def expected_of(client: Client) -> FloatArray:
    """p(stance | approach) under the model of childhood (stance)."""
    counts = np.asarray(client.experience.memory.counts)[:, 0, :, 0]
    return (counts / counts.sum(0))[:, int(np.asarray(client.old)[:, 0].argmax())]


@in_single_precision
def begin(who: SimulatedClient, *, seed: int, sessions: int) -> Standing:
    """A client who has grown up and waited twelve weeks for the first session.

    Who fits no longer when they come, after these weeks, is not the one on the card either.
    """
    from bowlby.practice.view import fits

    here = None
    for grown in _grown(who, seed, sessions):
        here = _waited(who, *grown)
        if fits(who.pattern, expected_of(here.client)):
            break
    assert here is not None
    return here


def _waited(who: SimulatedClient, base: Dyads, schedule: Schedule, client: Client) -> Standing:
    """A grown client after the weeks of waiting."""
    # The trainee's acts are the trainee's; body and ear are those of a skilled therapist.
    therapist = figures(1, dict(THERAPISTS["skilled"]))
    dyads = base._replace(therapist=therapist, treated=jnp.ones(1))
    life, waiting = zero_sums(1, dyads.world.theory), []
    for week in range(-schedule.waiting_weeks, 0):
        client, lived = _week(client, dyads, schedule, week)
        client = pass_week(client, dyads.world, lived.sums, None)
        life = lived.sums
        waiting.append(_of_life(lived.row))
    return Standing(who, dyads, schedule, client, life, 0, -1, 0.0, tuple(waiting))


def _of_life(row: Mapping[str, Any]) -> tuple[float, float]:
    """Distress and value of a week of life."""
    distress, value = (np.asarray(row[name]) for name in ("life_distress", "life_value"))
    return float(distress[0]), float(value[0])


@in_single_precision
def enter(standing: Standing) -> Session:
    """The next session; the week of life before it is lived, and a break if there is one.

    Raises:
        ValueError: If the course has ended.
    """
    if standing.session >= standing.schedule.sessions:
        raise ValueError("This course has ended: its last session is over.")
    was_break = standing.session > 0 and standing.session == standing.break_after
    weeks = 2 if was_break else 1
    client, week, life = standing.client, standing.week, standing.life
    for _ in range(weeks):
        week += 1
        client, lived = _week(client, standing.dyads, standing.schedule, week)
        life = lived.sums
    endings = standing.theory.endings
    loss = endings.loss_after_break(standing.named) if was_break else 0.0
    here = replace(standing, client=client, life=life, week=week, named=0.0)
    opening = open_session(client, here.dyads, loss)
    return Session(here, opening, zero_sums(1, here.theory))


@in_single_precision
def play(session: Session, move: str, *, chance: int = 0) -> Session:
    """The session with one more minute.

    Args:
        session: The session as it stands.
        move: What the therapist does.
        chance: 0 for the chances of the course; any other number for others.
    """
    here = session.standing
    number = _STREAM + 1000 * session.number + len(session.minutes) + 100_000 * chance
    before = session.pair
    after, sums, trace = block(
        before,
        session.sums,
        here.dyads.keys,
        jnp.asarray(number),
        jnp.asarray(override(move, TICKS))[..., None],
        here.people,
        here.treatment,
        figure=THERAPIST,
        pace=here.schedule.pace,
        keeps_ticks=True,
    )
    ticks = {name: np.array(value)[..., 0] for name, value in (trace or {}).items()}
    minute = Minute(move, before, after, ticks)
    return replace(session, sums=sums, minutes=(*session.minutes, minute))


def replayed(
    session: Session, start: Sequence[Minute], moves: Sequence[str], *, chance: int = 0
) -> Session:
    """A session from an earlier minute on, with other moves or by other chances.

    Args:
        session: The session.
        start: Its minutes that are kept.
        moves: What is done after them.
        chance: 0 for the same chances, any other number for others.
    """
    # Sums only serve what is carried on, and a session that is replayed is not.
    again = replace(session, minutes=tuple(start))
    for move in moves:
        again = play(again, move, chance=chance)
    return again


def kept(session: Session) -> Session:
    """A session that is over, as plain arrays: JAX's own take ten times the memory."""
    before, minutes = jax.tree.map(np.array, session.opening), []
    for minute in session.minutes:
        after = jax.tree.map(np.array, minute.after)
        minutes.append(replace(minute, before=before, after=after))
        before = after
    return replace(session, minutes=tuple(minutes))


@in_single_precision
def leave(session: Session) -> Standing:
    """The course after a session. After the last, the week in which the therapist is missed.

    Raises:
        ValueError: If not a minute was spent.
    """
    if not session.minutes:
        raise ValueError("The session has not begun: make a first move, then end it.")
    here = session.standing
    done = close_session(
        here.client, session.pair, session.sums, here.life, jnp.ones(1), here.dyads,
        jnp.asarray(_STREAM + 1000 * session.number + 999),
    )  # fmt: skip
    # A trainee's client stays: leaving would end a seminar's exercise.
    client = done.client._replace(stays=jnp.ones(1))
    client = pass_week(client, here.dyads.world, here.life, done)
    after = replace(here, client=client, session=session.number, named=_named(session))
    if session.number < here.schedule.sessions:
        return after
    week = after.week + 1
    through = jnp.asarray([after.named], jnp.float32)
    client = end_therapy(client, here.dyads.world, through, jnp.ones(1))
    client, lived = _week(client, here.dyads, here.schedule, week, loss=_loss_at_ending(after))
    return replace(
        after, client=client, life=lived.sums, week=week, after=(_of_life(lived.row),)
    )


def followed(standing: Standing, *, weeks: int = 8) -> Standing:
    """A course that has ended, so many weeks after its last session."""
    client, week, after = standing.client, standing.week, list(standing.after)
    while len(after) < weeks:
        week += 1
        client, lived = _week(client, standing.dyads, standing.schedule, week)
        client = pass_week(client, standing.dyads.world, lived.sums, None)
        after.append(_of_life(lived.row))
    return replace(standing, client=client, week=week, after=tuple(after))


def _loss_at_ending(standing: Standing) -> float:
    """Pull back to the old model when the therapist is missed (0 to 1)."""
    return float(standing.theory.endings.loss_at_ending(standing.named))


def _named(session: Session) -> float:
    """How far the coming absence was spoken of and heard in a session (0 to 1)."""
    naming = built_in().index("name_ending")
    heard = sum(
        float((m.trace["perceived_stance"][:, 0] * (m.trace["intervention"] == naming)).sum())
        for m in session.minutes
    )
    return float(session.standing.theory.endings.worked_through(heard))


def expectations(pair: Pair) -> np.ndarray:
    """p(stance | approach) under each relational model (stance, model)."""
    counts = np.asarray(pair.experience.memory.counts)[:, 0, :, 0]
    return counts / counts.sum(0)


def believed(pair: Pair) -> np.ndarray:
    """Weight of each relational model."""
    return np.asarray(pair.belief)[..., 0].sum(0)


def old_share(pair: Pair, here: Standing) -> float:
    """Belief that this other is as the parents were."""
    return float((believed(pair) * np.asarray(here.client.old)[:, 0]).sum())


FUTURES = 64
"""Futures of each line of moves in one batch."""

AHEAD = 3
"""Minutes that a future lasts."""

_LINES = 9
# Numbers of the engine's actions that go on, and of the distress that is rest.
_GOES_ON, _AT_REST = (0, 1), 1


@dataclass(frozen=True)
class Futures:
    """What each line of moves would have given, future by future (line, future).

    Attributes:
        rupture: 1 where a rupture begins or goes on within three turns.
        trust: Mean P(attuned) over the third turn.
        settled: 1 where the client is at rest for most of the third turn.
        explored: 1 where the client comes closer or thinks for most of the three turns.
        changed: 1 less the belief in the old model at the end.
    """

    rupture: np.ndarray
    trust: np.ndarray
    settled: np.ndarray
    explored: np.ndarray
    changed: np.ndarray


def futures(session: Session, turn: int, moves: tuple[str, ...], *, batch: int = 0) -> Futures:
    """Simulate every move instead of the one made, with common random numbers.

    The same futures are given to each move, and what the trainee did in the two turns after is
    kept, so that moves differ by nothing else.

    Args:
        session: The session.
        turn: Which turn, from 1.
        moves: Moves to compare.
        batch: Number of the batch of futures.
    """
    after = [m.move for m in session.minutes[turn : turn + 2]] + ["hold", "hold"]
    lines = [(move, *after[: AHEAD - 1]) for move in moves]
    return futures_of(session, turn, lines, batch=batch)


@in_single_precision
def futures_of(
    session: Session, turn: int, lines: Sequence[Sequence[str]], *, batch: int = 0
) -> Futures:
    """Simulate lines of three moves from a turn on, with common random numbers.

    Args:
        session: The session.
        turn: The turn that the first move makes.
        lines: At most nine lines of `AHEAD` moves.
        batch: Number of the batch of futures.
    """
    here = session.standing
    # Always as many, so that one program serves them all.
    played = [*lines, *[lines[0]] * (_LINES - len(lines))]
    n = len(played) * FUTURES
    chosen = np.stack(
        [np.concatenate([override(move, TICKS) for move in line]) for line in played], axis=-1
    )
    chosen = np.repeat(chosen, FUTURES, axis=-1)
    stream = jax.random.fold_in(here.dyads.keys[0], _STREAM + 1000 * session.number + turn)
    keys = jax.random.split(jax.random.fold_in(stream, 1 + batch), FUTURES)
    people = People(here.people.seeker, here.people.figure, None)  # pyright: ignore[reportArgumentType]
    one = (session.minutes[turn - 1].before, people, here.treatment)
    pair, who, usual = jax.tree.map(lambda leaf: _repeated(leaf, n), one)
    _, _, trace = block(
        pair,
        zero_sums(n, here.theory),
        jnp.tile(keys, len(played)),
        jnp.asarray(0),
        jnp.asarray(chosen),
        who._replace(world=here.dyads.world),
        usual,
        figure=THERAPIST,
        pace=here.schedule.pace,
        keeps_ticks=True,
    )
    old = np.asarray(here.client.old)[:, 0]
    told = _told({name: np.asarray(value) for name, value in (trace or {}).items()}, old)
    shape = (len(played), FUTURES)
    return Futures(**{name: value.reshape(shape)[: len(lines)] for name, value in told.items()})


def _told(trace: Mapping[str, np.ndarray], old: np.ndarray) -> dict[str, np.ndarray]:
    """What came of futures, one number each (future)."""
    goes_on = np.isin(trace["action"], _GOES_ON).mean(0) > 0.5
    rests = (trace["distress"][-TICKS:] <= _AT_REST).mean(0) > 0.5
    belief = trace["model_belief"][-1]
    return {
        "rupture": trace["ruptured"].max(0).astype(float),
        "trust": trace["trust"][-TICKS:].mean(0),
        "settled": rests.astype(float),
        "explored": goes_on.astype(float),
        "changed": 1.0 - (belief * old[:, None]).sum(0),
    }


def _repeated(leaf: jax.Array, n: int) -> jax.Array:
    return jnp.broadcast_to(leaf, (*leaf.shape[:-1], n))
