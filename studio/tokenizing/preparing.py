"""A tokenizer found among those that were made ready, or made ready now.

    tokenizers/tiny-9f2c…/   tokenizers/folder-41aa…/   tokenizers/hub-07d3…/

A key says what is inside: for `tiny` all that its texts depend on, for a folder its files, for the Hub the id
and the commit.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from studio.durable import name_aside, remove_folder, sync_path
from studio.recipe import Recipe
from studio.table import Table
from studio.tokenizing.choice import Choice, find_used, note_used, parse_choice
from studio.tokenizing.foreign import load_foreign, tell_folder
from studio.tokenizing.rows import read_texts, tell_rows
from studio.tokens.about import ABOUT_FILE, write_prepared
from studio.tokens.tiny import train_tiny
from studio.workspace import Workspace

Progress = Callable[[str], None]
"""Is told in words what is being done."""

# Every change of a template makes another tiny; older ones are made again when they are asked for.
KEPT_TINY = 40
_KEY_DIGITS = 32


def find_tokenizer(workspace: Workspace, recipe: Recipe, table: Table, choice: str) -> Path | None:
    """The folder of a tokenizer that was made ready before; None when there is work to do.

    Raises TokenizerError for a choice that means no tokenizer, and TemplateError when `tiny` is asked for and
    the template does not fit.
    """
    chosen = parse_choice(choice)
    key = _tell_key(workspace, recipe, table, chosen)
    folder = None if key is None else workspace.tokenizers / key
    return folder if folder is not None and _is_prepared(folder) else None


def prepare_tokenizer(
    workspace: Workspace, recipe: Recipe, table: Table, choice: str, progress: Progress | None = None
) -> Path:
    """The folder of the tokenizer, made ready now if it was not before; takes seconds then.

    For a recipe on a table, because `tiny` is made from its train part. Raises TokenizerError in words, and
    the stages' errors; nothing is left half-written.
    """
    say = progress or (lambda words: None)
    found = find_tokenizer(workspace, recipe, table, choice)
    if found is not None:
        return found
    chosen = parse_choice(choice)
    if chosen.kind == "tiny":
        return _make_tiny(workspace, recipe, table, say)
    with workspace.scratch() as scratch:
        (scratch / "made").mkdir()
        key = load_foreign(workspace, chosen, scratch, say)
        folder = _publish(scratch / "made", workspace.tokenizers / key)
    note_used(workspace, chosen, key)
    return folder


def _tell_key(workspace: Workspace, recipe: Recipe, table: Table, choice: Choice) -> str | None:
    if choice.kind == "tiny":
        return f"tiny-{tell_rows(recipe, table)[:_KEY_DIGITS]}"
    if choice.kind == "folder":
        return tell_folder(workspace, choice)
    return find_used(workspace, choice)


def _make_tiny(workspace: Workspace, recipe: Recipe, table: Table, say: Progress) -> Path:
    key = f"tiny-{tell_rows(recipe, table)[:_KEY_DIGITS]}"
    say("rendering the train part")
    texts, others = read_texts(recipe, table)
    say(f"making tiny from {len(texts):,} rows")
    bpe, about = train_tiny(texts, others)
    with _aside(workspace.tokenizers / key) as aside:
        write_prepared(aside, bpe.to_str(pretty=True), about, None)
        folder = _publish(aside, workspace.tokenizers / key)
    _remove_old(workspace)
    return folder


@contextmanager
def _aside(folder: Path) -> Iterator[Path]:
    aside = name_aside(folder)
    aside.mkdir(mode=0o700)
    try:
        yield aside
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _publish(aside: Path, folder: Path) -> Path:
    """Name a filled folder in one step; another process may have made the same meanwhile, and its is kept."""
    for file in aside.iterdir():
        sync_path(file)
    sync_path(aside)
    try:
        aside.rename(folder)
    except OSError:
        if not _is_prepared(folder):
            raise
    sync_path(folder.parent)
    return folder


def _is_prepared(folder: Path) -> bool:
    return (folder / ABOUT_FILE).is_file()


def _remove_old(workspace: Workspace) -> None:
    made = [entry for entry in os.scandir(workspace.tokenizers) if entry.name.startswith("tiny-")]
    for entry in sorted(made, key=lambda entry: entry.stat().st_mtime_ns)[:-KEPT_TINY]:
        remove_folder(Path(entry.path))
