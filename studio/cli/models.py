"""`studio models`: what a base model is, before it is fetched or trained."""

import sys
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from studio.cli.answer import AsJson, WorkspaceFolder, say
from studio.cli.work import open_workspace

models = typer.Typer(
    help="Base models: what one is, and whether it may be opened.",
    short_help="What a base model is.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Name = Annotated[
    str, typer.Argument(metavar="NAME", help="tiny, a folder, or a Hub id such as org/name or org/name@main.")
]


@models.command("show")
def show(name: Name, workspace: WorkspaceFolder = None, as_json: AsJson = False) -> None:
    """Its size, context, number type, chat template and licence; no weights are fetched."""
    from studio.models import look_at_model

    def tell(words: str) -> None:
        print(f"{words} …", file=sys.stderr)

    answer = look_at_model(open_workspace(workspace), name, tell).to_dict()
    say(answer, _describe(answer), as_json=as_json)


@models.command("fetch")
def fetch(name: Name, workspace: WorkspaceFolder = None, as_json: AsJson = False) -> None:
    """Fetch a model of the Hub now, so that a run need not; its commit is kept."""
    from studio.models import prepare_model

    def tell(words: str) -> None:
        print(f"{words} …", file=sys.stderr)

    made = prepare_model(open_workspace(workspace), name, tell)
    answer = made.description.to_dict() | {"base_model": made.choice}
    say(answer, [*_describe(answer), f"For a recipe: train: {{base_model: {made.choice}}}"], as_json=as_json)


def _describe(answer: Mapping[str, Any]) -> Iterator[str]:
    revision = f" at {answer['revision']}" if answer["revision"] else ""
    yield f"{answer['name']}{revision}: {answer['architecture']}"
    yield f"{answer['parameters']:,} parameters in {answer['dtype']}, {answer['bytes'] / 1e6:,.0f} MB"
    context = f"{answer['context']:,} tokens of context" if answer["context"] else "context not stated"
    yield f"{context}, vocabulary {answer['vocabulary']:,}, {answer['layers']} layers of {answer['width']}"
    yield "with a chat template" if answer["chat"] else "without a chat template"
    yield f"licence: {answer['licence'] or 'not stated'}"
    if answer["unopened"]:
        yield f"never opened, as they could run a program: {', '.join(answer['unopened'][:10])}"
