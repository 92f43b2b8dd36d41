"""kill -9 of the server at its every line while it launches, cancels, resumes, removes, names or orders."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    "stride",
    [pytest.param(11, marks=pytest.mark.detail), pytest.param(1, marks=pytest.mark.nightly)],
)
def test_a_server_killed_in_the_middle_of_a_transition_leaves_the_runs_as_before_or_after(
    tmp_path: Path, stride: int
) -> None:
    command = [sys.executable, "-m", "tests.job_kills", str(tmp_path), str(stride)]
    with (tmp_path / "said").open("wb") as said:  # a file: the workers that it starts outlive it
        subprocess.run(command, stdout=said, stdin=subprocess.DEVNULL, check=True, cwd=ROOT)
    found = json.loads((tmp_path / "said").read_text())
    points = sum(kind["points"] for kind in found.values())
    wrong = [f"{name}: {one}" for name, kind in found.items() for one in kind["wrong"]]
    print(f"K5: the server killed at {points} lines of {', '.join(found)}: {len(wrong)} wrong, 0 lost")
    assert wrong == []
    assert all(kind["points"] for kind in found.values())
