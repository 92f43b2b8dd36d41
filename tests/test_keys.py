"""Keys: what counts as the same text, over a table as in plain Python; and which text of a record it is."""

import unicodedata

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.errors import TableError
from studio.keys import iter_keys, iter_prompts, normalise_texts
from studio.pipeline import load_table
from studio.source import parse_source
from studio.styles import style_template
from studio.template import parse_template

# What this Python's Unicode knows; of the rest a later version may say something else.
KNOWN = st.characters(exclude_categories=["Cs", "Cn"])
TRICKY = st.sampled_from([*"aA ßẞſςΣσİIıǅﬁ½①ＡｶﾞがᾳᾼᏸꭰⅧ", "e\u0301", *"\u0345\u00a0\u2028\u3000\x1c\x85\n\t"])


def normalise(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def normalised(texts: list[str]) -> list[str]:
    return normalise_texts(pl.Series(texts, dtype=pl.String)).to_list()


@given(st.lists(st.text(KNOWN) | st.lists(TRICKY | KNOWN, max_size=12).map("".join), max_size=8))
def test_a_column_is_normalised_as_a_text_is_in_plain_python(texts):
    assert normalised(texts) == [normalise(text) for text in texts]


def test_every_character_is_normalised_as_in_plain_python():
    chars = [char for char in map(chr, range(0x110000)) if unicodedata.category(char) not in ("Cs", "Cn")]
    texts = [f"x{char}y {char}" for char in chars]
    assert normalised(texts) == [normalise(text) for text in texts]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("What is  LoRA?\n", "what is lora?"),
        ("\tStraße\u00a0 1", "STRASSE 1"),
        ("caf\u00e9", "CAFE\u0301"),
        ("ΟΔΟΣ", "οδος"),
        ("", " \n\u3000"),
    ],
)
def test_texts_that_read_the_same_have_one_key(one, other):
    assert normalised([one]) == normalised([other])


def test_the_series_that_is_given_stays_as_it_is():
    texts = pl.Series(["①", "É"])
    normalise_texts(texts)
    assert texts.to_list() == ["①", "É"]


def load(settings, tmp_path, path):
    return load_table(parse_source(str(path)), tmp_path / "table", settings)


def test_keys_are_those_of_the_records_asked(settings, tmp_path, write_jsonl):
    rows = [{"q": "A  b", "n": 1}, {"q": None, "n": 2}, {"n": 3}, {"q": ["x"], "n": 4}]
    table = load(settings, tmp_path, write_jsonl(rows))

    def keys(column, rows=None, *, normalised=True):
        return pl.concat(iter_keys(table, column, rows, normalised=normalised)).to_list()

    assert keys("q") == ["a b", "", "", '["x"]']
    assert keys("q", normalised=False) == ["A  b", "", "", '["x"]']
    left = pl.Series([0, 3], dtype=pl.UInt32).to_numpy()
    assert keys("n", left) == ["1", "4"]
    with pytest.raises(TableError, match="No column named nope"):
        list(iter_keys(table, "nope", None, normalised=True))


def test_a_prompt_is_what_is_given_before_the_answer(settings, tmp_path, write_jsonl):
    table = load(settings, tmp_path, write_jsonl([{"question": "Why?", "answer": "So."}] * 2))

    def prompts(template):
        return pl.concat(iter_prompts(table, template, None)).to_list()

    assert (
        prompts(style_template("question-answer", table.names, {})) == ["### question: why? ### answer:"] * 2
    )
    turns = [("system", "Be kind."), ("user", "{question}"), ("assistant", "{answer}"), ("user", "Thanks.")]
    chat = {"messages": [{"role": role, "content": content} for role, content in turns]}
    assert prompts(parse_template(chat)) == ["be kind. why?"] * 2
    assert prompts(parse_template({"text": "{question} {answer}"})) == ["why? so."] * 2
    assert prompts(parse_template({"prompt": "Say it.", "completion": "{answer}"})) == ["say it."] * 2
