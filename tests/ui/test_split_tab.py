from typing import Any

import pytest

from studio.errors import SplitError
from studio.recipe import SplitSpec
from studio.selection import select_rows
from studio.ui.place import Place, settle_place
from studio.ui.place import describe_place as describe_frame
from studio.ui.split_tab import (
    SplitHandlers,
    describe_split,
    fill_form,
    group_prompts,
    offer_columns,
    offer_near,
    read_split,
)
from studio.workspace import Workspace
from tests.ui.conftest import LoadRows

WHOLE = SplitSpec.model_validate({"train": 1.0})


def read(workspace: Workspace, table_id: str, *values: Any, current: SplitSpec = WHOLE) -> SplitSpec:
    table = workspace.table(table_id)
    return read_split(current, table, select_rows(table), *values)


def test_a_size_of_0_leaves_its_part_out(workspace: Workspace, table_id: str) -> None:
    split = read(workspace, table_id, "sequential", "prompt", False, 0.5, 0, None, 7)
    assert split.sizes == {"train": 0.5}
    assert (split.to_plan().method, split.to_plan().seed) == ("sequential", 7)


def test_sizes_may_be_counts_and_the_parts_keep_their_order(workspace: Workspace, table_id: str) -> None:
    current = SplitSpec.model_validate({"test": 0.5, "train": 0.5})
    split = read(workspace, table_id, "random", "prompt", False, 12.0, 3, 5, 42, current=current)
    assert list(split.sizes.items()) == [("test", 5), ("train", 12), ("validation", 3)]


def test_a_method_that_was_just_chosen_goes_by_what_suits_it(
    load_rows: LoadRows, workspace: Workspace
) -> None:
    table_id = load_rows([{"question": f"{n}?", "topic": "ab"[n % 2]} for n in range(20)])
    split = read(workspace, table_id, "stratified", "prompt", False, 0.5, 0, 0.5, 42)
    assert split.to_plan().by == "topic"
    split = read(workspace, table_id, "stratified", "column:question", False, 0.5, 0, 0.5, 42, current=split)
    assert split.to_plan().by == "question"
    split = read(workspace, table_id, "grouped", "column:question", False, 0.5, 0, 0.5, 42, current=split)
    assert split.to_plan().by is None


def test_sizes_over_all_are_refused(workspace: Workspace, table_id: str) -> None:
    with pytest.raises(SplitError, match=r"add up to 1\.1"):
        read(workspace, table_id, "random", "prompt", False, 0.8, 0.1, 0.2, 42)
    with pytest.raises(SplitError, match="ask for 21 records, and there are 20"):
        read(workspace, table_id, "grouped", "prompt", False, 20, 0, 1, 42)


def test_a_part_without_a_record_is_refused(workspace: Workspace, table_id: str) -> None:
    with pytest.raises(SplitError, match="gets no record"):
        read(workspace, table_id, "random", "prompt", False, 0.8, 0.01, 0, 42)


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


def test_what_a_method_goes_by_is_offered_where_it_goes_by_something(
    workspace: Workspace, table_id: str
) -> None:
    table = workspace.table(table_id)
    assert offer_columns(WHOLE, table)["visible"] is False
    grouped = SplitSpec.model_validate({"method": "grouped", "by": "answer", "train": 1.0})
    offered = offer_columns(grouped, table)
    assert (offered["visible"], offered["value"]) == (True, "column:answer")
    assert [value for _, value in offered["choices"]] == ["prompt", "column:question", "column:answer"]
    stratified = SplitSpec.model_validate({"method": "stratified", "by": "answer", "train": 1.0})
    assert [name for name, _ in offer_columns(stratified, table)["choices"]] == ["question", "answer"]
    assert fill_form(grouped, table)[3:] == [1.0, 0, 0, 42]


def test_grouping_keeps_sizes_and_seed_and_is_in_the_draft(workspace: Workspace, table_id: str) -> None:
    split = SplitSpec.model_validate(
        {"method": "stratified", "by": "answer", "test": 5, "train": 15, "seed": 7}
    )
    wanted = {"method": "grouped", "test": 5, "train": 15, "seed": 7}
    assert group_prompts(split).to_mapping() == wanted
    published = SplitSpec.model_validate({"method": "published"})
    assert group_prompts(published).sizes == {"train": 0.9, "test": 0.1}
    on = SplitHandlers(workspace)
    method, *_, shown = on.group(table_id)
    assert (method, shown["table"], shown["total"], "parts" in shown) == ("grouped", table_id, 20, False)
    assert workspace.draft(table_id).split.to_plan().method == "grouped"
    frame = describe_frame(workspace, Place(table=table_id), settle_place(workspace, Place(table=table_id)))
    assert frame["stages"]["split"] == "grouped"


def test_near_duplicates_are_grouped_by_a_click_or_in_the_form(workspace: Workspace, table_id: str) -> None:
    on = SplitHandlers(workspace)
    method, _, near, *_ = on.group(table_id, 0.8)
    assert (method, near["value"], near["visible"]) == ("grouped", True, True)
    assert workspace.draft(table_id).split.to_mapping()["near"] == 0.8
    current = SplitSpec.model_validate({"method": "grouped", "near": 0.6, "train": 1.0})
    read_again = read(workspace, table_id, "grouped", "prompt", True, 1, 0, 0, 42, current=current)
    assert read_again.to_plan().near == 0.6
    assert read(workspace, table_id, "grouped", "prompt", True, 1, 0, 0, 42).to_plan().near == 0.8
    assert (
        read(workspace, table_id, "grouped", "prompt", False, 1, 0, 0, 42, current=current).to_plan().near
        is None
    )
    assert (
        read(workspace, table_id, "random", "prompt", True, 1, 0, 0, 42, current=current).to_plan().near
        is None
    )
    assert offer_near(WHOLE)["visible"] is False


def test_a_plan_is_kept_once_it_can_be_carried_out(workspace: Workspace, table_id: str) -> None:
    on = SplitHandlers(workspace)
    *_, shown = on.plan(table_id, "random", "prompt", False, 0.9, 0, 0.2, 42)
    assert "add up to 1.1" in shown["problem"]["message"]
    assert workspace.draft(table_id).split.sizes == {"train": 0.9, "test": 0.1}
    offered, _, shown = on.plan(table_id, "hash", "prompt", False, 0.8, 0, 0.2, 42)
    assert offered["visible"] is True
    assert "problem" not in shown
    assert workspace.draft(table_id).split.to_plan().method == "hash"
