"""Models of a run that answer on demand: a prompt of one's own as it comes, and the test part by another one.

    GET    /runs/{id}/answering             what can be asked, and which models there are
    POST   /runs/{id}/prompt                the template filled in, before anything is asked
    POST   /runs/{id}/tries                 server-sent events: ready, asked, text …, answer …, done | failed
    GET    /runs/{id}/tries                 what was asked before, the newest first
    POST   /runs/{id}/evaluations           {"which": "step-40", "decoding": {…}}
    GET    /runs/{id}/evaluations/{which}   where it stands; DELETE stops it

A stream that its reader leaves stops the models.
"""

import json
import time
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

import anyio
from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import StreamingResponse

from studio import answers
from studio.answers import Answerers, Asked, Try
from studio.errors import RunError, StudioError
from studio.run import RunDir, RunPhase, read_spec, read_state
from studio.run.decoding import Decoding
from studio.run.sides import own_decoding
from studio.task import TaskState
from studio.web.api.context import Id, Limit, Offset, WorkspaceOf, check_limit

PAUSE = 0.25
HEARTBEAT = 2.0  # seconds after which a reader that has left is noticed

router = APIRouter(tags=["answers"])
DecodingText = Annotated[str, Query(max_length=400)]
Which = Annotated[str, Field(max_length=40)]


class AskBody(BaseModel):
    """What is asked: `values` of the template's columns, or a bare `prompt`."""

    model_config = ConfigDict(extra="forbid")

    values: dict[str, str] | None = None
    prompt: str | None = None


class TryBody(AskBody):
    """Of which models, one or two, and how they choose their tokens."""

    models: Annotated[list[Which], Field(min_length=1, max_length=2)] = ["base", "tuned"]
    decoding: dict[str, Any] = {}


class EvaluationRequest(BaseModel):
    """Which model, and its decoding where it is not the run's own."""

    model_config = ConfigDict(extra="forbid")

    which: Which
    decoding: dict[str, Any] | None = None


class PromptBody(BaseModel):
    """The prompt as the template makes it; of messages the turns, which a chat template puts together."""

    prompt: str
    messages: list[dict[str, str]]


class FieldBody(BaseModel):
    """A column to fill in; `words` say what it stands for where its name does not."""

    name: str
    words: str


class ProblemBody(BaseModel):
    """Why something failed, and what to do."""

    message: str
    hint: str


class EvaluationBody(BaseModel):
    """Where the answering of the test part stands; `summary` once it is done."""

    name: str
    state: str
    done: int
    total: int
    left: float | None
    summary: dict[str, Any] | None
    problem: ProblemBody | None


class ModelBody(BaseModel):
    """A model of the run; `evaluation` with the decoding that was asked about, null where there is none."""

    which: str
    evaluation: EvaluationBody | None


class AnsweringBody(BaseModel):
    """What can be asked of a run: the columns to fill in, none where there is only a bare prompt."""

    run: str
    state: RunPhase
    type: str
    base_model: str
    fields: list[FieldBody]
    decoding: dict[str, Any]
    records: int
    models: list[ModelBody]


class TriesBody(BaseModel):
    """One page of the history, the newest first."""

    total: int
    tries: list[dict[str, Any]]


@router.get("/runs/{run_id}/answering")
def describe_answering(run_id: Id, workspace: WorkspaceOf, decoding: DecodingText = "") -> AnsweringBody:
    """What can be asked of a run, and of which models; `decoding` is JSON where it is not the run's own."""
    run_dir, chosen = workspace.run(run_id), _read_decoding(decoding)
    spec = read_spec(run_dir)
    test = spec.data.get("test")
    return AnsweringBody(
        run=run_dir.run,
        state=read_state(run_dir).state,
        type=spec.example_type,
        base_model=spec.base_model,
        fields=[FieldBody(name=field.name, words=field.words) for field in answers.list_fields(run_dir)],
        decoding=own_decoding(spec).to_dict(),
        records=test.records if test else 0,
        models=[
            ModelBody(which=which, evaluation=_describe(answers.find_evaluation(run_dir, which, chosen)))
            for which in answers.list_sides(run_dir)
        ],
    )


@router.post("/runs/{run_id}/prompt")
def show_prompt(run_id: Id, asked: AskBody, workspace: WorkspaceOf) -> PromptBody:
    """What the models would be asked with."""
    return PromptBody.model_validate(_read_asked(workspace.run(run_id), asked).to_dict())


