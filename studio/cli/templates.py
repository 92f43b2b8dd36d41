"""`studio templates`: the templates that are kept under a name, and reading in those from elsewhere."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from studio.cli.answer import AsJson, WorkspaceFolder, say
from studio.cli.work import open_workspace
from studio.errors import TemplateError

if TYPE_CHECKING:
    from studio.template import Template

templates = typer.Typer(
    help="The templates of the workspace: list, show, import, export, remove.",
    short_help="The templates of the workspace.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@templates.command("list")
def list_all(workspace: WorkspaceFolder = None, as_json: AsJson = False) -> None:
    """Every template that is kept, by its name."""
    from studio.library import saved_templates

    saved = saved_templates(open_workspace(workspace))
    lines = [f"{one.name}  {one.template.type}" for one in saved]
    answer = [_describe(one.name, one.template) for one in saved]
    say(
        answer,
        lines or ["No template is kept yet. `studio templates import FILE` reads one in."],
        as_json=as_json,
    )


@templates.command("show")
def show(name: str, workspace: WorkspaceFolder = None, as_json: AsJson = False) -> None:
    """A template by its name."""
    from studio.library import read_template, to_yaml

    template = read_template(open_workspace(workspace), name)
    say(_describe(name.strip(), template), [to_yaml(template).rstrip("\n")], as_json=as_json)


@templates.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="YAML, promptsource's Jinja, or a tokenizer's chat template.")],
    name: Annotated[
        str | None, typer.Option(help="The name to keep it under; else that of the file.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Replace the one of this name.")] = False,
    system: Annotated[
        bool, typer.Option("--system", help="Of a chat template, take the system prompt in as well.")
    ] = False,
    workspace: WorkspaceFolder = None,
    as_json: AsJson = False,
) -> None:
    """Read a template in and keep it under a name."""
    from studio.library import read_any, save_template

    reading = read_any(_read_file(file), file.name, system=system)
    kept = save_template(open_workspace(workspace), name or file.stem, reading.template, replace=replace)
    answer = _describe(kept, reading.template) | {"kind": reading.kind, "words": reading.words}
    say(answer, [reading.words, f"Kept as {kept}."], as_json=as_json)


@templates.command("export")
def export(name: str, workspace: WorkspaceFolder = None, as_json: AsJson = False) -> None:
    """Print a template as the YAML that `studio render --template FILE` takes."""
    from studio.library import read_template, to_yaml

    text = to_yaml(read_template(open_workspace(workspace), name), name)
    say({"name": name.strip(), "yaml": text}, [text.rstrip("\n")], as_json=as_json)


@templates.command("remove")
def remove(name: str, workspace: WorkspaceFolder = None, as_json: AsJson = False) -> None:
    """Delete a template; recipes hold their own text and stay as they are."""
    from studio.library import remove_template

    remove_template(open_workspace(workspace), name)
    say({"name": name.strip()}, [f"{name.strip()} is removed."], as_json=as_json)


def find_template(given: Path, workspace: str | None) -> "Template":
    """The template in a YAML file, or else the one that is kept under this name. Raises TemplateError."""
    from studio.library import has_template, read_template, read_yaml

    work = open_workspace(workspace)
    if not given.exists() and given.name and has_template(work, str(given)):
        return read_template(work, str(given))
    return read_yaml(_read_file(given), given.name)


def _describe(name: str, template: "Template") -> dict[str, Any]:
    return {"name": name, "type": template.type, "template": template.to_mapping()}


def _read_file(file: Path) -> str:
    from studio.settings import Limits

    try:
        if file.stat().st_size > Limits().body_bytes:
            raise TemplateError(f"{file} is too large for a template.", "Give the file of a template.")
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise TemplateError(f"Cannot read the template {file}: {reason}.", "Give a text file.") from error
