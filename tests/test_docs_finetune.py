"""docs/finetune.md says what the code does: its tables are read here and held against the registry."""

import re
from pathlib import Path
from typing import Any, get_args

import pytest
import typer.main

from studio.cli import app
from studio.run import STALLED_AFTER, RunPhase
from studio.run.checkpoints import KEPT
from studio.takeaway.modelfile import FAMILIES
from studio.tokens.chosen import HELD_BACK, SCORED_ROWS, TRAIN_ROWS
from studio.tokens.tiny import VOCABULARY
from studio.training import OPTIONS
from studio.weights import Description, choose_defaults
from studio.weights.memory import MOST, STATE_BYTES

PAGE = (Path(__file__).parent.parent / "docs" / "finetune.md").read_text(encoding="utf-8")
WORDS = {"million": 1_000_000, "billion": 1_000_000_000}


def rows_below(head: str) -> list[list[str]]:
    """The table whose head begins with these cells, cell by cell, without its backticks."""
    lines = PAGE.split(f"\n| {head} |")[1].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines]


def test_every_option_is_explained_in_the_order_of_the_registry() -> None:
    told = {name: rest for name, *rest in rows_below("option")}
    assert list(told) == list(OPTIONS)
    for name, (label, wanted, words, tiny) in told.items():
        option = OPTIONS[name]
        assert label == option.label, name
        assert f"Give {wanted}." == option.wanted, name
        assert (tiny == "yes") == option.tiny, name
        assert len(words) >= 40, name


@pytest.mark.parametrize("row", rows_below("weights | records"), ids=" of ".join)
def test_what_is_left_open_is_chosen_as_the_page_says(row: list[str]) -> None:
    size, records, *values = row
    number, word = size.split()
    model = Description(name="m", kind="hub", parameters=int(number) * WORDS[word])
    chosen = choose_defaults(model, int(records.replace(",", "")))
    names = [name.strip("` ") for name in PAGE.split("\n| weights | records |")[1].splitlines()[0].split("|")]
    told = dict(zip([name for name in names if name], values, strict=True))
    assert {name: _spell(chosen[name]) for name in told} == told


def _spell(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value:g}"


def test_every_state_and_every_reason_is_named() -> None:
    assert {name for name, _ in rows_below("state")} == set(get_args(RunPhase))
    faults = (Path(__file__).parent.parent / "studio" / "run" / "faults.py").read_text(encoding="utf-8")
    kinds = re.search(r"^Kinds: (.*?)\.", faults, re.MULTILINE)
    assert kinds is not None
    assert [name for name, _ in rows_below("why it failed")] == kinds[1].split(", ")


def test_every_command_is_one_of_the_command_line() -> None:
    root: Any = typer.main.get_command(app)
    commands = [
        command.split() for command in re.findall(r"^(?:\| `)?studio ([a-z]+(?: [a-z]+)?)", PAGE, re.M)
    ]
    assert len(commands) > 8
    for first, *rest in commands:
        found = root.commands[first]
        if rest and hasattr(found, "commands"):
            assert rest[0] in found.commands, (first, rest)
    taken = {name.split()[2] for name, _ in rows_below("command")}
    assert taken == {"files", "download", "card", "modelfile", "push"}


def test_the_figures_are_those_of_the_code() -> None:
    for words in (
        f"a vocabulary of at most {VOCABULARY:,} tokens",
        f"reads at most {TRAIN_ROWS:,} records",
        f"scores at most {SCORED_ROWS:,} of the test part",
        f"{HELD_BACK:.0%} of the train part".replace("%", " %"),
        f"Over {MOST:.0%} of what is free".replace("%", " %"),
        f"about {STATE_BYTES} bytes of memory",
        f"not been heard of for {STALLED_AFTER:g} seconds",
        f"The newest {({2: 'two'})[KEPT]} and the\nbest one",
    ):
        assert words in PAGE, words
    assert ", ".join(sorted(set(FAMILIES.values()) - {"Qwen"})) == "Gemma, Llama, Mistral"
    assert "Llama, Mistral, Gemma and Qwen\n  families" in PAGE


def test_the_page_is_plain() -> None:
    assert "http" not in PAGE.replace("https://download.pytorch.org/whl/cpu", "")
    assert max(len(line) for line in PAGE.splitlines() if not line.startswith("|")) <= 130
