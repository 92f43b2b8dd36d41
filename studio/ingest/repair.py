"""Lines put right: mended raw text in the place of lines that did not parse, kept in the table's recipe.

A repair never touches the source. The source is read anew with all repairs of the recipe, so that the table
is what a replay of the recipe gives. Knows nothing of how a page shows it.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from studio.errors import ReadError, WorkspaceError
from studio.ingest import IngestState, read_ingest, start_ingest
from studio.reader import refuse_edited, reread_line
from studio.recipe import OverlaySpec, RepairSpec
from studio.record import Quarantined, Repair
from studio.settings import Limits
from studio.source import Source
from studio.table import Table
from studio.workspace import Workspace


def check_repair(table: Table, repair: Repair, limits: Limits) -> dict[str, bytes]:
    """The fields (name → JSON spelling) of the record that a repair would give.

    Raises ReadError when its line is not in quarantine, or its text does not parse.
    """
    return _check(table, repair, _index_quarantine(table), limits)


def save_repairs(workspace: Workspace, table_id: str, repairs: Sequence[Repair]) -> IngestState:
    """Keep repairs in the table's recipe and read its source anew with all of them.

    Raises what `check_repair` raises, and SourceError when the source has changed; nothing is kept then.
    """
    table = workspace.table(table_id)
    refuse_edited(table)
    refused = _index_quarantine(table)
    for repair in repairs:
        _check(table, repair, refused, workspace.settings.limits)
    kept = {(old.file, old.line): old for old in list_repairs(workspace, table_id)}
    kept |= {(new.file, new.line): new for new in (_as_addressed(table, repair) for repair in repairs)}
    return _read_anew(workspace, table_id, table, kept.values())


def accept_lines(
    workspace: Workspace, table_id: str, lines: Iterable[tuple[str, int]], column: str
) -> IngestState:
    """Take quarantined lines (file, line) as they are: each a record with its text in `column`."""
    table = workspace.table(table_id)
    refused = _index_quarantine(table)
    repairs = []
    for file, number in lines:
        line = refused.get((file, number))
        if line is None:
            raise ReadError(f"Line {number} of {file} is not in quarantine.", "Reload the page.")
        text = line.raw if table.format == "text" else json.dumps({column: line.raw}, ensure_ascii=False)
        repairs.append(Repair(file=file, line=number, hash=line.hash, raw=text))
    return save_repairs(workspace, table_id, repairs)


def undo_repair(workspace: Workspace, table_id: str, file: str, line: int) -> IngestState:
    """Put a repaired line back into the quarantine."""
    table = workspace.table(table_id)
    refuse_edited(table)
    old = list_repairs(workspace, table_id)
    left = [repair for repair in old if not (repair.line == line and repair.file in ("", file))]
    if len(left) == len(old):
        raise ReadError(f"Line {line} of {file or table.name} has no repair.", "Reload the page.")
    return _read_anew(workspace, table_id, table, left)


def list_repairs(workspace: Workspace, table_id: str) -> list[Repair]:
    """The repairs of the table's recipe, in order of file and line."""
    return workspace.draft(table_id).overlay.to_repairs()


def _read_anew(workspace: Workspace, table_id: str, table: Table, repairs: Iterable[Repair]) -> IngestState:
    if read_ingest(workspace, table_id).state == "reading":
        raise WorkspaceError(f"{table.name} is being read.", "Wait until that is done, then repair it.")
    ordered = sorted(repairs, key=lambda repair: (repair.file, repair.line))
    state = start_ingest(_source_again(table), workspace, table_id=table_id, repairs=ordered)
    specs = [
        RepairSpec(line=repair.line, hash=repair.hash, raw=repair.raw, file=repair.file or None)
        for repair in ordered
    ]
    overlay = OverlaySpec(repair=specs)
    workspace.change_draft(table_id, lambda draft: draft.model_copy(update={"overlay": overlay}))
    return state


def _source_again(table: Table) -> Source:
    return replace(table.source, sha256=None)


def _as_addressed(table: Table, repair: Repair) -> Repair:
    """The repair as a recipe names it: the file only where there are several."""
    return repair if len(table.files) > 1 else replace(repair, file="")


def _index_quarantine(table: Table) -> dict[tuple[str, int], Quarantined]:
    return {(line.file, line.line): line for line in table.quarantine()}


def _check(
    table: Table, repair: Repair, refused: Mapping[tuple[str, int], Quarantined], limits: Limits
) -> dict[str, bytes]:
    file = repair.file or table.files[0].name
    line = refused.get((file, repair.line))
    if line is None:
        raise ReadError(f"Line {repair.line} of {file} is not in quarantine.", "Reload the page.")
    if not line.hash:
        raise ReadError(
            f"Line {repair.line} of {file} cannot be repaired: it is so long that only its start was kept.",
            "Mend it in the source.",
        )
    if line.hash != repair.hash:
        raise ReadError(
            f"Line {repair.line} of {file} is not the line that this repair is for.", "Reload the page."
        )
    return dict(reread_line(table, file, repair.raw, limits))
