"""The server of the practice room: REST, a WebSocket and the page, on this machine only."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import anyio
from fastapi import FastAPI, Request, Response, WebSocket, WebSocketDisconnect
from fastapi import Path as InPath
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, PlainTextResponse
from fastapi.staticfiles import StaticFiles

from bowlby.practice.courses import ConflictError, Courses
from bowlby.practice.messages import (
    Begin,
    Formulation,
    Mark,
    Move,
    Problem,
    Room,
    Supervision,
    Usability,
    UsabilityScore,
    Welcome,
)
from bowlby.practice.store import Store

LIVE_TURN_S = 6.0
"""Seconds a turn takes in live mode: a minute of the room at 10 Hz of its seconds."""

_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
_LOCAL = ("127.0.0.1", "localhost", "[::1]")

CourseId = Annotated[str, InPath(pattern="^[0-9a-f]{32}$")]
SessionNumber = Annotated[int, InPath(ge=1, le=30)]
_PROBLEMS: dict[int | str, dict[str, Any]] = {
    403: {"model": Problem, "description": "Not asked from this machine's own page"},
    404: {"model": Problem, "description": "There is no such course"},
    409: {"model": Problem, "description": "Does not fit the state of the course"},
}


class _Listeners:
    """Sockets that are told of a course's turns."""

    def __init__(self) -> None:
        self._queues: dict[str, set[asyncio.Queue[Room]]] = {}

    @asynccontextmanager
    async def listening(self, course: str) -> AsyncIterator[asyncio.Queue[Room]]:
        queue: asyncio.Queue[Room] = asyncio.Queue(maxsize=8)
        self._queues.setdefault(course, set()).add(queue)
        try:
            yield queue
        finally:
            self._queues[course].discard(queue)
            if not self._queues[course]:
                del self._queues[course]

    def tell(self, course: str, room: Room) -> Room:
        for queue in self._queues.get(course, ()):
            # A page that does not read is told the next state instead.
            if not queue.full():
                queue.put_nowait(room)
        return room


