from types import SimpleNamespace
from typing import Any

import pytest

from studio.errors import TemplateError
from studio.recipe import PromptSpec, StyleSpec, TextSpec
from studio.ui.place import Place
from studio.ui.prompt_tab import PromptHandlers, choose_style, convert_template, current_template
from studio.workspace import Workspace
from tests.ui.conftest import LoadRows

FIRST_ROW = {"row": 0}


@pytest.fixture
def on(workspace: Workspace) -> PromptHandlers:
    return PromptHandlers(workspace)


def said(**data: Any) -> Any:
    return SimpleNamespace(_data=data)


def test_the_style_that_fits_is_chosen_and_stands_first(on: PromptHandlers, table_id: str) -> None:
    styles, kind, prompt, completion, text, _, example = on.show(Place(table=table_id, row=3))
    assert styles["chosen"] == styles["styles"][0]["name"] == "question-answer"
    assert (kind, prompt["value"], completion["value"]) == (
        "prompt-completion",
        "### Question:\n{question}\n\n### Answer:",
        "\n{answer}",
    )
    assert text["visible"] is False
    assert (example["row"], example["total"]) == (3, 20)
    assert example["completion"] == "\nIt is the number 3."


def test_a_style_that_does_not_fit_says_what_it_lacks(on: PromptHandlers, table_id: str) -> None:
    styles = {style["name"]: style for style in on.show(Place(table=table_id))[0]["styles"]}
    assert styles["input-output"]["lacks"] == ["input", "output"]
    assert styles["question-only"]["lacks"] == []
    assert styles["question-only"]["has"] == ["question", "answer"]


def test_choosing_a_style_is_kept(on: PromptHandlers, workspace: Workspace, table_id: str) -> None:
    on.choose(said(style="question-only"), table_id, FIRST_ROW)
    assert workspace.draft(table_id).template == StyleSpec(style="question-only")


@pytest.mark.parametrize("data", [{}, {"style": "none"}, {"style": ["alpaca"]}])
def test_an_unknown_style_is_refused(on: PromptHandlers, table_id: str, data: dict[str, Any]) -> None:
    with pytest.raises(TemplateError, match="No prompt style named"):
        on.choose(said(**data), table_id, FIRST_ROW)


def test_a_column_map_makes_another_style_fit(
    on: PromptHandlers, workspace: Workspace, table_id: str
) -> None:
    *_, columns, example = on.choose(said(style="input-output"), table_id, FIRST_ROW)
    assert "needs the columns input, output" in example["problem"]["message"]
    assert columns["placeholders"][0] == {"name": "input", "column": ""}
    on.map_column(said(placeholder="input", column="question"), table_id, FIRST_ROW)
    _, example = on.map_column(said(placeholder="output", column="answer"), table_id, FIRST_ROW)
    assert example["prompt"] == "### Input:\nWhat is 0?\n\n### Output:"
    assert workspace.draft(table_id).columns == {"input": "question", "output": "answer"}


def test_a_map_is_forgotten_with_a_style_that_needs_none(workspace: Workspace, table_id: str) -> None:
    recipe = workspace.draft(table_id).model_copy(update={"columns": {"input": "question"}})
    chosen = choose_style(recipe, workspace.table(table_id), "question-only")
    assert chosen.columns == {}


def test_a_typed_template_is_kept_and_shown(on: PromptHandlers, workspace: Workspace, table_id: str) -> None:
    styles, _, example = on.edit(table_id, FIRST_ROW, "prompt-completion", "Q {question}", "{answer}", "")
    assert styles["chosen"] == "own"
    assert example["prompt"] == "Q What is 0?"
    assert workspace.draft(table_id).template == PromptSpec(prompt="Q {question}", completion="{answer}")


def test_a_template_that_does_not_parse_is_shown_with_its_place_and_not_kept(
    on: PromptHandlers, workspace: Workspace, table_id: str
) -> None:
    *_, example = on.edit(table_id, FIRST_ROW, "prompt-completion", "Q {question", "{answer}", "")
    assert "At character 3 of the prompt" in example["problem"]["message"]
    assert workspace.draft(table_id).template == StyleSpec(style="question-answer")


def test_a_wrong_column_names_the_right_ones(on: PromptHandlers, table_id: str) -> None:
    *_, example = on.edit(table_id, FIRST_ROW, "text", "", "", "{qestion}")
    assert "No column named qestion" in example["problem"]["message"]
    assert example["problem"]["hint"] == "Did you mean question?"


def test_changing_the_type_keeps_the_text(on: PromptHandlers, workspace: Workspace, table_id: str) -> None:
    on.change_type(table_id, FIRST_ROW, "text")
    assert workspace.draft(table_id).template == TextSpec(
        text="### Question:\n{question}\n\n### Answer:\n{answer}"
    )


def test_all_of_a_text_becomes_the_prompt(workspace: Workspace, table_id: str) -> None:
    recipe = workspace.draft(table_id).model_copy(update={"template": TextSpec(text="{question}")})
    template = current_template(recipe, workspace.table(table_id))
    assert convert_template(template, "prompt-completion") == PromptSpec(prompt="{question}", completion="")


@pytest.mark.parametrize(("row", "shown"), [(99, 19), (-1, 0), ("x", 0), (None, 0)])
def test_a_row_out_of_range_is_the_nearest(
    on: PromptHandlers, table_id: str, row: object, shown: int
) -> None:
    (example,) = on.step(said(row=row), table_id)
    assert example["row"] == shown


def test_what_gives_nothing_is_remarked(on: PromptHandlers, load_rows: LoadRows) -> None:
    rows = [{"question": "", "answer": None}, {"question": "b"}, {"question": "c", "answer": "d"}]
    table_id = load_rows(rows)
    (first,) = on.step(said(row=0), table_id)
    (second,) = on.step(said(row=1), table_id)
    assert [remark["kind"] for remark in first["remarks"]] == ["empty", "null"]
    assert second["remarks"] == [{"column": "answer", "kind": "missing", "records": 2}]


def test_a_long_text_is_cut_on_the_screen_and_said(on: PromptHandlers, load_rows: LoadRows) -> None:
    (example,) = on.step(said(row=0), load_rows([{"text": "x" * 50_000}]))
    assert example["cut"] is True
    assert len(example["text"]) == 10_000


def test_the_preview_is_of_the_edited_record_and_says_that_it_is_excluded(
    on: PromptHandlers, workspace: Workspace, table_id: str
) -> None:
    workspace.revision(table_id).exclude(workspace.table(table_id), [1])
    workspace.revision(table_id).edit(workspace.table(table_id), 1, "answer", "New.")
    (example,) = on.step(said(row=1), table_id)
    assert (example["completion"], example["excluded"]) == ("\nNew.", True)
    assert example["changes"] == "1 excluded, 1 edited"
    (other,) = on.step(said(row=2), table_id)
    assert other["excluded"] is False
