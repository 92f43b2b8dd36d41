"""A problem as an answer: {"error": message, "hint": hint}, and the net that keeps tracebacks in the log.

Knows which status each kind of StudioError has; knows no route.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from studio.errors import ReadError, StudioError, WorkspaceError

log = logging.getLogger("studio.web")


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that is not what was asked for, in words."""

    status: int
    error: str
    hint: str
    proposal: Mapping[str, Sequence[str]] | None = None

    def response(self, headers: dict[str, str] | None = None) -> JSONResponse:
        """The refusal as JSON; with what could be chosen, where the problem says it."""
        body: dict[str, Any] = {"error": self.error, "hint": self.hint}
        if self.proposal:
            body["proposal"] = {name: list(choices) for name, choices in self.proposal.items()}
        return JSONResponse(body, self.status, headers)


class RefusedError(Exception):
    """Raised by a route to answer with a refusal of its own status."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.error)
        self.refusal = refusal


INTERNAL = Refusal(500, "internal error", "See logs/studio.log in the workspace.")


class Net:
    """ASGI middleware: what nobody caught is a bug; it goes to the log, the client gets a 500 in words."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except Exception:
            log.exception("%s %s", scope["method"], scope["path"])
            if not started:
                await INTERNAL.response()(scope, receive, send)


def answer_problems(app: FastAPI) -> None:
    """Make the application answer every foreseen problem with a refusal."""
    app.add_exception_handler(StudioError, _answer_studio_error)
    app.add_exception_handler(RefusedError, _answer_refused)
    app.add_exception_handler(RequestValidationError, _answer_invalid)
    app.add_exception_handler(HTTPException, _answer_http)


async def _answer_studio_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, StudioError)
    status = 404 if isinstance(error, WorkspaceError) else 400
    proposal = error.proposal if isinstance(error, ReadError) else None
    return Refusal(status, error.message, error.hint, proposal).response()


async def _answer_refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RefusedError)
    return error.refusal.response()


async def _answer_invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    problems: Sequence[Any] = error.errors()
    places = [".".join(str(part) for part in problem["loc"][1:]) for problem in problems]
    words = "; ".join(f"{place}: {problem['msg']}" for place, problem in zip(places, problems, strict=True))
    return Refusal(
        400, f"The request does not fit: {words}.", "Correct the address or the values."
    ).response()


async def _answer_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    hint = "Check the address." if error.status_code == 404 else "Check the request."
    headers = dict(error.headers) if error.headers else None
    return Refusal(error.status_code, f"{error.detail}.", hint).response(headers)
