"""The judge of a run: what it would take, the judging, where it stands, and what it replied.

    GET  /judge                           what can be asked: prompts, placeholders, Ollama's address
    POST /runs/{id}/judges/plan           {"model": "llama3.2", "endpoint": "http://127.0.0.1:11434/v1", …}
    POST /runs/{id}/judges                the same, with "key": begin, or go on with what is missing
    GET  /runs/{id}/judges                every judging of the run, the one begun last first
    GET  /runs/{id}/judges/{judge}        {"state": "running", "answered": 112, "calls": 280, …}
    POST /runs/{id}/judges/{judge}/stop   end it; what is answered is kept
    GET  /runs/{id}/judges/{judge}/replies?only=no-number

The key is passed on to the worker's environment, and stands in no answer.
"""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from studio.judge import (
    MODES,
    OLLAMA,
    PROMPTS,
    Asked,
    Mode,
    list_judgings,
    list_placeholders,
    list_replies,
    plan_judging,
    read_judging,
    start_judging,
    stop_judging,
)
from studio.web.api.context import Id, Limit, Offset, WorkspaceOf, check_limit

router = APIRouter(tags=["judge"])


class JudgeOptions(BaseModel):
    """What a form offers, by mode; `private` says whether an endpoint on this machine may be called."""

    endpoint: str
    private: bool
    prompts: dict[Mode, str]
    placeholders: dict[Mode, list[str]]


class AskedBody(BaseModel):
    """A judge and how it is asked, as `studio.judge.Asked` says; the key reaches the worker alone."""

    model_config = ConfigDict(extra="forbid")

    model: Annotated[str, Field(max_length=1_000)]
    endpoint: Annotated[str, Field(max_length=2_000)] = OLLAMA
    mode: Mode = "single"
    prompt: str = ""
    budget: int | None = None
    temperature: float | None = 0.0
    max_tokens: int | None = None
    seed: int | None = 42
    key: SecretStr | None = None

    def to_asked(self) -> Asked:
        """What is asked, without the key."""
        return Asked(**self.model_dump(exclude={"key"}))


class PlanBody(BaseModel):
    """What a judging takes, in one `sentence` too; `example` is the first question as the judge reads it."""

    judge: str
    records: int
    of: int
    calls: int
    asked: int
    budget: int
    sent: int
    characters: int
    example: str
    sentence: str


class ProblemBody(BaseModel):
    """Why a judging failed, and what to do."""

    message: str
    hint: str


class SpanBody(BaseModel):
    """A mean with its 95 % interval."""

    value: float
    low: float
    high: float


class OrdersBody(BaseModel):
    """What the order of the two answers does; of the records that have a score of both orders."""

    records: int
    correlation: float | None
    same_winner: float
    first_gains: float


class JudgingBody(BaseModel):
    """What was asked, where it stands, what came of it; `left` is in seconds."""

    judge: str
    run: str
    state: Literal["running", "done", "failed", "stopped"]
    seconds: float
    left: float | None
    problem: ProblemBody | None
    model: str
    endpoint: str
    mode: Mode
    prompt: str
    budget: int
    temperature: float | None
    max_tokens: int | None
    seed: int | None
    of: int
    chosen: int
    sent: int
    failed: int
    calls: int
    answered: int
    no_number: int
    missing: int
    records: int
    mean: dict[str, float | None]
    interval: dict[str, tuple[float, float] | None]
    difference: SpanBody | None
    orders: OrdersBody | None
    by_key: dict[str, dict[str, float]]
    sentence: str


class ReplyBody(BaseModel):
    """One call: `question` as the judge read it, `scores` in the order of the answers in it."""

    row: int
    order: list[str]
    question: str
    reply: str | None
    scores: list[int] | None
    error: str


class RepliesBody(BaseModel):
    """One page of the calls of a kind; `total` are all of them."""

    total: int
    replies: list[ReplyBody]


@router.get("/judge")
def show_options(workspace: WorkspaceOf) -> JudgeOptions:
    """What can be asked of a judge."""
    settings = workspace.settings
    return JudgeOptions(
        endpoint=OLLAMA,
        private=settings.local_paths or settings.private_urls,
        prompts=dict(PROMPTS),
        placeholders={mode: list(list_placeholders(mode)) for mode in MODES},
    )


@router.post("/runs/{run_id}/judges/plan")
def plan(run_id: Id, asked: AskedBody, workspace: WorkspaceOf) -> PlanBody:
    """What a judging takes; nothing is asked."""
    planned = plan_judging(workspace.run(run_id), asked.to_asked(), workspace.settings)
    return PlanBody.model_validate(planned.to_dict())


@router.post("/runs/{run_id}/judges")
def begin(run_id: Id, asked: AskedBody, workspace: WorkspaceOf) -> JudgingBody:
    """Begin a judging, or go on with what is missing of it; it goes on when the page is left."""
    key = asked.key.get_secret_value() if asked.key else ""
    return _describe(start_judging(workspace.run(run_id), asked.to_asked(), workspace.settings, key))


@router.get("/runs/{run_id}/judges")
def list_all(run_id: Id, workspace: WorkspaceOf) -> list[JudgingBody]:
    """Every judging of a run, the one begun last first."""
    return [_describe(judging) for judging in list_judgings(workspace.run(run_id))]


@router.get("/runs/{run_id}/judges/{judge}")
def show(run_id: Id, judge: Id, workspace: WorkspaceOf) -> JudgingBody:
    """Where a judging stands."""
    return _describe(read_judging(workspace.run(run_id), judge))


@router.post("/runs/{run_id}/judges/{judge}/stop")
def stop(run_id: Id, judge: Id, workspace: WorkspaceOf) -> JudgingBody:
    """End a judging; what is answered is kept."""
    return _describe(stop_judging(workspace.run(run_id), judge))


@router.get("/runs/{run_id}/judges/{judge}/replies")
def show_replies(
    run_id: Id,
    judge: Id,
    workspace: WorkspaceOf,
    only: Annotated[str, Query(max_length=20)] = "all",
    offset: Offset = 0,
    limit: Limit = 20,
) -> RepliesBody:
    """The calls one by one: `all`, those with a `number`, with `no-number`, or `failed` ones."""
    check_limit(limit, workspace.settings.limits.page_rows)
    total, page = list_replies(workspace.run(run_id), judge, only, offset=offset, limit=limit)
    return RepliesBody(total=total, replies=[ReplyBody.model_validate(one) for one in page])


def _describe(judging: Any) -> JudgingBody:
    return JudgingBody.model_validate(judging.to_dict())
