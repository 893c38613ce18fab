"""Supervision: what a session can teach, by simulating what else could have been done."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from bowlby.practice import room, view
from bowlby.practice.messages import (
    Alternative,
    ByState,
    KeyMoment,
    Mark,
    MarkOutcome,
)
from bowlby.practice.moves import MOVES, label
from bowlby.practice.utterances import DISTRESS, STANCES

SOURCE = (
    "This feedback is what the model assumes, worked out from its equations; it is not truth "
    "about people. No effect of practising here on real clients has been shown."
)
_NAMES = tuple(move.name for move in MOVES)
_APART = 3
_BATCHES = 4


class _Candidate(NamedTuple):
    gain: float
    turn: int
    better: int
    what: str


def key_moments(session: room.Session, *, count: int = 3) -> tuple[KeyMoment, ...]:
    """Moments at which another move would have mattered most, told in order of time.

    All moves are tried at every turn with one batch of futures; the moments chosen are then
    simulated afresh, so that the numbers told are not the lucky ones that chose them.

    Args:
        session: A session with at least one turn.
        count: Moments at most.
    """
    candidates = [
        found
        for turn in range(1, len(session.minutes) + 1)
        if (found := _candidate(session, turn)).gain > 0.0
    ]
    chosen: list[_Candidate] = []
    for found in sorted(candidates, reverse=True):
        if all(abs(found.turn - other.turn) >= _APART for other in chosen):
            chosen.append(found)
    moments = [_moment(session, found) for found in chosen[:count]]
    return tuple(sorted((m for m in moments if m.difference > 0.0), key=lambda m: m.turn))


def _candidate(session: room.Session, turn: int) -> _Candidate:
    tried = room.futures(session, turn, _NAMES)
    made = _NAMES.index(session.minutes[turn - 1].move)
    rupture, trust = tried.rupture.mean(1), tried.trust.mean(1)
    fits = _fitting(session, turn)
    fewer = np.where(fits, rupture[made] - rupture, -1.0)
    more = np.where(fits, trust - trust[made], -1.0)
    if fewer.max() >= 0.1:
        return _Candidate(float(fewer.max()), turn, int(fewer.argmax()), "P(rupture)")
    return _Candidate(float(more.max()), turn, int(more.argmax()), "P(heard as attuned)")


def _fitting(session: room.Session, turn: int) -> np.ndarray:
    """Which moves make sense: repair in a rupture, naming an absence that is near."""
    minute, here = session.minutes[turn - 1], session.standing
    ruptured = view.only(minute.before.course.ruptured) > 0.5
    absent = session.number in (here.break_after, here.schedule.sessions)
    meant = {"repair": ruptured, "name_ending": absent}
    return np.array([meant.get(name, True) for name in _NAMES])


def _moment(session: room.Session, found: _Candidate) -> KeyMoment:
    made = session.minutes[found.turn - 1].move
    better = _NAMES[found.better]
    # The same number of moves in every batch: nothing is compiled again.
    batches = [room.futures(session, found.turn, _NAMES, batch=1 + b) for b in range(_BATCHES)]
    rupture = np.concatenate([b.rupture for b in batches], axis=1)
    trust = np.concatenate([b.trust for b in batches], axis=1)
    i, j = _NAMES.index(made), found.better
    each = rupture[i] - rupture[j] if found.what == "P(rupture)" else trust[j] - trust[i]
    mean, error = float(each.mean()), float(each.std(ddof=1) / np.sqrt(each.size))
    low, high = mean - 1.96 * error, mean + 1.96 * error
    values = rupture if found.what == "P(rupture)" else trust
    instead, was = 100 * values[j].mean(), 100 * values[i].mean()
    sentence = (
        f"Minute {found.turn}: with “{label(better)}” instead of “{label(made)}”, {found.what} "
        "within three minutes would have been "
        f"{instead:.0f} % instead of {was:.0f} % (difference {100 * mean:.0f} points, "
        f"95 % interval {100 * low:.0f} to {100 * high:.0f})."
    )
    return KeyMoment(
        turn=found.turn,
        what=found.what,  # pyright: ignore[reportArgumentType]
        made=_alternative(made, rupture[i], trust[i]),
        better=_alternative(better, rupture[j], trust[j]),
        difference=mean, low=low, high=high, futures=each.size, sentence=sentence,
    )  # fmt: skip


def _alternative(move: str, rupture: np.ndarray, trust: np.ndarray) -> Alternative:
    return Alternative(
        move=move, label=label(move), rupture=float(rupture.mean()), trust=float(trust.mean())
    )


def by_state(session: room.Session) -> tuple[ByState, ...]:
    """How often each move was made in each state in which the client was."""
    counts = {move.name: dict.fromkeys(DISTRESS, 0) for move in MOVES}
    for minute in session.minutes:
        counts[minute.move][DISTRESS[int(minute.trace["distress"][0])]] += 1
    return tuple(
        ByState(move=name, label=label(name), **row)
        for name, row in counts.items()
        if any(row.values())
    )


def missed(session: room.Session) -> tuple[str, ...]:
    """What was there and found no answer."""
    found = []
    waits = 0
    for turn, minute in enumerate(session.minutes, start=1):
        what = view.rupture(session, turn)
        waits = waits + 1 if what in ("began", "goes on") and minute.move != "repair" else 0
        if waits == 2:
            found.append(f"Minute {turn}: a rupture went on and was not taken up.")
        hard = minute.trace["distress"][0] >= 2
        if hard and minute.move in ("hold", "challenge", "direct", "interpret"):
            found.append(
                f"Minute {turn}: {session.standing.who.card.name} was "
                f"{DISTRESS[int(minute.trace['distress'][0])]}, and the need was not answered "
                f"first (“{label(minute.move)}”)."
            )
    here = session.standing
    absent = session.number in (here.break_after, here.schedule.sessions)
    if absent and all(minute.move != "name_ending" for minute in session.minutes):
        what = "ending" if session.number == here.schedule.sessions else "break"
        found.append(f"The {what} was not spoken of.")
    return tuple(found[:6])


def questions(session: room.Session) -> tuple[str, str, str]:
    """Three questions to reflect on, by what happened."""
    name = session.standing.who.card.name
    minutes = session.minutes
    moves = [minute.move for minute in minutes]
    # The first among equals: the order of a set changes from run to run.
    most = max(dict.fromkeys(moves), key=moves.count)
    own = np.concatenate([m.arousal[:, 1] for m in minutes])
    turn = 1 + int(np.argmax([float(np.abs(m.arousal[:, 0]).mean()) for m in minutes]))
    first = f"Around minute {turn} {name} was farthest from rest. What did you feel, and do?"
    second = f"You most often chose “{label(most)}”. What did it protect {name} from, and you?"
    third = (
        "Your own body was in alarm for part of the hour. Whose alarm was it?"
        if float((own > 1.0).mean()) > 0.1
        else f"Whom did {name} take you for, and what told you?"
    )
    return first, second, third


def mark_outcomes(
    session: room.Session, marks: Sequence[tuple[int, Mark]]
) -> tuple[tuple[MarkOutcome, ...], float | None]:
    """Marks against the truth, and their Brier score.

    Args:
        session: The session.
        marks: Turn after which each was made, and the mark.

    Returns:
        An entry for each thing marked, and the mean of (sure - right)^2; None without marks.
    """
    found = []
    width = view.only(session.standing.dyads.seeker.window)
    for turn, mark in marks:
        minute = session.minutes[turn - 1]
        truth = {
            "arousal": view.state_of(float(minute.arousal[-20:, 0].mean()), width),
            "heard": STANCES[int(view.heard(minute).argmax())],
            "expects": view.leading(minute.after, session.standing),
        }
        found += [
            MarkOutcome(
                turn=turn, what=what, marked=getattr(mark, what), truth=right, sure=mark.sure
            )
            for what, right in truth.items()
        ]
    if not found:
        return (), None
    brier = np.mean([(one.sure - (one.marked == one.truth)) ** 2 for one in found])
    return tuple(found), float(brier)
