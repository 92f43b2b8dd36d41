"""What is asked and what is answered, as text over a whole table."""

import json

import polars as pl
import pytest

from studio.record import Column
from studio.template import parse_template
from studio.template.sides import asked_columns, express_answered, express_asked, express_given, express_whole

COLUMNS = (Column(name="q", type="text"), Column(name="a", type="text"), Column(name="turns", type="json"))
TURNS = [
    {"role": "user", "content": "Hi"},
    {"role": "assistant", "content": "Hello"},
    {"role": "user", "content": "Bye"},
]


def sides(template, turns=TURNS):
    template = parse_template(template)
    frame = pl.DataFrame({"q": ["Why?"], "a": ["So."], "turns": [json.dumps(turns)]})
    found = {
        "asked": express_asked(template, COLUMNS),
        "answered": express_answered(template, COLUMNS),
        "whole": express_whole(template, COLUMNS),
    }
    texts = frame.with_columns(**{name: text for name, text in found.items() if text is not None})
    return [texts[name][0] if found[name] is not None else None for name in found], asked_columns(template)


@pytest.mark.parametrize(
    ("template", "texts", "columns"),
    [
        ({"prompt": "Q: {q}", "completion": " {a}"}, ["Q: Why?", " So.", "Q: Why?\n So."], ("q",)),
        ({"text": "{q} {a}"}, ["Why? So.", None, "Why? So."], ("q", "a")),
        (
            {
                "messages": [
                    {"role": "system", "content": "Be."},
                    {"role": "user", "content": "{q}"},
                    {"role": "assistant", "content": "{a}"},
                ]
            },
            ["Be.\nWhy?", "So.", "Be.\nWhy?\nSo."],
            ("q",),
        ),
        ({"from": "turns"}, ["Hi\nHello\nBye", "Hello", "Hi\nHello\nBye"], ("turns",)),
    ],
)
def test_each_type_has_its_sides(template, texts, columns):
    assert sides(template) == (texts, columns)


def test_the_last_answer_of_a_conversation_is_not_asked():
    assert sides({"from": "turns"}, TURNS[:2])[0] == ["Hi", "Hello", "Hi\nHello"]


def test_a_conversation_that_does_not_render_has_no_sides():
    assert sides({"from": "turns"}, [{"role": "mod", "content": "x"}])[0] == ["", "", ""]


@pytest.mark.parametrize(
    ("template", "given"),
    [
        ({"prompt": "Q: {q}{#a} ({a}){/a}", "completion": "{a}"}, "Why?\nSo."),
        ({"text": "### {a} {q} {a}"}, "So.\nWhy?"),
        ({"prompt": "Say it.", "completion": "{a}"}, ""),
        ({"from": "turns", "system": "You are helpful."}, "Hi\nHello\nBye"),
    ],
)
def test_what_is_given_leaves_out_the_words_of_the_template(template, given):
    frame = pl.DataFrame({"q": ["Why?"], "a": ["So."], "turns": [json.dumps(TURNS)]})
    assert frame.with_columns(given=express_given(parse_template(template), COLUMNS))["given"][0] == given
