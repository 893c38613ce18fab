"""Where courses are kept: a seed and what the trainee did, committed before it is shown.

One table of courses and one of events, in one SQLite file, through SQLAlchemy. Nothing of the
simulation is stored: it follows from seed and events.
"""

import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event as happening
from sqlalchemy import exc

from bowlby.practice.language import ToldError

WAITS_S = 3.0
"""Seconds for which a write waits while another program holds the file."""

_TABLES = sa.MetaData()
_COURSES = sa.Table(
    "courses", _TABLES,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("client", sa.String(40), nullable=False),
    sa.Column("mode", sa.String(10), nullable=False),
    sa.Column("sessions", sa.Integer, nullable=False),
    sa.Column("minutes", sa.Integer, nullable=False),
    sa.Column("seed", sa.Integer, nullable=False),
    sa.Column("began", sa.String(32), nullable=False),
    sa.Column("pseudonym", sa.String(60), nullable=False, server_default=""),
    sa.Column("language", sa.String(10), nullable=False, server_default="en"),
)  # fmt: skip
_EVENTS = sa.Table(
    "events", _TABLES,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("course", sa.ForeignKey("courses.id"), nullable=False, index=True),
    sa.Column("session", sa.Integer, nullable=False),
    sa.Column("turn", sa.Integer, nullable=False),
    sa.Column("kind", sa.String(12), nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    sa.UniqueConstraint("course", "session", "turn", "kind"),
)  # fmt: skip
# Beside the courses, so that databases of before keep their table.
_PARAMETERS = sa.Table(
    "parameters", _TABLES,
    sa.Column("course", sa.ForeignKey("courses.id"), primary_key=True),
    sa.Column("content", sa.Text, nullable=False),
)  # fmt: skip
_DRILLS = sa.Table(
    "drills", _TABLES,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("drill", sa.String(40), nullable=False),
    sa.Column("level", sa.Integer, nullable=False),
    sa.Column("seed", sa.Integer, nullable=False),
    sa.Column("began", sa.String(32), nullable=False),
    sa.Column("moves", sa.Text, nullable=False),
    sa.Column("passed", sa.Integer, nullable=True),
    sa.Column("language", sa.String(10), nullable=False, server_default="en"),
)  # fmt: skip
_USABILITY = sa.Table(
    "usability", _TABLES,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("answers", sa.Text, nullable=False),
    sa.Column("score", sa.Float, nullable=False),
)  # fmt: skip

# What a column of before the present schema is taken to have held.
_WERE: Mapping[str, str] = {
    "mode": "'hidden'", "sessions": "8", "minutes": "25", "began": "'2026-01-01T00:00'",
    "pseudonym": "''", "language": "'en'", "turn": "0", "content": "'{}'",
}  # fmt: skip

# Built once: SQLAlchemy then compiles it once.
_ADD = sa.insert(_EVENTS).prefix_with("OR IGNORE")


class StoreError(ToldError):
    """The file of courses cannot be used; the message says why and what to do."""


class DamagedError(ToldError, ValueError):
    """What is stored of a course cannot be read."""


@dataclass(frozen=True)
class StoredCourse:
    """A course as it was begun."""

    id: str
    client: str
    mode: str
    sessions: int
    minutes: int
    seed: int
    began: str
    pseudonym: str = ""
    language: str = "en"


@dataclass(frozen=True)
class StoredDrill:
    """An attempt at a drill.

    Attributes:
        id: Its name.
        drill: Which drill.
        level: Its level, from 1.
        seed: What its chances follow from.
        began: Day and time, ISO 8601, UTC.
        moves: What was done so far.
        passed: Whether the criterion was met; None while it is open.
        language: In which it is told.
    """

    id: str
    drill: str
    level: int
    seed: int
    began: str
    moves: tuple[str, ...] = ()
    passed: bool | None = None
    language: str = "en"


@dataclass(frozen=True)
class Event:
    """Something the trainee did.

    Attributes:
        session: Session, from 1.
        turn: Turn that it makes or follows.
        kind: `open`, `move`, `mark`, `close` or `formulation`.
        content: What was said with it.
    """

    session: int
    turn: int
    kind: str
    content: Mapping[str, Any]


class Store:
    """Courses and events in a database; every write is committed when the call returns.

    Args:
        file: SQLite file; made where missing, brought to the present schema where older.

    Raises:
        StoreError: If the file cannot be used.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        if file.is_dir():
            raise StoreError("a_folder", file=file)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError("not_made", folder=file.parent, why=error.strerror) from error
        self._engine = sa.create_engine(
            sa.URL.create("sqlite", database=str(file)), connect_args={"timeout": WAITS_S}
        )
        happening.listen(self._engine, "connect", _durable)
        with self._told():
            self._prepare()

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def begin(
        self,
        *,
        client: str,
        mode: str,
        sessions: int,
        minutes: int,
        seed: int,
        pseudonym: str = "",
        language: str = "en",
        parameters: Mapping[str, float] | None = None,
    ) -> StoredCourse:
        """A new course, with the parameters that hold in it."""
        course = StoredCourse(
            uuid.uuid4().hex, client, mode, sessions, minutes, seed, _now(), pseudonym, language
        )
        with self._writing() as connection:
            connection.execute(sa.insert(_COURSES).values(asdict(course)))
            if parameters:
                row = {"course": course.id, "content": json.dumps(dict(parameters))}
                connection.execute(sa.insert(_PARAMETERS).values(row))
        return course

    def courses(self) -> tuple[StoredCourse, ...]:
        """All courses, the latest first."""
        with self._reading() as connection:
            rows = connection.execute(sa.select(_COURSES).order_by(_COURSES.c.began.desc()))
            return tuple(_stored(row) for row in rows)

    def course(self, name: str) -> StoredCourse:
        """One course.

        Raises:
            KeyError: If there is none of that id.
        """
        with self._reading() as connection:
            row = connection.execute(
                sa.select(_COURSES).where(_COURSES.c.id == name)
            ).one_or_none()
        if row is None:
            raise KeyError(name)
        return _stored(row)

    def delete(self, name: str) -> None:
        """Delete a course and all that was done in it.

        Raises:
            KeyError: If there is none of that id.
        """
        with self._writing() as connection:
            for table in (_EVENTS, _PARAMETERS):
                connection.execute(sa.delete(table).where(table.c.course == name))
            if not connection.execute(
                sa.delete(_COURSES).where(_COURSES.c.id == name)
            ).rowcount:
                raise KeyError(name)

    def parameters(self, course: str) -> dict[str, float]:
        """Parameters that a course was begun with, by dotted name."""
        with self._reading() as connection:
            query = sa.select(_PARAMETERS.c.content).where(_PARAMETERS.c.course == course)
            content = connection.execute(query).scalar_one_or_none()
        return _parsed(content, course) if content else {}

    def add(self, course: str, event: Event) -> bool:
        """Commit an event, and tell whether it is new: what has happened stays as it is."""
        row = {
            "course": course, "session": event.session, "turn": event.turn,
            "kind": event.kind, "content": json.dumps(dict(event.content)),
        }  # fmt: skip
        with self._writing() as connection:
            return connection.execute(_ADD, row).rowcount > 0

    def take_back(self, course: str, *, session: int, turn: int) -> bool:
        """Delete a move and what it closed, and tell whether there was one."""
        with self._writing() as connection:
            here = (
                (_EVENTS.c.course == course)
                & (_EVENTS.c.session == session)
                & (_EVENTS.c.turn == turn)
                & _EVENTS.c.kind.in_(("move", "close"))
            )
            return connection.execute(sa.delete(_EVENTS).where(here)).rowcount > 0

    def events(self, course: str) -> tuple[Event, ...]:
        """What was done in a course, in order.

        Raises:
            DamagedError: If an event cannot be read.
        """
        query = sa.select(_EVENTS).where(_EVENTS.c.course == course).order_by(_EVENTS.c.number)
        with self._reading() as connection:
            return tuple(
                Event(row.session, row.turn, row.kind, _parsed(row.content, course))
                for row in connection.execute(query)
            )

    def closed(self, course: str) -> int:
        """How many sessions of a course are over."""
        ends = (_EVENTS.c.course == course) & (_EVENTS.c.kind == "close")
        with self._reading() as connection:
            query = sa.select(sa.func.count()).select_from(_EVENTS).where(ends)
            return int(connection.execute(query).scalar_one())

    def save_drill(self, drill: StoredDrill) -> None:
        """Commit an attempt at a drill as it stands."""
        row = asdict(drill) | {"moves": json.dumps(drill.moves)}
        with self._writing() as connection:
            connection.execute(sa.insert(_DRILLS).prefix_with("OR REPLACE").values(row))

    def drills(self) -> tuple[StoredDrill, ...]:
        """All attempts that can be read, in the order in which they were begun."""
        query = sa.select(_DRILLS).order_by(_DRILLS.c.began, sa.text("rowid"))
        found = []
        with self._reading() as connection:
            for row in connection.execute(query):
                # One that is damaged counts for nothing, and hides no other.
                with suppress(DamagedError):
                    found.append(_drill(row))
        return tuple(found)

    def drill(self, name: str) -> StoredDrill:
        """One attempt.

        Raises:
            KeyError: If there is none of that id.
            DamagedError: If it cannot be read.
        """
        with self._reading() as connection:
            row = connection.execute(
                sa.select(_DRILLS).where(_DRILLS.c.id == name)
            ).one_or_none()
        if row is None:
            raise KeyError(name)
        return _drill(row)

    def add_usability(self, answers: tuple[int, ...], score: float) -> None:
        """Commit answers to the System Usability Scale."""
        with self._writing() as connection:
            row = {"answers": json.dumps(answers), "score": score}
            connection.execute(sa.insert(_USABILITY).values(row))

    def _prepare(self) -> None:
        """Make what is missing: tables, and columns of later versions."""
        with self._engine.begin() as connection:
            # Says now, and not in the middle of a session, that nothing can be written.
            version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
            connection.exec_driver_sql(f"PRAGMA user_version = {version}")
            found = sa.inspect(connection)
            for table in _TABLES.sorted_tables:
                if not found.has_table(table.name):
                    continue
                had = {column["name"] for column in found.get_columns(table.name)}
                for column in table.columns:
                    if column.name in had:
                        continue
                    if column.name not in _WERE:
                        raise StoreError(
                            "something_else", file=self.file, table=table.name,
                            column=column.name,
                        )  # fmt: skip
                    kind = column.type.compile(self._engine.dialect)
                    connection.exec_driver_sql(
                        f"ALTER TABLE {table.name} ADD COLUMN {column.name} {kind} "
                        f"NOT NULL DEFAULT {_WERE[column.name]}"
                    )
            _TABLES.create_all(connection)

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        with self._told(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        if not self.file.exists():
            raise StoreError("gone", file=self.file)
        with self._told(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say in a sentence what is the matter with the file."""
        try:
            yield
        except exc.DBAPIError as error:
            raise _problem(self.file, str(error.orig).lower()) from error


_SIGNS: Mapping[str, str] = {
    "locked": "held", "busy": "held", "full": "full", "readonly": "readonly",
    "unable to open": "unopened", "not a database": "not_courses", "malformed": "malformed",
}  # fmt: skip
"""What SQLite says, and the sentence that tells it."""


def _problem(file: Path, said: str) -> StoreError:
    for sign, key in _SIGNS.items():
        if sign in said:
            return StoreError(key, file=file)
    return StoreError("unusable", file=file, why=said)


def _stored(row: sa.Row[Any]) -> StoredCourse:
    names = StoredCourse.__dataclass_fields__
    return StoredCourse(**{name: row._mapping[name] for name in names})


def _drill(row: sa.Row[Any]) -> StoredDrill:
    try:
        moves = json.loads(row.moves)
    except (TypeError, ValueError):
        moves = None
    if not isinstance(moves, list) or not all(isinstance(move, str) for move in moves):
        raise DamagedError("damaged_drill", drill=row.id)
    return StoredDrill(
        row.id, row.drill, row.level, row.seed, row.began, tuple(moves),
        None if row.passed is None else bool(row.passed), row.language,
    )  # fmt: skip


def new_drill(drill: str, *, level: int, seed: int, language: str = "en") -> StoredDrill:
    """An attempt that begins now."""
    return StoredDrill(uuid.uuid4().hex, drill, level, seed, _now(), language=language)


def _parsed(content: str, course: str) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise DamagedError("damaged", course=course)
    return found


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _durable(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    # Outlives a killed server; only a power cut can cost the last turns.
    connection.execute("PRAGMA synchronous=NORMAL")
