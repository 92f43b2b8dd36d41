"""Fixtures that several modules share: settings in a temporary workspace, small files, real data."""

import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from studio.settings import Settings

Rows = list[dict[str, Any]]

# Two threads of torch on a pair of busy processors wait for one another far longer than one works.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# How long an example takes says how busy the machine is, and nothing else.
_UNTIMED = {"deadline": None, "suppress_health_check": [hypothesis.HealthCheck.too_slow]}
hypothesis.settings.register_profile("untimed", **_UNTIMED)
hypothesis.settings.load_profile("untimed")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(workspace=tmp_path / "workspace")


@pytest.fixture
def write_jsonl(tmp_path: Path) -> Callable[..., Path]:
    def write(rows: Rows, name: str = "data.jsonl") -> Path:
        path = tmp_path / name
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
        return path

    return write


@pytest.fixture
def question_rows() -> Rows:
    return [{"question": f"What is {n}?", "answer": f"It is the number {n}."} for n in range(20)]


@pytest.fixture(scope="session")
def course_data() -> Path:
    """The folder of the courses' data, or a skip that says how to name it."""
    folder = os.environ.get("STUDIO_TEST_DATA")
    if not folder:
        pytest.skip("STUDIO_TEST_DATA names no folder with lamini_docs.jsonl.gz and instruction-data.json")
    return Path(folder)


@pytest.fixture
def lamini_docs(course_data: Path, tmp_path: Path) -> Path:
    path = tmp_path / "lamini_docs.jsonl"
    path.write_bytes(gzip.decompress((course_data / "lamini_docs.jsonl.gz").read_bytes()))
    return path


@pytest.fixture
def instruction_data(course_data: Path, tmp_path: Path) -> Path:
    path = tmp_path / "instruction-data.json"
    path.write_bytes((course_data / "instruction-data.json").read_bytes())
    return path


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests go last: they are the slowest, and Playwright keeps an event loop in the thread."""
    items.sort(key=lambda item: item.get_closest_marker("e2e") is not None)
