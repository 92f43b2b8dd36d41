"""A recipe that is opened again gives the dataset, the draft and the changes that it was made of."""

import shutil

import pytest

from studio.errors import ReadError, RecipeError, SourceError, TemplateError, WorkspaceError
from studio.ingest import start_ingest, wait_ingest
from studio.ingest.repair import save_repairs
from studio.pipeline import build, build_table, load_table
from studio.recipe import dump_recipe, parse_recipe
from studio.record import Repair
from studio.reopening import apply_recipe, find_source_file, reopen_recipe
from studio.settings import Settings
from studio.source import parse_source
from studio.workspace import Workspace

LINES = b'{"question":"q1","answer":"a1"}\n{"question":"q2"\n' + b"".join(
    b'{"question":"q%d","answer":"a%d"}\n' % (number, number) for number in range(3, 23)
)


@pytest.fixture
def workspace(settings):
    return Workspace(settings)


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "faq.jsonl"
    path.write_bytes(LINES)
    return path


@pytest.fixture
def worked(workspace, path):
    """The id of a table with a repair, an edit, two exclusions, a template and a split of a person's own."""
    table_id = start_ingest(parse_source(str(path)), workspace).id
    (line,) = workspace.table(table_id).quarantine()
    mended = '{"question":"q2","answer":"a2"}'
    save_repairs(workspace, table_id, [Repair(file=line.file, line=2, hash=line.hash, raw=mended)])
    chosen = parse_recipe(
        "source: {path: faq.jsonl}\ntemplate: {prompt: 'Q {question}', completion: ' {answer}'}\n"
        "filter: [{column: answer, is: contains, value: a}]\nsplit: {train: 0.8, test: 0.2, seed: 7}\n"
        "export: {names: {prompt: p}}\ntrain: {max_steps: 9}"
    )
    parts = {name: getattr(chosen, name) for name in ("template", "filter", "split", "export", "train")}
    workspace.change_draft(table_id, lambda draft: draft.model_copy(update=parts))
    revision, table = workspace.revision(table_id), workspace.table(table_id)
    revision.edit(table, 4, "answer", "a better one\u2028")
    revision.exclude(table, [7, 9])
    return table_id


def text_of(workspace, table_id):
    return dump_recipe(workspace.draft(table_id))


def test_what_was_done_is_there_again_in_another_workspace_and_exports_the_same(
    workspace, worked, path, tmp_path
):
    text = text_of(workspace, worked)
    other = Workspace(Settings(workspace=tmp_path / "other"))
    assert find_source_file(parse_recipe(text), other) is None
    state = reopen_recipe(parse_recipe(text), other, path)
    assert (state.state, text_of(other, state.id)) == ("done", text)
    exports = [
        build_table(work.draft(name), work.result(name), tmp_path / out)
        for work, name, out in ((workspace, worked, "one"), (other, state.id, "two"))
    ]
    exports.append(build(parse_recipe(text), tmp_path / "three", settings=other.settings, source_file=path))
    first = exports[0]
    for export in exports[1:]:
        assert [file.read_bytes() for file in export.files] == [file.read_bytes() for file in first.files]


def test_the_file_is_found_by_its_hash_and_nothing_that_was_done_is_touched(workspace, worked):
    recipe = parse_recipe(text_of(workspace, worked))
    state = reopen_recipe(recipe, workspace, find_source_file(recipe, workspace))
    assert state.id != worked
    assert text_of(workspace, state.id) == text_of(workspace, worked)
    workspace.revision(state.id).journal.undo()
    assert workspace.result(state.id).changes.words == ""
    assert workspace.result(worked).changes.words == "2 excluded, 1 edited"


def test_a_table_that_nobody_has_worked_on_is_taken(workspace, path):
    table_id = workspace.new_id()
    load_table(parse_source(str(path)), workspace.table_folder(table_id), workspace.settings)
    recipe = parse_recipe("source: {path: faq.jsonl}\ntemplate: {style: question-answer}\nsplit: {train: 5}")
    state = reopen_recipe(recipe, workspace, path)
    assert (state.id, state.reused) == (table_id, True)
    assert workspace.draft(table_id).split.sizes == {"train": 5}
    assert reopen_recipe(recipe, workspace, path).id != table_id


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (("line: 8", "line: 99"), RecipeError, "line 99 holds no record"),
        (("{question}", "{qestion}"), TemplateError, "No column named qestion"),
        (("sha256: ", "sha256: 0000"), SourceError, "is not the recipe's file"),
        (('answer":"a2"}', 'answer":"a2"'), ReadError, "line 2"),
    ],
)
def test_a_recipe_that_does_not_fit_is_refused_and_leaves_no_dataset(
    workspace, worked, path, tmp_path, change, error, words
):
    text = text_of(workspace, worked)
    if change[0].startswith("sha256"):
        text = text.replace(text.split("sha256: ")[1][:4], "0000", 1)
    else:
        assert change[0] in text
        text = text.replace(*change)
    other = Workspace(Settings(workspace=tmp_path / "other"))
    with pytest.raises(error, match=words):
        reopen_recipe(parse_recipe(text), other, path)
    assert other.table_ids() == []
    assert not [*(other.root / "drafts").iterdir(), *(other.root / "changes").iterdir()]


def test_a_recipe_is_not_put_over_changes_of_a_person(workspace, worked):
    recipe = parse_recipe(text_of(workspace, worked))
    with pytest.raises(WorkspaceError, match="were changed here"):
        apply_recipe(recipe, workspace, worked)
    workspace.revision(worked).journal.undo()
    workspace.revision(worked).journal.undo()
    apply_recipe(recipe, workspace, worked)
    assert workspace.draft(worked) == recipe


def test_what_takes_long_to_read_gets_its_recipe_once_it_is_whole(workspace, tmp_path, monkeypatch):
    monkeypatch.setattr("studio.ingest.AT_ONCE_BYTES", 0)
    path = tmp_path / "faq.jsonl"
    path.write_bytes(LINES)
    recipe = parse_recipe("source: {path: faq.jsonl}\ntemplate: {style: question-answer}\nsplit: {train: 5}")
    state = wait_ingest(workspace, reopen_recipe(recipe, workspace, path).id)
    assert state.state == "done"
    apply_recipe(recipe, workspace, state.id)
    assert workspace.draft(state.id).split.sizes == {"train": 5}


def test_a_path_in_full_is_taken_where_the_page_may_read_paths(workspace, path, tmp_path):
    recipe = parse_recipe(f"source: {{path: {path}}}\ntemplate: {{style: question-answer}}")
    assert find_source_file(recipe, workspace) == path
    shared = Workspace(Settings(workspace=tmp_path / "shared", local_paths=False))
    assert find_source_file(recipe, shared) is None
    shutil.rmtree(tmp_path / "shared")
