"""Tokenizers made ready: tiny from the rows of a run, folders and Hub ids in a child process."""

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from studio.errors import SplitError, StudioError, TemplateError, TokenizerError
from studio.pipeline import load_table
from studio.recipe import Recipe, parse_recipe
from studio.record import Example, Message
from studio.settings import Settings
from studio.source import parse_source
from studio.table import Changes, Table
from studio.tokenizing import (
    find_tokenizer,
    foreign,
    list_choices,
    parse_choice,
    prepare_tokenizer,
    preparing,
)
from studio.tokenizing.choice import note_used
from studio.tokenizing.refusals import explain
from studio.tokenizing.rows import read_texts
from studio.tokens import chosen, open_tokenizer
from studio.workspace import Workspace
from tests.hub_server import COMMIT, HubServer, Repository
from tests.tokenizer_folders import CHATML, make_backend, write_folder

Serve = Callable[..., HubServer]


@pytest.fixture
def workspace(settings: Settings) -> Workspace:
    return Workspace(settings)


@pytest.fixture
def table(
    workspace: Workspace, write_jsonl: Callable[..., Path], question_rows: list[dict[str, Any]]
) -> Table:
    source = parse_source(str(write_jsonl(question_rows)))
    return load_table(source, workspace.table_folder(workspace.new_id()), workspace.settings)


def recipe_of(
    rest: str = "split: {train: 0.9, test: 0.1}", template: str = "{style: question-answer}"
) -> Recipe:
    return parse_recipe(f"source: {{path: data.jsonl}}\ntemplate: {template}\n{rest}\n")


def test_tiny_is_made_once_and_found_again(workspace: Workspace, table: Table) -> None:
    said: list[str] = []
    assert find_tokenizer(workspace, recipe_of(), table, "tiny") is None
    folder = prepare_tokenizer(workspace, recipe_of(), table, "tiny", said.append)
    assert said == ["rendering the train part", "making tiny from 17 rows"]
    assert find_tokenizer(workspace, recipe_of(), table, "tiny") == folder
    assert prepare_tokenizer(workspace, recipe_of(), table, "tiny", said.append) == folder
    assert len(said) == 2
    assert folder.parent == workspace.tokenizers
    assert not list(workspace.tokenizers.glob(".*"))
    with open_tokenizer(folder) as tokenizer:
        assert (tokenizer.about.name, tokenizer.about.words) == ("tiny", "made from the train part")
        assert [one.fate(None) for one in tokenizer.encode([Example(type="text", text="What is 1?")])] == [
            "fit"
        ]


@pytest.mark.parametrize(
    "other",
    [
        recipe_of(template="{text: '{answer}'}"),
        recipe_of("split: {train: 0.8, test: 0.2}"),
        recipe_of("split: {train: 0.9, test: 0.1, seed: 7}"),
        recipe_of("split: {train: 0.9, test: 0.1}\ntrain: {seed: 7}"),
        recipe_of("split: {train: 0.9, test: 0.1}\nfilter: [{column: answer, is: contains, value: '1'}]"),
        recipe_of("split: {train: 0.9, test: 0.1}\ncolumns: {question: answer}"),
    ],
)
def test_whatever_changes_the_rows_makes_another_tiny(
    workspace: Workspace, table: Table, other: Recipe
) -> None:
    prepare_tokenizer(workspace, recipe_of(), table, "tiny")
    assert find_tokenizer(workspace, other, table, "tiny") is None


def test_what_a_person_changed_makes_another_tiny(workspace: Workspace, table: Table) -> None:
    prepare_tokenizer(workspace, recipe_of(), table, "tiny")
    for changes in (Changes(excluded=(3,)), Changes(edits={3: {"answer": "another"}})):
        changed = table.with_changes(changes)
        assert find_tokenizer(workspace, recipe_of(), changed, "tiny") is None
        texts = [text for some in read_texts(recipe_of(), changed) for text in some]
        assert len(texts) == 20 - len(changes.excluded)
        assert any(text.endswith("\nanother") for text in texts) == bool(changes.edits)


def test_an_option_that_does_not_change_the_rows_keeps_the_tiny(workspace: Workspace, table: Table) -> None:
    folder = prepare_tokenizer(workspace, recipe_of(), table, "tiny")
    other = recipe_of("split: {train: 0.9, test: 0.1}\ntrain: {max_length: 64}\nexport: {format: text}")
    assert find_tokenizer(workspace, other, table, "tiny") == folder


