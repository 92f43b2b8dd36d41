import pytest

from studio.errors import ExportError
from studio.recipe import TextSpec
from studio.ui.export_tab import ExportHandlers, name_command
from studio.ui.place import Place
from studio.workspace import Workspace


@pytest.fixture
def on(workspace: Workspace) -> ExportHandlers:
    return ExportHandlers(workspace)


def test_the_fields_of_the_format_can_be_named(on: ExportHandlers, table_id: str) -> None:
    _, prompt, completion, text, _ = on.show(Place(table=table_id))
    assert (prompt["value"], prompt["visible"]) == ("prompt", True)
    assert (completion["visible"], text["visible"]) == (True, False)


def test_names_are_kept(on: ExportHandlers, workspace: Workspace, table_id: str) -> None:
    on.name_fields(table_id, "own", " question ", "answer", "text")
    assert workspace.draft(table_id).export.names == {"prompt": "question", "completion": "answer"}


def test_an_empty_name_is_the_fields_own(on: ExportHandlers, workspace: Workspace, table_id: str) -> None:
    on.name_fields(table_id, "own", "", "completion", "text")
    assert workspace.draft(table_id).export.names == {}


def test_two_fields_under_one_name_are_refused(on: ExportHandlers, table_id: str) -> None:
    with pytest.raises(ExportError, match="same name"):
        on.name_fields(table_id, "own", "x", "x", "text")


def test_joined_text_has_one_field(on: ExportHandlers, workspace: Workspace, table_id: str) -> None:
    kind, prompt, _, text = on.choose(table_id, "text", "question", "answer", "text")
    assert (kind["value"], prompt["visible"], text["visible"]) == ("text", False, True)
    assert workspace.draft(table_id).export.format == "text"


def test_a_text_template_has_no_other_format(on: ExportHandlers, workspace: Workspace, table_id: str) -> None:
    recipe = workspace.draft(table_id).model_copy(update={"template": TextSpec(text="{question}")})
    workspace.save_draft(table_id, recipe)
    kind, *_ = on.show(Place(table=table_id))
    assert [value for _, value in kind["choices"]] == ["own"]


def test_an_export_is_written_and_listed(on: ExportHandlers, workspace: Workspace, table_id: str) -> None:
    (first,) = on.write(table_id, "own", "prompt", "completion", "text")
    (both,) = on.write(table_id, "own", "question", "answer", "text")
    assert (len(first["exports"]), len(both["exports"])) == (1, 2)
    parts = workspace.export(both["exports"][0]).manifest["parts"]
    assert {name: part["records"] for name, part in parts.items()} == {"train": 18, "test": 2}


def test_the_command_names_a_file_with_spaces_safely(workspace: Workspace, table_id: str) -> None:
    assert name_command(workspace.table(table_id)) == (
        "studio build recipe.yaml --out export --source data.jsonl"
    )


def test_an_export_holds_what_is_left_and_edited(
    on: ExportHandlers, workspace: Workspace, table_id: str
) -> None:
    workspace.revision(table_id).exclude(workspace.table(table_id), range(10))
    workspace.revision(table_id).edit(workspace.table(table_id), 10, "answer", "New.")
    (listed,) = on.write(table_id, "own", "prompt", "completion", "text")
    export = workspace.export(listed["exports"][0])
    assert listed["changes"] == "10 excluded, 1 edited"
    assert (export.manifest["counts"]["excluded"], export.manifest["parts"]["train"]["records"]) == (10, 9)
    lines = (export.part("train").read_bytes() + export.part("test").read_bytes()).decode().splitlines()
    assert len(lines) == 10
    assert sum(line.endswith('"completion":"\\nNew."}') for line in lines) == 1
