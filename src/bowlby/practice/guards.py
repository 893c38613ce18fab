"""What is refused, and how it is told: only this machine's own page, only what can be read."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import FastAPI, Request
from fastapi import Path as InPath
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bowlby._extras import MissingExtraError
from bowlby.practice.language import SOURCE_LANGUAGE, languages, say, worded
from bowlby.practice.store import StoreError

CourseId = Annotated[str, InPath(pattern="^[0-9a-f]{32}$")]

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


def in_words(errors: Sequence[Any]) -> str:
    """What is wrong with a request, without what was sent."""
    told = []
    for error in errors[:5]:
        where = ".".join(str(part) for part in error["loc"] if part != "body")
        told.append(f"{where}: {error['msg']}" if where else str(error["msg"]))
    return "; ".join(told).encode("utf-8", "replace").decode()


def is_local(headers: Any) -> bool:
    """Whether a request names this machine, and comes from this machine's own page.

    The host check stops a name that is rebound to this machine, the origin check another site.
    """
    host = headers.get("host", "")
    if host.rsplit(":", 1)[0] not in _LOCAL:
        return False
    origin = headers.get("origin")
    return origin is None or origin == f"http://{host}"


class OnlyLocal:
    """Refuses what is not asked by this machine's own page; every answer carries the policy."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or say why not."""

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif _length(Headers(scope=scope)) > LARGEST:
            told = {"detail": f"A request has at most {LARGEST} bytes."}
            await JSONResponse(told, status_code=413)(scope, receive, sent)
        elif is_local(Headers(scope=scope)):
            await self._app(scope, receive, sent)
        else:
            detail = "This server answers its own page on this machine only."
            await JSONResponse({"detail": detail}, status_code=403)(scope, receive, sent)


def _length(headers: Headers) -> int:
    """Bytes that a request says it has."""
    said = headers.get("content-length", "0")
    return int(said) if said.isdecimal() else 0


def answer_problems(app: FastAPI) -> None:
    """Tell in a sentence what cannot be done, with the code that says whose turn it is."""

    def answers(kind: type[Exception], code: int) -> None:
        async def answer(asked: Request, error: Exception) -> JSONResponse:
            language = language_of(asked.headers)
            return JSONResponse({"detail": worded(error, language)}, status_code=code)

        app.add_exception_handler(kind, answer)

    for kind, code in ((StoreError, 503), (MissingExtraError, 409), (ValueError, 409)):
        answers(kind, code)

    @app.exception_handler(RequestValidationError)
    async def not_understood(_: Request, error: RequestValidationError) -> JSONResponse:
        return JSONResponse({"detail": in_words(error.errors())}, status_code=422)

    @app.exception_handler(KeyError)
    async def missing(asked: Request, error: KeyError) -> JSONResponse:
        del error
        detail = say(language_of(asked.headers), "problem.none_such")
        return JSONResponse({"detail": detail}, status_code=404)


def language_of(headers: Any) -> str:
    """The language in which a page asks; the source language where it is not spoken."""
    wanted = headers.get("accept-language", "").split(",")[0].split("-")[0].strip()
    return wanted if wanted in languages() else SOURCE_LANGUAGE