def create_app(database: Path, *, warm: bool = True) -> FastAPI:
    """The application.

    Args:
        database: SQLite file of the courses; made where missing.
        warm: Whether to compile the engine in the background at the start.
    """
    store = Store(database)
    courses, listeners = Courses(store), _Listeners()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        warming = asyncio.create_task(run_in_threadpool(warm_up)) if warm else None
        yield
        if warming:
            warming.cancel()
            with suppress(asyncio.CancelledError):
                await warming
        store.close()

    app = FastAPI(
        title="bowlby practise",
        version=version("bowlby"),
        description="A room with a simulated client. Model results, not evidence about people.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.middleware("http")(_only_local)
    _answer_problems(app)

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/api/welcome")
    def welcome() -> Welcome:
        return courses.welcome()

    @app.post("/api/courses", status_code=201, responses=_some(403, 409))
    def begin(wanted: Begin) -> Room:
        return courses.begin(wanted)

    @app.get("/api/courses/{course}", responses=_some(404))
    def look(course: CourseId) -> Room:
        return courses.room(course)

    async def told(course: str, act: Callable[..., Room], *wanted: Any) -> Room:
        return listeners.tell(course, await run_in_threadpool(act, course, *wanted))

    @app.post("/api/courses/{course}/session", responses=_some(403, 404, 409))
    async def open_session(course: CourseId) -> Room:
        return await told(course, courses.open)

    @app.post("/api/courses/{course}/turns", responses=_some(403, 404, 409))
    async def move(course: CourseId, wanted: Move) -> Room:
        return await told(course, courses.move, wanted)

    @app.post("/api/courses/{course}/marks", responses=_some(403, 404, 409))
    async def mark(course: CourseId, wanted: Mark) -> Room:
        return await told(course, courses.mark, wanted)

    @app.post("/api/courses/{course}/close", responses=_some(403, 404, 409))
    async def close(course: CourseId) -> Room:
        return await told(course, courses.close_session)

    @app.post("/api/courses/{course}/formulation", responses=_some(403, 404, 409))
    def formulate(course: CourseId, wanted: Formulation) -> Supervision:
        return courses.formulate(course, wanted)

    @app.get("/api/courses/{course}/sessions/{number}/supervision", responses=_some(404, 409))
    def supervise(course: CourseId, number: SessionNumber) -> Supervision:
        return courses.supervision(course, number)

    @app.get(
        "/api/courses/{course}/sessions/{number}/export.csv",
        response_model=None,
        responses={200: {"content": {"text/csv": {}}}, **_some(404, 409)},
    )
    def export(course: CourseId, number: SessionNumber) -> PlainTextResponse:
        name = f"session_{number}.csv"
        return PlainTextResponse(
            courses.export(course, number),
            media_type="text/csv",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    @app.post("/api/usability", responses=_some(403))
    def usability(wanted: Usability) -> UsabilityScore:
        return courses.usability(wanted)

    @app.websocket("/api/courses/{course}/live")
    async def live(socket: WebSocket, course: CourseId) -> None:
        if not _is_local(socket.headers):
            await socket.close(code=1008)
            return
        await socket.accept()
        try:
            await _stay(socket, course, courses, listeners)
        except WebSocketDisconnect:
            return
        except KeyError:
            await socket.close(code=1008, reason="There is no such course.")

    page = Path(__file__).parent / "page"
    app.mount("/", StaticFiles(directory=page, html=True))
    return app


def _some(*codes: int) -> dict[int | str, dict[str, Any]]:
    return {code: _PROBLEMS[code] for code in codes}


def warm_up() -> None:
    """Compile what a room needs, so that the first client does not keep the trainee waiting."""
    from bowlby.practice import room
    from bowlby.practice.client import clients
    from bowlby.practice.moves import MOVES

    session = room.play(room.enter(room.begin(clients()[0], seed=0, sessions=1)), "hold")
    room.futures(session, 1, tuple(move.name for move in MOVES))
    room.leave(session)


async def _stay(
    socket: WebSocket, course: str, courses: Courses, listeners: _Listeners
) -> None:
    """Tell a page of every turn, and make turns by the clock where it asks for that."""
    async with listeners.listening(course) as queue:
        await socket.send_text(
            (await run_in_threadpool(courses.room, course)).model_dump_json()
        )
        wanted: dict[str, Move | bool | None] = {"live": False, "move": None}

        async def told() -> None:
            while True:
                await socket.send_text((await queue.get()).model_dump_json())

        async def clock() -> None:
            while True:
                await asyncio.sleep(LIVE_TURN_S)
                if not wanted["live"]:
                    continue
                room = await run_in_threadpool(courses.room, course)
                if room.course.state != "in session":
                    wanted["live"] = False
                    continue
                chosen, wanted["move"] = wanted["move"], None
                name = chosen.move if isinstance(chosen, Move) else "hold"
                said = chosen.said if isinstance(chosen, Move) else ""
                turn = room.turns[-1].number + 1
                move = Move(move=name, turn=turn, said=said)
                listeners.tell(course, await run_in_threadpool(courses.move, course, move))

        async def hears() -> None:
            while True:
                content = await socket.receive_json()
                if isinstance(content, dict) and content.keys() == {"live"}:
                    wanted["live"] = content["live"] is True
                    continue
                try:
                    move = Move.model_validate(content)
                    if wanted["live"]:
                        wanted["move"] = move
                        continue
                    listeners.tell(course, await run_in_threadpool(courses.move, course, move))
                except ValueError as error:
                    await socket.send_text(Problem(detail=str(error)).model_dump_json())

        async with anyio.create_task_group() as group:
            group.start_soon(told)
            group.start_soon(clock)
            with suppress(WebSocketDisconnect, ValueError):
                await hears()
            group.cancel_scope.cancel()


def _is_local(headers: Any) -> bool:
    """Whether a request names this machine, and comes from this machine's own page.

    The host check stops a name that is rebound to this machine, the origin check another site.
    """
    host = headers.get("host", "")
    if host.rsplit(":", 1)[0] not in _LOCAL:
        return False
    origin = headers.get("origin")
    return origin is None or origin == f"http://{host}"


async def _only_local(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    if not _is_local(request.headers):
        detail = "This server answers its own page on this machine only."
        return JSONResponse({"detail": detail}, status_code=403, headers=_HEADERS)
    response = await call_next(request)
    response.headers.update(_HEADERS)
    return response


def _answer_problems(app: FastAPI) -> None:
    @app.exception_handler(KeyError)
    async def missing(_: Request, error: KeyError) -> JSONResponse:
        del error
        detail = "There is no such course; go back to the first page to see those there are."
        return JSONResponse({"detail": detail}, status_code=404, headers=_HEADERS)

    @app.exception_handler(ConflictError)
    async def conflict(_: Request, error: ConflictError) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, status_code=409, headers=_HEADERS)

    @app.exception_handler(ValueError)
    async def wrong(_: Request, error: ValueError) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, status_code=409, headers=_HEADERS)