def test_of_a_large_part_only_the_chosen_rows_are_rendered(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chosen, "TRAIN_ROWS", 5)
    monkeypatch.setattr(chosen, "SCORED_ROWS", 2)
    learnt, others = read_texts(recipe_of("split: {train: 0.5, validation: 0.25, test: 0.25}"), table)
    assert (len(learnt), len(others), len({*learnt, *others})) == (5, 4, 9)


def test_a_template_without_a_placeholder_has_a_text_for_every_row(table: Table) -> None:
    learnt, others = read_texts(recipe_of(template="{text: always}"), table)
    assert ({*learnt, *others}, len(learnt) + len(others)) == ({"always"}, 20)


@pytest.mark.parametrize(
    ("recipe", "kind", "words"),
    [
        (recipe_of("split: {test: 1.0}"), TokenizerError, "the split has none"),
        (recipe_of("split: {train: 0.01, test: 0.99}"), SplitError, "gets no record"),
        (recipe_of(template="{text: '{nothing}'}"), TemplateError, "No column named nothing"),
        (recipe_of(template="{messages: [{role: user, content: hi}]}"), TokenizerError, "no chat template"),
    ],
)
def test_a_tiny_that_no_run_would_make_is_refused(
    workspace: Workspace, table: Table, recipe: Recipe, kind: type[StudioError], words: str
) -> None:
    with pytest.raises(kind, match=words):
        prepare_tokenizer(workspace, recipe, table, "tiny")
    assert list(workspace.tokenizers.iterdir()) == []


def test_a_table_that_is_still_being_read_makes_no_tiny(workspace: Workspace, table: Table) -> None:
    with pytest.raises(TokenizerError, match="still being read"):
        prepare_tokenizer(workspace, recipe_of(), replace(table, reading=True), "tiny")


def test_the_oldest_tinies_are_taken_away(
    workspace: Workspace, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparing, "KEPT_TINY", 2)
    recipes = [recipe_of(template=f"{{text: '{text}'}}") for text in "abc"]
    for recipe in recipes:
        prepare_tokenizer(workspace, recipe, table, "tiny")
    there = [find_tokenizer(workspace, recipe, table, "tiny") is not None for recipe in recipes]
    assert there == [False, True, True]


def test_a_choice_is_tiny_or_a_folder_or_an_id_of_the_hub(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "org" / "model").mkdir(parents=True)
    kinds = [
        (choice.kind, choice.name, choice.revision)
        for choice in map(parse_choice, ("tiny", " org/other ", "org/other@v1.0", "org/model", "~/x", "./x"))
    ]
    assert kinds == [
        ("tiny", "tiny", ""),
        ("hub", "org/other", ""),
        ("hub", "org/other", "v1.0"),
        ("folder", "model", ""),
        ("folder", "x", ""),
        ("folder", "x", ""),
    ]
    assert parse_choice("org/model").folder == tmp_path / "org" / "model"
    for text in (
        "",
        "x" * 5_000,
        "~no-such-person/x",
        "pythia",
        "https://huggingface.co/org/name",
        "org/name@",
        "a/b/c",
        "org/na\0me",
        "org/../x",
    ):
        with pytest.raises(TokenizerError, match="names no tokenizer"):
            parse_choice(text)


def test_a_folder_that_holds_no_tokenizer_is_refused(
    workspace: Workspace, table: Table, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "config.json").write_text("{}")
    for path, words in (("empty", "holds no tokenizer"), ("nowhere", "There is no folder")):
        with pytest.raises(TokenizerError, match=words):
            prepare_tokenizer(workspace, recipe_of(), table, str(tmp_path / path))


def test_folders_are_not_read_for_pages_that_others_reach(
    table: Table, tmp_path: Path, settings: Settings
) -> None:
    workspace = Workspace(replace(settings, local_paths=False))
    folder = write_folder(tmp_path / "small", make_backend())
    with pytest.raises(TokenizerError, match="are not read"):
        find_tokenizer(workspace, recipe_of(), table, str(folder))


