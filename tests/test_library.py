"""Templates that are kept under a name, and their files."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from studio.errors import TemplateError, WorkspaceError
from studio.library import (
    has_template,
    read_any,
    read_template,
    read_yaml,
    remove_template,
    save_template,
    saved_templates,
    to_yaml,
)
from studio.settings import Settings
from studio.template import parse_template
from studio.workspace import Workspace
from tests.examples import examples

TEXT = parse_template({"text": "{body}"})
NAMES = [
    *("a", "Größe & Maß", "../../etc/passwd", "a/b", "CON", "nul.yaml", "con", "质量", "🙂", "-rf", "x" * 80),
    *('"quoted"', "{name}", "# not a comment", ".hidden", "a: b", "'", "name.yaml", "é" * 80),
]


@pytest.fixture
def workspace(settings: Settings) -> Workspace:
    return Workspace(settings)


def test_a_template_is_kept_under_exactly_the_name_that_it_was_given(workspace: Workspace) -> None:
    for name in NAMES:
        assert save_template(workspace, name, TEXT) == name
    assert {saved.name for saved in saved_templates(workspace)} == set(NAMES)
    assert all(read_template(workspace, name) == TEXT for name in NAMES)
    held = [path for path in workspace.root.rglob("*") if path.is_file()]
    assert {path.parent for path in held} == {workspace.templates} and len(held) == len(NAMES)


def test_a_name_that_is_taken_is_only_replaced_when_that_is_said(workspace: Workspace) -> None:
    save_template(workspace, "mine", TEXT)
    other = parse_template({"prompt": "{a}", "completion": "{b}"})
    with pytest.raises(TemplateError, match="named mine already"):
        save_template(workspace, " mine ", other)
    assert read_template(workspace, "mine") == TEXT
    save_template(workspace, "mine", other, replace=True)
    assert read_template(workspace, "mine") == other and len(saved_templates(workspace)) == 1


def test_names_that_differ_in_case_alone_are_two(workspace: Workspace) -> None:
    save_template(workspace, "Mine", TEXT)
    save_template(workspace, "mine", TEXT)
    assert [saved.name for saved in saved_templates(workspace)] == ["Mine", "mine"]


@pytest.mark.parametrize(
    "name", ["", "  ", ".", "..", "...", "x" * 81, "a\nb", "a\x00b", "a\u202eb", "\ud800", "a\u2028b"]
)
def test_what_can_be_no_name_is_refused_in_words(workspace: Workspace, name: str) -> None:
    for work in (
        lambda: save_template(workspace, name, TEXT),
        lambda: read_template(workspace, name),
        lambda: remove_template(workspace, name),
    ):
        with pytest.raises(TemplateError) as caught:
            work()
        assert caught.value.hint and caught.value.message.isprintable()
    assert list(workspace.templates.iterdir()) == []


def test_a_template_that_is_not_there_is_named_with_those_that_are(workspace: Workspace) -> None:
    with pytest.raises(WorkspaceError, match="no template named nope") as caught:
        read_template(workspace, "nope")
    assert caught.value.hint == "No template is kept yet."
    save_template(workspace, "mine", TEXT)
    with pytest.raises(WorkspaceError) as caught:
        read_template(workspace, "nope")
    assert caught.value.hint == "Templates are: mine."
    remove_template(workspace, "mine")
    assert not has_template(workspace, "mine")
    with pytest.raises(WorkspaceError, match="no template named mine"):
        remove_template(workspace, "mine")


@pytest.mark.parametrize(
    "damage", [b"", b"\xff\xfe", b"name: a", b"[", b"name: a\ntemplate: {text: '{'}", b"x: 2026-13-45"]
)
def test_a_damaged_file_hides_no_other_and_says_that_it_is_damaged(
    workspace: Workspace, damage: bytes
) -> None:
    save_template(workspace, "mine", TEXT)
    (path,) = workspace.templates.iterdir()
    save_template(workspace, "other", TEXT)
    path.write_bytes(damage)
    assert [saved.name for saved in saved_templates(workspace)] == ["other"]
    with pytest.raises(WorkspaceError, match="damaged"):
        read_template(workspace, "mine")


def test_a_template_is_written_whole_or_not_at_all(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_template(workspace, "mine", TEXT)

    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        save_template(workspace, "mine", parse_template({"text": "other"}), replace=True)
    assert read_template(workspace, "mine") == TEXT
    assert len(list(workspace.templates.iterdir())) == 1


def test_the_file_of_a_template_is_a_comment_and_its_mapping() -> None:
    template = parse_template({"prompt": "### {q}\n", "completion": "{a}"})
    assert to_yaml(template, "My\nprompt") == (
        "# My prompt\ntype: prompt-completion\nprompt: \"### {q}\\n\"\ncompletion: '{a}'\n"
    )
    assert read_yaml(to_yaml(template, "My prompt")) == template


TEXTS = st.text(max_size=60).map(lambda text: text.replace("{", "{{").replace("}", "}}"))


@hypothesis_settings(max_examples=examples(40), deadline=None)
@given(st.lists(TEXTS, min_size=2, max_size=2))
def test_a_file_gives_back_every_character_of_a_template(texts: list[str]) -> None:
    for template in (
        parse_template({"text": texts[0]}),
        parse_template({"prompt": texts[0], "completion": texts[1]}),
        parse_template({"messages": [{"role": "user", "content": text} for text in texts]}),
        parse_template({"from": texts[0], "system": texts[1], "roles": {"human": "user"}}),
    ):
        assert read_yaml(to_yaml(template, "name")) == template
        assert read_any(to_yaml(template), "a.yaml").template == template


def test_a_template_of_64_kb_is_kept_and_read_again(workspace: Workspace) -> None:
    long = parse_template({"text": ("word " * 13_000)[:65_000] + "{a}"})
    save_template(workspace, "long", long)
    assert read_template(workspace, "long") == long == read_yaml(to_yaml(long))


BOMB = "a: &a [x, x, x, x]\nb: &b [*a, *a, *a, *a]\ntext: [*b, *b, *b]\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("text: !!python/object/apply:os.system [id]", "could not determine a constructor"),
        ("text: !!python/name:os.system", "could not determine a constructor"),
        (BOMB, r"line 2: not read: the alias \*a"),
        ("text: &a [*a]", "the alias"),
        ("text: {a: 1, <<: {b: 2}}", "not read|not text"),
        ("[" * 200_000, "line 1: not read: it is nested too deep"),
        ("- " * 100_000, "too deep"),
        ("{" * 200_000, "too deep|not read"),
        ("? " * 100_000, "too deep"),
        ("- a\n" * 60_000, "too much"),
        ("text: a\ntext: b", "line 2: not read: the key text stands twice"),
        ("text: 2026-13-45", "not read: month must be in"),
        ("text: " + "9" * 5_000, "not read"),
        ("text: 0x" + "f" * 9_000, "not read"),
        ("text: 1" + ":1" * 20_000, "not read|not text"),
        ("text: 5", "not text"),
        ("just words", "holds no template"),
        ("", "holds no template"),
        ("text: \x00", "not read"),
        ("text: 'open", "not read"),
        ("--- {text: a}\n--- {text: b}", "not read"),
        ("text: " + "x" * 300_000, "the limit is"),
        ("text: '{open'", "At character 1 of the text"),
        ("style: alpaca", "no parts"),
        ("{? {a: b} : c}", "not read|no parts"),
    ],
)
def test_hostile_yaml_is_refused_in_words(text: str, message: str) -> None:
    with pytest.raises(TemplateError, match=message) as caught:
        read_yaml(text)
    assert len(caught.value.message) < 1_000 and caught.value.hint


def test_half_a_pair_of_surrogates_is_refused_before_anything_is_written(workspace: Workspace) -> None:
    mapping = {"from": "messages", "roles": {"\ud800": "user"}}
    for work in (
        lambda: save_template(workspace, "odd", parse_template(mapping)),
        lambda: to_yaml(parse_template(mapping)),
        lambda: read_yaml('from: a\nroles: {"\\uD800": user}'),
    ):
        with pytest.raises(TemplateError, match="surrogates"):
            work()
    assert list(workspace.templates.iterdir()) == []


def test_half_a_pair_of_surrogates_in_a_name_is_written_as_a_question_mark() -> None:
    assert to_yaml(TEXT, "a\ud800b").startswith("# a?b\n")


def test_nothing_outside_the_folder_is_touched(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "kept.yaml").write_text("text: x")
    for name in ("../../kept", "../../kept.yaml", "/kept.yaml", "~/kept", "kept.yaml"):
        save_template(workspace, name, TEXT)
        remove_template(workspace, name)
    assert (tmp_path / "kept.yaml").read_text() == "text: x"
