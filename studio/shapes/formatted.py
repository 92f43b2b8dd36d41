"""Cells that hold the marks of a template already, so that none is applied twice.

    "### Question:\\nWhat is LoRA?\\n\\n### Answer:"   →   the marks ### Question: and ### Answer:

A mark counts where a template would have put it: a heading at the start of a line, the mark of a turn before
its role. A column is called formatted from a share of the records on, so that a text which only speaks of
such marks is not.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

FORMATTED_SHARE = 0.2
"""From this share of the records looked at on, a column is called formatted."""

_HEAD, _TAIL = 8_000, 2_000  # the marks of a cell stand at its beginning or its end


@dataclass(frozen=True, slots=True, kw_only=True)
class Formatted:
    """A column that holds `marks` in `records` of the records looked at, as the `style` would write them.

    `style` is None for marks that no style of the library writes.
    """

    column: str
    marks: tuple[str, ...]
    style: str | None
    records: int
    of: int

    @property
    def mostly(self) -> bool:
        """Whether it is so in half of the records or more."""
        return self.records * 2 >= self.of


@dataclass(frozen=True, slots=True)
class _Family:
    """Marks that belong together: each as it is shown, with its pattern; a cell must hold `needed` of them.

    `answer` is the pattern of the mark after which the answer stands. Of `styles` the first whose pattern is
    found in the cell is the one that wrote it.
    """

    marks: Mapping[str, str]
    answer: str
    styles: Mapping[str, str | None]
    needed: int = 1


def _head(*words: str) -> dict[str, str]:
    return {f"### {word}:": rf"^###[ \t]*{word}:" for word in words}


_ROLE = "(?:system|user|assistant|model|tool)"
_FAMILIES = (
    _Family(
        {"### Instruction:": r"^###[ \t]*Instruction:", **_head("Response")},
        r"^###[ \t]*Response:",
        {
            r"^### End\b": "dolly",
            "^Below is an instruction.*paired with an input": "alpaca",
            "^Below is an instruction": "alpaca-short",
            "": "instruction-response",
        },
    ),
    _Family(
        _head("Question", "Answer"),
        r"^###[ \t]*Answer:",
        {r"^###[ \t]*Context:": "rag", "": "question-answer"},
    ),
    _Family(_head("Input", "Output"), r"^###[ \t]*Output:", {"": "input-output"}, needed=2),
    _Family(_head("Human", "Assistant"), r"^###[ \t]*Assistant:", {"": None}),
    _Family(
        {"<|im_start|>": rf"<\|im_start\|>{_ROLE}\n", "<|im_end|>": r"<\|im_end\|>\s*\Z"},
        r"<\|im_start\|>assistant\n",
        {r"^You are Qwen, created by Alibaba": "qwen", "": "chatml"},
    ),
    _Family(
        {
            "<|start_header_id|>": rf"<\|start_header_id\|>{_ROLE}<\|end_header_id\|>",
            "<|eot_id|>": r"<\|eot_id\|>\s*\Z",
        },
        r"<\|start_header_id\|>assistant<\|end_header_id\|>",
        {"": "llama-3"},
    ),
    _Family(
        {"[INST]": r"\[INST\]", "[/INST]": r"\[/INST\]"},
        r"\[/INST\]",
        {r"<<SYS>>": "llama-2", "": "mistral"},
        needed=2,
    ),
    _Family(
        {
            "<start_of_turn>": rf"<start_of_turn>{_ROLE}\n",
            "<end_of_turn>": r"<end_of_turn>\s*\Z",
        },
        r"<start_of_turn>model\n",
        {"": "gemma"},
    ),
    _Family(
        {"<|user|>": r"<\|user\|>\s", "<|assistant|>": r"<\|assistant\|>(?:\s|\Z)"},
        r"<\|assistant\|>",
        {r"</s>": "zephyr", "": "phi-3"},
        needed=2,
    ),
    _Family(
        {"USER:": r"(?:^|\s)USER: ", "ASSISTANT:": r"\sASSISTANT:"}, r"\sASSISTANT:", {"": "vicuna"}, needed=2
    ),
    _Family(
        {"User:": r"^User: ", "Assistant:": r"^Assistant:"},
        r"^Assistant:",
        {"": "user-assistant"},
        needed=2,
    ),
    _Family({"Human:": r"^Human: ", "Assistant:": r"^Assistant:"}, r"^Assistant:", {"": None}, needed=2),
)
_FLAGS = re.MULTILINE
ANY_MARK = r"###|<\||\[INST\]|_of_turn>|(?:USER|ASSISTANT|User|Human):"
"""One of these stands in every cell that holds a mark; most cells are told by it in one go."""
_ANY = re.compile(ANY_MARK)


def detect_formatted(records: Sequence[Mapping[str, Any]], names: Sequence[str]) -> tuple[Formatted, ...]:
    """The columns that hold a template's marks, in the order of `names`; empty when none does."""
    found = (_look_into(name, records) for name in names)
    return tuple(one for one in found if one is not None)


def find_marks(cell: str) -> tuple[str, ...]:
    """The marks that one cell holds, of the family of which it holds the most; none in most cells."""
    cut = _cut_cell(cell)
    if not _ANY.search(cut):
        return ()
    found = [tuple(_marks_in(family, cut)) for family in _FAMILIES]
    return max(found, key=lambda marks: len(marks))


def holds_answer(formatted: Formatted, records: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the answer stands in most of the formatted cells too, after its mark."""
    family = next(one for one in _FAMILIES if set(formatted.marks) <= set(one.marks))
    cells = [cell for cell in _iter_cells(formatted.column, records) if _marks_in(family, cell)]
    return sum(_ends_answered(family, cell) for cell in cells) * 2 > len(cells)


def _look_into(name: str, records: Sequence[Mapping[str, Any]]) -> Formatted | None:
    cells = list(_iter_cells(name, records))
    best: Formatted | None = None
    for family in _FAMILIES:
        held = [(cell, marks) for cell in cells if (marks := _marks_in(family, cell))]
        if len(held) < max(1, FORMATTED_SHARE * len(records)) or (best and best.records >= len(held)):
            continue
        seen = {mark for _, marks in held for mark in marks}
        best = Formatted(
            column=name,
            marks=tuple(mark for mark in family.marks if mark in seen),
            style=_name_style(family, [cell for cell, _ in held]),
            records=len(held),
            of=len(records),
        )
    return best


def _iter_cells(name: str, records: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The texts of a column in which a mark may stand; of a long one its beginning and its end."""
    for record in records:
        cell = record.get(name)
        if isinstance(cell, str) and _ANY.search(cell):
            yield _cut_cell(cell)


def _cut_cell(cell: str) -> str:
    return cell if len(cell) <= _HEAD + _TAIL else f"{cell[:_HEAD]}\n{cell[-_TAIL:]}"


def _marks_in(family: _Family, cell: str) -> list[str]:
    held = [mark for mark, pattern in family.marks.items() if re.search(pattern, cell, _FLAGS)]
    return held if len(held) >= family.needed else []


def _ends_answered(family: _Family, cell: str) -> bool:
    """Whether something stands after the last mark of an answer; earlier turns do not count."""
    marks = list(re.finditer(family.answer, cell, _FLAGS))
    return bool(marks) and bool(cell[marks[-1].end() :].strip())


def _name_style(family: _Family, cells: Sequence[str]) -> str | None:
    """The style that wrote most of these cells."""
    written = [
        next(style for pattern, style in family.styles.items() if re.search(pattern, cell, _FLAGS))
        for cell in cells
    ]
    return max(dict.fromkeys(written), key=written.count)
