"""Courses that are open: replayed from the store when they are not in memory.

Every turn is committed before it is shown. Whoever asks first plays it; a second request for
the same turn, from another tab or after a lost answer, is told what happened.
"""

import io
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from secrets import randbelow

import numpy as np

from bowlby.practice import room, supervision, view
from bowlby.practice.client import clients, find_client
from bowlby.practice.messages import (
    Begin,
    CourseCard,
    Formulation,
    Mark,
    Mode,
    Move,
    Room,
    Supervision,
    Turn,
    Usability,
    UsabilityScore,
    Welcome,
)
from bowlby.practice.moves import MOVES, label
from bowlby.practice.store import Event, Store, StoredCourse

REMARK = (
    "The clients are simulated by a model of attachment. This is for training and thinking: it "
    "does not diagnose, and no effect of practising here on real clients has been shown."
)
ROOMS = 40
"""Courses held in memory; others are replayed when they are asked for."""

_MARK_EVERY = 6


class ConflictError(ValueError):
    """What is asked for does not fit the state of the course."""


@dataclass
class _Course:
    """A course in memory.

    Attributes:
        stored: As it was begun.
        standing: Between sessions.
        open: The open session.
        past: Sessions that are over, by number.
        turns: What was seen in the open or last session.
        said: Utterances used in it.
        events: What the trainee did.
        lock: One request at a time.
    """

    stored: StoredCourse
    standing: room.Standing
    open: room.Session | None = None
    past: dict[int, room.Session] = field(default_factory=dict)
    turns: list[Turn] = field(default_factory=list)
    said: frozenset[int] = frozenset()
    events: list[Event] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def session(self) -> room.Session | None:
        """The open session, or the last one."""
        return self.open or self.past.get(self.standing.session)


