"""`studio build` with options that take the place of what the recipe says."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from studio.cli import main
from studio.recipe import load_recipe

Run = Callable[..., tuple[int, bytes, str]]
RECIPE = """
source: {path: data.jsonl}
template: {style: question-answer}
split: {train: 0.5, test: 0.5}
export: {names: {prompt: question}}
"""


@pytest.fixture
def studio(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
    write_jsonl,
    question_rows,
) -> Run:
    """Run the command line in a folder with a recipe and its file: (exit code, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STUDIO_WORKSPACE", str(tmp_path / "workspace"))
    write_jsonl(question_rows)
    Path("recipe.yaml").write_text(RECIPE)

    def run(*args: object) -> tuple[int, bytes, str]:
        monkeypatch.setattr(sys, "argv", ["studio", *map(str, args)])
        with pytest.raises(SystemExit) as left:
            main()
        assert isinstance(left.value.code, int)
        out, err = capfdbinary.readouterr()
        return left.value.code, out, err.decode()

    return run


def test_options_take_the_place_of_what_the_recipe_says(studio: Run) -> None:
    options = ["--shape", "sharegpt", "--file", "jsonl.gz", "--card", "mit", "--config", "trl"]
    code, out, err = studio("build", "recipe.yaml", "--out", "out", *options, "--json")
    assert code == 0, err
    answer = json.loads(out)
    assert set(answer) == {"folder", "counts", "parts", "manifest"}
    assert answer["parts"]["train"]["file"] == "train.jsonl.gz"
    manifest = json.loads(Path("out/manifest.json").read_text())
    beside = ["README.md", "train_trl.py", "recipe.yaml"]
    assert list(manifest["files"]) == ["train.jsonl.gz", "test.jsonl.gz", *beside]
    assert sorted(path.name for path in Path("out").iterdir()) == sorted(
        [*manifest["files"], "manifest.json"]
    )
    spec = load_recipe(Path("out/recipe.yaml")).export
    assert (spec.format, spec.names, spec.file, spec.configs) == ("sharegpt", {}, "jsonl.gz", ["trl"])
    assert spec.card is not None and spec.card.license == "mit"
    studio("build", "out/recipe.yaml", "--source", "data.jsonl", "--out", "again")
    for path in Path("out").iterdir():
        assert Path("again", path.name).read_bytes() == path.read_bytes(), path.name


def test_a_shape_has_its_own_names_and_without_one_the_recipes_stay(studio: Run) -> None:
    studio("build", "recipe.yaml", "--out", "preset", "--shape", "course-question-answer")
    studio("build", "recipe.yaml", "--out", "shape", "--format", "prompt-completion", "--file", "json")
    studio("build", "recipe.yaml", "--out", "own", "--file", "json")
    assert list(json.loads(Path("preset/train.jsonl").read_text().split("\n")[0])) == ["question", "answer"]
    assert list(json.loads(Path("shape/train.json").read_text())[0]) == ["prompt", "completion"]
    assert list(json.loads(Path("own/train.json").read_text())[0]) == ["question", "completion"]


def test_a_part_is_streamed_to_standard_output(studio: Run) -> None:
    studio("build", "recipe.yaml", "--out", "out", "--file", "jsonl.zst")
    code, out, err = studio("build", "recipe.yaml", "--stream", "test", "--file", "jsonl.zst")
    assert (code, out) == (0, Path("out/test.jsonl.zst").read_bytes()), err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--out", "o", "--shape", "chat"], "There is no shape chat"),
        (["--out", "o", "--file", "xlsx"], "No file type named xlsx"),
        (["--out", "o", "--config", "mine"], "There is no configuration for mine"),
        (["--out", "o", "--card", "mine"], "The Hub knows no licence 'mine'"),
        (["--out", "o", "--shape", "sharegpt", "--file", "csv"], "csv holds plain texts"),
        (["--out", "o", "--file", "csv", "--config", "trl"], "TRL would learn the marks"),
        (["--stream", "dev"], "This split has no part dev"),
        (["--stream", "train", "--file", "dataset"], "cannot be streamed"),
        (["--stream", "train", "--out", "o"], "--stream writes no folder"),
        ([], "Neither --out nor --stream"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_written(
    studio: Run, options: list[str], words: str
) -> None:
    code, out, err = studio("build", "recipe.yaml", *options)
    assert (code, out) == (2, b"") and words in err
    assert not Path("o").exists()
