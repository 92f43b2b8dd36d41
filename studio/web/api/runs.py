"""Runs: where each fine-tune stands, its name, its place in the queue, its end, those that were put away."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from studio.job import (
    cancel_job,
    delete_run,
    describe_removed,
    describe_run,
    describe_runs,
    label_run,
    remove_run,
    restore_run,
    resume_job,
)
from studio.run import RunDir, RunPhase
from studio.run.queue import list_queue, order_queue
from studio.web.api.context import Id, WorkspaceOf

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
    waits_for: list[str]
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


@router.get("/runs")
def list_runs(workspace: WorkspaceOf, sort: str = "-started", active: bool = False) -> list[RunBody]:
    """Every run as `studio runs list` gives it, the newest first; or those alone that are not over."""
    return [RunBody.model_validate(run) for run in describe_runs(workspace.runs, sort=sort, active=active)]


@router.get("/runs/queue")
def show_queue(workspace: WorkspaceOf) -> QueueBody:
    """The runs that wait for a device, the next one first."""
    return QueueBody(queue=list_queue(workspace.runs))


@router.put("/runs/queue")
def change_queue(asked: QueueBody, workspace: WorkspaceOf) -> QueueBody:
    """Put these runs first, in this order; the others follow as they were."""
    return QueueBody(queue=order_queue(workspace.runs, asked.queue))


@router.get("/runs/removed")
def show_removed(workspace: WorkspaceOf) -> list[RunBody]:
    """The runs that were put away, and can be restored."""
    return [RunBody.model_validate(run) for run in describe_removed(workspace.runs)]


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


@router.delete("/runs/{run_id}/removed", status_code=204)
def delete_removed(run_id: Id, workspace: WorkspaceOf) -> None:
    """Delete a removed run for good."""
    delete_run(workspace.runs, run_id)


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


def _describe(run_dir: RunDir) -> RunBody:
    return RunBody.model_validate(describe_run(run_dir))
