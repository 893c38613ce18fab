"""Rooms that several pages share: all are told of every turn, and time can pass by itself."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from typing import Any

import anyio
from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from fastapi.concurrency import run_in_threadpool
from pydantic import ValidationError

from bowlby.practice.courses import ConflictError, Courses
from bowlby.practice.guards import CourseId, in_words, is_local, language_of
from bowlby.practice.language import languages, say, worded
from bowlby.practice.messages import Move, Problem, Room
from bowlby.practice.moves import label
from bowlby.practice.store import StoreError

LIVE_TURN_S = 6.0
"""Seconds a turn takes in live mode: a minute of the room at 10 Hz of its seconds."""


class Listeners:
    """Sockets that are told of a course's turns, in the words of the interface (JSON)."""

    def __init__(self) -> None:
        self._queues: dict[str, set[asyncio.Queue[str]]] = {}

    @asynccontextmanager
    async def listening(self, course: str) -> AsyncIterator[asyncio.Queue[str]]:
        """What is told of a course from now on."""
        queue: asyncio.Queue[str] = asyncio.Queue(maxsize=8)
        self._queues.setdefault(course, set()).add(queue)
        try:
            yield queue
        finally:
            self._queues[course].discard(queue)
            if not self._queues[course]:
                del self._queues[course]

    def tell(self, course: str, room: str) -> None:
        """Tell all who listen."""
        for queue in self._queues.get(course, ()):
            if queue.full():
                # A page that does not read misses what is past, never the present.
                queue.get_nowait()
            queue.put_nowait(room)


class Rooms:
    """What changes a room: done in a thread, then told to every page that shows it.

    Turns queue for one thread, first come, first served: they take milliseconds, and several
    threads would only wait for each other's hold on the interpreter.

    Attributes:
        chosen: By course, the response that waits for its live minute.
    """

    def __init__(self, courses: Courses) -> None:
        self.courses = courses
        self.listeners = Listeners()
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
        """Make a turn; the room after it (JSON)."""
        if not self.courses.holds(course):
            await run_in_threadpool(self.courses.room, course)
        return await self._told(self.turns, course, self.courses.move, wanted)

    async def change(self, act: Callable[..., Room], course: str, *wanted: Any) -> str:
        """Do something else to a room; the room after it (JSON)."""
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


def serve_live(app: FastAPI, rooms: Rooms) -> None:
    """The line on which a page is told of every turn."""

    @app.websocket("/api/courses/{course}/live")
    async def live(socket: WebSocket, course: CourseId) -> None:
        if not is_local(socket.headers):
            await socket.close(code=1008)
            return
        await socket.accept()
        try:
            await _stay(socket, course, rooms)
        except WebSocketDisconnect:
            return
        except KeyError:
            reason = say(_language(socket), "problem.none_such")
            await socket.close(code=1008, reason=_short(reason))
        except (ValueError, StoreError) as error:
            await socket.close(code=1011, reason=_short(worded(error, _language(socket))))


def _language(socket: WebSocket) -> str:
    """The language of a page, which cannot choose the headers of a socket."""
    wanted = socket.query_params.get("language", "")
    return wanted if wanted in languages() else language_of(socket.headers)


def _problem(error: Exception, socket: WebSocket) -> str:
    """What cannot be done, for a page (JSON)."""
    return Problem(detail=worded(error, _language(socket))).model_dump_json()


def _short(text: str) -> str:
    """What a closing frame has room for: 123 bytes."""
    return text.encode()[:123].decode("utf-8", "ignore")


async def _stay(socket: WebSocket, course: str, rooms: Rooms) -> None:
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
                    await socket.send_text(_problem(error, socket))

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
                    await socket.send_text(_problem(error, socket))

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
    if not isinstance(content, dict):
        return Problem(detail='A move is an object: {"move": "hold", "turn": 1}.')
    try:
        return Move.model_validate(content)
    except ValidationError as error:
        return Problem(detail=in_words(error.errors(include_url=False)))
