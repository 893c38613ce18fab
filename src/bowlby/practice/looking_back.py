"""Looking back at a session that is over: supervision, and what else could have been done."""

from dataclasses import replace

import numpy as np

from bowlby.practice import marks, room, supervision, view
from bowlby.practice.course_state import State
from bowlby.practice.language import catalogue, say
from bowlby.practice.messages import (
    Chance,
    CourseCard,
    Formulation,
    Mark,
    Reading,
    Retried,
    Retry,
    Supervision,
    Turn,
)

_RETRY_BATCHES = 4


def supervised(state: State, number: int, card: CourseCard) -> Supervision:
    """Supervision of a session that is over.

    Args:
        state: The course.
        number: Which session.
        card: What the page is told of the course.
    """
    session, written = state.past[number], state.of(number, "formulation")
    found = marks.outcomes(session, _marked(state, number))
    reading = marks.reading(session, found)
    who = session.standing.who
    return Supervision(
        course=card, session=number, turns=_turns(state, session),
        moments=supervision.key_moments(session),
        by_state=supervision.by_state(session), done=supervision.done_well(session),
        missed=supervision.missed(session),
        practise_next=supervision.practise_next(session),
        questions=supervision.questions(session), marks=found,
        calibration=reading.brier if reading else None, reading=reading,
        learning=_learning(state),
        formulation=Formulation.model_validate(written[0].content) if written else None,
        truth=say(
            who.language, "supervision.truth", history=who.history,
            pattern=catalogue(who.language, "page")["room"][who.pattern],
        ),
        source=say(who.language, "supervision.source"),
    )  # fmt: skip


def retried(state: State, number: int, wanted: Retry) -> Retried:
    """Other moves from a moment of a session that is over, by the same chances."""
    session = state.past[number]
    again = room.replayed(session, session.minutes[: wanted.turn - 1], wanted.moves)
    last = wanted.turn + len(wanted.moves) - 1
    return Retried(
        turn=wanted.turn, was=_turns(state, session)[wanted.turn : last + 1],
        instead=_looks(state, again, wanted.turn), chances=_chances(session, wanted),
    )  # fmt: skip


def _learning(state: State) -> tuple[Reading, ...]:
    """How well each session was read so far."""
    found = (
        marks.reading(session, marks.outcomes(session, _marked(state, number)))
        for number, session in sorted(state.past.items())
    )
    return tuple(reading for reading in found if reading)


def _turns(state: State, session: room.Session) -> tuple[Turn, ...]:
    """Turns of a session that is over, with the inside."""
    return tuple(
        turn.model_copy(
            update={"inside": view.inward(_up_to(session, turn.number), turn.number)}
        )
        for turn in state.seen[session.number]
    )


def _up_to(session: room.Session, turn: int) -> room.Session:
    return replace(session, minutes=session.minutes[:turn])


def _looks(state: State, again: room.Session, first: int) -> tuple[Turn, ...]:
    """Turns of a session that is played again, from one on."""
    number = again.number
    said, found = list(state.left[number].lines[:first]), []
    facts = {"first" if number == 1 else "later"}
    for turn in range(first, len(again.minutes) + 1):
        part = _up_to(again, turn)
        seen, line = view.outward(part, turn, said=said, facts=frozenset(facts))
        said.append(line)
        found.append(Turn(
            number=turn, move=again.minutes[turn - 1].move, said="", seen=seen,
            inside=view.inward(part, turn),
        ))  # fmt: skip
    return tuple(found)


def _chances(session: room.Session, wanted: Retry) -> tuple[Chance, ...]:
    """How often things come about with either line, where a whole line fits the session."""
    was = [m.move for m in session.minutes[wanted.turn - 1 : wanted.turn - 1 + room.AHEAD]]
    if len(was) < room.AHEAD:
        return ()
    instead = [*wanted.moves, *was[len(wanted.moves) :]]
    batches = [
        room.futures_of(session, wanted.turn, [was, instead], batch=1 + batch)
        for batch in range(_RETRY_BATCHES)
    ]
    found = []
    for what, name in (("rupture", "rupture"), ("settled", "settled"), ("understood", "trust"),
                       ("explored", "explored"), ("changed", "changed")):  # fmt: skip
        both = np.concatenate([getattr(batch, name) for batch in batches], axis=1)
        _, low, high = supervision.interval(both[1] - both[0])
        shares = np.clip(both.mean(1), 0.0, 1.0)
        found.append(Chance(
            what=what,  # pyright: ignore[reportArgumentType]
            was=float(shares[0]), instead=float(shares[1]), low=low, high=high,
        ))  # fmt: skip
    return tuple(found)


def _marked(state: State, number: int) -> list[tuple[int, Mark]]:
    return [(e.turn, Mark.model_validate(e.content)) for e in state.of(number, "mark")]
