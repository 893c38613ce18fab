"""Where courses are kept: a seed and what the trainee did, committed before it is shown.

One table of courses and one of events, through SQLAlchemy, so that an institute's PostgreSQL is
one address away. Nothing of the simulation is stored: it follows from seed and events.
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event as happening

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
_USABILITY = sa.Table(
    "usability", _TABLES,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("answers", sa.Text, nullable=False),
    sa.Column("score", sa.Float, nullable=False),
)  # fmt: skip

# Built once: SQLAlchemy then compiles it once.
_ADD = sa.insert(_EVENTS).prefix_with("OR IGNORE")


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
    """Courses and events in a database; every write is committed when the call returns."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._engine = sa.create_engine(f"sqlite:///{file}")
        happening.listen(self._engine, "connect", _durable)
        _TABLES.create_all(self._engine)

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
        parameters: Mapping[str, float] | None = None,
    ) -> StoredCourse:
        """A new course, with the parameters that hold in it."""
        course = StoredCourse(
            uuid.uuid4().hex, client, mode, sessions, minutes, seed,
            datetime.now(UTC).isoformat(timespec="seconds"),
        )  # fmt: skip
        with self._engine.begin() as connection:
            connection.execute(sa.insert(_COURSES).values(vars(course)))
            if parameters:
                row = {"course": course.id, "content": json.dumps(dict(parameters))}
                connection.execute(sa.insert(_PARAMETERS).values(row))
        return course

    def courses(self) -> tuple[StoredCourse, ...]:
        """All courses, the latest first."""
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(_COURSES).order_by(_COURSES.c.began.desc()))
            return tuple(StoredCourse(**row._mapping) for row in rows)

    def course(self, name: str) -> StoredCourse:
        """One course.

        Raises:
            KeyError: If there is none of that id.
        """
        with self._engine.connect() as connection:
            row = connection.execute(
                sa.select(_COURSES).where(_COURSES.c.id == name)
            ).one_or_none()
        if row is None:
            raise KeyError(name)
        return StoredCourse(**row._mapping)

    def parameters(self, course: str) -> dict[str, float]:
        """Parameters that a course was begun with, by dotted name."""
        with self._engine.connect() as connection:
            query = sa.select(_PARAMETERS.c.content).where(_PARAMETERS.c.course == course)
            content = connection.execute(query).scalar_one_or_none()
        return json.loads(content) if content else {}

    def add(self, course: str, event: Event) -> bool:
        """Commit an event, and tell whether it is new: what has happened stays as it is."""
        row = {
            "course": course, "session": event.session, "turn": event.turn,
            "kind": event.kind, "content": json.dumps(dict(event.content)),
        }  # fmt: skip
        with self._engine.begin() as connection:
            return connection.execute(_ADD, row).rowcount > 0

    def events(self, course: str) -> tuple[Event, ...]:
        """What was done in a course, in order."""
        query = sa.select(_EVENTS).where(_EVENTS.c.course == course).order_by(_EVENTS.c.number)
        with self._engine.connect() as connection:
            return tuple(
                Event(row.session, row.turn, row.kind, json.loads(row.content))
                for row in connection.execute(query)
            )

    def add_usability(self, answers: tuple[int, ...], score: float) -> None:
        """Commit answers to the System Usability Scale."""
        with self._engine.begin() as connection:
            row = {"answers": json.dumps(answers), "score": score}
            connection.execute(sa.insert(_USABILITY).values(row))


def _durable(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    # Outlives a killed server; only a power cut can cost the last turns.
    connection.execute("PRAGMA synchronous=NORMAL")
