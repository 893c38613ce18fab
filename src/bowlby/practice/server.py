"""The server of the practice room: REST, a WebSocket and the page, on this machine only."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
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
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

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
from bowlby.practice.moves import label
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
    """Sockets that are told of a course's turns, in the words of the interface (JSON)."""

    def __init__(self) -> None:
        self._queues: dict[str, set[asyncio.Queue[str]]] = {}

    @asynccontextmanager
    async def listening(self, course: str) -> AsyncIterator[asyncio.Queue[str]]:
        queue: asyncio.Queue[str] = asyncio.Queue(maxsize=8)
        self._queues.setdefault(course, set()).add(queue)
        try:
            yield queue
        finally:
            self._queues[course].discard(queue)
            if not self._queues[course]:
                del self._queues[course]

    def tell(self, course: str, room: str) -> None:
        for queue in self._queues.get(course, ()):
            if queue.full():
                # A page that does not read misses what is past, never the present.
                queue.get_nowait()
            queue.put_nowait(room)


class _Rooms:
    """What changes a room: done in a thread, then told to every page that shows it.

    Turns queue for one thread, first come, first served: they take milliseconds, and several
    threads would only wait for each other's hold on the interpreter.

    Attributes:
        chosen: By course, the response that waits for its live minute.
    """

    def __init__(self, courses: Courses) -> None:
        self.courses = courses
        self.listeners = _Listeners()
        self.turns = ThreadPoolExecutor(1, "turns")
        self.chosen: dict[str, Move] = {}
        self._played: dict[str, float] = {}

    def is_minute_over(self, course: str) -> bool:
        """Whether a live minute may be played: several live pages share one clock."""
        now = asyncio.get_running_loop().time()
        if now - self._played.get(course, -LIVE_TURN_S) < 0.9 * LIVE_TURN_S:
            return False
        self._played[course] = now
        return True

    async def move(self, course: str, wanted: Move) -> str:
        if not self.courses.holds(course):
            await run_in_threadpool(self.courses.room, course)
        return await self._told(self.turns, course, self.courses.move, wanted)

    async def change(self, act: Callable[..., Room], course: str, *wanted: Any) -> str:
        return await self._told(None, course, act, *wanted)

    async def _told(
        self,
        threads: ThreadPoolExecutor | None,
        course: str,
        act: Callable[..., Room],
        *wanted: Any,
    ) -> str:
        def done() -> str:
            return act(course, *wanted).model_dump_json()

        room = await asyncio.get_running_loop().run_in_executor(threads, done)
        self.listeners.tell(course, room)
        return room


def create_app(
    database: Path, *, warm: bool = True, parameters: Mapping[str, float] | None = None
) -> FastAPI:
    """The application.

    Args:
        database: SQLite file of the courses; made where missing.
        warm: Whether to compile the engine in the background at the start.
        parameters: Numbers that hold in courses begun from now on, by dotted name.
    """
    store = Store(database)
    courses = Courses(store, parameters)
    rooms = _Rooms(courses)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        warming = asyncio.create_task(run_in_threadpool(warm_up)) if warm else None
        yield
        if warming:
            warming.cancel()
            with suppress(asyncio.CancelledError):
                await warming
        rooms.turns.shutdown()
        store.close()

    app = FastAPI(
        title="bowlby practise",
        version=version("bowlby"),
        description="A room with a simulated client. Model results, not evidence about people.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.add_middleware(_OnlyLocal)
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

    @app.post(
        "/api/courses/{course}/session", response_model=Room, responses=_some(403, 404, 409)
    )
    async def open_session(course: CourseId) -> Response:
        return _json(await rooms.change(courses.open, course))

    @app.post(
        "/api/courses/{course}/turns", response_model=Room, responses=_some(403, 404, 409)
    )
    async def move(course: CourseId, wanted: Move) -> Response:
        return _json(await rooms.move(course, wanted))

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
            await _stay(socket, course, rooms)
        except WebSocketDisconnect:
            return
        except KeyError:
            await socket.close(code=1008, reason="There is no such course.")

    page = Path(__file__).parent / "page"
    app.mount("/", StaticFiles(directory=page, html=True))
    return app


def _json(text: str) -> Response:
    """An answer that is JSON already, so that it is written once for all who are told."""
    return Response(text, media_type="application/json")


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
    # A collection walks over all that JAX has compiled, which stops every room for 200 ms.
    gc.collect()
    gc.freeze()


async def _stay(socket: WebSocket, course: str, rooms: _Rooms) -> None:
    """Tell a page of every turn, and make turns by the clock where it asks for that."""
    async with rooms.listeners.listening(course) as queue:
        room = await run_in_threadpool(rooms.courses.room, course)
        await socket.send_text(room.model_dump_json())
        is_live = False

        async def told() -> None:
            while True:
                await socket.send_text(await queue.get())

        async def clock() -> None:
            nonlocal is_live
            while True:
                await asyncio.sleep(LIVE_TURN_S)
                if not is_live or not rooms.is_minute_over(course):
                    continue
                room = await run_in_threadpool(rooms.courses.room, course)
                if room.course.state != "in session":
                    is_live = False
                    continue
                turn = room.turns[-1].number + 1
                chosen = rooms.chosen.pop(course, Move(move="hold", turn=turn))
                # Another page may end the session meanwhile.
                with suppress(ConflictError):
                    await rooms.move(course, chosen.model_copy(update={"turn": turn}))

        async def hears() -> None:
            nonlocal is_live
            while True:
                content = await socket.receive_json()
                if isinstance(content, dict) and content.keys() == {"live"}:
                    is_live = content["live"] is True
                    if not is_live:
                        rooms.chosen.pop(course, None)
                    continue
                try:
                    move = Move.model_validate(content)
                    label(move.move)
                    if is_live:
                        rooms.chosen[course] = move
                        continue
                    await rooms.move(course, move)
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


class _OnlyLocal:
    """Refuses what is not asked by this machine's own page; every answer carries the policy."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif _is_local(Headers(scope=scope)):
            await self._app(scope, receive, sent)
        else:
            detail = "This server answers its own page on this machine only."
            await JSONResponse({"detail": detail}, status_code=403)(scope, receive, sent)


def _answer_problems(app: FastAPI) -> None:
    @app.exception_handler(KeyError)
    async def missing(_: Request, error: KeyError) -> JSONResponse:
        del error
        detail = "There is no such course; go back to the first page to see those there are."
        return JSONResponse({"detail": detail}, status_code=404)

    @app.exception_handler(ConflictError)
    async def conflict(_: Request, error: ConflictError) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, status_code=409)

    @app.exception_handler(ValueError)
    async def wrong(_: Request, error: ValueError) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, status_code=409)
