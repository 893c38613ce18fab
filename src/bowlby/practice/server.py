"""The server of the practice room: REST, a WebSocket and the page, on this machine only."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

from fastapi import FastAPI, Response
from fastapi import Path as InPath
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import PlainTextResponse
from fastapi.staticfiles import StaticFiles

from bowlby.practice import own_words, sheets
from bowlby.practice.client import SimulatedClient
from bowlby.practice.courses import Courses
from bowlby.practice.drill_messages import BeginDrill, DrillMove, DrillRun, Drills
from bowlby.practice.guards import CourseId, OnlyLocal, answer_problems
from bowlby.practice.language import catalogue
from bowlby.practice.live import Rooms, serve_live
from bowlby.practice.messages import (
    Begin,
    CourseEnd,
    Formulation,
    HeardAs,
    Mark,
    Move,
    OwnWords,
    Problem,
    Readiness,
    Retried,
    Retry,
    Room,
    Supervision,
    Usability,
    UsabilityScore,
    Welcome,
)
from bowlby.practice.practising import Practising
from bowlby.practice.store import Store
from bowlby.practice.warming import Warming

SessionNumber = Annotated[int, InPath(ge=1, le=30)]
_PROBLEMS: dict[int | str, dict[str, Any]] = {
    403: {"model": Problem, "description": "Not asked from this machine's own page"},
    404: {"model": Problem, "description": "There is no such course"},
    409: {"model": Problem, "description": "Does not fit the state of the course"},
}
_ALWAYS: dict[int | str, dict[str, Any]] = {
    422: {"model": Problem, "description": "Cannot be understood"},
    503: {"model": Problem, "description": "The file of courses cannot be used now"},
}


def create_app(
    database: Path,
    *,
    warm: bool = True,
    parameters: Mapping[str, float] | None = None,
    others: Sequence[SimulatedClient] = (),
) -> FastAPI:
    """The application.

    Args:
        database: SQLite file of the courses; made where missing.
        warm: Whether to compile the engine in the background at the start.
        parameters: Numbers that hold in courses begun from now on, by dotted name.
        others: Clients beside those of the package.

    Raises:
        StoreError: If the database cannot be used.
    """
    store = Store(database)
    courses = Courses(store, parameters, others=others)
    rooms, warming = Rooms(courses), Warming()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        task = asyncio.create_task(run_in_threadpool(warming.run)) if warm else None
        yield
        if task:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        rooms.turns.shutdown()
        courses.close()
        store.close()

    app = FastAPI(
        title="bowlby practise",
        version=version("bowlby"),
        description="A room with a simulated client. Model results, not evidence about people.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        responses=_ALWAYS,
    )
    app.add_middleware(OnlyLocal)
    answer_problems(app)
    _serve_courses(app, rooms, warming)
    _serve_sessions(app, courses)
    _serve_drills(app, Practising(store), warming)
    serve_live(app, rooms)
    page = Path(__file__).parent / "page"
    app.mount("/", StaticFiles(directory=page, html=True))
    return app


def _serve_courses(app: FastAPI, rooms: Rooms, warming: Warming) -> None:
    """The first page, and what a trainee does in a room."""
    courses = rooms.courses

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/api/ready")
    async def ready() -> Readiness:
        return Readiness(share=warming.share, doing=warming.doing)

    @app.get("/api/words/{language}", responses=_some(409))
    def words(language: str) -> dict[str, Any]:
        return catalogue(language, "page")

    @app.get("/api/welcome", responses=_some(409))
    def welcome(language: str = "en") -> Welcome:
        return courses.welcome(language)

    @app.post("/api/courses", status_code=201, responses=_some(403, 409))
    def begin(wanted: Begin) -> Room:
        warming.wait("childhood")
        return courses.begin(wanted)

    @app.get("/api/courses/{course}", responses=_some(404, 409))
    def look(course: CourseId) -> Room:
        warming.wait("childhood")
        return courses.room(course)

    @app.delete("/api/courses/{course}", status_code=204, responses=_some(403, 404))
    def delete(course: CourseId) -> None:
        courses.delete(course)

    @app.post(
        "/api/courses/{course}/session", response_model=Room, responses=_some(403, 404, 409)
    )
    async def open_session(course: CourseId) -> Response:
        return _json(await rooms.change(courses.open, course))

    @app.post(
        "/api/courses/{course}/turns", response_model=Room, responses=_some(403, 404, 409)
    )
    async def move(course: CourseId, wanted: Move) -> Response:
        if warming.doing:
            await run_in_threadpool(warming.wait, "session")
        return _json(await rooms.move(course, wanted))

    @app.post(
        "/api/courses/{course}/take-back", response_model=Room, responses=_some(403, 404, 409)
    )
    async def take_back(course: CourseId) -> Response:
        return _json(await rooms.change(courses.take_back, course))

    @app.post(
        "/api/courses/{course}/marks", response_model=Room, responses=_some(403, 404, 409)
    )
    async def mark(course: CourseId, wanted: Mark) -> Response:
        return _json(await rooms.change(courses.mark, course, wanted))

    @app.post(
        "/api/courses/{course}/close", response_model=Room, responses=_some(403, 404, 409)
    )
    async def close(course: CourseId) -> Response:
        return _json(await rooms.change(courses.close_session, course))

    @app.post("/api/own-words", responses=_some(403, 409))
    def heard(wanted: OwnWords) -> HeardAs:
        return own_words.heard(wanted.text)

    @app.post("/api/usability", responses=_some(403))
    def usability(wanted: Usability) -> UsabilityScore:
        return courses.usability(wanted)


def _serve_sessions(app: FastAPI, courses: Courses) -> None:
    """What follows a session: supervision, another try, tables, and the end of a course."""

    @app.post("/api/courses/{course}/formulation", responses=_some(403, 404, 409))
    def formulate(course: CourseId, wanted: Formulation) -> Supervision:
        return courses.formulate(course, wanted)

    @app.get("/api/courses/{course}/sessions/{number}/supervision", responses=_some(404, 409))
    def supervise(course: CourseId, number: SessionNumber) -> Supervision:
        return courses.supervision(course, number)

    @app.post("/api/courses/{course}/sessions/{number}/retry", responses=_some(403, 404, 409))
    def retry(course: CourseId, number: SessionNumber, wanted: Retry) -> Retried:
        return courses.retry(course, number, wanted)

    @app.get("/api/courses/{course}/end", responses=_some(404, 409))
    def end(course: CourseId) -> CourseEnd:
        return courses.end(course)

    tables = {200: {"content": {"text/csv": {}}}, **_some(404, 409)}

    @app.get(
        "/api/courses/{course}/sessions/{number}/export.csv",
        response_model=None,
        responses=tables,
    )
    def export(course: CourseId, number: SessionNumber) -> PlainTextResponse:
        return _table(courses.export(course, number), f"session_{number}.csv")

    @app.get(
        "/api/courses/{course}/sessions/{number}/minutes.csv",
        response_model=None,
        responses=tables,
    )
    def minutes(course: CourseId, number: SessionNumber) -> PlainTextResponse:
        told = courses.supervision(course, number)
        return _table(sheets.by_minute(told), f"session_{number}_minutes.csv")

    @app.get("/api/courses/{course}/sessions/{number}/session.json", responses=_some(404, 409))
    def whole(course: CourseId, number: SessionNumber, answer: Response) -> Supervision:
        name = f"{course[:8]}_session_{number}.json"
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return courses.supervision(course, number)


def _table(text: str, name: str) -> PlainTextResponse:
    return PlainTextResponse(
        text,
        media_type="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _serve_drills(app: FastAPI, practising: Practising, warming: Warming) -> None:
    """Drills."""

    @app.get("/api/drills", responses=_some(409))
    def drills(language: str = "en") -> Drills:
        return practising.all(language)

    @app.post("/api/drills", status_code=201, responses=_some(403, 409))
    def begin_drill(wanted: BeginDrill) -> DrillRun:
        warming.wait("session")
        return practising.begin(wanted)

    @app.get("/api/drills/{run}", responses=_some(404, 409))
    def drill(run: CourseId) -> DrillRun:
        return practising.run(run)

    @app.post("/api/drills/{run}/turns", responses=_some(403, 404, 409))
    def drill_move(run: CourseId, wanted: DrillMove) -> DrillRun:
        return practising.move(run, wanted)


def _json(text: str) -> Response:
    """An answer that is JSON already, so that it is written once for all who are told."""
    return Response(text, media_type="application/json")


def _some(*codes: int) -> dict[int | str, dict[str, Any]]:
    return {code: _PROBLEMS[code] for code in codes}
