"""Runs: where a fine-tune stands, its events as they come, its log, and its end.

    id: 118
    data: {"event": "progress", "step": 40, "steps": 900, "loss": 5.1}

Only reads the run's folder, so that watching costs the worker nothing and survives a restart of the server.
"""

import json
import logging
import os
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any

import anyio
from anyio.to_thread import run_sync
from fastapi import APIRouter, Header
from pydantic import BaseModel, ConfigDict
from starlette.responses import PlainTextResponse, StreamingResponse

from studio.errors import StudioError
from studio.job import (
    cancel_job,
    describe_run,
    label_run,
    list_removed,
    remove_run,
    restore_run,
    resume_job,
)
from studio.job import list_runs as list_states
from studio.run import Event, RunDir, RunPhase, read_events, read_log, read_state
from studio.run.events import read_curve
from studio.run.queue import list_queue, order_queue
from studio.web.api.context import Id, Limit, Offset, WorkspaceOf, check_limit

PAUSE = 0.3
HEARTBEAT = 10.0
MOST_LOG_LINES = 5_000

log = logging.getLogger("studio.web")
router = APIRouter(tags=["runs"])


class RunBody(BaseModel):
    """Where a run stands, as `studio runs show` gives it."""

    model_config = ConfigDict(extra="allow")

    run: str
    state: RunPhase
    step: int
    steps: int
    attempt: int
    reason: str
    started: str
    seconds: float
    recipe: dict[str, Any]
    metrics: dict[str, Any]
    kind: str
    log: str
    device: str
    place: int | None
    checkpoint: int | None
    resumable: bool
    name: str
    notes: str


class QueueBody(BaseModel):
    """Ids of waiting runs, the next one first."""

    queue: list[str]


class LabelBody(BaseModel):
    """What is to change."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = None
    notes: str | None = None


class RemovedBody(BaseModel):
    """A run that was put away."""

    run: str
    state: RunPhase
    started: str


class CurveBody(BaseModel):
    """`train` holds [step, loss, learning rate], `validation` [step, loss]."""

    train: list[list[float]]
    validation: list[list[float]]


@router.get("/runs")
def list_runs(workspace: WorkspaceOf) -> list[RunBody]:
    """Every run, the newest first, as `studio runs list` gives it."""
    answers = []
    for state in list_states(workspace.runs):
        try:
            answers.append(_describe(workspace.run(state.run)))
        except StudioError as error:
            # One damaged run must not hide the others.
            log.warning("run %s: %s", state.run, error)
    return answers


@router.get("/runs/queue")
def show_queue(workspace: WorkspaceOf) -> QueueBody:
    """The runs that wait for a device, the next one first."""
    return QueueBody(queue=list_queue(workspace.runs))


@router.put("/runs/queue")
def change_queue(asked: QueueBody, workspace: WorkspaceOf) -> QueueBody:
    """Put these runs first, in this order; the others follow as they were."""
    return QueueBody(queue=order_queue(workspace.runs, asked.queue))


@router.get("/runs/removed")
def show_removed(workspace: WorkspaceOf) -> list[RemovedBody]:
    """The runs that were put away, and can be restored."""
    return [RemovedBody.model_validate(state.to_dict()) for state in list_removed(workspace.runs)]


@router.get("/runs/{run_id}")
def show_run(run_id: Id, workspace: WorkspaceOf) -> RunBody:
    """Where a run stands."""
    return _describe(workspace.run(run_id))


@router.patch("/runs/{run_id}")
def label(run_id: Id, asked: LabelBody, workspace: WorkspaceOf) -> RunBody:
    """Give a run a name or notes; what is not given stays."""
    run_dir = workspace.run(run_id)
    label_run(run_dir, name=asked.name, notes=asked.notes)
    return _describe(run_dir)


@router.delete("/runs/{run_id}", status_code=204)
def remove(run_id: Id, workspace: WorkspaceOf) -> None:
    """Put a run away that is over; it can be restored."""
    remove_run(workspace.run(run_id))


@router.post("/runs/{run_id}/restore")
def restore(run_id: Id, workspace: WorkspaceOf) -> RunBody:
    """Put a removed run back."""
    return _describe(restore_run(workspace.runs, run_id))


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
def show_log(run_id: Id, workspace: WorkspaceOf, tail: Limit = 200) -> PlainTextResponse:
    """The last lines of the worker's log, with control characters spelled out."""
    check_limit(tail, MOST_LOG_LINES)
    return PlainTextResponse(read_log(workspace.run(run_id), tail))


@router.post("/runs/{run_id}/cancel")
def cancel_run(run_id: Id, workspace: WorkspaceOf) -> RunBody:
    """Ask a run to save its work and stop."""
    run_dir = workspace.run(run_id)
    cancel_job(run_dir)
    return _describe(run_dir)


@router.post("/runs/{run_id}/resume")
def go_on(run_id: Id, workspace: WorkspaceOf) -> RunBody:
    """Go on with a failed or cancelled run from its last complete checkpoint, as one more attempt."""
    run_dir = workspace.run(run_id)
    resume_job(run_dir)
    return _describe(run_dir)


@router.get("/runs/{run_id}/curve")
def show_curve(run_id: Id, workspace: WorkspaceOf) -> CurveBody:
    """The losses by step that count, over all attempts."""
    return CurveBody.model_validate(read_curve(read_events(workspace.run(run_id))[0]))


async def stream_events(run_dir: RunDir, offset: int = 0) -> AsyncIterator[str]:
    """Every event from `offset` on as a message, a comment when none comes for long, at the end `state`."""
    last_sign = time.monotonic()
    while True:
        # The state first: all events of a finished run are then on disk.
        finished = (await run_sync(read_state, run_dir)).finished
        for event, after in await run_sync(_read_events, run_dir, offset):
            offset = after
            yield f"id: {offset}\ndata: {event}\n\n"
            last_sign = time.monotonic()
        if finished:
            state = json.dumps(await run_sync(describe_run, run_dir), ensure_ascii=False)
            yield f"event: state\nid: {offset}\ndata: {state}\n\n"
            return
        if time.monotonic() - last_sign >= HEARTBEAT:
            yield ": still running\n\n"
            last_sign = time.monotonic()
        await anyio.sleep(PAUSE)


def _describe(run_dir: RunDir) -> RunBody:
    return RunBody.model_validate(describe_run(run_dir))


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
        return json.dumps(Event.from_dict(json.loads(line)).to_dict(), ensure_ascii=False)
    except (ValueError, TypeError, AttributeError):
        return ""
