import pytest

from studio.errors import SplitError
from studio.recipe import SplitSpec
from studio.selection import select_rows
from studio.ui.split_tab import describe_split, read_split
from studio.workspace import Workspace


def test_a_fraction_of_0_leaves_its_part_out(workspace: Workspace, table_id: str) -> None:
    split = read_split(select_rows(workspace.table(table_id)), "sequential", 0.5, 0, None, 7)
    assert split.sizes == {"train": 0.5}
    assert (split.to_plan().method, split.to_plan().seed) == ("sequential", 7)


def test_fractions_over_1_are_refused(workspace: Workspace, table_id: str) -> None:
    with pytest.raises(SplitError, match=r"add up to 1\.1"):
        read_split(select_rows(workspace.table(table_id)), "random", 0.8, 0.1, 0.2, 42)


def test_a_part_without_a_record_is_refused(workspace: Workspace, table_id: str) -> None:
    with pytest.raises(SplitError, match="gets no record"):
        read_split(select_rows(workspace.table(table_id)), "random", 0.8, 0.01, 0, 42)


def test_the_rest_is_counted(workspace: Workspace, table_id: str) -> None:
    split = SplitSpec.model_validate({"train": 0.5, "test": 0.25})
    shown = describe_split(split, select_rows(workspace.table(table_id)))
    assert [(part["name"], part["records"]) for part in shown["parts"]] == [("train", 10), ("test", 5)]
    assert (shown["unused"], shown["total"]) == (5, 20)


def test_a_draft_that_cannot_be_split_says_why(workspace: Workspace, table_id: str) -> None:
    split = SplitSpec.model_validate({"train": 0.9, "test": 0.01})
    shown = describe_split(split, select_rows(workspace.table(table_id)))
    assert "test" in shown["problem"]["message"]


def test_only_the_records_left_are_counted_and_the_others_are_said(
    workspace: Workspace, table_id: str
) -> None:
    workspace.revision(table_id).exclude(workspace.table(table_id), [1, 2])
    workspace.revision(table_id).edit(workspace.table(table_id), 3, "answer", "New.")
    split = SplitSpec.model_validate({"train": 0.5, "test": 0.5})
    shown = describe_split(split, select_rows(workspace.result(table_id)))
    assert [part["records"] for part in shown["parts"]] == [9, 9]
    assert (shown["total"], shown["changes"]) == (18, "2 excluded, 1 edited")