class Courses:
    """All courses of one store.

    Args:
        store: Where they are kept.
        parameters: Numbers that hold in courses begun from now on, by dotted name.
    """

    def __init__(self, store: Store, parameters: Mapping[str, float] | None = None) -> None:
        self.store = store
        self.parameters = dict(parameters or {})
        self._held: OrderedDict[str, _Course] = OrderedDict()
        self._lock = threading.Lock()

    @cached_property
    def _clients(self):
        return tuple(client.card for client in clients())

    def welcome(self) -> Welcome:
        """The first page."""
        cards = tuple(self._stored_card(course) for course in self.store.courses()[:20])
        return Welcome(clients=self._clients, moves=MOVES, courses=cards, remark=REMARK)

    def begin(self, wanted: Begin) -> Room:
        """A new course, with its first session open."""
        find_client(wanted.client)
        seed = randbelow(2**31 - 1) if wanted.seed is None else wanted.seed
        stored = self.store.begin(
            client=wanted.client, mode=wanted.mode, sessions=wanted.sessions,
            minutes=wanted.minutes, seed=seed, parameters=self.parameters,
        )  # fmt: skip
        return self.open(stored.id)

    def room(self, name: str) -> Room:
        """The room as it stands."""
        course = self._course(name)
        with course.lock:
            return _room(course)

    def holds(self, name: str) -> bool:
        """Whether a course is in memory; others are replayed first, which takes seconds."""
        with self._lock:
            return name in self._held

    def open(self, name: str) -> Room:
        """Open the next session; nothing happens where one is open."""
        course = self._course(name)
        with course.lock:
            if course.open is None:
                if course.standing.session >= course.stored.sessions:
                    raise ConflictError("This course has ended: its last session is over.")
                self._do(course, Event(course.standing.session + 1, 0, "open", {}))
            return _room(course)

    def move(self, name: str, wanted: Move) -> Room:
        """A turn. One that was made already is told, not made again."""
        label(wanted.move)
        course = self._course(name)
        with course.lock:
            session = _open(course)
            made = len(session.minutes)
            if wanted.turn > made + 1:
                raise ConflictError(f"Turn {wanted.turn} is not next: turn {made + 1} is.")
            if wanted.turn == made + 1:
                content = {"move": wanted.move, "said": wanted.said}
                self._do(course, Event(session.number, wanted.turn, "move", content))
                if wanted.turn == course.stored.minutes:
                    self._do(course, Event(session.number, wanted.turn, "close", {}))
            return _room(course)

    def mark(self, name: str, mark: Mark) -> Room:
        """What the trainee thinks is going on after the last turn."""
        course = self._course(name)
        with course.lock:
            session = _open(course)
            if not session.minutes:
                raise ConflictError("Make a first move, then mark what you think is going on.")
            event = Event(session.number, len(session.minutes), "mark", mark.model_dump())
            self._do(course, event)
            return _room(course)

    def close_session(self, name: str) -> Room:
        """End the open session."""
        course = self._course(name)
        with course.lock:
            session = _open(course)
            if not session.minutes:
                raise ConflictError("Make a first move, then end the session.")
            self._do(course, Event(session.number, len(session.minutes), "close", {}))
            return _room(course)

    def formulate(self, name: str, wanted: Formulation) -> Supervision:
        """The trainee's formulation of the last session, then supervision."""
        course = self._course(name)
        with course.lock:
            if course.open is not None or not course.standing.session:
                raise ConflictError("A formulation is written when the session is over.")
            number = course.standing.session
            self._do(course, Event(number, 0, "formulation", wanted.model_dump()))
        return self.supervision(name, number)

    def supervision(self, name: str, number: int) -> Supervision:
        """Supervision of a session that is over."""
        course = self._course(name)
        with course.lock:
            session = _past(course, number)
            own = [e for e in course.events if e.session == number]
            marks = [(e.turn, Mark.model_validate(e.content)) for e in own if e.kind == "mark"]
            outcomes, brier = supervision.mark_outcomes(session, marks)
            written = [e for e in own if e.kind == "formulation"]
            who = session.standing.who
            return Supervision(
                course=_card(course), session=number, turns=_turns(session, own),
                moments=supervision.key_moments(session),
                by_state=supervision.by_state(session), missed=supervision.missed(session),
                questions=supervision.questions(session), marks=outcomes, calibration=brier,
                formulation=Formulation.model_validate(written[0].content) if written else None,
                truth=f"{who.history} (The pattern the words were written for: {who.pattern}.)",
                source=supervision.SOURCE,
            )  # fmt: skip

    def export(self, name: str, number: int) -> str:
        """A session as a table that `bowlby measure` reads: both arousals, every second."""
        course = self._course(name)
        with course.lock:
            session = _past(course, number)
            text = io.StringIO()
            text.write("time,client_arousal,therapist_arousal\n")
            both = np.concatenate([minute.arousal for minute in session.minutes])
            for second, (client, therapist) in enumerate(both):
                text.write(f"{second},{client:.6f},{therapist:.6f}\n")
            return text.getvalue()

    def usability(self, wanted: Usability) -> UsabilityScore:
        """Score of the System Usability Scale (Brooke 1996), whose odd items praise."""
        odd = sum(a - 1 for a in wanted.answers[::2])
        even = sum(5 - a for a in wanted.answers[1::2])
        score = 2.5 * (odd + even)
        self.store.add_usability(wanted.answers, score)
        return UsabilityScore(score=score)

    def _course(self, name: str) -> _Course:
        """A course, from memory or replayed."""
        with self._lock:
            if name in self._held:
                self._held.move_to_end(name)
                return self._held[name]
        stored = self.store.course(name)
        standing = room.begin(
            find_client(stored.client).with_parameters(self.store.parameters(stored.id)),
            seed=stored.seed,
            sessions=stored.sessions,
        )
        course = _Course(stored, standing)
        for event in self.store.events(name):
            _happens(course, event)
        with self._lock:
            course = self._held.setdefault(name, course)
            while len(self._held) > ROOMS:
                self._held.popitem(last=False)
            return course

    def _do(self, course: _Course, event: Event) -> None:
        """Commit, then let it happen: a server killed in between replays it.

        What is not new was done before, or by another server on the same file: that happens.
        """
        if self.store.add(course.stored.id, event):
            _happens(course, event)
            return
        for missed in self.store.events(course.stored.id)[len(course.events) :]:
            _happens(course, missed)

    def _stored_card(self, stored: StoredCourse) -> CourseCard:
        events = self.store.events(stored.id)
        opened = sum(e.kind == "open" for e in events)
        closed = sum(e.kind == "close" for e in events)
        return _describe(stored, opened, closed)