@router.post("/runs/{run_id}/tries")
async def try_prompt(
    run_id: Id, asked: TryBody, request: Request, workspace: WorkspaceOf
) -> StreamingResponse:
    """The answers of one or two models as they come; they stop when the reader leaves."""
    run_dir = await run_sync(workspace.run, run_id)
    question = await run_sync(_read_asked, run_dir, asked)
    decoding = Decoding.from_dict(asked.decoding)
    models = await run_sync(answers.check_wanted, run_dir, asked.models)
    answerers: Answerers = request.app.state.answerers

    def begin() -> Try:
        return Try(run_dir, question, answerers, decoding, models)

    return StreamingResponse(
        stream_try(begin),
        media_type="text/event-stream",
        headers={"x-accel-buffering": "no", "cache-control": "no-store"},
    )


@router.get("/runs/{run_id}/tries")
def list_tries(run_id: Id, workspace: WorkspaceOf, offset: Offset = 0, limit: Limit = 20) -> TriesBody:
    """What was asked before, the newest first."""
    check_limit(limit, workspace.settings.limits.page_rows)
    tries = answers.list_tries(workspace.run(run_id))
    return TriesBody(total=len(tries), tries=tries[offset : offset + limit])


@router.post("/runs/{run_id}/evaluations")
def evaluate(run_id: Id, asked: EvaluationRequest, workspace: WorkspaceOf) -> EvaluationBody:
    """Let a model answer the whole test part, join who does, or find that it is done."""
    decoding = None if asked.decoding is None else Decoding.from_dict(asked.decoding)
    return _describe_task(answers.evaluate_side(workspace.run(run_id), asked.which, decoding))


@router.get("/runs/{run_id}/evaluations/{which}")
def show_evaluation(
    run_id: Id, which: str, workspace: WorkspaceOf, decoding: DecodingText = ""
) -> EvaluationBody:
    """Where an evaluation stands; `decoding` is JSON where it is not the run's own."""
    found = answers.find_evaluation(workspace.run(run_id), which, _read_decoding(decoding))
    if found is None:
        raise RunError(f"{which[:40]} of run {run_id} has not been evaluated.", "Evaluate it first.")
    return _describe_task(found)


@router.delete("/runs/{run_id}/evaluations/{which}")
def stop_evaluation(
    run_id: Id, which: str, workspace: WorkspaceOf, decoding: DecodingText = ""
) -> EvaluationBody | None:
    """Stop an evaluation; the lines so far are kept, and it goes on from there when it is begun again."""
    return _describe(answers.stop_evaluation(workspace.run(run_id), which, _read_decoding(decoding)))


async def stream_try(begin: Callable[[], Try]) -> AsyncIterator[str]:
    """The events of a question as messages, a comment when none comes for long."""
    try:
        tried = await run_sync(begin)
    except StudioError as error:
        yield _message({"event": "failed", "message": error.message, "hint": error.hint})
        return
    try:
        last_sign = time.monotonic()
        while not tried.over:
            said = await run_sync(tried.next, PAUSE)
            if said is not None or time.monotonic() - last_sign >= HEARTBEAT:
                last_sign = time.monotonic()
                yield ": still there\n\n" if said is None else _message(said)
    finally:
        with anyio.CancelScope(shield=True):
            await run_sync(tried.stop)


def _message(said: dict[str, Any]) -> str:
    return f"event: {said['event']}\ndata: {json.dumps(said, ensure_ascii=False)}\n\n"


def _read_asked(run_dir: RunDir, asked: AskBody) -> Asked:
    if asked.values is not None:
        return answers.fill_template(run_dir, asked.values)
    return answers.take_prompt(asked.prompt or "")


def _read_decoding(text: str) -> Decoding | None:
    if not text:
        return None
    try:
        values = json.loads(text)
    except ValueError:
        values = None
    if not isinstance(values, dict):
        raise RunError("The decoding is no JSON object.", 'Give one: {"method": "greedy"}.')
    return Decoding.from_dict(values)


def _describe(state: TaskState | None) -> EvaluationBody | None:
    return None if state is None else _describe_task(state)


def _describe_task(state: TaskState) -> EvaluationBody:
    return EvaluationBody(
        name=state.id,
        state=state.state,
        done=state.done,
        total=state.total,
        left=state.left,
        summary=state.answer if state.state == "done" else None,
        problem=ProblemBody(message=state.message, hint=state.hint) if state.state == "failed" else None,
    )
