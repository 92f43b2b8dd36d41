"""A Workspace: one person's work on disk, by id.

    tables/<id>/         a Table
    drafts/<id>.yaml     the recipe being put together for the table of this id
    ingests/<id>/        the reading of a table that is not whole yet
    uploads/<id>/        one uploaded file
    exports/<id>/        an Export
    exporting/<id>/      the task of an export that is being written, or could not be
    pushes/<id>/         the last push of an export to the Hub
    runs/<id>/           a run directory
    made_from/<id>       the table's id of an export or a run
    changes/<id>.jsonl   what a person took out of a table or put right in it
    names/<id>           the name that a person gave to a table
    removed/<id>/        a table that was taken away and can be restored
    templates/           the templates that a person keeps under a name
    tokenizers/<key>/    a tokenizer as it was prepared
    models/<key>/        a base model of the Hub, at one commit
    checks/<key>/        what a pass over all records found
    surveys/<key>/       what was found of the quality of records
    calibrations/<key>/  how long a fine-tune would take
    logs/

An id is 128 random bits in hex, so that it cannot be guessed and never names a path. Knows what lies where;
how it came to be is for the flows.
"""

import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock

from studio.durable import write_file
from studio.errors import TableError, WorkspaceError
from studio.export import Export, open_export
from studio.proposal import propose_recipe
from studio.recipe import Recipe, dump_recipe, load_recipe
from studio.revision import Revision
from studio.run import RunDir
from studio.settings import Settings
from studio.source import Source
from studio.table import Table
from studio.workspace.finding import find_source, find_table
from studio.workspace.ids import find_existing, list_newest, require_id

_FOLDERS = (
    *("tables", "drafts", "ingests", "uploads", "exports", "exporting", "pushes", "runs", "made_from"),
    *("changes", "names", "removed", "templates", "tokenizers", "models", "checks", "surveys"),
    *("calibrations", "logs"),
)


