"""What a client remembers of a course, as facts that words can need."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bowlby.practice import room, view
from bowlby.practice.utterances import Utterance

_BEGUN = 2
"""Lines of a story after which it has been told."""


@dataclass(frozen=True)
class Past:
    """What is left of a session.

    Attributes:
        number: Which session.
        lines: Lines said in it, in order.
        facts: What the next one may speak of.
    """

    number: int
    lines: tuple[int, ...]
    facts: frozenset[str]


def remembered(session: room.Session, lines: Sequence[int], *, named: float) -> Past:
    """What is left of a session that is over.

    Args:
        session: The session.
        lines: Lines said in it.
        named: How far a coming absence was spoken of and heard (0 to 1).
    """
    turns = range(1, len(session.minutes) + 1)
    last = session.minutes[-1]
    facts = {
        f"did_{minute.move}" for minute in session.minutes if view.heard_as(minute) == "attuned"
    }
    if float(np.asarray(last.after.course.ruptured)[0]) > 0.5:
        facts.add("left_in_rupture")
    elif any(view.rupture(session, turn) == "repaired" for turn in turns):
        facts.add("repaired")
    facts.add(
        "left_in_distress"
        if view.distress_of(last) in ("distressed", "overwhelmed")
        else "left_calm"
    )
    if named > 0.5:
        facts.add("break_named")
    return Past(session.number, tuple(lines), frozenset(facts))


def facts(
    session: room.Session, past: Mapping[int, Past], words: Sequence[Utterance]
) -> frozenset[str]:
    """What is true as a session begins.

    Args:
        session: The session.
        past: What is left of those before it, by number.
        words: The client's lines.
    """
    here = session.standing
    found = {"first" if session.number == 1 else "later"}
    if session.number == here.break_after:
        found.add("before_break")
    if session.number == here.schedule.sessions > 1:
        found.add("last")
    before = past.get(session.number - 1)
    if before:
        was_break = session.number - 1 == here.break_after
        left = before.facts if was_break else before.facts - {"break_named"}
        found |= left | ({"after_break"} if was_break else set())
    told: dict[str, int] = {}
    for one in past.values():
        for line in one.lines:
            if words[line].story:
                told[words[line].story] = told.get(words[line].story, 0) + 1
    found |= {f"told_{story}" for story, lines in told.items() if lines >= _BEGUN}
    return frozenset(found)


def earlier(number: int, past: Mapping[int, Past]) -> dict[int, int]:
    """By line, how many sessions before session `number` it was last said."""
    return {line: number - n for n in sorted(past) for line in past[n].lines if n < number}
