"""A fine-tune before it is begun: what a base model is, what may be asked, what would be done; the launch.

    GET  /models?name=org/name       {"choice": "org/name@a39f36b1…", "parameters": 70426624, …}
    GET  /training/options           {"options": [{"name": "learning_rate", "least": 1e-07, …}, …], …}
    GET  /tables/{id}/train          {"train": {"base_model": "tiny", "seed": 42}, "type": …}
    PUT  /tables/{id}/train          {"base_model": "tiny", "max_steps": 20}
    POST /tables/{id}/plan           the same body → {"steps": 237, "tokens": 505236, "memory": {…}, …}
    POST /tables/{id}/calibrations   the same body → {"id": …, "state": "running"}
    POST /tables/{id}/runs           {"anyway": false} → 201 the run, or 202 while its base model is fetched

A train part is in TRL's names; whatever does not do is refused in words, and nothing is begun.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from studio.job import INSTALL_HINT, describe_run, require_training, training_available
from studio.job.asked import read_base_model, read_train
from studio.job.calibration import read_calibration
from studio.job.device import read_device
from studio.job.foresight import foresee_run, measure_run
from studio.job.launch import launch_checked
from studio.job.plan import plan_run, refuse_plan, resolve_options
from studio.models import find_model, look_at_model, pin_choice
from studio.pipeline import nearest_template
from studio.recipe import Recipe, TrainSpec
from studio.task import Phase
from studio.training import OPTIONS, TINY_DEFAULTS, TINY_MOST_LENGTH
from studio.web.api.context import Id, WorkspaceOf
from studio.web.api.runs import RunBody
from studio.web.fetches import Fetches
from studio.weights import Description
from studio.weights.defaults import LORA
from studio.workspace import Workspace

router = APIRouter(tags=["fine-tune"])

TrainPart = Annotated[dict[str, Any], Body()]
Name = Annotated[str, Query(max_length=4_096)]

# What is the same for every model that takes it.
_OPEN: Mapping[str, float | bool | str] = {
    **LORA,
    "dtype": "auto",
    "seed": 42,
    "packing": False,
    "assistant_only_loss": True,
}


class ModelBody(BaseModel):
    """What is known of a base model; `choice` is how a recipe writes it, `ready` that nothing is fetched."""

    model_config = ConfigDict(extra="allow")

    choice: str
    ready: bool
    words: str


class OptionBody(BaseModel):
    """An option by TRL's name. `wanted` says in words what to give; `default` is what a run of the model
    takes that names none, None where it depends or there is none.
    """

    name: str
    kind: str
    label: str
    group: str
    help: str
    least: float
    most: float
    choices: list[str]
    wanted: str
    default: float | bool | str | None


class OptionsBody(BaseModel):
    """The options that a base model takes, in the order of a form."""

    base_model: str
    options: list[OptionBody]


class TrainBody(BaseModel):
    """The train part of the draft, the example type of its template, and what this machine computes with;
    `available` says whether training is installed, `install` how to.
    """

    train: dict[str, Any]
    type: str
    device: dict[str, Any]
    available: bool
    install: str


class CalibrationBody(BaseModel):
    """Where a calibration stands: `answer` is what it measured, `message` and `hint` why it failed."""

    id: str
    state: Phase
    answer: dict[str, Any] | None
    message: str
    hint: str


class LaunchRequest(BaseModel):
    """The train part to keep and to launch, None for the draft's; `anyway` insists on too little memory."""

    model_config = ConfigDict(extra="forbid")

    train: dict[str, Any] | None = None
    anyway: Annotated[bool, Field(strict=True)] = False


class FetchingBody(BaseModel):
    """The base model of a launch is being fetched; asked again, the launch goes on."""

    state: str = "fetching"
    doing: str


async def find_fetches(request: Request) -> Fetches:
    """The models that this application fetches."""
    fetches: Fetches = request.app.state.fetches
    return fetches


FetchesOf = Annotated[Fetches, Depends(find_fetches)]


@router.get("/models")
def show_model(workspace: WorkspaceOf, name: Name) -> ModelBody:
    """What a base model is; of the Hub only small files and the heads of its weights are read."""
    seen = look_at_model(workspace, read_base_model(name))
    choice = pin_choice(read_base_model(name), seen)
    ready = find_model(workspace, choice) is not None
    return ModelBody(**seen.to_dict() | {"choice": choice, "ready": ready, "words": seen.words})


