"""The command that writes an export: build."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from studio.cli.answer import AsJson, WorkspaceFolder, say
from studio.errors import ExportError, SettingsError

if TYPE_CHECKING:
    from studio.recipe import ExportSpec, Recipe


def build(
    recipe: Annotated[Path, typer.Argument(metavar="RECIPE", help="A recipe.yaml.")],
    out: Annotated[
        Path | None, typer.Option(help="Folder to write; it must not exist.", metavar="DIR")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Keep an old folder as DIR.previous.")] = False,
    shape: Annotated[
        str | None,
        typer.Option("--shape", "--format", help="What a record becomes, such as sharegpt.", metavar="NAME"),
    ] = None,
    file: Annotated[str | None, typer.Option(help="jsonl, parquet, csv, …", metavar="TYPE")] = None,
    card: Annotated[
        str | None, typer.Option(help="Write a dataset card with this licence.", metavar="LICENSE")
    ] = None,
    config: Annotated[
        list[str] | None,
        typer.Option(help="Write this trainer's configuration; may be repeated.", metavar="NAME"),
    ] = None,
    stream: Annotated[
        str | None,
        typer.Option(help="Write this part's file to standard output instead.", metavar="PART"),
    ] = None,
    source: Annotated[
        Path | None, typer.Option(help="The recipe's file, if elsewhere.", metavar="FILE")
    ] = None,
    workspace: WorkspaceFolder = None,
    as_json: AsJson = False,
) -> None:
    """Run a recipe from its source to a folder with one file per part, the recipe, and a manifest.

    What is given of --shape, --file, --card and --config takes the place of what the recipe says.
    """
    from studio.recipe import load_recipe

    read = load_recipe(recipe)
    wanted = read.model_copy(update={"export": change_export(read.export, shape, file, card, config or [])})
    if stream is not None:
        if out is not None or as_json:
            raise SettingsError("--stream writes no folder and no JSON.", "Leave --out and --json away.")
        _stream(wanted, stream, recipe.parent, source, workspace)
        return
    if out is None:
        raise SettingsError(
            "Neither --out nor --stream was given.", "Name the folder to write with --out DIR."
        )
    _build(wanted, out, recipe.parent, source, workspace, replace=replace, as_json=as_json)


def change_export(
    spec: "ExportSpec", shape: str | None, file: str | None, license_: str | None, configs: list[str]
) -> "ExportSpec":
    """The export of a recipe with what was given in its place; another format has its own names.

    Raises ExportError for what is in no registry.
    """
    from studio.recipe import CardSpec

    changes: dict[str, Any] = {} if shape is None else _choose_shape(spec, shape)
    if file is not None:
        changes["file"] = _check_file(file)
    if license_ is not None:
        known = {} if spec.card is None else spec.card.model_dump()
        changes["card"] = CardSpec.model_validate(known | {"license": license_ or "unknown"})
    if configs:
        changes["configs"] = [_check_trainer(name) for name in configs]
    return spec.model_copy(update=changes)


def _choose_shape(spec: "ExportSpec", shape: str) -> dict[str, Any]:
    from studio.formats import FORMATS, PRESETS

    if shape in PRESETS:
        return {"format": PRESETS[shape].format, "names": dict(PRESETS[shape].names)}
    if shape not in FORMATS:
        raise ExportError(f"There is no shape {shape}.", f"Shapes are: {', '.join([*FORMATS, *PRESETS])}.")
    return {"format": shape, "names": spec.names if shape == spec.format else {}}


def _check_file(file: str) -> str:
    from studio.formats import FILES

    if file not in FILES:
        raise ExportError(f"No file type named {file}.", f"File types are: {', '.join(FILES)}.")
    return file


def _check_trainer(name: str) -> str:
    from studio.trainers import TRAINERS

    if name not in TRAINERS:
        raise ExportError(f"There is no configuration for {name}.", f"There are: {', '.join(TRAINERS)}.")
    return name


def _build(
    recipe: "Recipe",
    out: Path,
    beside: Path,
    source: Path | None,
    workspace: str | None,
    *,
    replace: bool,
    as_json: bool,
) -> None:
    from studio.pipeline import build as build_export
    from studio.settings import Settings

    settings = Settings.from_env(workspace)
    export = build_export(
        recipe, out, settings=settings, source_file=source, recipe_folder=beside, replace=replace
    )
    manifest = export.manifest
    answer = {
        "folder": str(out),
        "counts": manifest["counts"],
        "parts": {name: _file_record_hash(part) for name, part in manifest["parts"].items()},
        "manifest": str(out / "manifest.json"),
    }
    lines = [f"{part['file']}: {part['records']:,} records" for part in manifest["parts"].values()]
    counts = ", ".join(f"{count:,} {name}" for name, count in manifest["counts"].items())
    say(answer, [f"Wrote {out} ({counts})", *lines, *manifest["warnings"]], as_json=as_json)


def _file_record_hash(part: dict[str, Any]) -> dict[str, Any]:
    return {name: part[name] for name in ("file", "records", "sha256")}


def _stream(recipe: "Recipe", part: str, beside: Path, source: Path | None, workspace: str | None) -> None:
    """Write the bytes of a part's file to standard output as they are made."""
    from studio.pipeline import open_recipe_source, stream_part
    from studio.settings import Settings
    from studio.workspace import Workspace

    work = Workspace(Settings.from_env(workspace))
    with work.scratch() as scratch:
        table = open_recipe_source(recipe, scratch / "table", work, source, beside)
        for piece in stream_part(recipe, table, part):
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
