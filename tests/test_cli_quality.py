"""`studio quality`: what may be wrong with a source or a recipe, its records, and what it refuses."""

import json
import sys
from collections.abc import Callable

import pytest

from studio import cli
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


@pytest.fixture
def data(write_jsonl, question_rows):
    other = {"question": "What is 3?", "answer": "Ask a@b-c.io"}
    return write_jsonl([*question_rows, question_rows[3], other])


def test_findings_are_advice_in_json_and_in_words_and_leave_nothing_behind(studio, data, settings):
    code, out, err = studio("quality", data, "--also", "emails", "--json")
    answer = json.loads(out)
    assert (code, err) == (0, "")
    assert set(answer) == {"source", "records", "asked", "answered", "also", "findings", "skipped"}
    counts = {one["code"]: one["count"] for one in answer["findings"] if one["count"]}
    assert counts == {"exact-duplicates": 1, "conflicting-answers": 1, "emails": 1}
    assert (answer["records"], answer["asked"], answer["also"]) == (22, ["question"], ["emails"])
    assert list(Workspace(settings).surveys.glob("*/")) == []
    code, out, _ = studio("quality", data, "--rows", "conflicting-answers")
    assert (code, out.splitlines()) == (
        0,
        [
            "conflicting-answers: 1 record",
            "row 21, line 22: both answer “What is 3?” (row 3)",
            "  Ask a@b-c.io",
        ],
    )


def test_a_recipe_is_looked_at_without_what_it_excludes(studio, data, tmp_path):
    recipe = {
        "source": {"path": data.name},
        "template": {"style": "question-answer"},
        "split": {"train": 1.0},
        "filter": [{"column": "answer", "is": "contains", "value": "@", "not": True}],
    }
    (tmp_path / "recipe.yaml").write_text(json.dumps(recipe))
    code, out, _ = studio("quality", "recipe.yaml")
    assert code == 0
    assert out.startswith("data.jsonl: 21 records, findings of 1 kind\nexact-duplicates: 1 record. ")
    assert "conflicting-answers" in out.splitlines()[2]


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (["--also", "nonsense"], "error: Nothing is called 'nonsense'."),
        (["--rows", "nonsense"], "error: There is no finding nonsense."),
        (["--rows", "secrets"], "error: secrets is looked for on demand."),
        (["--style", "nonsense"], "error: No prompt style named nonsense."),
    ],
)
def test_what_cannot_be_looked_for_is_the_persons_input(studio, data, options, error):
    code, _, err = studio("quality", data, *options)
    assert code == 2
    assert err.startswith(error), err
