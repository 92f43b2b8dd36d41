"""`studio rows` and `studio stats`: the records that are wanted, what columns hold, with stable names."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def studio(tmp_path: Path) -> Run:
    """Run the command line in its own process: (exit code, stdout, stderr)."""

    def run(*args: object) -> tuple[int, str, str]:
        env = {**os.environ, "STUDIO_WORKSPACE": str(tmp_path / "workspace")}
        command = [sys.executable, "-m", "studio", *map(str, args)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=env, check=False)
        return done.returncode, done.stdout, done.stderr

    return run


@pytest.fixture
def path(tmp_path: Path) -> Path:
    lines: list[Any] = [{"q": f"What is {n}?", "n": n, "kind": "ab"[n % 2]} for n in range(20)]
    lines[3] = {"q": "Line\nends", "n": 2.50, "list": ["é"]}
    file = tmp_path / "a.jsonl"
    file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    return file


def test_rows_answers_with_what_the_query_wants(studio: Run, path: Path) -> None:
    code, out, err = studio(
        "rows", path, "--search", "what IS 1", "--where", '{"column": "kind", "is": "equals", "value": "a"}',
        "--where", '{"column": "n", "is": "number", "value": [11, null]}', "--sort", "n", "--descending",
        "--offset", 1, "--limit", 2, "--json",
    )  # fmt: skip
    assert code == 0, err
    assert json.loads(out) == {
        "source": "a.jsonl", "all": 20, "total": 4, "offset": 1,
        "rows": [
            {"row": 16, "line": 17, "file": "a.jsonl", "values": {"q": "What is 16?", "n": 16, "kind": "a"}},
            {"row": 14, "line": 15, "file": "a.jsonl", "values": {"q": "What is 14?", "n": 14, "kind": "a"}},
        ],
    }  # fmt: skip


def test_rows_tells_people_the_same(studio: Run, path: Path) -> None:
    code, out, _ = studio("rows", path, "--search", r"^line\s", "--regex")
    assert code == 0
    assert out.splitlines() == [
        "a.jsonl: 1–1 of 1 of 20 records", "— row 3, line 4", "  q: Line↵ends", "  n: 2.5", '  list: ["é"]',
    ]  # fmt: skip
    assert studio("rows", path, "--search", "1", "--word", "--case")[1].startswith("a.jsonl: 1–1 of 1 of 20")
    assert studio("rows", path, "--search", "nothing of this")[1] == "a.jsonl: 0 of 20 records\n"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--where", "{"], "--where { is not JSON."),
        (["--where", '{"column": "x", "is": "empty"}'], "No column named x."),
        (["--where", '{"column": "q", "is": "odd"}'], "No condition is called 'odd'."),
        (["--sort", "x"], "No column named x."),
        (["--search", "(", "--regex"], "This is no regular expression: unclosed group."),
    ],
)
def test_what_cannot_be_asked_is_an_error_of_two_lines(
    studio: Run, path: Path, options: list[str], words: str
) -> None:
    code, out, err = studio("rows", path, *options)
    assert (code, out) == (2, "")
    assert err.splitlines()[0] == f"error: {words}"
    assert err.splitlines()[1].startswith("hint: ")


def test_what_would_steer_a_terminal_is_spelled(studio: Run, tmp_path: Path) -> None:
    record = {"a\x1b[2J": "red \x1b[31m \u202eback", "b": "x" * 300}
    (tmp_path / "b.jsonl").write_text(json.dumps(record) + "\n")
    out = studio("rows", "b.jsonl")[1] + studio("stats", "b.jsonl")[1]
    assert "\x1b" not in out and "\u202e" not in out
    assert "\\x1b[31m \\u202eback" in out and "x" * 200 + "…" in out


def test_stats_answers_with_every_column(studio: Run, path: Path) -> None:
    code, out, err = studio("stats", path, "--json")
    assert code == 0, err
    answer = json.loads(out)
    assert (answer["source"], answer["records"]) == ("a.jsonl", 20)
    assert [(column["name"], column["shape"]) for column in answer["columns"]] == [
        ("q", "text"), ("n", "number"), ("kind", "category"), ("list", "json"),
    ]  # fmt: skip
    assert set(answer["columns"][0]) == {
        "index", "name", "type", "shape", "missing", "null", "empty", "sampled", "low", "high", "distinct",
        "bars", "other",
    }  # fmt: skip
    assert answer["columns"][2]["bars"] == [
        {"low": None, "high": None, "value": "a", "count": 10},
        {"low": None, "high": None, "value": "b", "count": 9},
    ]


def test_stats_tells_people_the_same(studio: Run, path: Path) -> None:
    code, out, _ = studio("stats", path)
    assert code == 0
    assert "kind: category, 1 to 1 characters, 2 different, 1 missing\n" in out
    assert any(line.split()[:2] == ["a", "10"] and "█" in line for line in out.splitlines())
