"""A course in memory: what has happened in it, event by event, as made or as replayed."""

import threading
from dataclasses import dataclass, field, replace

from bowlby.practice import memory, outcome, room, view
from bowlby.practice.messages import SessionOutcome, Turn
from bowlby.practice.store import Event, StoredCourse


@dataclass(frozen=True)
class State:
    """All of a course that a move changes; kept whole, so that a move can be taken back.

    Attributes:
        standing: Between sessions.
        open: The open session.
        past: Sessions that are over, by number.
        seen: What was seen in each session, by number.
        left: What the client is left with of each, by number.
        outcomes: What came of each.
        lines: Lines said in the open session, in order.
        facts: What is true in it.
        parting: Last words of the last session.
        first: The first session, as it was opened.
        events: What the trainee did.
    """

    standing: room.Standing
    open: room.Session | None = None
    past: dict[int, room.Session] = field(default_factory=dict)
    seen: dict[int, tuple[Turn, ...]] = field(default_factory=dict)
    left: dict[int, memory.Past] = field(default_factory=dict)
    outcomes: tuple[SessionOutcome, ...] = ()
    lines: tuple[int, ...] = ()
    facts: frozenset[str] = frozenset()
    parting: str = ""
    first: room.Session | None = None
    events: tuple[Event, ...] = ()

    @property
    def session(self) -> room.Session | None:
        """The open session, or the last one."""
        return self.open or self.past.get(self.standing.session)

    @property
    def number(self) -> int:
        """Of the open session, or of the last one."""
        return self.standing.session + (self.open is not None)

    @property
    def turns(self) -> tuple[Turn, ...]:
        """What was seen in the open session, or in the last one."""
        return self.seen.get(self.number, ())

    def of(self, session: int, kind: str) -> list[Event]:
        """Events of a kind in a session."""
        return [e for e in self.events if e.session == session and e.kind == kind]


@dataclass
class HeldCourse:
    """A course that is held in memory.

    Attributes:
        stored: As it was begun.
        state: As it stands.
        before: As it stood before the last move, and when that was made (monotonic, s).
        lock: One request at a time.
    """

    stored: StoredCourse
    state: State
    before: tuple[State, float] | None = None
    lock: threading.RLock = field(default_factory=threading.RLock)


def happened(stored: StoredCourse, state: State, event: Event) -> State:
    """A course after an event.

    Raises:
        ValueError: If the event does not fit the course.
        KeyError: If what was said with it is not there.
    """
    state = replace(state, events=(*state.events, event))
    if event.kind == "open":
        session = room.enter(state.standing)
        facts = memory.facts(session, state.left, session.standing.who.words)
        opened = replace(
            state, open=session, lines=(), facts=facts, parting="", first=state.first or session
        )
        return _looked(stored, opened, "", "")
    if state.open is None:
        return state
    if event.kind == "move":
        moved = replace(state, open=room.play(state.open, event.content["move"]))
        return _looked(stored, moved, event.content["move"], event.content.get("said", ""))
    if event.kind == "close":
        return _closed(state, state.open)
    return state


def _looked(stored: StoredCourse, state: State, move: str, said: str) -> State:
    session = state.open
    assert session is not None
    turn = len(session.minutes)
    near = {"near_end"} if turn and stored.minutes - turn <= view.NEAR_END else set()
    seen, line = view.outward(
        session, turn, said=state.lines, earlier=memory.earlier(session.number, state.left),
        facts=state.facts | near,
    )  # fmt: skip
    inside = view.inward(session, turn) if stored.mode == "visible" else None
    told = Turn(number=turn, move=move, said=said, seen=seen, inside=inside)
    before = state.seen.get(session.number, ()) if turn else ()
    return replace(
        state,
        lines=(*state.lines, line),
        seen={**state.seen, session.number: (*before, told)},
    )


def _closed(state: State, session: room.Session) -> State:
    number = session.number
    standing = room.leave(session)
    words = session.standing.who.words
    # Nobody who is seen once says "until next week".
    over = {"last"} if number == standing.schedule.sessions else set()
    line = view.parting(
        session, earlier=memory.earlier(number, state.left), facts=state.facts | over
    )
    lines = (*state.lines, line)
    return replace(
        state, standing=standing, open=None, lines=lines, parting=words[line].text,
        past={**state.past, number: room.kept(session)},
        left={**state.left, number: memory.remembered(session, lines, named=standing.named)},
        outcomes=(*state.outcomes, outcome.session_outcome(session)),
    )  # fmt: skip
