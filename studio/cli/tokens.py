"""The tokens of rendered examples, for `studio render --tokenizer`."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from studio.recipe import Recipe
from studio.record import Example
from studio.table import Table
from studio.tokenizing import prepare_tokenizer
from studio.tokens import Tokens, open_tokenizer
from studio.workspace import Workspace


def describe_tokens(
    work: Workspace,
    recipe: Recipe,
    table: Table,
    examples: Sequence[Example],
    tokenizer: str,
    max_length: int | None,
) -> list[dict[str, Any]]:
    """Of each example `tokens` and `length`; with a max length which are cut, and its fate.

    `tiny` is the one of this recipe. Raises TokenizerError.
    """
    folder = prepare_tokenizer(work, recipe, table, tokenizer, _show_progress)
    with open_tokenizer(folder) as opened:
        return [_describe(tokens, max_length) for tokens in opened.encode(examples)]


def token_lines(answer: Mapping[str, Any]) -> Iterator[str]:
    """The same for people: tokens with bars between them, a + before those that are learnt."""
    tokens = answer["tokens"]
    learnt = sum(token["trained"] for token in tokens)
    fate = f", {answer['fate']} within {answer['max_length']:,}" if "fate" in answer else ""
    yield f"[{answer['length']:,} tokens, {learnt:,} learnt{fate}]"
    for trained, group in groupby(tokens, key=lambda token: bool(token["trained"])):
        texts = "|".join(repr(token["text"])[1:-1] for token in group)
        yield f"{'+' if trained else ' '} {texts}"


def _describe(tokens: Tokens, max_length: int | None) -> dict[str, Any]:
    described = [
        {"id": token, "text": tokens.text[start:stop], "trained": trained, "special": special}
        for token, (start, stop), trained, special in zip(
            tokens.ids, tokens.spans, tokens.trained, tokens.special, strict=True
        )
    ]
    answer: dict[str, Any] = {"tokens": described, "length": tokens.length}
    if max_length is None:
        return answer
    for place, token in enumerate(described):
        token["cut"] = place >= max_length
    return answer | {"max_length": max_length, "fate": tokens.fate(max_length)}


def _show_progress(words: str) -> None:
    if sys.stderr.isatty():
        print(words, file=sys.stderr)
