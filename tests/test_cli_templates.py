"""`studio templates`: templates kept under a name, without the screen."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from studio.cli import app
from studio.errors import TemplateError, WorkspaceError
from studio.library import read_yaml

RUNNER = CliRunner()
CHAT = "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}"
CHAT += "{% if add_generation_prompt %}<assistant>{% endif %}"


def run(folder: Path, *words: str) -> Any:
    result = RUNNER.invoke(
        app, ["templates", *words, "--json", "--workspace", str(folder / "work")], catch_exceptions=False
    )
    assert result.exit_code == 0
    return json.loads(result.stdout)


def say(folder: Path, *words: str) -> str:
    return RUNNER.invoke(app, ["templates", *words, "--workspace", str(folder / "work")]).stdout


def test_a_template_is_imported_listed_shown_exported_and_removed(tmp_path: Path) -> None:
    file = tmp_path / "Größe.yaml"
    file.write_text('prompt: "{q}"\ncompletion: "{a}"\n', encoding="utf-8")
    template = {"type": "prompt-completion", "prompt": "{q}", "completion": "{a}"}
    kept = {"name": "Größe", "type": "prompt-completion", "template": template}
    imported = run(tmp_path, "import", str(file))
    assert imported == kept | {"kind": "yaml", "words": "A template of prompt-completion."}
    assert run(tmp_path, "list") == [kept] and run(tmp_path, "show", "Größe") == kept
    assert "Größe  prompt-completion" in say(tmp_path, "list")
    exported = run(tmp_path, "export", "Größe")
    assert exported["yaml"] == say(tmp_path, "export", "Größe")
    assert read_yaml(exported["yaml"]).to_mapping() == template
    assert run(tmp_path, "remove", "Größe") == {"name": "Größe"}
    assert run(tmp_path, "list") == [] and "No template" in say(tmp_path, "list")


def test_what_is_exported_is_what_render_takes(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text('text: "Q: {question}"\n')
    run(tmp_path, "import", str(tmp_path / "mine.yaml"))
    out = tmp_path / "out.yaml"
    out.write_text(say(tmp_path, "export", "mine"), encoding="utf-8")
    (tmp_path / "faq.jsonl").write_text('{"question": "Why?"}\n')
    words = [
        "render",
        str(tmp_path / "faq.jsonl"),
        "--template",
        str(out),
        "--workspace",
        str(tmp_path / "work"),
    ]
    assert "Q: Why?" in RUNNER.invoke(app, words, catch_exceptions=False).stdout


def test_templates_of_other_tools_are_imported(tmp_path: Path) -> None:
    (tmp_path / "ask.jinja").write_text("{{ q }} ||| {{ a }}")
    (tmp_path / "chat.jinja").write_text(CHAT)
    assert run(tmp_path, "import", str(tmp_path / "ask.jinja"), "--name", "Ask")["kind"] == "promptsource"
    chat = run(tmp_path, "import", str(tmp_path / "chat.jinja"), "--system")
    assert chat["template"]["prompt"] == "{#system}<system>{system}{/system}<user>{prompt}<assistant>"
    assert [one["name"] for one in run(tmp_path, "list")] == ["Ask", "chat"]


def refuse(tmp_path: Path, *words: str) -> BaseException | None:
    result = RUNNER.invoke(app, ["templates", *words, "--workspace", str(tmp_path / "work")])
    assert result.exit_code != 0
    return result.exception


def test_a_name_is_only_replaced_when_asked(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("text: one")
    run(tmp_path, "import", str(file))
    file.write_text("text: two")
    problem = refuse(tmp_path, "import", str(file))
    assert isinstance(problem, TemplateError) and "named mine already" in problem.message
    assert run(tmp_path, "show", "mine")["template"]["text"] == "one"
    run(tmp_path, "import", str(file), "--replace")
    assert run(tmp_path, "show", "mine")["template"]["text"] == "two"


@pytest.mark.parametrize("command", ["show", "export", "remove"])
def test_an_unknown_template_is_named(tmp_path: Path, command: str) -> None:
    problem = refuse(tmp_path, command, "nope")
    assert isinstance(problem, WorkspaceError) and "nope" in problem.message


@pytest.mark.parametrize("held", [b"\xff\xfe\x00", b"{{ a | upper }} ||| b", b"x" * 5_000_000, None])
def test_a_file_that_cannot_be_read_in_is_refused_with_its_name(tmp_path: Path, held: bytes | None) -> None:
    file = tmp_path / "odd.jinja"
    if held is not None:
        file.write_bytes(held)
    problem = refuse(tmp_path, "import", str(file))
    assert isinstance(problem, TemplateError) and "odd.jinja" in problem.message
    assert run(tmp_path, "list") == []
