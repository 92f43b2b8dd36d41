"""Watching a run: its events as they come, its curve, its answers as it learns, its log.

    id: 118
    data: {"event": "progress", "step": 40, "steps": 900, "loss": 5.1}

Only reads the run's folder, so that watching costs the worker nothing and survives a restart of the server.
"""

import json
import os
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any

import anyio
from anyio.to_thread import run_sync
from fastapi import APIRouter, Header, Query
from pydantic import BaseModel
from starlette.responses import PlainTextResponse, StreamingResponse

from studio.errors import RunError
from studio.job import describe_run
from studio.run import Event, RunDir, read_events, read_log, read_state
from studio.run.events import read_curve, read_samples
from studio.web.api.context import Id, Limit, Offset, WorkspaceOf, check_limit

PAUSE = 0.3
HEARTBEAT = 10.0
MOST_LOG_LINES = 5_000

router = APIRouter(tags=["runs"])


class CurveBody(BaseModel):
    """`train`: [step, loss, learning rate]; `validation`: [step, loss]; `speed`: [step, tokens/s, bytes]."""

    train: list[list[float]]
    validation: list[list[float]]
    speed: list[list[float | None]]


class StepSamples(BaseModel):
    """What the model answered at an evaluation: `row prompt expected completion finished` each."""

    step: int
    samples: list[dict[str, Any]]


@router.get("/runs/{run_id}/events")
async def follow_run(
    run_id: Id,
    workspace: WorkspaceOf,
    offset: Offset = 0,
    last_event_id: Annotated[str, Header(pattern=r"^\d{0,18}$")] = "",
) -> StreamingResponse:
    """Server-sent events from byte `offset`, or from where a browser was that connects again."""
    run_dir = await run_sync(workspace.run, run_id)
    start = int(last_event_id) if last_event_id else offset
    return StreamingResponse(
        stream_events(run_dir, start),
        media_type="text/event-stream",
        headers={"x-accel-buffering": "no", "cache-control": "no-store"},
    )


@router.get("/runs/{run_id}/log")
def show_log(
    run_id: Id,
    workspace: WorkspaceOf,
    tail: Limit = 200,
    search: Annotated[str, Query(max_length=200)] = "",
) -> PlainTextResponse:
    """The last lines of the worker's log, cleaned; or the last of those that hold `search`."""
    check_limit(tail, MOST_LOG_LINES)
    return PlainTextResponse(read_log(workspace.run(run_id), tail, search))


@router.get("/runs/{run_id}/curve")
def show_curve(run_id: Id, workspace: WorkspaceOf) -> CurveBody:
    """The losses by step that count, over all attempts."""
    return CurveBody.model_validate(read_curve(read_events(workspace.run(run_id))[0]))


@router.get("/runs/{run_id}/samples")
def show_samples(run_id: Id, workspace: WorkspaceOf) -> list[StepSamples]:
    """The answers to the same few prompts at every evaluation, over all attempts."""
    found = read_samples(read_events(workspace.run(run_id))[0])
    return [StepSamples.model_validate(step) for step in found]


async def stream_events(run_dir: RunDir, offset: int = 0) -> AsyncIterator[str]:
    """Every event from `offset` on as a message, a comment when none comes for long, at the end `state`.

    Where the run's folder has gone meanwhile, the end is `gone` with the words for it.
    """
    last_sign = time.monotonic()
    while True:
        try:
            # The state first: all events of a finished run are then on disk.
            finished = (await run_sync(read_state, run_dir)).finished
            events = await run_sync(_read_events, run_dir, offset)
            state = await run_sync(describe_run, run_dir) if finished else {}
        except RunError as error:
            said = _spell({"message": error.message, "hint": error.hint})
            yield f"event: gone\nid: {offset}\ndata: {said}\n\n"
            return
        for event, after in events:
            offset = after
            yield f"id: {offset}\ndata: {event}\n\n"
            last_sign = time.monotonic()
        if finished:
            yield f"event: state\nid: {offset}\ndata: {_spell(state)}\n\n"
            return
        if time.monotonic() - last_sign >= HEARTBEAT:
            yield ": still running\n\n"
            last_sign = time.monotonic()
        await anyio.sleep(PAUSE)


def _spell(values: dict[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False)


def _read_events(run_dir: RunDir, offset: int) -> list[tuple[str, int]]:
    """The whole event lines from byte `offset` on, each with the offset after it: none is seen twice."""
    try:
        with run_dir.events.open("rb") as file:
            if offset >= file.seek(0, os.SEEK_END):
                return []
            file.seek(offset)
            lines = file.read().split(b"\n")[:-1]
    except FileNotFoundError:
        return []
    found = []
    for line in lines:
        offset += len(line) + 1
        event = _parse_event(line)
        if event:
            found.append((event, offset))
    return found


def _parse_event(line: bytes) -> str:
    try:
        return _spell(Event.from_dict(json.loads(line)).to_dict())
    except (ValueError, TypeError, AttributeError):
        return ""
