"""Marks: what the trainee thinks is going on, asked where it can surprise."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from bowlby.practice import room, view
from bowlby.practice.messages import Mark, MarkOutcome, Question, Reading

QUESTIONS: tuple[Question, ...] = ("arousal", "heard", "expects")

APART, LATEST, FIRST = 3, 6, 3
"""Minutes between two marks at least, after which one is asked anyway, and before the first."""

_NOTHING_TO_READ = 0.05
"""Marks that one who does not look gets wrong, below which reading says nothing."""

_MOSTLY = 0.85
"""Share of the minutes so far with the same answer from which it is asked only in doubt."""

_IN_DOUBT = (0.2, 0.85)
"""Belief in the old model between which it is open what is expected."""

_HEARD_IN_DOUBT, _NEAR_A_LIMIT = 0.6, 0.15
"""Share of the stance perceived most below which it is open how one was heard; distance to a
limit of the window, in its width, below which it is open where arousal is."""


def truths(session: room.Session) -> tuple[dict[Question, str], ...]:
    """What was the case after each turn."""
    return tuple(
        {
            "arousal": view.arousal_of(session, turn),
            "heard": view.heard_as(minute),
            "expects": view.leading(minute.after, session.standing),
        }
        for turn, minute in enumerate(session.minutes, start=1)
    )


def asked(session: room.Session) -> dict[int, tuple[Question, ...]]:
    """By turn, what is asked after it.

    A mark is asked where something is otherwise than it mostly was so far, and otherwise every
    `LATEST` minutes, so that being asked does not give the answer away. What has hardly varied
    in the session and is not in doubt is not asked: everyone would be right. Where that holds
    for all, nothing is asked.
    """
    found: dict[int, tuple[Question, ...]] = {}
    so_far = truths(session)
    last = 0
    for turn in range(FIRST, len(so_far) + 1):
        if turn - last < APART and last:
            continue
        before, now = so_far[: turn - 1], so_far[turn - 1]
        surprising = any(now[q] != _most(before, q) for q in QUESTIONS)
        if not surprising and turn - last < LATEST:
            continue
        questions = _open(session, turn, so_far[:turn])
        if questions:
            found[turn] = questions
            last = turn
    return found


def _most(before: Sequence[dict[Question, str]], question: Question) -> str:
    return Counter(one[question] for one in before).most_common(1)[0][0]


def _open(
    session: room.Session, turn: int, so_far: Sequence[dict[Question, str]]
) -> tuple[Question, ...]:
    doubtful = _in_doubt(session, turn)
    varied = {q for q in QUESTIONS if _frequency(so_far, q) < _MOSTLY}
    return tuple(q for q in QUESTIONS if q in doubtful or q in varied)


def _in_doubt(session: room.Session, turn: int) -> frozenset[Question]:
    """What a careful observer could take for something else."""
    minute = session.minutes[turn - 1]
    width = view.only(session.standing.dyads.seeker.window)
    arousal = float(minute.arousal[-20:, 0].mean())
    near = min(abs(arousal - limit) for limit in view.window(width)) < _NEAR_A_LIMIT * width
    low, high = _IN_DOUBT
    share = room.old_share(minute.after, session.standing)
    doubts: dict[Question, bool] = {
        "arousal": near,
        "heard": float(view.heard(minute).max()) < _HEARD_IN_DOUBT,
        "expects": low < share < high,
    }
    return frozenset(question for question, doubtful in doubts.items() if doubtful)


def outcomes(
    session: room.Session, marks: Sequence[tuple[int, Mark]]
) -> tuple[MarkOutcome, ...]:
    """Marks against the truth: what was asked, or all that was marked unasked.

    Args:
        session: The session.
        marks: Turn after which each was made, and the mark.
    """
    there, wanted = truths(session), asked(session)
    return tuple(
        MarkOutcome(
            turn=turn, what=what, marked=getattr(mark, what), truth=there[turn - 1][what],
            sure=mark.sure,
        )
        for turn, mark in marks
        for what in wanted.get(turn, QUESTIONS)
        if getattr(mark, what) is not None
    )  # fmt: skip


def reading(session: room.Session, found: Sequence[MarkOutcome]) -> Reading | None:
    """How well a session was read, against always saying what was most frequent in it.

    Args:
        session: The session.
        found: Its marks against the truth.

    Returns:
        None without marks. One who never looks, and knows which answer is the most frequent in
        the session and how frequent it is (f), is right with probability f, and has a Brier
        score of f (1 - f).
    """
    if not found:
        return None
    there = truths(session)
    frequent = np.array([_frequency(there, one.what) for one in found])
    is_right = np.array([one.marked == one.truth for one in found])
    sure = np.array([one.sure for one in found])
    unread = float(frequent.sum())
    return Reading(
        session=session.number,
        right=int(is_right.sum()),
        asked=len(found),
        brier=float(np.mean((sure - is_right) ** 2)),
        base=float(np.mean(frequent * (1.0 - frequent))),
        skill=float((is_right.sum() - unread) / (len(found) - unread))
        if len(found) - unread > _NOTHING_TO_READ
        else None,
    )


def _frequency(there: Sequence[dict[Question, str]], question: Question) -> float:
    """How frequent the most frequent answer is."""
    times = Counter(minute[question] for minute in there).most_common(1)[0][1]
    return times / len(there)