def test_without_the_extra_a_folder_says_how_to_install_it(
    workspace: Workspace, table: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(foreign.importlib.util, "find_spec", lambda name: None)
    folder = write_folder(tmp_path / "small", make_backend())
    for choice in (str(folder), "org/name"):
        with pytest.raises(TokenizerError, match=r"needs the \[train\] extra") as raised:
            prepare_tokenizer(workspace, recipe_of(), table, choice)
        assert 'pip install -e ".[train]"' in raised.value.hint
    assert prepare_tokenizer(workspace, recipe_of(), table, "tiny").is_dir()


def test_choices_used_before_are_listed_the_last_first(workspace: Workspace) -> None:
    for place, text in enumerate(("org/one", "org/two@v1", "org/gone")):
        key = f"hub-{place}"
        if text != "org/gone":
            (workspace.tokenizers / key).mkdir()
        note_used(workspace, parse_choice(text), key)
    assert [choice.text for choice in list_choices(workspace)] == ["tiny", "org/two@v1", "org/one"]


@pytest.mark.train
def test_a_folder_is_read_in_a_child_and_stays_what_it_is(
    workspace: Workspace, table: Table, tmp_path: Path
) -> None:
    pytest.importorskip("transformers", reason="folders need the [train] extra")
    folder = write_folder(tmp_path / "small", make_backend(start=True), CHATML)
    said: list[str] = []
    made = prepare_tokenizer(workspace, recipe_of(), table, str(folder), said.append)
    assert said == ["reading small", "looking at the chat template of small"]
    assert find_tokenizer(workspace, recipe_of(), table, str(folder)) == made
    assert [choice.text for choice in list_choices(workspace)] == ["tiny", str(folder)]
    turns = (Message(role="user", content="Hi"), Message(role="assistant", content="Yes"))
    with open_tokenizer(made) as tokenizer:
        about = tokenizer.about
        assert (about.source, about.context, about.chat, about.marks_answers) == ("folder", 1024, True, True)
        assert (about.start_token, about.end_token, about.words) == ("<s>", "</s>", "a local folder")
        [tokens] = tokenizer.encode([Example(type="messages", messages=turns)])
        learnt = [name for name, trained in zip(tokens.names, tokens.trained, strict=True) if trained]
        assert (learnt[0], learnt[-1], tokens.end_trained) == ("Y", "<|im_end|>", True)
        [text] = tokenizer.encode([Example(type="text", text="<s>box")])
        assert text.double_start
    (folder / "chat_template.jinja").write_text(CHATML.replace("assistant", "model"))
    assert find_tokenizer(workspace, recipe_of(), table, str(folder)) is None


def test_a_path_that_cannot_be_a_path_is_no_bug(workspace: Workspace, table: Table) -> None:
    for path in ("/" + "x" * 5_000, "./\udc80"):
        with pytest.raises(TokenizerError):
            find_tokenizer(workspace, recipe_of(), table, path)


@pytest.mark.train
def test_what_a_chat_template_refuses_or_tries_is_told_by_place() -> None:
    pytest.importorskip("transformers", reason="chat templates need the [train] extra")
    from studio.tokenizing.rendering import answer_batches

    turns = [{"role": "user", "content": "hi"}]
    said = []
    for template in (
        "{{ messages[0].content }}",
        "{% if messages[0].content == 'no' %}{{ raise_exception('Not this one.') }}{% endif %}",
        "{% for",
        "{{ ''.__class__.__mro__ }}",
        "{% for a in range(10**9) %}{% endfor %}",
        "{{ messages[0].content.nothing.at_all }}",
    ):
        chat = {"template": template, "special_tokens": {"bos_token": "<s>"}, "marks_answers": False}
        batch = {"messages": [turns, [{"role": "user", "content": "no"}]]}
        lines = io.BytesIO(f"{json.dumps(chat)}\n{json.dumps(batch)}\n".encode())
        said += answer_batches(lines)
    assert said[0] == {"texts": ["hi", "no"], "answers": [[], []]}
    assert said[1] == {"problem": "Not this one.", "place": 1}
    assert [answer["place"] for answer in said[2:]] == [None, 0, 0, 0]
    assert all(answer["problem"] for answer in said[2:])


@pytest.mark.train
def test_a_damaged_folder_leaves_nothing_behind(workspace: Workspace, table: Table, tmp_path: Path) -> None:
    pytest.importorskip("transformers", reason="folders need the [train] extra")
    folder = write_folder(tmp_path / "small", make_backend())
    (folder / "tokenizer.json").write_text('{"version": "1.0", "model": {}}')
    with pytest.raises(TokenizerError, match="The tokenizer small cannot be read"):
        prepare_tokenizer(workspace, recipe_of(), table, str(folder))
    assert list(workspace.tokenizers.iterdir()) == []
    assert not list(workspace.root.glob(".scratch-*"))


@pytest.mark.train
def test_a_tokenizer_that_asks_to_run_its_own_program_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("transformers", reason="folders need the [train] extra")
    from studio.tokenizing.reading import read_tokenizer

    (tmp_path / "made").mkdir()
    write_folder(tmp_path / "given", make_backend(), auto_map={"AutoTokenizer": ["own.Own", None]})
    (tmp_path / "given" / "own.py").write_text("raise SystemExit('it ran')")
    *_, said = read_tokenizer({"name": "small", "folder": str(tmp_path), "hub": False})
    assert "asks to run its own program" in said["problem"]
    assert list((tmp_path / "made").iterdir()) == []


@pytest.fixture
def serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """`serve("org/name", files, **repository)`: a Hub with that model, which the child asks."""
    pytest.importorskip("transformers", reason="the Hub's tokenizers need the [train] extra")
    hub = HubServer({}, {}, {})
    monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_HUB_OFFLINE", "HF_TOKEN_PATH"):
        monkeypatch.delenv(name, raising=False)

    def add(name: str, files: dict[str, bytes], **repository: Any) -> HubServer:
        hub.models = {name: files}
        hub.repositories = {name: Repository(**repository)}
        return hub

    with hub:
        yield add


def repository_files(folder: Path) -> dict[str, bytes]:
    """A tokenizer's files beside those of a model, which nobody may ask for."""
    write_folder(folder, make_backend())
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    config = json.dumps({"model_type": "llama", "max_position_embeddings": 512}).encode()
    return {
        **files,
        "config.json": config,
        "model.safetensors": b"x" * 99,
        "weights.pkl": b"x",
        "own.py": b"x",
    }


@pytest.mark.train
def test_a_hub_id_stays_at_the_commit_at_which_it_was_read(
    workspace: Workspace, table: Table, serve: Serve, tmp_path: Path
) -> None:
    hub = serve("org/small", repository_files(tmp_path / "small"))
    said: list[str] = []
    made = prepare_tokenizer(workspace, recipe_of(), table, "org/small", said.append)
    assert said[:2] == ["asking the Hub for org/small", "fetching config.json"]
    fetched = {path.rpartition("/")[2] for path in hub.asked if "/resolve/" in path}
    assert fetched == {"config.json", "tokenizer.json", "tokenizer_config.json"}
    with open_tokenizer(made) as tokenizer:
        about = tokenizer.about
        assert (about.name, about.source, about.revision, about.context) == ("org/small", "hub", COMMIT, 512)
        assert about.words == "from the Hub, 0123456"
    hub.asked.clear()
    assert find_tokenizer(workspace, recipe_of(), table, "org/small") == made
    assert prepare_tokenizer(workspace, recipe_of(), table, "org/small") == made
    assert hub.asked == []
    assert [choice.text for choice in list_choices(workspace)] == ["tiny", "org/small"]


@pytest.mark.train
@pytest.mark.parametrize(
    ("choice", "repository", "words"),
    [
        ("org/other", {}, "The Hub has no model org/other"),
        ("org/small@v9", {}, "org/small has no such revision"),
        ("org/small", {"gated": True}, "org/small is gated"),
    ],
)
def test_a_hub_that_does_not_give_a_tokenizer_says_why(
    workspace: Workspace,
    table: Table,
    serve: Serve,
    tmp_path: Path,
    choice: str,
    repository: dict[str, Any],
    words: str,
) -> None:
    serve("org/small", repository_files(tmp_path / "small"), **repository)
    with pytest.raises(TokenizerError, match=words):
        prepare_tokenizer(workspace, recipe_of(), table, choice)
    assert list(workspace.tokenizers.iterdir()) == []


def test_what_hinders_a_child_is_told_without_a_token() -> None:
    said = explain(ValueError("no: Bearer hf_abcdefghijk\nmore"), "org/name")
    assert "hf_abc" not in said.message and "ValueError" in said.message
    assert "cannot be reached" in explain(ConnectionError("refused"), "org/name").message
    assert "too much memory" in explain(MemoryError(), "org/name").message
    own = TokenizerError("No.", "Do.")
    assert explain(own, "org/name") is own
