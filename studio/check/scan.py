"""The pass: every record is rendered as an export renders it, and encoded as training encodes it.

    scan_table(table, template, rows, tokenizer)   →   2 000 records, 2 000 records, …

Memory holds one batch. Knows nothing of processes, nor of what is said of what was found.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray
from polars import selectors as cs

from studio.check.arrays import Flag, Scanned
from studio.check.signs import express_signs
from studio.errors import TemplateError
from studio.record import Example, Message
from studio.table import Table
from studio.template import Template, fields_of
from studio.tokens import Tokenizer, Tokens
from studio.tokens.chat import ChatRefusedError

BATCH = 2_000
_BATCH_BYTES = 32 << 20
_CHARACTERS = 2 << 20  # that are encoded at once: a token takes some hundred bytes while it is looked at
_RETRIED = 32  # examples that are encoded at once when one among them was refused

Rows = NDArray[np.uint32]


def scan_table(
    table: Table, template: Template, rows: Rows | None, tokenizer: Tokenizer, batch: int | None = None
) -> Iterator[tuple[Scanned, str]]:
    """What is found of the records at `rows`, or of all, in table order, a batch at a time.

    With it come the words on the first of them that does not render; empty when all do. Raises TokenizerError
    when examples of this type cannot be encoded at all.
    """
    fields = template.render_column(table.columns)
    signs = express_signs(template, table.columns, tokenizer.special_texts)
    wanted = [expression.alias(name) for name, expression in fields.items()]
    wanted += [expression.alias(_name(flag)) for flag, expression in signs.items()]
    names = [*template.columns, table.bookkeeping.missing]
    start = 0
    for block in table.iter_batches(batch or _fit_batch(table), names):
        inside = _choose(rows, start, len(block))
        start += len(block)
        if len(inside) == 0:
            continue
        chosen = block if len(inside) == len(block) else block[(inside - (start - len(block))).tolist()]
        # with_columns: a template without a placeholder has one text for all of the rows.
        frame = chosen.lazy().with_columns(wanted).select([*fields, *map(_name, signs)]).collect()
        found = Scanned.empty(len(inside))
        found.row[:] = inside
        for flag in signs:
            found.flags[frame[_name(flag)].to_numpy()] |= np.uint32(flag)
        yield found, _encode(found, _list_examples(frame, template), table, template, tokenizer)


def _name(flag: Flag) -> str:
    return f"flag {flag.value}"


def _fit_batch(table: Table) -> int:
    """How many records are read at once: fewer of long ones."""
    return max(1, min(BATCH, _BATCH_BYTES * len(table) // max(1, table.bytes)))


def _choose(rows: Rows | None, start: int, count: int) -> Rows:
    if rows is None:
        return np.arange(start, start + count, dtype=np.uint32)
    low, high = np.searchsorted(rows, [start, start + count])
    return rows[low:high]


def _encode(
    found: Scanned, examples: list[Example | None], table: Table, template: Template, tokenizer: Tokenizer
) -> str:
    """Note what the tokens of the examples say; returns why the first that does not render does not."""
    problems: dict[int, str] = {}
    there = [(place, example) for place, example in enumerate(examples) if example is not None]
    lacking = next((place for place, example in enumerate(examples) if example is None), None)
    for some in _cut_batch(there):
        encoded = _encode_each(tokenizer, [example for _, example in some])
        for (place, example), tokens in zip(some, encoded, strict=True):
            if isinstance(tokens, Tokens):
                _note(found, place, tokens, _find_blank(example))
            else:
                found.flags[place] |= np.uint32(Flag.NOT_RENDERED)
                problems[place] = tokens.message
    if lacking is not None:
        found.flags[[example is None for example in examples]] |= np.uint32(Flag.NOT_RENDERED)
        problems[lacking] = _explain(table, template, int(found.row[lacking]))
    return problems[min(problems)] if problems else ""


def _cut_batch(examples: list[tuple[int, Example]]) -> Iterator[list[tuple[int, Example]]]:
    """The examples in order, as many at once as have no more than so many characters, or one."""
    held: list[tuple[int, Example]] = []
    characters = 0
    for place, example in examples:
        own = len(example.text) + len(example.prompt) + len(example.completion)
        own += sum(len(message.content) for message in example.messages)
        if held and characters + own > _CHARACTERS:
            yield held
            held, characters = [], 0
        held.append((place, example))
        characters += own
    if held:
        yield held


def _encode_each(tokenizer: Tokenizer, examples: Sequence[Example]) -> list[Tokens | ChatRefusedError]:
    """The tokens of each example, or why the chat template does not take it."""
    try:
        return list(tokenizer.encode(examples))
    except ChatRefusedError as error:
        refused, done = error, error.place + 1
    found: list[Tokens | ChatRefusedError] = list(tokenizer.encode(examples[: refused.place]))
    found.append(refused)
    for start in range(done, len(examples), _RETRIED):
        found += _encode_each(tokenizer, examples[start : start + _RETRIED])
    return found


def _explain(table: Table, template: Template, row: int) -> str:
    try:
        template.render(table.record(row))
    except TemplateError as error:
        return error.message
    raise AssertionError(f"the record at {row} renders alone, but not with the others")


def _list_examples(frame: pl.DataFrame, template: Template) -> list[Example | None]:
    """The examples of a rendered frame; None for a conversation that has no shape to render."""
    kind = template.type
    texts = frame.select(cs.by_name(*fields_of(kind))).rows()
    if kind == "text":
        return [Example(type="text", text=text) for (text,) in texts]
    if kind == "prompt-completion":
        return [
            Example(type="prompt-completion", prompt=prompt, completion=completion)
            for prompt, completion in texts
        ]
    return [
        None if turns is None else Example(type="messages", messages=tuple(Message(**turn) for turn in turns))
        for (turns,) in texts
    ]


def _find_blank(example: Example) -> Flag:
    if example.type == "text":
        return Flag.BLANK_COMPLETION if _is_blank(example.text) else Flag(0)
    if example.type == "messages":
        prompts = [turn.content for turn in example.messages if turn.role != "assistant"]
        completions = [turn.content for turn in example.messages if turn.role == "assistant"]
    else:
        prompts, completions = [example.prompt], [example.completion]
    found = Flag.BLANK_PROMPT if all(map(_is_blank, prompts)) else Flag(0)
    return found | (Flag.BLANK_COMPLETION if all(map(_is_blank, completions)) else Flag(0))


def _is_blank(text: str) -> bool:
    return not text or text.isspace()


def _note(found: Scanned, place: int, tokens: Tokens, flags: Flag) -> None:
    stop = tokens.answers[-1][1] if tokens.answers else 0
    found.length[place], found.first[place], found.stop[place] = tokens.length, tokens.first_trained, stop
    if tokens.merged:
        flags |= Flag.MERGED_BOUNDARY
    if tokens.double_start:
        flags |= Flag.DOUBLE_START
    if stop and not tokens.end_trained:
        flags |= Flag.END_NOT_TRAINED
    found.flags[place] |= np.uint32(flags)