def _happens(course: _Course, event: Event) -> None:
    """One event, as it is made or replayed."""
    course.events.append(event)
    if event.kind == "open":
        course.open = room.enter(course.standing)
        course.turns, course.said = [], frozenset()
        _look(course, "", "")
    elif event.kind == "move":
        course.open = room.play(_open(course), event.content["move"])
        _look(course, event.content["move"], event.content["said"])
    elif event.kind == "close":
        session = _open(course)
        course.past[session.number] = room.kept(session)
        course.standing, course.open = room.leave(session), None


def _look(course: _Course, move: str, said: str) -> None:
    session = _open(course)
    number = len(session.minutes)
    seen, index = view.outward(session, number, said=course.said)
    course.said = course.said | {index}
    shows = course.stored.mode == "visible"
    inside = view.inward(session, number) if shows else None
    course.turns.append(Turn(number=number, move=move, said=said, seen=seen, inside=inside))


def _turns(session: room.Session, events: list[Event]) -> tuple[Turn, ...]:
    """Turns of a session, from its start."""
    said_of = {e.turn: e.content["said"] for e in events if e.kind == "move"}
    used: frozenset[int] = frozenset()
    turns = []
    for number in range(len(session.minutes) + 1):
        part = replace(session, minutes=session.minutes[:number])
        seen, index = view.outward(part, number, said=used)
        used = used | {index}
        move = session.minutes[number - 1].move if number else ""
        inside = view.inward(part, number)
        turns.append(
            Turn(
                number=number, move=move, said=said_of.get(number, ""), seen=seen, inside=inside
            )
        )
    return tuple(turns)


def _open(course: _Course) -> room.Session:
    if course.open is None:
        raise ConflictError("No session is open: open the next one first.")
    return course.open


def _past(course: _Course, number: int) -> room.Session:
    if number not in course.past:
        raise ConflictError(f"Session {number} is not over, or has not taken place.")
    return course.past[number]


def _describe(stored: StoredCourse, opened: int, closed: int) -> CourseCard:
    ended = closed >= stored.sessions
    state = "in session" if opened > closed else "ended" if ended else "between"
    mode: Mode = "visible" if stored.mode == "visible" else "hidden"
    number = max(opened, 1) if opened > closed else min(closed + 1, stored.sessions)
    return CourseCard(
        id=stored.id, client=find_client(stored.client).card, mode=mode,
        session=number, sessions=stored.sessions, state=state, began=stored.began,
    )  # fmt: skip


def _card(course: _Course) -> CourseCard:
    closed = course.standing.session
    return _describe(course.stored, closed + (course.open is not None), closed)


def _room(course: _Course) -> Room:
    """What the page may show; in the hidden mode the inside stays hidden."""
    stored, session = course.stored, course.session
    number = session.number if session else 1
    made = len(session.minutes) if session else 0
    marked = any(
        e.kind == "mark" and e.session == number and e.turn == made for e in course.events
    )
    due = course.open is not None and made > 0 and made % _MARK_EVERY == 0
    return Room(
        course=_card(course), minutes=stored.minutes, turns=tuple(course.turns),
        is_last=number == stored.sessions,
        break_ahead=number == course.standing.break_after,
        asks_mark=stored.mode == "hidden" and due and not marked,
        is_formulated=any(
            e.kind == "formulation" and e.session == course.standing.session
            for e in course.events
        ),
    )  # fmt: skip
