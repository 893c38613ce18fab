"""What became of a client at the end of a course, and what a handbook therapist reached."""

import numpy as np

from bowlby.practice import room, textbook, view
from bowlby.practice.client import SimulatedClient
from bowlby.practice.messages import Outcome, SessionOutcome
from bowlby.simulation.instruments.symptoms import WEEKS, internalising

FOLLOWED_WEEKS = 8
"""Weeks after the last session."""


def session_outcome(session: room.Session) -> SessionOutcome:
    """A session that is over, in a line."""
    turns = range(1, len(session.minutes) + 1)
    what = [view.rupture(session, turn) for turn in turns]
    trust = np.mean([minute.trace["trust"].mean() for minute in session.minutes])
    return SessionOutcome(
        session=session.number,
        alliance=float(np.clip(trust, 0.0, 1.0)),
        ruptures=what.count("began"),
        repairs=what.count("repaired"),
        old=_share(room.old_share(session.minutes[-1].after, session.standing)),
    )


def outcome(
    standing: room.Standing,
    opening: room.Session,
    sessions: tuple[SessionOutcome, ...],
    last: room.Session,
) -> Outcome:
    """What became of a client.

    Args:
        standing: After the last session.
        opening: The first session.
        sessions: All of them, in a line each.
        last: The last session.
    """
    after = room.followed(standing, weeks=FOLLOWED_WEEKS).after
    return Outcome(
        symptoms_before=_symptoms(standing.waiting[-WEEKS:]),
        symptoms_after=_symptoms(after[-WEEKS:]),
        relapse=_symptoms(after[-WEEKS:]) - _symptoms(after[:WEEKS]),
        security_before=_security(opening.opening),
        security=_security(last.minutes[-1].after),
        old=sessions[-1].old,
        alliance=sessions[-1].alliance,
        sessions=sessions,
    )


def _symptoms(weeks: tuple[tuple[float, float], ...]) -> float:
    """Internalising over some weeks (SD)."""
    distress, value = np.array(weeks).T
    return float(internalising(distress, value).mean())


def _security(pair: room.Pair) -> float:
    """Expectation that somebody is there, over all models as they are believed."""
    expected, weights = room.expectations(pair), room.believed(pair)
    return _share(float(expected[0] @ weights / weights.sum()))


def _share(value: float) -> float:
    return float(np.clip(value, 0.0, 1.0))


def par(who: SimulatedClient, *, seed: int, sessions: int, minutes: int) -> Outcome:
    """What a handbook therapist reaches with the same person."""
    dice = np.random.default_rng([seed, 7])
    standing = room.begin(who, seed=seed, sessions=sessions)
    first: room.Session | None = None
    found: list[SessionOutcome] = []
    while True:
        session = room.enter(standing)
        session = textbook.play(session, minutes=minutes, dice=dice)
        first = first or session
        found.append(session_outcome(session))
        standing = room.leave(session)
        if session.number == sessions:
            return outcome(standing, first, tuple(found), session)
