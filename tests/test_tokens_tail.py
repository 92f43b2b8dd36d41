"""The tail of a prompt gives the tokens and the mask that the whole prompt gives, whatever stands in it."""

from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from studio.record import Example
from studio.tokens.tail import find_tail
from studio.tokens.tiny import train_tiny
from studio.tokens.tokenizer import Tokenizer
from tests.examples import examples

PIECES = [
    *(
        " ",
        "  ",
        "\n",
        "\n\n",
        "\t",
        "\u00a0",
        "\u2003",
        "a",
        "It",
        "is",
        "said",
        "7",
        "42",
        "'s",
        "'ll",
        ".",
    ),
    *(
        "### ",
        "Response:",
        "\n### Response:",
        "é",
        "größe",
        "日本語",
        "😀",
        "\u202e",
        "<|endoftext|>",
        "<|end",
    ),
]
TEXTS = [
    "### Instruction:\nSay it in words.\n\n### Response:",
    "It's said that 42 is größe 日本語.",
    "  is\n\n  said 7 ",
] * 5

text = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


@pytest.fixture(scope="module")
def tokenizers() -> tuple[Tokenizer, Tokenizer]:
    """One that looks at tails, and one that looks at whole prompts."""
    bpe, about = train_tiny(TEXTS, [])
    return Tokenizer(bpe, about), Tokenizer(bpe, replace(about, source="folder"))


@pytest.mark.parametrize(
    ("prompt", "tail"),
    [
        ("### Instruction:\nSay it.\n\n### Response:", " Response:"),
        ("Say it. ", " it. "),
        ("Say 7", "Say 7"),
        ("a  b", "a  b"),
        ("日本 a", "日本 a"),
        (" a", " a"),
        ("", ""),
    ],
)
def test_a_tail_begins_with_the_last_word_that_surely_begins(prompt: str, tail: str) -> None:
    assert prompt[find_tail(prompt) :] == tail


@settings(max_examples=examples(300), deadline=None)
@given(prompt=text, completion=text)
@example(prompt="Say it. ", completion=" is")
@example(prompt="Say it.\n", completion="\nis")
@example(prompt="It said", completion="'s")
def test_tails_and_whole_prompts_give_the_same(
    tokenizers: tuple[Tokenizer, Tokenizer], prompt: str, completion: str
) -> None:
    asked = [Example(type="prompt-completion", prompt=prompt, completion=completion)]
    [short], [whole] = (tokenizer.encode(asked) for tokenizer in tokenizers)
    assert (short.ids, short.answers, short.merged) == (whole.ids, whole.answers, whole.merged)
