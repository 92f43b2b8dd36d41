"""Any model of a run answers the test part, or a prompt of one's own, as the run itself would."""

# ruff: noqa: E402 - without torch there is nothing to import below

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from studio import answers
from studio.answers import (
    evaluate_side,
    find_evaluation,
    list_tries,
    stop_evaluation,
    take_prompt,
    try_prompt,
    wait_side,
)
from studio.errors import RunError
from studio.run import RunDir, RunState, hold_run, read_lines, read_spec, read_state, write_json, write_state
from studio.run.decoding import Decoding
from studio.run.sides import list_sides, own_decoding, read_summary, side_file
from studio.task import Stopped
from studio.train.answering import evaluating
from studio.train.answering.models import Models
from studio.train.answering.opening import open_sides
from studio.train.flow import fine_tune
from studio.train.report import Report
from tests.train.real_models import make_real_run, prepare_real, write_real
from tests.train.small_runs import make_lines, make_run

pytestmark = pytest.mark.train

DRAWN = Decoding(method="sample", max_new_tokens=8, temperature=1.3, seed=5)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> RunDir:
    parts = {"train": make_lines(40), "test": make_lines(7, 100)}
    run_dir, spec = make_run(tmp_path_factory.mktemp("tiny"), parts, max_steps=4)
    fine_tune(run_dir, spec, Report(run_dir))
    return run_dir


@pytest.fixture(scope="module")
def adapted(tmp_path_factory: pytest.TempPathFactory) -> RunDir:
    """A run that has trained an adapter on conversations."""
    folder = tmp_path_factory.mktemp("adapted")
    base = prepare_real(write_real(folder / "llama", "llama"), folder / "tokenizer")
    parts = {
        part: [as_messages(line) for line in lines]
        for part, lines in {"train": make_lines(12), "test": make_lines(3, 90)}.items()
    }
    run_dir, spec = make_real_run(
        folder / "job", base, parts, use_peft=True, max_steps=3, learning_rate=0.05, lora_r=4
    )
    fine_tune(run_dir, spec, Report(run_dir))
    return run_dir