class Workspace:
    """The folders of `settings.workspace`, made when they are not there, readable by their owner alone."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.root = settings.workspace
        self._revisions: dict[str, Revision] = {}
        self._proposed: dict[tuple[str, int], Recipe] = {}
        self._changing = Lock()
        try:
            for name in _FOLDERS:
                (self.root / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise WorkspaceError(
                f"Cannot use the workspace {self.root}: {error.strerror}.",
                "Name another folder with --workspace or STUDIO_WORKSPACE.",
            ) from error

    @property
    def uploads(self) -> Path:
        return self.root / "uploads"

    @property
    def ingests(self) -> Path:
        return self.root / "ingests"

    @property
    def runs(self) -> Path:
        return self.root / "runs"

    @property
    def exports(self) -> Path:
        return self.root / "exports"

    @property
    def exporting(self) -> Path:
        return self.root / "exporting"

    @property
    def names(self) -> Path:
        return self.root / "names"

    @property
    def templates(self) -> Path:
        return self.root / "templates"

    @property
    def tokenizers(self) -> Path:
        return self.root / "tokenizers"

    @property
    def models(self) -> Path:
        return self.root / "models"

    @property
    def checks(self) -> Path:
        return self.root / "checks"

    def check_folder(self, check_id: str) -> Path:
        """Where the check of this id keeps its state, if it is still kept."""
        return self.checks / require_id(check_id, "check")

    @property
    def surveys(self) -> Path:
        return self.root / "surveys"

    def survey_folder(self, survey_id: str) -> Path:
        """Where the survey of this id keeps what it found, if it is still kept."""
        return self.surveys / require_id(survey_id, "survey")

    @property
    def calibrations(self) -> Path:
        return self.root / "calibrations"

    def calibration_folder(self, calibration_id: str) -> Path:
        """Where the calibration of this id keeps what it measured, if it is still kept."""
        return self.calibrations / require_id(calibration_id, "calibration")

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    def new_id(self) -> str:
        """A fresh id: 32 hex digits, 128 random bits."""
        return secrets.token_hex(16)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A folder beside the tables for work that is not kept; it is gone at the end."""
        with tempfile.TemporaryDirectory(dir=self.root, prefix=".scratch-") as folder:
            yield Path(folder)

    def table_ids(self) -> list[str]:
        """Ids of the stored tables, the newest first."""
        return list_newest(self.root / "tables")

    def table_folder(self, table_id: str) -> Path:
        """Where the table of this id lies or will lie."""
        return self.root / "tables" / require_id(table_id, "table")

    def removed_ids(self) -> list[str]:
        """Ids of the tables that were taken away, the newest first."""
        return list_newest(self.root / "removed")

    def removed_folder(self, table_id: str) -> Path:
        """Where the table of this id lies once it is taken away."""
        return self.root / "removed" / require_id(table_id, "table")

    def table(self, table_id: str) -> Table:
        """The stored table. Raises WorkspaceError for an unknown id."""
        return Table.open(find_existing(self.table_folder(table_id), "table", table_id))

    def revision(self, table_id: str) -> Revision:
        """What a person took out of a table or put right in it."""
        path = self._journal_path(table_id)
        if table_id not in self._revisions:
            self._revisions[table_id] = Revision(path, self.settings)
        return self._revisions[table_id]

    def result(self, table_id: str) -> Table:
        """The table with the changes of a person: what every later stage works on."""
        return self.revision(table_id).apply(self.table(table_id))

    def forget_table(self, table_id: str) -> None:
        """Delete what a person did with a table that is not there any more: recipe, changes and name."""
        self._revisions.pop(table_id, None)
        for path in (self._draft_path(table_id), self._journal_path(table_id), self.names / table_id):
            path.unlink(missing_ok=True)

    def has_table(self, table_id: str) -> bool:
        """Whether the table of this id can be opened by now."""
        try:
            self.table(table_id)
        except (TableError, WorkspaceError):
            return False
        return True

    def is_untouched(self, table_id: str) -> bool:
        """Whether nobody has chosen anything for a table, nor changed a record of it."""
        return not (self._draft_path(table_id).exists() or self._journal_path(table_id).exists())

    def find_table(self, source: Source) -> str | None:
        """The whole table of this very source, if its files have not changed since it was read."""
        return find_table(self._open_tables(), source)

    def ingest_ids(self) -> list[str]:
        """Ids of the readings that go on or did not end well, the newest first."""
        return list_newest(self.ingests)

    def ingest_folder(self, table_id: str) -> Path:
        """Where the reading into the table of this id keeps its state."""
        return self.ingests / require_id(table_id, "table")

    def upload_path(self, upload_id: str) -> Path:
        """The one finished file of an upload. Raises WorkspaceError for an unknown id."""
        folder = find_existing(self.uploads / require_id(upload_id, "upload"), "upload", upload_id)
        files = [entry for entry in folder.iterdir() if entry.is_file() and not entry.name.endswith(".part")]
        if len(files) != 1:
            raise WorkspaceError(f"The upload {upload_id} is not finished.", "Upload the file again.")
        return files[0]

    def draft(self, table_id: str) -> Recipe:
        """The recipe being put together for a table; the first proposes what fits, and a 0.9/0.1 split.

        Its edits and exclusions are those of the journal, found in the table as it is now.
        """
        table, path = self.table(table_id), self._draft_path(table_id)
        recipe = load_recipe(path) if path.exists() else self._propose(table_id, table)
        return self.revision(table_id).put_into(recipe, table)

    def _propose(self, table_id: str, table: Table) -> Recipe:
        """The proposal for a table as it is now, looked for once."""
        known = table_id, len(table)
        if known not in self._proposed:
            self._proposed[known] = propose_recipe(table)
        return self._proposed[known]

    def change_draft(self, table_id: str, change: Callable[[Recipe], Recipe]) -> Recipe:
        """Keep what `change` makes of the draft, one change at a time; what it raises leaves the draft."""
        with self._changing:
            recipe = change(self.draft(table_id))
            self.save_draft(table_id, recipe)
        return recipe

    def save_draft(self, table_id: str, recipe: Recipe) -> None:
        """Keep the recipe as the table's draft, without its edits and exclusions, which the journal keeps."""
        find_existing(self.table_folder(table_id), "table", table_id)
        overlay = recipe.overlay.model_copy(update={"edit": [], "exclude": []})
        write_file(self._draft_path(table_id), dump_recipe(recipe.model_copy(update={"overlay": overlay})))

    def export_folder(self, export_id: str) -> Path:
        """Where the export of this id lies or will lie."""
        return self.exports / require_id(export_id, "export")

    def export(self, export_id: str) -> Export:
        """The finished export. Raises WorkspaceError for an unknown id."""
        return open_export(find_existing(self.export_folder(export_id), "export", export_id))

    def push_folder(self, export_id: str) -> Path:
        """Where the push of this export keeps its state."""
        return self.root / "pushes" / require_id(export_id, "export")

    def note_table(self, made_id: str, table_id: str) -> None:
        """Keep from which table an export or a run was made."""
        write_file(self.root / "made_from" / require_id(made_id, "export"), require_id(table_id, "table"))

    def forget_export(self, export_id: str) -> None:
        """Delete what is kept of an export besides its folder."""
        (self.root / "made_from" / require_id(export_id, "export")).unlink(missing_ok=True)

    def exports_of(self, table_id: str) -> list[str]:
        """Ids of the exports made from a table, the newest first."""
        return [made for made in list_newest(self.exports) if self.table_of(made) == table_id]

    def runs_of(self, table_id: str) -> list[str]:
        """Ids of the runs made from a table, the newest first."""
        return [made for made in self.run_ids() if self.table_of(made) == table_id]

    def table_of(self, made_id: str) -> str | None:
        """The table's id of an export or a run; None when it came from the command line."""
        note = self.root / "made_from" / require_id(made_id, "export")
        return note.read_text(encoding="ascii") if note.is_file() else None

    def run_ids(self) -> list[str]:
        """Ids of the runs, the newest first."""
        return list_newest(self.runs)

    def run(self, run_id: str) -> RunDir:
        """The run directory. Raises WorkspaceError for an unknown id."""
        return RunDir(find_existing(self.runs / require_id(run_id, "run"), "run", run_id))

    def find_source(self, sha256: str) -> Path | None:
        """An uploaded file with this hash, or None."""
        return find_source(self._open_tables(), sha256)

    def _open_tables(self) -> Iterator[tuple[str, Table]]:
        """The tables that can be opened, the newest first; one that cannot must not hide the others."""
        for table_id in self.table_ids():
            with suppress(TableError):
                yield table_id, self.table(table_id)

    def _journal_path(self, table_id: str) -> Path:
        return self.root / "changes" / f"{require_id(table_id, 'table')}.jsonl"

    def _draft_path(self, table_id: str) -> Path:
        return self.root / "drafts" / f"{require_id(table_id, 'table')}.yaml"
