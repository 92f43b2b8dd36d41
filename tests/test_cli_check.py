"""`studio check`: what it finds of a source or a recipe, and the exit code 3 of what stops a launch."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studio import cli
from studio.errors import RunError
from studio.job import launch
from studio.workspace import Workspace

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def studio(settings, monkeypatch, capsys, tmp_path) -> Run:
    """Run the command line in this process: (exit code, stdout, stderr)."""
    monkeypatch.setenv("STUDIO_WORKSPACE", str(settings.workspace))
    monkeypatch.chdir(tmp_path)

    def run(*args: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["studio", *map(str, args)])
        code = cli._run()
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def write_recipe(folder: Path, **more: Any) -> Path:
    """The recipe of data.jsonl beside it; JSON is YAML."""
    split = {"train": 0.9, "test": 0.1}
    recipe = {"source": {"path": "data.jsonl"}, "template": {"style": "question-answer"}, "split": split}
    path = folder / "recipe.yaml"
    path.write_text(json.dumps(recipe | more))
    return path


def test_check_answers_with_every_finding_its_count_and_rows(studio, write_jsonl, question_rows, settings):
    path = write_jsonl([*question_rows, {"question": "Why?", "answer": ""}])
    code, out, err = studio("check", path, "--json")
    answer = json.loads(out)
    assert (code, err) == (0, "")
    assert set(answer) == {"source", "records", "tokenizer", "max_length", "lengths", "findings"}
    assert (answer["records"], answer["tokenizer"], answer["max_length"]) == (21, "tiny", 512)
    assert answer["lengths"]["fit"] == 21
    found = {one["code"]: one for one in answer["findings"]}
    assert found["rendered"]["count"] == 21
    blank = found["blank-completion"]
    assert (blank["count"], blank["blocks"], blank["rows"]) == (1, False, [20])
    assert blank["explanation"]
    assert list(Workspace(settings).checks.glob("*/")) == []


def test_check_says_it_for_people_and_ends_with_3_when_a_finding_stops_a_launch(
    studio, write_jsonl, question_rows
):
    path = write_jsonl(question_rows)
    code, out, _ = studio("check", path, "--style", "question-answer", "--max-length", 2)
    assert code == 3
    assert "data.jsonl: 20 records, 20 render" in out
    assert "within 2 tokens: 0 fit, 0 cut, 20 lost" in out
    assert "stops: Nothing is trained, 20 records." in out
    assert "warning: Too long, 20 records." in out
    assert out.endswith("A finding stops a launch.\n")


def test_check_takes_a_recipe_and_its_own_words(studio, write_jsonl, question_rows, tmp_path):
    write_jsonl(question_rows)
    keep = [{"column": "question", "is": "contains", "value": "1"}]
    recipe = write_recipe(tmp_path, filter=keep, train={"max_length": 100})
    code, out, _ = studio("check", recipe, "--json")
    answer = json.loads(out)
    assert (code, answer["records"], answer["max_length"]) == (0, 11, 100)
    code, _, err = studio("check", recipe, "--style", "alpaca")
    assert (code, "A recipe says itself what --style says." in err) == (2, True)


def test_check_takes_a_template_and_a_column_map(studio, write_jsonl, question_rows, tmp_path):
    (tmp_path / "t.yaml").write_text('{prompt: "{q} ", completion: "{answer}"}')
    path = write_jsonl(question_rows)
    code, out, _ = studio("check", path, "--template", "t.yaml", "--column", "q=question", "--json")
    found = {one["code"]: one["count"] for one in json.loads(out)["findings"]}
    assert (code, found["merged-boundary"] > 0) == (0, True)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["none.jsonl"], "none.jsonl"),
        (["data.jsonl", "--style", "nonsense"], "nonsense"),
        (["data.jsonl", "--style", "alpaca", "--template", "t.yaml"], "Both --style and --template"),
        (["data.jsonl", "--tokenizer", "no such thing"], "names no tokenizer"),
        (["data.jsonl", "--max-length", "0"], "max-length"),
    ],
)
def test_what_cannot_be_checked_is_refused_in_words(studio, write_jsonl, question_rows, args, words):
    write_jsonl(question_rows)
    code, out, err = studio("check", *args)
    assert (code, out) == (2, "")
    assert words in err
    assert "hint: " in err


@pytest.fixture
def launched(monkeypatch) -> list[Any]:
    """What was given to the workers, of which none is started."""
    seen: list[Any] = []

    def note(recipe: Any, table: Any, workspace: Any, **options: Any) -> Any:
        seen.append(recipe)
        raise RunError("Seen.", "It is enough.")

    monkeypatch.setattr(launch, "require_training", lambda: None)
    monkeypatch.setattr(launch, "launch_table", note)
    return seen


def test_train_is_stopped_by_a_finding_with_3_and_its_words(
    studio, write_jsonl, question_rows, tmp_path, launched
):
    write_jsonl([{"question": "why " * 50, "answer": "Because."}] * 12)
    recipe = write_recipe(tmp_path, train={"max_length": 16})
    code, out, err = studio("train", recipe)
    assert (code, out, launched) == (3, "", [])
    assert "error: The check stops this fine-tune: Nothing is trained (12 records)." in err
    assert "hint: No token of these records is trained within 16 tokens" in err


def test_train_says_warnings_and_goes_on(studio, write_jsonl, question_rows, tmp_path, launched):
    write_jsonl([*question_rows, {"question": "Why?", "answer": ""}])
    code, _, err = studio("train", write_recipe(tmp_path))
    assert "warning: Blank completion, 1 record." in err
    assert (code, "error: Seen." in err, len(launched)) == (2, True, 1)


def test_the_page_launches_when_the_check_is_not_done_in_time(
    settings, write_jsonl, question_rows, monkeypatch, launched
):
    from studio.ingest import start_ingest
    from studio.source import Source

    work = Workspace(settings)
    table_id = start_ingest(Source(path=str(write_jsonl(question_rows))), work).id
    monkeypatch.setattr(launch, "WAIT_SECONDS", 0.0)
    with pytest.raises(RunError, match="Seen"):
        launch.launch_checked(work.draft(table_id), work.result(table_id), work)
    assert len(launched) == 1
