"""Courses that are open: replayed from the store when they are not in memory.

Every turn is committed before it is shown. Whoever asks first plays it; a second request for
the same turn, from another tab or after a lost answer, is told what happened.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from functools import partial
from secrets import randbelow

from bowlby.practice import looking_back, marks, outcome, room, sheets
from bowlby.practice.client import SimulatedClient
from bowlby.practice.course_state import HeldCourse, State, happened
from bowlby.practice.language import SOURCE_LANGUAGE, ToldError, languages, say, worded
from bowlby.practice.messages import (
    Begin,
    CourseCard,
    CourseEnd,
    EarlierCourse,
    Formulation,
    Mark,
    Mode,
    Move,
    NotOffered,
    Outcome,
    Retried,
    Retry,
    Room,
    Supervision,
    UnreadableCourse,
    Usability,
    UsabilityScore,
    Welcome,
)
from bowlby.practice.moves import label, moves
from bowlby.practice.offered import Offered
from bowlby.practice.pars import Pars
from bowlby.practice.store import DamagedError, Event, Store, StoredCourse

ROOMS = 40
"""Courses held in memory; others are replayed when they are asked for."""

TAKE_BACK_S = 3.0
"""Seconds for which a move can be taken back."""

UNREADABLE = (KeyError, ValueError, TypeError, AttributeError)
"""What happens where something is stored that is of another time or damaged."""

# What a click on its way may be late by.
_ON_ITS_WAY_S = 0.5
_RETRY_BATCHES = 4


class ConflictError(ToldError, ValueError):
    """What is asked for does not fit the state of the course."""


class Courses:
    """All courses of one store.

    Args:
        store: Where they are kept.
        parameters: Numbers that hold in courses begun from now on, by dotted name.
        others: Clients beside those of the package.
        clock: Seconds that never go back, for what can be taken back.
    """

    def __init__(
        self,
        store: Store,
        parameters: Mapping[str, float] | None = None,
        *,
        others: Sequence[SimulatedClient] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.store = store
        self.parameters = dict(parameters or {})
        self.offered = Offered(others)
        self._clock = clock
        self._held: OrderedDict[str, HeldCourse] = OrderedDict()
        self._lock = threading.Lock()
        self._pars = Pars()

    def close(self) -> None:
        """Stop what is done beside."""
        self._pars.close()

    def welcome(self, language: str = SOURCE_LANGUAGE) -> Welcome:
        """The first page; a course that cannot be shown does not close it."""
        offered, in_drills = (
            self.offered.met_in(place, language) for place in ("courses", "drills")
        )
        names = ", ".join(client.card.name for client in offered)
        cards, unreadable = [], []
        for stored in self.store.courses():
            try:
                cards.append(self._stored_card(stored))
            except UNREADABLE as error:
                is_told = isinstance(error, ToldError)
                why = error if is_told else DamagedError("damaged", course=stored.id)
                unreadable.append(UnreadableCourse(id=stored.id, why=worded(why, language)))
        return Welcome(
            clients=tuple(client.card for client in offered),
            not_offered=tuple(
                NotOffered(
                    card=client.card,
                    why=say(language, "welcome.in_drills", name=client.card.name, known=names),
                )
                for client in in_drills
            ),
            moves=moves(language), courses=tuple(cards), unreadable=tuple(unreadable),
            remark=say(language, "welcome.remark"), language=language,
            languages=dict(languages()), take_back_s=TAKE_BACK_S,
        )  # fmt: skip

    def begin(self, wanted: Begin) -> Room:
        """A new course, with its first session open.

        Raises:
            ToldError: If there is no such client, or none who speaks this language.
        """
        self.offered.client(wanted.client, wanted.language)
        seed = randbelow(2**31 - 1) if wanted.seed is None else wanted.seed
        stored = self.store.begin(
            client=wanted.client, mode=wanted.mode, sessions=wanted.sessions,
            minutes=wanted.minutes, seed=seed, parameters=self.parameters,
            pseudonym=wanted.pseudonym.strip(), language=wanted.language,
        )  # fmt: skip
        return self.open(stored.id)

    def delete(self, name: str) -> None:
        """Delete a course, for good.

        Raises:
            KeyError: If there is none.
        """
        self.store.delete(name)
        with self._lock:
            self._held.pop(name, None)

    def room(self, name: str) -> Room:
        """The room as it stands."""
        course = self._course(name)
        with course.lock:
            return self._room(course)

    def holds(self, name: str) -> bool:
        """Whether a course is in memory; others are replayed first, which takes seconds."""
        with self._lock:
            return name in self._held

    def open(self, name: str) -> Room:
        """Open the next session; nothing happens where one is open."""
        course = self._course(name)
        with course.lock:
            state = course.state
            if state.open is None:
                if state.standing.session >= course.stored.sessions:
                    raise ConflictError("course_ended")
                self._do(course, Event(state.standing.session + 1, 0, "open", {}))
            return self._room(course)

    def move(self, name: str, wanted: Move) -> Room:
        """A turn. One that was made already is told, not made again."""
        label(wanted.move)
        course = self._course(name)
        with course.lock:
            session = _open(course.state)
            made = len(session.minutes)
            if wanted.turn > made + 1:
                raise ConflictError("not_next", turn=wanted.turn, next=made + 1)
            if wanted.turn == made + 1:
                before = course.state
                content = {"move": wanted.move, "said": wanted.said}
                self._do(course, Event(session.number, wanted.turn, "move", content))
                if wanted.turn == course.stored.minutes:
                    self._do(course, Event(session.number, wanted.turn, "close", {}))
                course.before = before, self._clock()
            return self._room(course)

    def take_back(self, name: str) -> Room:
        """Take back the last move, for a few seconds after it was made."""
        course = self._course(name)
        with course.lock:
            if course.before is None or self._left_s(course) <= -_ON_ITS_WAY_S:
                raise ConflictError("stays", seconds=f"{TAKE_BACK_S:.0f}")
            before, _ = course.before
            session = _open(before)
            self.store.take_back(
                course.stored.id, session=session.number, turn=len(session.minutes) + 1
            )
            course.state, course.before = before, None
            return self._room(course)

    def mark(self, name: str, mark: Mark) -> Room:
        """What the trainee thinks is going on after the last turn."""
        course = self._course(name)
        with course.lock:
            session = _open(course.state)
            turn = len(session.minutes)
            if not turn:
                raise ConflictError("mark_first")
            given = mark.model_dump(exclude_none=True)
            if given.keys() == {"sure"}:
                raise ConflictError("mark_empty")
            self._once(
                course, Event(session.number, turn, "mark", given),
                ConflictError("marked", turn=turn),
            )  # fmt: skip
            course.before = None
            return self._room(course)

    def close_session(self, name: str) -> Room:
        """End the open session."""
        course = self._course(name)
        with course.lock:
            session = _open(course.state)
            if not session.minutes:
                raise ConflictError("end_first")
            self._do(course, Event(session.number, len(session.minutes), "close", {}))
            course.before = None
            return self._room(course)

    def formulate(self, name: str, wanted: Formulation) -> Supervision:
        """The trainee's formulation of the last session, then supervision."""
        course = self._course(name)
        with course.lock:
            if course.state.open is not None or not course.state.standing.session:
                raise ConflictError("formulate_later")
            number = course.state.standing.session
            self._once(
                course, Event(number, 0, "formulation", wanted.model_dump()),
                ConflictError("formulated", session=number),
            )  # fmt: skip
        return self.supervision(name, number)

    def supervision(self, name: str, number: int) -> Supervision:
        """Supervision of a session that is over; in the hidden mode, once it is formulated."""
        course = self._course(name)
        with course.lock:
            _look_inside(course, number)
            return looking_back.supervised(course.state, number, _card(course))

    def retry(self, name: str, number: int, wanted: Retry) -> Retried:
        """Other moves from a moment of a session that is over, by the same chances."""
        for move in wanted.moves:
            label(move)
        course = self._course(name)
        with course.lock:
            session = _look_inside(course, number, otherwise="retry_later")
            last = wanted.turn + len(wanted.moves) - 1
            if last > len(session.minutes):
                raise ConflictError("session_short", minutes=len(session.minutes))
            return looking_back.retried(course.state, number, wanted)

    def end(self, name: str) -> CourseEnd:
        """What became of the client, beside a handbook therapist and one's earlier courses."""
        course = self._course(name)
        with course.lock:
            own = _outcome(course)
            _look_inside(course, course.stored.sessions)
        stored = course.stored
        like = self._ended_like(stored)
        par = self._par(stored, like)
        failed = par.done() and par.exception() is not None
        return CourseEnd(
            course=_card(course), own=own, earlier=self._earlier(like),
            par=par.result() if par.done() and not failed else None,
            no_par=say(stored.language, "problem.no_par") if failed else "",
        )  # fmt: skip

    def _par(self, stored: StoredCourse, like: Sequence[str]) -> Future[Outcome]:
        """What a handbook therapist reaches with the same person; played beside."""
        parameters = self.store.parameters(stored.id)
        # Own courses that are not in memory are replayed first, and told with it.
        first = [partial(self._course, name) for name in like]
        return self._pars.of(
            self.offered.client(stored.client, stored.language).with_parameters(parameters),
            seed=stored.seed, sessions=stored.sessions, minutes=stored.minutes, first=first,
        )  # fmt: skip

    def _ended_like(self, stored: StoredCourse, *, count: int = 5) -> list[str]:
        """Own latest other courses with the same client that have ended."""
        own = [
            one for one in self.store.courses()
            if one.id != stored.id
            and (one.client, one.pseudonym) == (stored.client, stored.pseudonym)
            and self.store.closed(one.id) >= one.sessions
        ]  # fmt: skip
        return [one.id for one in own[:count]]

    def _earlier(self, names: Sequence[str]) -> tuple[EarlierCourse, ...]:
        """Those of these courses that are in memory, the oldest first."""
        with self._lock:
            held = [self._held[name] for name in names if name in self._held]
        found = []
        for course in reversed(held):
            with course.lock:
                found.append(EarlierCourse(course=_card(course), outcome=_outcome(course)))
        return tuple(found)

    def export(self, name: str, number: int) -> str:
        """A session as a table that `bowlby measure` reads: both arousals, every second."""
        course = self._course(name)
        with course.lock:
            return sheets.arousals(_look_inside(course, number))

    def usability(self, wanted: Usability) -> UsabilityScore:
        """Score of the System Usability Scale (Brooke 1996), whose odd items praise."""
        odd = sum(a - 1 for a in wanted.answers[::2])
        even = sum(5 - a for a in wanted.answers[1::2])
        score = 2.5 * (odd + even)
        self.store.add_usability(wanted.answers, score)
        return UsabilityScore(score=score)

    def _course(self, name: str) -> HeldCourse:
        """A course, from memory or replayed."""
        with self._lock:
            if name in self._held:
                self._held.move_to_end(name)
                return self._held[name]
        stored = self.store.course(name)
        who = self.offered.client(stored.client, stored.language)
        events = self.store.events(name)
        who = who.with_parameters(self.store.parameters(stored.id))
        try:
            standing = room.begin(who, seed=stored.seed, sessions=stored.sessions)
        except UNREADABLE as error:
            raise DamagedError("damaged", course=stored.id) from error
        course = HeldCourse(stored, State(standing))
        for event in events:
            course.state = _replayed(stored, course.state, event)
        with self._lock:
            course = self._held.setdefault(name, course)
            while len(self._held) > ROOMS:
                self._held.popitem(last=False)
            return course

    def _do(self, course: HeldCourse, event: Event) -> None:
        """Commit, then let it happen: a server killed in between replays it.

        What is not new was done before, or by another server on the same file: that happens.
        """
        if self.store.add(course.stored.id, event):
            course.state = happened(course.stored, course.state, event)
            return
        for missed in self.store.events(course.stored.id)[len(course.state.events) :]:
            course.state = happened(course.stored, course.state, missed)

    def _once(self, course: HeldCourse, event: Event, otherwise: ConflictError) -> None:
        """Commit what can be said once.

        Raises:
            ConflictError: If it was said before.
        """
        if not self.store.add(course.stored.id, event):
            raise otherwise
        course.state = happened(course.stored, course.state, event)

    def _stored_card(self, stored: StoredCourse) -> CourseCard:
        events = self.store.events(stored.id)
        opened = sum(e.kind == "open" for e in events)
        closed = sum(e.kind == "close" for e in events)
        who = self.offered.client(stored.client, stored.language)
        return _describe(stored, who, opened, closed)

    def _left_s(self, course: HeldCourse) -> float:
        """Seconds for which the last move can still be taken back; below 0 they are over."""
        if course.before is None:
            return -TAKE_BACK_S
        return TAKE_BACK_S - (self._clock() - course.before[1])

    def _room(self, course: HeldCourse) -> Room:
        """What the page may show; in the hidden mode the inside stays hidden."""
        stored, state = course.stored, course.state
        session, number = state.session, max(state.number, 1)
        asks = _asks(state) if stored.mode == "hidden" else ()
        return Room(
            course=_card(course), minutes=stored.minutes, turns=state.turns,
            is_last=number == stored.sessions,
            break_ahead=bool(session) and number == state.standing.break_after,
            asks_mark=bool(asks), asks=asks,
            is_formulated=bool(state.of(state.standing.session, "formulation")),
            parting=state.parting,
        )  # fmt: skip