@router.get("/training/options")
def show_options(
    workspace: WorkspaceOf, name: Name = "tiny", records: Annotated[int, Query(ge=0, le=10**12)] = 1_000
) -> OptionsBody:
    """Every option that a base model takes, with its limits, and its default for so many train records."""
    model = look_at_model(workspace, read_base_model(name))
    real = model.kind != "tiny"
    defaults = resolve_options(model, {}, records) if real else dict(TINY_DEFAULTS)
    return OptionsBody(
        base_model=pin_choice(name, model),
        options=[
            _describe_option(option, model, defaults) for option in OPTIONS if real or OPTIONS[option].tiny
        ],
    )


@router.get("/tables/{table_id}/train")
def show_train(table_id: Id, workspace: WorkspaceOf) -> TrainBody:
    """What the draft asks of a fine-tune, and what it would meet here."""
    return _describe_train(workspace, table_id, workspace.draft(table_id))


@router.put("/tables/{table_id}/train")
def change_train(table_id: Id, train: TrainPart, workspace: WorkspaceOf) -> TrainBody:
    """Keep a train part in the draft, in the place of the one that it has."""
    asked = read_train(train)
    return _describe_train(workspace, table_id, _keep(workspace, table_id, asked))


@router.post("/tables/{table_id}/plan")
def show_plan(table_id: Id, train: TrainPart, workspace: WorkspaceOf) -> dict[str, Any]:
    """What a launch with this train part would do; the check of the records is begun, nothing is kept."""
    recipe = workspace.draft(table_id).model_copy(update={"train": read_train(train)})
    return foresee_run(recipe, workspace.result(table_id), workspace).to_dict()


@router.post("/tables/{table_id}/calibrations", responses={202: {"model": FetchingBody}})
def measure(
    table_id: Id, train: TrainPart, workspace: WorkspaceOf, fetches: FetchesOf, response: Response
) -> CalibrationBody | FetchingBody:
    """Measure how long it would take, by a few seconds of it in the background."""
    recipe = workspace.draft(table_id).model_copy(update={"train": read_train(train)})
    doing = fetches.find(recipe.train.base_model)
    if doing is not None:
        response.status_code = 202
        return FetchingBody(doing=doing)
    state = measure_run(recipe, workspace.result(table_id), workspace)
    return CalibrationBody.model_validate(state, from_attributes=True)


@router.get("/calibrations/{calibration_id}")
def show_calibration(calibration_id: Id, workspace: WorkspaceOf) -> CalibrationBody:
    """Where a calibration stands, and what it measured once it is done."""
    state = read_calibration(workspace, calibration_id)
    return CalibrationBody.model_validate(state, from_attributes=True)


@router.post("/tables/{table_id}/runs", status_code=201, responses={202: {"model": FetchingBody}})
def launch(
    table_id: Id, asked: LaunchRequest, workspace: WorkspaceOf, fetches: FetchesOf, response: Response
) -> RunBody | FetchingBody:
    """Start the fine-tune of the draft in the background."""
    require_training()
    recipe, table = workspace.draft(table_id), workspace.result(table_id)
    if asked.train is not None:
        recipe = _keep(workspace, table_id, read_train(asked.train))
    plan = plan_run(recipe, table, workspace)
    if not asked.anyway:
        refuse_plan(plan)
    doing = fetches.find(recipe.train.base_model)
    if doing is not None:
        response.status_code = 202
        return FetchingBody(doing=doing)
    run = launch_checked(recipe, table, workspace, anyway=asked.anyway)
    workspace.note_table(run.run, table_id)
    return RunBody.model_validate(describe_run(run))


def _keep(workspace: Workspace, table_id: str, train: TrainSpec) -> Recipe:
    return workspace.change_draft(table_id, lambda draft: draft.model_copy(update={"train": train}))


def _describe_train(workspace: Workspace, table_id: str, recipe: Recipe) -> TrainBody:
    return TrainBody(
        train=recipe.train.model_dump(exclude_none=True),
        type=nearest_template(recipe, workspace.result(table_id)).type,
        device=read_device().to_dict(),
        available=training_available(),
        install=INSTALL_HINT,
    )


def _describe_option(name: str, model: Description, defaults: Mapping[str, Any]) -> OptionBody:
    option = OPTIONS[name]
    if name == "max_length":
        option = replace(option, most=_find_most_length(model, option.most))
    return OptionBody(
        name=name,
        kind=option.kind,
        label=option.label,
        group=option.group,
        help=option.help,
        least=option.least,
        most=option.most,
        choices=list(option.choices),
        wanted=option.wanted,
        default=defaults.get(name, _OPEN.get(name)),
    )


def _find_most_length(model: Description, most: float) -> float:
    return TINY_MOST_LENGTH if model.kind == "tiny" else min(most, model.context or most)
