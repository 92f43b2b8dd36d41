"""What can be compared, by its address: checkpoints, other decodings, one run or two; what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from studio.compare import (
    Address,
    list_comparable,
    list_sides,
    open_comparison,
    open_comparison_of,
    parse_address,
    spell_decoding,
)
from studio.errors import RunError
from studio.run import RunDir, hold_run
from studio.settings import Settings
from studio.workspace import Workspace
from tests.compared import Line, make_line, make_run, write_side

SAMPLED = {"method": "sample", "max_new_tokens": 64, "temperature": 0.7, "top_p": 0.9, "seed": 1}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(Settings(workspace=tmp_path))


def lines(completion: str, count: int = 4, loss: float = 1.0) -> list[Line]:
    return [make_line(row, completion, loss=loss) for row in range(count)]


def store(workspace: Workspace, tuned: list[Line] | None = None, **more: Any) -> RunDir:
    run = workspace.new_id()
    return make_run(workspace.runs, lines("no"), tuned or lines("yes", loss=0.5), run=run, **more)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("r1", Address(run="r1", which="tuned")),
        ("r1/base", Address(run="r1", which="base")),
        ("r1/step-40", Address(run="r1", which="step-40")),
        ("r1/tuned.0a1b2c3d", Address(run="r1", which="tuned.0a1b2c3d")),
        ("step-40", Address(run="here", which="step-40")),
        ("base", Address(run="here", which="base")),
    ],
)
def test_an_address_is_read_from_its_text(text: str, address: Address) -> None:
    assert parse_address(text, "here") == address
    assert parse_address(str(address)) == address


@pytest.mark.parametrize(
    "text", ["", "/base", "r1/", "r1/../../etc", "r1/step-", "r1/base/x", "r1/tuned.XY", "r1/tuned.0a1b2c3d4"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    if text == "r1/":
        assert parse_address(text).which == "tuned"
        return
    with pytest.raises(RunError, match="names nothing"):
        parse_address(text)


def test_a_checkpoint_is_compared_once_it_is_whole(tmp_path: Path) -> None:
    run_dir = make_run(tmp_path, lines("no"), lines("yes"))
    with pytest.raises(RunError, match="as step-40") as caught:
        open_comparison(run_dir, "step-40")
    assert caught.value.hint == "Evaluate it: studio compare r1 --evaluate step-40"
    write_side(run_dir, "step-40", lines("yes it is", loss=0.75))
    comparison = open_comparison(run_dir, "step-40")
    assert (comparison.left, comparison.right) == ("r1/step-40", "r1/tuned")
    assert comparison.base["loss"] == 0.75
    assert comparison.hashes["left"] != comparison.hashes["right"]
    assert "tuned is" in comparison.verdict


def test_the_sides_of_a_run_are_listed_from_the_base_on(tmp_path: Path) -> None:
    run_dir = make_run(tmp_path, lines("no"), lines("yes"), step=90)
    for which in ("step-40", "step-5", "tuned.0a1b2c3d"):
        write_side(run_dir, which, lines("a"))
    (run_dir.path / "eval" / "step-7.json").write_text("{")
    (run_dir.path / "eval" / "judge-1.json").write_text("{}")
    found = list_sides(run_dir)
    assert [side["which"] for side in found] == ["base", "step-5", "step-40", "tuned", "tuned.0a1b2c3d"]
    assert [side["steps"] for side in found] == [0, 5, 40, 90, 90]
    assert found[1]["address"] == "r1/step-5"
    assert set(found[0]) >= {"run", "name", "decoding", "records", "loss", "bits_per_byte"}


def test_two_runs_on_the_same_records_are_compared_whatever_their_order(workspace: Workspace) -> None:
    one, other = store(workspace), store(workspace, list(reversed(lines("yes", loss=0.25))))
    comparison = open_comparison_of(Address(run=one.run), Address(run=other.run), workspace)
    assert (comparison.records, comparison.run) == (4, other.run)
    assert comparison.difference["loss"].value == pytest.approx(-0.25)
    assert comparison.left == f"{one.run}/tuned"
    assert [side["run"] for side in list_comparable(one, [one, other])] == [one.run] * 2 + [other.run] * 2


def test_records_that_are_twice_in_both_runs_are_paired_once_each(workspace: Workspace) -> None:
    twice = [make_line(0, "a"), make_line(0, "b") | {"row": 1}]
    runs = [make_run(workspace.runs, twice, twice, run=workspace.new_id()) for _ in range(2)]
    comparison = open_comparison_of(*(Address(run=run.run) for run in runs), workspace)
    assert [pair.base.completion for pair in comparison.pairs] == ["a", "b"]
    assert [pair.tuned.completion for pair in comparison.pairs] == ["a", "b"]


def test_runs_on_other_records_are_refused_with_what_they_share(workspace: Workspace) -> None:
    one = store(workspace)
    other = make_run(workspace.runs, lines("no", 6), lines("no", 6), run=workspace.new_id())
    with pytest.raises(RunError, match="share 4 of 4 and 6 test prompts"):
        open_comparison_of(Address(run=one.run), Address(run=other.run), workspace)
    assert len(list_comparable(one, [other])) == 2


def test_another_decoding_is_refused_but_of_the_same_weights(tmp_path: Path) -> None:
    run_dir = make_run(tmp_path, lines("no"), lines("yes"))
    write_side(run_dir, "tuned.0a1b2c3d", lines("maybe"), decoding=SAMPLED)
    with pytest.raises(RunError, match=r"greedy, at most 64 new tokens, and sample, .* temperature 0\.7"):
        open_comparison(run_dir, "base", "tuned.0a1b2c3d")
    weights = open_comparison(run_dir).hashes["right"]
    write_side(run_dir, "tuned.0a1b2c3d", lines("maybe"), decoding=SAMPLED, weights_sha256=weights)
    notes = " ".join(open_comparison(run_dir, "tuned", "tuned.0a1b2c3d").notes)
    assert "the same weights" in notes
    assert spell_decoding(SAMPLED) in notes
    write_side(run_dir, "base.0a1b2c3d", lines("maybe"), decoding=SAMPLED)
    [note] = open_comparison(run_dir, "base.0a1b2c3d", "tuned.0a1b2c3d").notes
    assert note.startswith("The answers were drawn at random")


def test_other_tokens_and_empty_answers_are_noted(tmp_path: Path) -> None:
    tuned = [line | {"tokens": 3} for line in lines("")]
    notes = open_comparison(make_run(tmp_path, lines("no"), tuned)).notes
    assert [note.split(":")[0] for note in notes] == [
        "The two models cut texts into different tokens, so a loss by token compares nothing",
        "Empty answers",
    ]


def test_a_conversation_counts_the_bytes_of_all_that_is_learnt(tmp_path: Path) -> None:
    run_dir = make_run(tmp_path, lines("no", 1), lines("yes", 1))
    spec = run_dir.spec_file.read_text().replace('"prompt-completion"', '"messages"')
    run_dir.spec_file.write_text(spec)
    turns = ["Hi", "yes, it is", "And?", "yes"]
    messages = [{"role": ["user", "assistant"][at % 2], "content": turn} for at, turn in enumerate(turns)]
    (run_dir.data / "test.jsonl").write_text(json.dumps({"messages": messages}) + "\n")
    assert [pair.size for pair in open_comparison(run_dir).pairs] == [len("yes, it isyes")]


def test_a_cancelled_run_can_be_compared_by_what_was_evaluated_of_it(tmp_path: Path) -> None:
    run_dir = make_run(tmp_path, [], [], state="cancelled", reason="stopped on request", metrics={})
    with pytest.raises(RunError, match="cancelled: stopped on request") as caught:
        open_comparison(run_dir)
    assert "Resume it" in caught.value.hint
    assert list_sides(run_dir) == []
    for which, completion in (("base", "no"), ("step-5", "yes")):
        write_side(run_dir, which, lines(completion))
    assert open_comparison(run_dir, "base", "step-5").records == 4


@pytest.mark.parametrize(
    ("damage", "word"),
    [
        (lambda path: path.unlink(), "damaged"),
        (lambda path: path.write_text(path.read_text()[:-20]), "holds 3 whole lines of 4"),
        (lambda path: path.write_text(path.read_text().replace('"prompt"', '"x"')), "damaged"),
        (lambda path: path.write_text(path.read_text().replace('"p0"', "7")), "damaged"),
        (lambda path: path.write_text(path.read_text().replace("1.0", '"1"')), "damaged"),
        (lambda path: path.write_text(path.read_text().replace("1.0", "NaN")), "damaged"),
        (lambda path: path.write_bytes(b"\xff\xfe\x00"), "damaged"),
    ],
)
def test_damaged_answers_are_said_never_compared(tmp_path: Path, damage: Any, word: str) -> None:
    run_dir = make_run(tmp_path, lines("no"), lines("yes"))
    damage(run_dir.base_completions)
    with pytest.raises(RunError, match=word):
        open_comparison(run_dir)


@pytest.mark.parametrize(
    "measured", [None, {}, {"loss": float("nan"), "perplexity": 1.0, "bits_per_byte": 1.0}]
)
def test_damaged_metrics_are_said(tmp_path: Path, measured: Any) -> None:
    metrics = {"records": 4, "base": measured, "tuned": measured}
    with pytest.raises(RunError, match="metrics of run r1 are damaged"):
        open_comparison(make_run(tmp_path, lines("no"), lines("yes"), metrics=metrics))


def test_a_run_at_work_is_not_compared_yet(tmp_path: Path) -> None:
    run_dir = make_run(tmp_path, [], [], state="running")
    hold_run(run_dir)
    with pytest.raises(RunError, match="still running"):
        open_comparison(run_dir)


def test_a_choice_of_the_test_part_is_said(tmp_path: Path) -> None:
    run_dir = make_run(tmp_path, lines("no"), lines("yes"))
    run_dir.spec_file.write_text(run_dir.spec_file.read_text().replace('"records": 4', '"records": 4000'))
    assert open_comparison(run_dir).notes == (
        "The 4 records are a seeded choice from the 4,000 of the test part.",
    )


def test_a_base_model_that_is_gone_is_said_and_its_scores_stand(tmp_path: Path) -> None:
    run_dir = make_run(tmp_path, lines("no"), lines("yes"))
    run_dir.base.mkdir()
    weights = tmp_path / "model.safetensors"
    weights.touch()
    (run_dir.base / "model.safetensors").symlink_to(weights)
    assert open_comparison(run_dir).notes == ()
    weights.unlink()
    [note] = open_comparison(run_dir).notes
    assert note.startswith("The weights of the base model are gone. Its answers were kept")


def test_a_file_cut_anywhere_is_damage_or_whole(tmp_path: Path) -> None:
    run_dir = make_run(tmp_path, lines("no"), lines("yes"))
    whole = run_dir.tuned_completions.read_bytes()
    for cut in range(0, len(whole) - 1, 7):
        run_dir.tuned_completions.write_bytes(whole[:cut])
        with pytest.raises(RunError, match=r"eval/tuned\.jsonl holds [0-3] whole lines of 4"):
            open_comparison(run_dir)
    run_dir.tuned_completions.write_bytes(whole[:-1])
    assert open_comparison(run_dir).records == 4


def test_a_damaged_run_does_not_hide_the_others(workspace: Workspace) -> None:
    one, damaged, other = (store(workspace) for _ in range(3))
    damaged.state_file.write_text("{")
    found = list_comparable(one, [one, damaged, other])
    assert [side["run"] for side in found] == [one.run] * 2 + [other.run] * 2