def as_messages(line: Mapping[str, str]) -> dict[str, Any]:
    asked = {"role": "user", "content": line["prompt"]}
    return {"messages": [asked, {"role": "assistant", "content": line["completion"].strip()}]}


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The work is done at once, in this process."""

    def work(folder: Path, module: str, request: Mapping[str, Any]) -> Any:
        folder.mkdir(parents=True, exist_ok=True)
        answer = evaluating.evaluate_side(folder, dict(request), lambda done, total: None)
        state = {"id": folder.name, "state": "done", "answer": answer}
        (folder / "state.json").write_text(json.dumps(state))
        return answers.evaluating.TaskState(**state)

    monkeypatch.setattr(answers.evaluating, "start_task", work)


def read_side(run_dir: RunDir, which: str, decoding: Decoding | None = None) -> list[dict[str, Any]]:
    return list(read_lines(side_file(run_dir, which, decoding or own_decoding(read_spec(run_dir)))))


def best_of(run_dir: RunDir) -> str:
    return f"step-{read_state(run_dir).metrics['best_step']}"


@pytest.mark.parametrize("kind", ["tiny", "adapted"])
def test_the_best_checkpoint_answers_as_the_tuned_model_does(
    kind: str, request: pytest.FixtureRequest
) -> None:
    run_dir: RunDir = request.getfixturevalue(kind)
    best = best_of(run_dir)
    assert (list_sides(run_dir)[0], list_sides(run_dir)[-1]) == ("base", "tuned")
    state = evaluate_side(run_dir, best)
    assert state.state == "done"
    assert read_side(run_dir, best) == read_side(run_dir, "tuned")
    summary = read_summary(run_dir, best, own_decoding(read_spec(run_dir)))
    tuned = read_state(run_dir).metrics["tuned"]
    assert summary == {
        "which": best,
        "decoding": {"method": "greedy", "max_new_tokens": 8},
        "records": len(read_side(run_dir, "tuned")),
        **tuned,
    }
    assert state.answer == summary


def test_the_base_answers_as_the_base_while_the_adapter_is_loaded_beside_it(adapted: RunDir) -> None:
    from studio.train.answering.opening import as_asked, open_rows_encoder
    from studio.train.data import read_parts
    from studio.train.score import complete_rows

    spec, metrics = read_spec(adapted), read_state(adapted).metrics
    sides = open_sides(adapted, spec, [best_of(adapted), "base", "tuned"])
    hashes = {side.which: side.sha256 for side in sides}
    assert hashes["base"] == metrics["base"]["weights_sha256"]
    assert hashes["tuned"] == hashes[best_of(adapted)] == metrics["tuned"]["weights_sha256"] != hashes["base"]
    encode = open_rows_encoder(adapted, spec, sides[0].tokenizer)
    test = as_asked(read_parts(adapted, spec, 1).test, encode)
    for side in sides:
        said = [one.completion for one in complete_rows(side.model, side.tokenizer, test, 8)]
        kept = "base" if side.which == "base" else "tuned"
        assert said == [line["completion"] for line in read_side(adapted, kept)]
    assert read_side(adapted, "base") != read_side(adapted, "tuned")


def test_another_decoding_has_files_of_its_own_and_draws_the_same_again(tiny: RunDir) -> None:
    assert wait_side(tiny, "base", DRAWN).answer["decoding"] == DRAWN.to_dict()
    path = side_file(tiny, "base", DRAWN)
    assert path.name == f"base.{DRAWN.name}.jsonl"
    first = path.read_bytes()
    assert read_side(tiny, "base", DRAWN) != read_side(tiny, "base")
    path.with_suffix(".json").unlink()
    (tiny.path / "answers" / path.stem / "begun.json").unlink()
    wait_side(tiny, "base", DRAWN)
    assert path.read_bytes() == first


def test_what_the_run_has_answered_is_not_answered_again(tiny: RunDir) -> None:
    state = evaluate_side(tiny, "tuned")
    assert (state.state, state.done, state.answer["records"]) == ("done", 7, 7)
    assert not (tiny.path / "answers" / "tuned").exists()
    assert state.answer["weights_sha256"] == read_state(tiny).metrics["tuned"]["weights_sha256"]


def test_lines_that_are_written_are_kept_when_it_goes_on(tiny: RunDir, tmp_path: Path) -> None:
    chosen = Decoding(max_new_tokens=5)
    path = side_file(tiny, "base", chosen)
    request = {"run": str(tiny.path), "which": "base", "decoding": chosen.to_dict()}

    def stop(done: int, total: int) -> None:
        if done:
            raise Stopped

    with pytest.raises(Stopped):
        evaluating.evaluate_side(tmp_path, request, stop)
    kept = [{**line, "completion": "kept"} for line in read_lines(path)]
    assert 0 < len(kept) < 7
    assert read_summary(tiny, "base", chosen) is None
    with path.open("w") as file:
        file.writelines(json.dumps(line) + "\n" for line in kept)
        file.write('{"row": 6, "prom')
    evaluating.evaluate_side(tmp_path, request, lambda done, total: None)
    lines = list(read_lines(path))
    assert [line["row"] for line in lines] == list(range(7))
    assert [line["completion"] == "kept" for line in lines] == [line["row"] < len(kept) for line in lines]
    # Those of other weights are not kept.
    (tmp_path / "begun.json").write_text('{"weights_sha256": "other"}')
    evaluating.evaluate_side(tmp_path, request, lambda done, total: None)
    assert "kept" not in path.read_text()


def test_a_cancelled_run_with_a_checkpoint_is_evaluated(tiny: RunDir, tmp_path: Path) -> None:
    run_dir = copy_run(tiny, tmp_path)
    best = best_of(tiny)
    write_state(run_dir, RunState(run="run", state="cancelled"))
    for path in (*run_dir.final.iterdir(), *run_dir.metrics.parent.iterdir()):
        path.unlink()
    assert list_sides(run_dir) == ["base", *[which for which in list_sides(tiny) if "step" in which]]
    for which in ("base", best):
        assert wait_side(run_dir, which).answer["records"] == 7
    assert read_side(run_dir, best) == read_side(tiny, "tuned")
    assert read_side(run_dir, "base") == read_side(tiny, "base")
    with pytest.raises(RunError, match="has no tuned model: it is cancelled") as refused:
        evaluate_side(run_dir, "tuned")
    assert best in refused.value.hint


def copy_run(run_dir: RunDir, folder: Path) -> RunDir:
    shutil.copytree(run_dir.path, folder / "run", symlinks=True)
    return RunDir(folder / "run")


def test_a_base_that_is_gone_or_another_one_is_said(adapted: RunDir, tmp_path: Path) -> None:
    run_dir = copy_run(adapted, tmp_path)
    weights = run_dir.base / "model.safetensors"
    target = weights.readlink()
    weights.unlink()
    weights.symlink_to(tmp_path / "moved" / "model.safetensors")
    for which in ("base", best_of(run_dir)):
        with pytest.raises(RunError, match=r"The base model .* is gone: there is no .*moved"):
            evaluate_side(run_dir, which, Decoding(max_new_tokens=3))
    assert wait_side(run_dir, "tuned", Decoding(max_new_tokens=3)).state == "done"
    weights.unlink()
    from safetensors.torch import load_file, save_file

    changed = {name: weight + 1 for name, weight in load_file(target).items()}
    save_file(changed, weights, metadata={"format": "pt"})
    for which in ("base", best_of(run_dir)):
        with pytest.raises(RunError, match="is not the one that run run was measured with"):
            evaluate_side(run_dir, which, Decoding(max_new_tokens=3))


@pytest.mark.parametrize(
    ("which", "message"),
    [
        ("step-99", "has no complete checkpoint 'step-99'"),
        ("../../etc", "A run has no model '../../etc'"),
        ("step-01", "A run has no model"),
        ("adapter", "A run has no model"),
    ],
)
def test_a_model_that_there_is_not_is_said(tiny: RunDir, which: str, message: str) -> None:
    with pytest.raises(RunError, match=message):
        evaluate_side(tiny, which)


def test_a_run_without_a_test_part_or_at_work_is_said(tiny: RunDir, tmp_path: Path) -> None:
    run_dir = copy_run(tiny, tmp_path)
    spec = read_spec(run_dir).to_dict()
    del spec["data"]["test"]
    write_json(run_dir.spec_file, spec)
    with pytest.raises(RunError, match="has no test part"):
        evaluate_side(run_dir, best_of(tiny), Decoding(max_new_tokens=2))
    write_json(run_dir.spec_file, read_spec(tiny).to_dict())
    write_state(run_dir, RunState(run="run", state="running"))
    lock = hold_run(run_dir)
    with pytest.raises(RunError, match="Run run is still"):
        evaluate_side(run_dir, "base", Decoding(max_new_tokens=2))
    os.close(lock)


@pytest.mark.detail
def test_an_evaluation_in_a_process_of_its_own_is_stopped_and_goes_on(
    tiny: RunDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    from studio.task import start_task

    monkeypatch.setattr(answers.evaluating, "start_task", start_task)
    chosen = Decoding(max_new_tokens=300)
    assert evaluate_side(tiny, "tuned", chosen).goes_on
    assert evaluate_side(tiny, "tuned", chosen).goes_on
    stopped = stop_evaluation(tiny, "tuned", chosen)
    assert stopped is not None
    assert stopped.state == "stopped"
    assert wait_side(tiny, "tuned", chosen).answer["records"] == 7
    found = find_evaluation(tiny, "tuned", chosen)
    assert found is not None
    assert found.state == "done"


def ask(models: Models, **asked: Any) -> tuple[dict[str, Any], dict[str, dict[str, Any]], dict[str, str]]:
    """What was asked, the answers by model, and the text of each as it came."""
    said: list[dict[str, Any]] = []
    given = {"ask": 1, "decoding": Decoding(max_new_tokens=8).to_dict(), **asked}
    models.answer(given, lambda event, **values: said.append({"event": event, **values}), lambda: False)
    assert (said[0]["event"], said[-1]["event"]) == ("asked", "done")
    answers = {one["which"]: one for one in said if one["event"] == "answer"}
    pieces = [(one["which"], one["text"]) for one in said if one["event"] == "text"]
    return said[0], answers, {which: "".join(t for w, t in pieces if w == which) for which in answers}


def test_a_prompt_is_answered_as_the_test_record_was(tiny: RunDir) -> None:
    models = Models(tiny, ["base", "tuned"])
    for before, after in zip(read_side(tiny, "base"), read_side(tiny, "tuned"), strict=True):
        asked, answers, texts = ask(models, prompt=before["prompt"])
        assert (asked["prompt"], asked["cut"]) == (before["prompt"], False)
        for which, line in (("base", before), ("tuned", after)):
            assert (answers[which]["completion"], answers[which]["finished"]) == (
                line["completion"],
                line["finished"],
            )
            assert line["completion"].startswith(texts[which])
            assert answers[which]["weights_sha256"] == read_state(tiny).metrics[which]["weights_sha256"]


def test_messages_become_the_very_prompt_that_training_used(adapted: RunDir) -> None:
    models = Models(adapted, ["base", best_of(adapted)])
    for number, line in enumerate(read_side(adapted, "tuned")):
        turn = {"role": "user", "content": make_lines(3, 90)[number]["prompt"]}
        asked, answers, _ = ask(models, messages=[turn])
        assert asked["prompt"] == line["prompt"]
        assert "<|im_start|>assistant" in asked["prompt"]
        assert answers[best_of(adapted)]["completion"] == line["completion"]
        assert answers["base"]["completion"] == read_side(adapted, "base")[number]["completion"]


def test_a_seed_gives_the_same_text_again(tiny: RunDir) -> None:
    models = Models(tiny, ["tuned"])
    drawn = [ask(models, prompt="### Question:", decoding=DRAWN.to_dict())[1] for _ in range(2)]
    other = ask(models, prompt="### Question:", decoding=DRAWN.to_dict() | {"seed": 6})[1]
    assert drawn[0]["tuned"]["completion"] == drawn[1]["tuned"]["completion"] != other["tuned"]["completion"]


def test_a_prompt_that_is_too_long_is_cut_and_an_answer_that_is_refused(tiny: RunDir) -> None:
    models = Models(tiny, ["tuned"])
    asked, _, _ = ask(models, prompt="Box 1 is red. " * 600, decoding={"max_new_tokens": 1})
    assert asked["cut"]
    with pytest.raises(RunError, match="the model takes 2,048 tokens"):
        ask(models, prompt="Box", decoding={"max_new_tokens": 2_048})


def test_an_answer_that_is_not_wanted_any_more_ends(tiny: RunDir) -> None:
    said: list[dict[str, Any]] = []
    stopped: list[bool] = []

    def say(event: str, **values: Any) -> None:
        said.append({"event": event, **values})
        if event == "text":
            stopped.append(True)

    given = {"ask": 1, "prompt": "### Question:", "decoding": {"max_new_tokens": 900}}
    Models(tiny, ["base", "tuned"]).answer(given, say, lambda: bool(stopped))
    answers = [one for one in said if one["event"] == "answer"]
    assert {one["stopped"] for one in answers} == {True}
    assert sum(one["tokens"] for one in answers) < 100


def test_text_is_told_by_whole_characters(tiny: RunDir) -> None:
    from studio.train.answering.models import Told
    from studio.train.tiny import load_model

    _, tokenizer = load_model(tiny.base)
    told, pieces = Told(tokenizer), []
    for token in tokenizer("ä – 😀 end")["input_ids"]:
        pieces.append(told.add(token))
    assert "".join(pieces) == "ä – 😀 end"
    assert not any("\ufffd" in piece for piece in pieces)


@pytest.mark.detail
def test_a_try_in_a_process_of_its_own_is_kept(tiny: RunDir) -> None:
    prompt = read_side(tiny, "tuned")[0]["prompt"]
    record = try_prompt(tiny, take_prompt(prompt), Decoding(max_new_tokens=8))
    assert [one["completion"] for one in record["answers"]] == [
        read_side(tiny, which)[0]["completion"] for which in ("base", "tuned")
    ]
    assert list_tries(tiny)[0] == record
