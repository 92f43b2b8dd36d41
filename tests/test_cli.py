import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from studio.cli.answer import report_bug

HTML = "<!DOCTYPE html><html><body>Not found</body></html>\n"
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "a" * 64 + "\nsize 12345\n"


@pytest.fixture
def studio(tmp_path):
    """Run the command line in its own process: (exit code, stdout, stderr)."""

    def run(*args: object) -> tuple[int, str, str]:
        env = {**os.environ, "STUDIO_WORKSPACE": str(tmp_path / "workspace")}
        command = [sys.executable, "-m", "studio", *map(str, args)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=env, check=False)
        return done.returncode, done.stdout, done.stderr

    return run


def test_help_imports_no_stage():
    code = (
        "import sys, studio.cli;"
        "stages = {'polars', 'pydantic', 'pyarrow', 'msgspec', 'gradio', 'rich', 'yaml', 'studio.pipeline'};"
        "print(sorted(stages & set(sys.modules)))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_inspect_answers_with_counts_columns_quarantine_and_rows(studio, tmp_path):
    (tmp_path / "a.jsonl").write_text('{"question":"q","answer":2.50}\n\nnot json\n{"question":null}\n')
    code, out, _ = studio("inspect", "a.jsonl", "--json")
    answer = json.loads(out, parse_float=str)
    assert code == 0
    assert {name: answer[name] for name in ("read", "accepted", "quarantined", "blank", "complete")} == {
        "read": 4,
        "accepted": 2,
        "quarantined": 1,
        "blank": 1,
        "complete": True,
    }
    assert [(c["name"], c["type"], c["missing"], c["null"]) for c in answer["columns"]] == [
        ("question", "text", 0, 1),
        ("answer", "json", 1, 0),
    ]
    assert answer["proposed_style"] == "question-answer"
    assert answer["quarantine"][0]["line"] == 3
    assert answer["quarantine"][0]["raw"] == "not json"
    assert answer["rows"] == [{"question": "q", "answer": "2.50"}, {"question": None}]


def test_render_shows_the_style_that_fits_or_the_one_named(studio, write_jsonl, question_rows, tmp_path):
    path = write_jsonl(question_rows)
    code, out, _ = studio("render", path, "--row", 2, "--json")
    assert code == 0
    assert json.loads(out) == [
        {
            "row": 2,
            "line": 3,
            "type": "prompt-completion",
            "prompt": "### Question:\nWhat is 2?\n\n### Answer:",
            "completion": "\nIt is the number 2.",
        }
    ]
    rows = json.loads(studio("render", path, "--style", "question-only", "--rows", "3:5", "--json")[1])
    assert [(row["row"], row["completion"]) for row in rows] == [
        (3, "It is the number 3."),
        (4, "It is the number 4."),
    ]
    (tmp_path / "t.yaml").write_text('text: "{q} {answer}"\n')
    mapped = studio("render", path, "--template", "t.yaml", "--column", "q=question", "--json")[1]
    assert json.loads(mapped)[0]["text"] == "What is 0? It is the number 0."
    assert "What is 0?" in studio("render", path)[1]


def test_build_answers_with_folder_counts_and_parts(studio, write_jsonl, question_rows, tmp_path):
    write_jsonl(question_rows)
    (tmp_path / "r.yaml").write_text(
        "source: {path: data.jsonl}\ntemplate: {style: question-answer}\nsplit: {train: 0.9, test: 0.1}\n"
    )
    code, out, _ = studio("build", "r.yaml", "--out", "out", "--json")
    answer = json.loads(out)
    assert code == 0
    assert (answer["folder"], answer["manifest"]) == ("out", "out/manifest.json")
    assert answer["counts"]["accepted"] == 20
    assert answer["parts"]["test"].keys() == {"file", "records", "sha256"}
    code, _, err = studio("build", "r.yaml", "--out", "out")
    assert code == 2
    assert "exists" in err
    assert studio("build", "r.yaml", "--out", "out", "--replace")[0] == 0


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["inspect", "nowhere.jsonl"], "nowhere.jsonl"),
        (["inspect", "nothing"], "nothing"),
        (["inspect", "empty.jsonl"], "empty"),
        (["inspect", "page.jsonl"], "web page"),
        (["inspect", "pointer.jsonl"], "git-lfs"),
        (["inspect", "cut.jsonl.gz"], "cut.jsonl.gz"),
        (["inspect", "object.json"], "object"),
        (["render", "good.jsonl", "--style", "alpaca"], "instruction"),
        (["render", "good.jsonl", "--style", "nope"], "nope"),
        (["render", "good.jsonl", "--row", "9"], "row 9"),
        (["render", "good.jsonl", "--rows", "x:y"], "x:y"),
        (["render", "good.jsonl", "--template", "bad.yaml"], "No column named qestion"),
        (["render", "good.jsonl", "--template", "none.yaml"], "none.yaml"),
        (["build", "none.yaml", "--out", "o"], "none.yaml"),
        (["build", "over.yaml", "--out", "o"], "add up to 1.1"),
        (["build", "good.yaml"], "--out"),
        (["train", "none.yaml"], "none.yaml"),
        (["runs", "show", "abcdef"], "abcdef"),
        (["compare", "abcdef"], "abcdef"),
        (["serve", "--host", "0.0.0.0"], "0.0.0.0"),
        (["serve", "--port", "many"], "--port"),
        (["nonsense"], "nonsense"),
        (["inspect"], "SOURCE"),
        ([], "Missing command"),
        (["runs"], "Missing command"),
    ],
)
def test_bad_input_is_one_error_and_one_hint_and_exit_2(studio, tmp_path, args, words):
    write_bad_input(tmp_path)
    code, out, err = studio(*args)
    lines = err.splitlines()
    assert (code, out, len(lines)) == (2, "", 2), err
    assert lines[0].startswith("error: ")
    assert lines[1].startswith("hint: ")
    assert words in lines[0]
    assert not (tmp_path / "o").exists()


def write_bad_input(folder: Path) -> None:
    (folder / "nothing").mkdir()
    (folder / "empty.jsonl").write_text("")
    (folder / "page.jsonl").write_text(HTML)
    (folder / "pointer.jsonl").write_text(POINTER)
    (folder / "cut.jsonl.gz").write_bytes(bytes.fromhex("1f8b0800000000000003ab56"))
    (folder / "object.json").write_text('{"question": "q"}')
    (folder / "good.jsonl").write_text('{"question": "q", "answer": "a"}\n' * 5)
    (folder / "bad.yaml").write_text('text: "{qestion}"\n')
    good = "source: {path: good.jsonl}\ntemplate: {style: question-answer}\n"
    (folder / "good.yaml").write_text(good)
    (folder / "over.yaml").write_text(good + "split: {train: 0.9, test: 0.2}\n")


def test_bug_goes_to_the_log_and_says_where(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("STUDIO_WORKSPACE", str(tmp_path))
    try:
        raise KeyError("a bug")
    except KeyError as error:
        assert report_bug(error) == 1
    shown = capsys.readouterr().err
    assert str(tmp_path / "logs" / "studio.log") in shown
    assert "Traceback" not in shown
    assert "Traceback" in (tmp_path / "logs" / "studio.log").read_text()


def test_runs_of_an_empty_workspace_are_none(studio):
    assert studio("runs", "list", "--json")[:2] == (0, "[]\n")
