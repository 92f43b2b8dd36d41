"""Checkpoints: whole or not there, whatever is cut. Plain files stand in for the trainer's; no torch."""

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from studio.run.checkpoints import (
    COMPLETE,
    complete_checkpoint,
    is_complete,
    is_last,
    newest_complete,
    take_up,
)

FILES = ("model.safetensors", "optimizer.pt", "scheduler.pt", "rng_state.pth", "config.json")


def write_checkpoint(folder: Path, step: int, *, best: int = 0, **state: object) -> Path:
    """What transformers leaves at a save: nothing says that it is whole."""
    written = folder / f"checkpoint-{step}"
    written.mkdir(parents=True)
    for name in FILES:
        (written / name).write_bytes(random.Random(f"{name}{step}").randbytes(2_000))
    values = {"global_step": step, "max_steps": 90, "best_global_step": best or None, **state}
    (written / "trainer_state.json").write_text(json.dumps(values))
    return written


def save_checkpoint(folder: Path, step: int, *, best: int = 0, **state: object) -> Path:
    write_checkpoint(folder, step, best=best, **state)
    return complete_checkpoint(folder, step)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_saved_checkpoint_is_complete_and_says_how_large_each_file_is(tmp_path: Path) -> None:
    path = save_checkpoint(tmp_path, 10)
    assert names(tmp_path) == ["step-10"]
    sizes = json.loads((path / COMPLETE).read_text())
    assert sizes["optimizer.pt"] == 2_000
    assert set(sizes) == {*FILES, "trainer_state.json"}
    assert newest_complete(tmp_path) == path


def test_a_checkpoint_that_was_never_completed_is_none(tmp_path: Path) -> None:
    assert newest_complete(tmp_path / "none") is None
    write_checkpoint(tmp_path, 10)
    assert newest_complete(tmp_path) is None


@pytest.mark.parametrize("lost", [*FILES, "trainer_state.json", COMPLETE])
def test_a_checkpoint_that_lacks_a_file_is_passed_over(tmp_path: Path, lost: str) -> None:
    older = save_checkpoint(tmp_path, 10)
    newer = save_checkpoint(tmp_path, 20)
    (newer / lost).unlink()
    assert newest_complete(tmp_path) == older


@pytest.mark.parametrize("without", ["optimizer.pt", "scheduler.pt", "rng_state.pth", "model.safetensors"])
def test_a_save_that_forgot_what_a_resume_needs_is_not_complete(tmp_path: Path, without: str) -> None:
    (write_checkpoint(tmp_path, 10) / without).unlink()
    assert not is_complete(complete_checkpoint(tmp_path, 10))


def test_the_newest_checkpoint_cut_at_50_random_bytes_is_never_used(tmp_path: Path) -> None:
    older = save_checkpoint(tmp_path, 10)
    newer = save_checkpoint(tmp_path, 20)
    draw = random.Random(6)
    files = sorted(newer.iterdir())
    used = 0
    for _ in range(50):
        file = draw.choice(files)
        whole = file.read_bytes()
        file.write_bytes(whole[: draw.randrange(len(whole))])
        used += newest_complete(tmp_path) == older
        file.write_bytes(whole)
    print(f"K6: the last complete checkpoint was used {used}/50 times")
    assert used == 50
    assert newest_complete(tmp_path) == newer


KILLED = """
import os, sys
from pathlib import Path
from studio import durable
from studio.run import checkpoints
left, done = int(sys.argv[2]), 0
def count(name):
    real = getattr(durable, name)
    def call(*given):
        global done
        done += 1
        if done > left:
            os._exit(9)
        return real(*given)
    setattr(durable, name, call)
    if hasattr(checkpoints, name):
        setattr(checkpoints, name, call)
for name in ("sync_path", "name_aside", "remove_folder"):
    count(name)
checkpoints.complete_checkpoint(Path(sys.argv[1]), 20)
os._exit(done)
"""


def test_a_worker_killed_while_it_completes_a_checkpoint_leaves_the_older_or_the_newer(
    tmp_path: Path,
) -> None:
    kept = set()
    for left in range(0, 15, 2):
        folder = tmp_path / str(left)
        save_checkpoint(folder, 10)
        write_checkpoint(folder, 20, best=10)
        subprocess.run([sys.executable, "-c", KILLED, str(folder), str(left)], check=False)
        found = take_up(folder)
        assert found is not None
        kept.add(found.name)
        assert all(name.startswith("step-") for name in names(folder))
    assert kept == {"step-10", "step-20"}


def test_the_best_and_the_two_newest_stay(tmp_path: Path) -> None:
    for step in (10, 20, 30, 40, 50):
        save_checkpoint(tmp_path, step, best=10)
    assert names(tmp_path) == ["step-10", "step-40", "step-50"]


def test_a_checkpoint_whose_best_one_is_torn_is_not_gone_on_from(tmp_path: Path) -> None:
    for step, best in ((10, 10), (20, 20), (30, 20)):
        save_checkpoint(tmp_path, step, best=best)
    assert newest_complete(tmp_path) == tmp_path / "step-30"
    (tmp_path / "step-20" / "model.safetensors").write_bytes(b"")
    assert newest_complete(tmp_path) is None


def test_going_on_clears_away_what_is_torn_or_later(tmp_path: Path) -> None:
    save_checkpoint(tmp_path, 9)
    save_checkpoint(tmp_path, 100)
    (tmp_path / "step-100" / "optimizer.pt").unlink()
    write_checkpoint(tmp_path, 110)
    assert take_up(tmp_path) == tmp_path / "step-9"
    assert names(tmp_path) == ["step-9"]


def test_the_trainers_own_account_names_the_best_checkpoint_where_it_lies(tmp_path: Path) -> None:
    path = save_checkpoint(tmp_path, 10, best=10)
    state = json.loads((path / "trainer_state.json").read_text())
    assert state["best_model_checkpoint"] == str(path)


def test_a_checkpoint_knows_whether_the_training_was_over(tmp_path: Path) -> None:
    def stopping(waited: int) -> dict[str, object]:
        counter = {"early_stopping_patience_counter": waited}
        return {
            "EarlyStoppingCallback": {"args": {"early_stopping_patience": 3}, "attributes": counter},
        }

    assert not is_last(save_checkpoint(tmp_path / "a", 10))
    assert is_last(save_checkpoint(tmp_path / "b", 90))
    assert not is_last(save_checkpoint(tmp_path / "c", 10, stateful_callbacks=stopping(2)))
    assert is_last(save_checkpoint(tmp_path / "d", 10, stateful_callbacks=stopping(3)))
