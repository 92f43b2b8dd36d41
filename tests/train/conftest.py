"""Fixtures of the worker's tests; nothing here needs torch until it is used."""

from typing import Any

import pytest

from tests.train.small_runs import make_lines


@pytest.fixture(scope="session")
def rows() -> list[Any]:
    from studio.train.data import Row

    return [Row(row=number, **line) for number, line in enumerate(make_lines(40))]


@pytest.fixture(scope="session")
def tokenizer(rows: list[Any]) -> Any:
    from studio.train.tiny import make_tokenizer

    return make_tokenizer(rows, [])
