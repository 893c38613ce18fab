"""The server of the practice room: REST, a WebSocket and the page, on this machine only."""

import asyncio
import gc
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import anyio
from fastapi import FastAPI, Request, Response, WebSocket, WebSocketDisconnect
from fastapi import Path as InPath
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse
from fastapi.staticfiles import StaticFiles
from pydantic import ValidationError
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bowlby._extras import MissingExtraError
from bowlby.practice import own_words, sheets
from bowlby.practice.client import SimulatedClient
from bowlby.practice.courses import ConflictError, Courses
from bowlby.practice.language import catalogue, say
from bowlby.practice.messages import (
    Begin,
    BeginDrill,
    CourseEnd,
    DrillMove,
    DrillRun,
    Drills,
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
from bowlby.practice.moves import label
from bowlby.practice.practising import Practising
from bowlby.practice.store import Store, StoreError

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

LARGEST = 1_000_000
"""Bytes of a request at most."""

CourseId = Annotated[str, InPath(pattern="^[0-9a-f]{32}$")]
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
    rooms, warming = _Rooms(courses), Warming()

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
    app.add_middleware(_OnlyLocal)
    _answer_problems(app)
    _serve_courses(app, rooms, warming)
    _serve_sessions(app, courses)
    _serve_drills(app, Practising(store))
    _serve_live(app, rooms)
    page = Path(__file__).parent / "page"
    app.mount("/", StaticFiles(directory=page, html=True))
    return app


def _serve_courses(app: FastAPI, rooms: _Rooms, warming: "Warming") -> None:
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
        return courses.begin(wanted)

    @app.get("/api/courses/{course}", responses=_some(404, 409))
    def look(course: CourseId) -> Room:
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


def _serve_drills(app: FastAPI, practising: Practising) -> None:
    """Drills."""

    @app.get("/api/drills", responses=_some(409))
    def drills(language: str = "en") -> Drills:
        return practising.all(language)

    @app.post("/api/drills", status_code=201, responses=_some(403, 409))
    def begin_drill(wanted: BeginDrill) -> DrillRun:
        return practising.begin(wanted)

    @app.get("/api/drills/{run}", responses=_some(404, 409))
    def drill(run: CourseId) -> DrillRun:
        return practising.run(run)

    @app.post("/api/drills/{run}/turns", responses=_some(403, 404, 409))
    def drill_move(run: CourseId, wanted: DrillMove) -> DrillRun:
        return practising.move(run, wanted)


def _serve_live(app: FastAPI, rooms: _Rooms) -> None:
    """The line on which a page is told of every turn."""

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
        except (ValueError, StoreError) as error:
            # A reason has at most 123 bytes.
            await socket.close(code=1011, reason=str(error)[:100])


def _json(text: str) -> Response:
    """An answer that is JSON already, so that it is written once for all who are told."""
    return Response(text, media_type="application/json")


def _some(*codes: int) -> dict[int | str, dict[str, Any]]:
    return {code: _PROBLEMS[code] for code in codes}


class Warming:
    """Compiles what a room needs, so that the first client does not keep the trainee waiting.

    Attributes:
        share: How much is done (0 to 1).
        doing: Name of what is being done; "" when all is, and before it begins.
    """

    def __init__(self) -> None:
        self.share = 0.0
        self.doing = ""

    def run(self) -> None:
        """Compile all, in the order in which it will be needed."""
        from bowlby.practice import room
        from bowlby.practice.client import clients
        from bowlby.practice.moves import TRAINEES

        self.doing = "childhood"
        session = room.enter(room.begin(clients()[0], seed=0, sessions=1))
        self.share, self.doing = 0.4, "session"
        session = room.play(session, "hold")
        self.share, self.doing = 0.7, "ending"
        room.leave(session)
        self.share, self.doing = 0.8, "supervision"
        room.futures(session, 1, TRAINEES)
        self.share, self.doing = 1.0, ""
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
                try:
                    await rooms.move(course, chosen.model_copy(update={"turn": turn}))
                except ConflictError:
                    # Another page has ended the session meanwhile.
                    continue
                except StoreError as error:
                    is_live = False
                    await socket.send_text(Problem(detail=str(error)).model_dump_json())

        async def hears() -> None:
            nonlocal is_live
            while (content := await _received(socket)) is not None:
                if isinstance(content, Problem):
                    await socket.send_text(content.model_dump_json())
                    continue
                if isinstance(content, bool):
                    is_live = content
                    if not is_live:
                        rooms.chosen.pop(course, None)
                    continue
                try:
                    label(content.move)
                    if is_live:
                        rooms.chosen[course] = content
                        continue
                    await rooms.move(course, content)
                except (ValueError, StoreError) as error:
                    await socket.send_text(Problem(detail=str(error)).model_dump_json())

        async with anyio.create_task_group() as group:
            group.start_soon(told)
            group.start_soon(clock)
            with suppress(WebSocketDisconnect):
                await hears()
            group.cancel_scope.cancel()


async def _received(socket: WebSocket) -> Move | bool | Problem | None:
    """What a page sends next: a move, whether time goes on, or a problem; None at its end."""
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        return None
    text = message.get("text")
    if text is None:
        return Problem(detail="Send a move as JSON text; bytes are not read.")
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return Problem(detail='That is not JSON; a move is {"move": "hold", "turn": 1}.')
    if isinstance(content, dict) and content.keys() == {"live"}:
        if isinstance(content["live"], bool):
            return content["live"]
        return Problem(detail="live is true or false.")
    try:
        return Move.model_validate(content)
    except ValidationError as error:
        return Problem(detail=_in_words(error.errors(include_url=False)))


def _in_words(errors: Sequence[Any]) -> str:
    """What is wrong with a request, without what was sent."""
    told = []
    for error in errors[:5]:
        where = ".".join(str(part) for part in error["loc"] if part != "body")
        told.append(f"{where}: {error['msg']}" if where else str(error["msg"]))
    return "; ".join(told).encode("utf-8", "replace").decode()


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
        elif _length(Headers(scope=scope)) > LARGEST:
            told = {"detail": f"A request has at most {LARGEST} bytes."}
            await JSONResponse(told, status_code=413)(scope, receive, sent)
        elif _is_local(Headers(scope=scope)):
            await self._app(scope, receive, sent)
        else:
            detail = "This server answers its own page on this machine only."
            await JSONResponse({"detail": detail}, status_code=403)(scope, receive, sent)


def _length(headers: Headers) -> int:
    """Bytes that a request says it has."""
    said = headers.get("content-length", "0")
    return int(said) if said.isdecimal() else 0


def _answer_problems(app: FastAPI) -> None:
    @app.exception_handler(StoreError)
    async def unusable(_: Request, error: StoreError) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, status_code=503)

    @app.exception_handler(RequestValidationError)
    async def not_understood(_: Request, error: RequestValidationError) -> JSONResponse:
        return JSONResponse({"detail": _in_words(error.errors())}, status_code=422)

    @app.exception_handler(KeyError)
    async def missing(_: Request, error: KeyError) -> JSONResponse:
        del error
        return JSONResponse({"detail": say("en", "problem.none_such")}, status_code=404)

    @app.exception_handler(MissingExtraError)
    async def lacking(_: Request, error: MissingExtraError) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, status_code=409)

    @app.exception_handler(ConflictError)
    async def conflict(_: Request, error: ConflictError) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, status_code=409)

    @app.exception_handler(ValueError)
    async def wrong(_: Request, error: ValueError) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, status_code=409)
