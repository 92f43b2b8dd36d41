"""An export onto the Hub: what would be sent, the push itself, where it stands.

    POST   /exports/{id}/push   {"repo": "org/name", "private": true, "dry_run": true, "token": "…"}
    GET    /exports/{id}/push   {"state": "running", "done": 81920, "total": 663552, …}
    DELETE /exports/{id}/push   stop

The token is passed on to the worker's environment, and stands in no answer.
"""

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field, SecretStr

from studio.publish import Asked
from studio.publish.pushing import read_push, start_push, stop_push
from studio.publish.sending import Push
from studio.web.api.context import Id, WorkspaceOf

router = APIRouter(tags=["exports"])


class PushRequest(BaseModel):
    """Where to; without a token the one of the machine is used, where only its owner reaches the studio."""

    repo: Annotated[str, Field(max_length=200)]
    private: bool = True
    dry_run: bool = False
    replace: bool = False
    token: SecretStr | None = None


class ProblemBody(BaseModel):
    """Why a push failed, and what to do."""

    message: str
    hint: str


class PushFileBody(BaseModel):
    """One file of the plan: `new` to the repository, `changed` or the `same`."""

    path: str
    bytes: int
    state: Literal["new", "changed", "same"]


class PlanBody(BaseModel):
    """What a push does or did; `asks` says that something of the repository needs a person's yes.

    `bytes` is what is sent, `others` are files of the repository that stay; `url` is empty for a dry run.
    """

    repo: str
    user: str
    exists: bool
    private: bool
    files: list[PushFileBody]
    others: list[str]
    bytes: int
    asks: bool
    commit: str
    url: str = ""


class PushBody(BaseModel):
    """Where the last push stands; `none` before the first. `done` and `total` are bytes."""

    state: Literal["none", "running", "done", "failed", "stopped"]
    kind: Literal["dataset", "model", "adapter"] = "dataset"
    repo: str = ""
    private: bool = True
    dry_run: bool = False
    done: int = 0
    total: int = 0
    seconds: float = 0.0
    problem: ProblemBody | None = None
    plan: PlanBody | None = None


def read_asked(request: PushRequest, kind: Literal["dataset", "model", "adapter"] = "dataset") -> Asked:
    """What the request asks for."""
    return Asked(
        repo=request.repo.strip(),
        private=request.private,
        dry_run=request.dry_run,
        replace=request.replace,
        kind=kind,
    )


def read_token(request: PushRequest) -> str:
    """The token of the request; empty without one."""
    return request.token.get_secret_value() if request.token else ""


@router.post("/exports/{export_id}/push")
def push_export(export_id: Id, request: PushRequest, workspace: WorkspaceOf) -> PushBody:
    """Begin a push or a dry run; it goes on when the page is left."""
    return describe_push(start_push(workspace, export_id, read_asked(request), read_token(request)))


@router.get("/exports/{export_id}/push")
def show_push(export_id: Id, workspace: WorkspaceOf) -> PushBody:
    """Where the last push of this export stands."""
    workspace.export(export_id)
    return describe_push(read_push(workspace, export_id))


@router.delete("/exports/{export_id}/push")
def end_push(export_id: Id, workspace: WorkspaceOf) -> PushBody:
    """Stop the push; what was not committed by then is not on the Hub."""
    workspace.export(export_id)
    return describe_push(stop_push(workspace, export_id))


def describe_push(push: Push | None) -> PushBody:
    """Where a push stands."""
    if push is None:
        return PushBody(state="none")
    task, asked = push.task, push.asked
    failed = task.state == "failed"
    return PushBody(
        state=task.state,
        kind=asked.kind,
        repo=asked.repo,
        private=asked.private,
        dry_run=asked.dry_run,
        done=task.done,
        total=task.total,
        seconds=task.seconds,
        problem=ProblemBody(message=task.message, hint=task.hint) if failed else None,
        plan=PlanBody.model_validate(task.answer) if task.answer is not None else None,
    )