def _replayed(stored: StoredCourse, state: State, event: Event) -> State:
    """An event of the store, which may be of another time or damaged.

    Raises:
        DamagedError: If it does not fit the course.
    """
    try:
        return happened(stored, state, event)
    except UNREADABLE as error:
        raise DamagedError(
            "damaged_event", course=stored.id, session=event.session, turn=event.turn
        ) from error


def _open(state: State) -> room.Session:
    if state.open is None:
        raise ConflictError("none_open")
    return state.open


def _past(state: State, number: int) -> room.Session:
    if number not in state.past:
        raise ConflictError("not_over", session=number)
    return state.past[number]


def _look_inside(
    course: HeldCourse, number: int, *, otherwise: str = "formulate_first"
) -> room.Session:
    """A session that is over, of which the inside may be shown.

    Raises:
        ConflictError: If it is not over; in the hidden mode, if it is not formulated either.
    """
    session = _past(course.state, number)
    if course.stored.mode == "hidden" and not _formulated(course.state, number):
        raise ConflictError(otherwise)
    return session


def _formulated(state: State, number: int) -> bool:
    """Whether a session may be looked into: it has a formulation, or a later one was open."""
    later = number < state.standing.session or state.open is not None
    return later or bool(state.of(number, "formulation"))


def _asks(state: State) -> tuple[marks.Question, ...]:
    """What is asked now, if it is not marked yet."""
    session = state.open
    if session is None or not session.minutes:
        return ()
    turn = len(session.minutes)
    if any(event.turn == turn for event in state.of(session.number, "mark")):
        return ()
    return marks.asked(session).get(turn, ())


def _outcome(course: HeldCourse) -> Outcome:
    """What became of the client of a course.

    Raises:
        ConflictError: If the course has not ended.
    """
    state = course.state
    if state.standing.session < course.stored.sessions or state.first is None:
        raise ConflictError("not_ended")
    last = state.past[course.stored.sessions]
    return outcome.outcome(state.standing, state.first, state.outcomes, last)


def _describe(
    stored: StoredCourse, who: SimulatedClient, opened: int, closed: int
) -> CourseCard:
    ended = closed >= stored.sessions
    state = "in session" if opened > closed else "ended" if ended else "between"
    mode: Mode = "visible" if stored.mode == "visible" else "hidden"
    number = max(opened, 1) if opened > closed else min(closed + 1, stored.sessions)
    return CourseCard(
        id=stored.id, client=who.card, mode=mode, session=number, sessions=stored.sessions,
        state=state, began=stored.began, pseudonym=stored.pseudonym, language=stored.language,
        seed=stored.seed,
    )  # fmt: skip


def _card(course: HeldCourse) -> CourseCard:
    closed = course.state.standing.session
    opened = closed + (course.state.open is not None)
    return _describe(course.stored, course.state.standing.who, opened, closed)
