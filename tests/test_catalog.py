"""The datasets of a workspace: a name of one's own, taking away, putting back, deleting for good."""

from pathlib import Path

import pytest

from studio.catalog import (
    delete_dataset,
    list_datasets,
    list_removed,
    name_dataset,
    remove_dataset,
    rename_dataset,
    restore_dataset,
)
from studio.errors import WorkspaceError
from studio.ingest import start_ingest
from studio.pipeline import build_table
from studio.settings import Settings
from studio.source import Source
from studio.workspace import Workspace
from tests.web.boundary import store_table


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(Settings(workspace=tmp_path / "work"))


def test_a_dataset_keeps_the_name_that_a_person_gave(workspace: Workspace) -> None:
    table_id = store_table(workspace, [{"a": "1"}])
    assert [dataset.name for dataset in list_datasets(workspace)] == ["faq.jsonl"]
    assert rename_dataset(workspace, table_id, "  Häufige Fragen 質問 ") == "Häufige Fragen 質問"
    again = Workspace(workspace.settings)
    assert name_dataset(again, table_id, again.table(table_id)) == "Häufige Fragen 質問"
    assert again.table(table_id).name == "faq.jsonl"
    assert rename_dataset(workspace, table_id, "") == "faq.jsonl"
    assert not any(workspace.names.iterdir())


@pytest.mark.parametrize("name", ["x" * 81, "a\nb", "a\u202eb", "\u200b.", "a\x00b"])
def test_a_name_that_cannot_be_read_is_refused(workspace: Workspace, name: str) -> None:
    table_id = store_table(workspace, [{"a": "1"}])
    with pytest.raises(WorkspaceError, match="name"):
        rename_dataset(workspace, table_id, name)
    assert [dataset.name for dataset in list_datasets(workspace)] == ["faq.jsonl"]


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b", ".", "CON", "-rf", "${HOME}"])
def test_a_name_is_text_and_never_a_path(workspace: Workspace, name: str) -> None:
    table_id = store_table(workspace, [{"a": "1"}])
    before = sorted(path for path in workspace.root.parent.rglob("*") if path.is_file())
    assert rename_dataset(workspace, table_id, name) == name
    after = sorted(path for path in workspace.root.parent.rglob("*") if path.is_file())
    assert [path for path in after if path not in before] == [workspace.names / table_id]


def test_a_removed_dataset_comes_back_as_it_was(workspace: Workspace) -> None:
    first, second = (store_table(workspace, [{"a": str(n)}] * (n + 1)) for n in range(2))
    rename_dataset(workspace, first, "mine")
    workspace.save_draft(first, workspace.draft(first))
    remove_dataset(workspace, first)
    assert [dataset.id for dataset in list_datasets(workspace)] == [second]
    assert [(dataset.id, dataset.name) for dataset in list_removed(workspace)] == [(first, "mine")]
    with pytest.raises(WorkspaceError, match="no table"):
        workspace.table(first)
    restore_dataset(workspace, first)
    assert len(workspace.table(first)) == 1 and workspace.draft(first)
    assert list_removed(workspace) == []
    with pytest.raises(WorkspaceError, match="not among the removed"):
        restore_dataset(workspace, first)


def test_deleting_for_good_takes_an_upload_that_nothing_else_reads(
    workspace: Workspace, tmp_path: Path
) -> None:
    upload = workspace.uploads / workspace.new_id() / "faq.jsonl"
    upload.parent.mkdir()
    upload.write_text('{"a": "1"}\n')
    one = start_ingest(Source(path=str(upload)), workspace).id
    two = start_ingest(Source(path=str(upload), first=1), workspace).id
    assert one != two
    assert all(dataset.disk_bytes > upload.stat().st_size for dataset in list_datasets(workspace))
    remove_dataset(workspace, one)
    delete_dataset(workspace, one)
    assert upload.is_file()
    rename_dataset(workspace, two, "mine")
    workspace.save_draft(two, workspace.draft(two))
    workspace.revision(two).exclude(workspace.table(two), [0])
    remove_dataset(workspace, two)
    delete_dataset(workspace, two)
    assert not upload.parent.exists()
    assert list_removed(workspace) == []
    assert [path for path in workspace.root.rglob(f"*{two}*") if path.parent.name != "tables"] == []


def test_a_source_of_the_person_is_never_deleted(workspace: Workspace, tmp_path: Path) -> None:
    own = tmp_path / "faq.jsonl"
    own.write_text('{"a": "1"}\n')
    table_id = start_ingest(Source(path=str(own)), workspace).id
    remove_dataset(workspace, table_id)
    delete_dataset(workspace, table_id)
    assert own.read_text() == '{"a": "1"}\n'


def test_a_name_of_ones_own_changes_nothing_that_is_made(workspace: Workspace, tmp_path: Path) -> None:
    own = tmp_path / "faq.jsonl"
    own.write_text('{"question": "Q", "answer": "A"}\n')
    table_id = start_ingest(Source(path=str(own)), workspace).id
    made = []
    for name in ("", "another name"):
        rename_dataset(workspace, table_id, name)
        out = tmp_path / f"out-{len(made)}"
        export = build_table(workspace.draft(table_id), workspace.table(table_id), out)
        made.append([file.read_bytes() for file in export.files])
    assert made[0] == made[1]
