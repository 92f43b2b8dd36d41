"""Where rendered text came from, the marks of a template, and a source as an editor colours it."""

import pytest

from studio.record import Json
from studio.styles import STYLES
from studio.template import Piece, RenderedPart, Span, parse_template, scan_text, template_literals


def pieces_of(source, **values):
    (part,) = parse_template({"text": source}).render_pieces(values)
    return [(piece.text, piece.column) for piece in part.pieces]


def test_pieces_tell_the_templates_own_text_from_that_of_each_column():
    assert pieces_of("Q: {q}\n{{{a}}}", q="Why?", a=Json("2.50")) == [
        ("Q: ", None),
        ("Why?", "q"),
        ("\n{", None),
        ("2.50", "a"),
        ("}", None),
    ]


def test_pieces_leave_out_what_is_empty_and_join_what_stands_side_by_side():
    assert pieces_of("a{#x}b{x}{/x}{^x}c{/x}{x}d") == [("acd", None)]
    assert pieces_of("{x}") == []


def test_a_part_without_text_has_no_piece_and_keeps_its_name():
    template = parse_template({"prompt": "{q}", "completion": ""})
    assert template.render_pieces({"q": "x"}) == (
        RenderedPart(name="prompt", pieces=(Piece(text="x", column="q"),)),
        RenderedPart(name="completion", pieces=()),
    )


def test_piece_names_the_column_that_was_read_and_a_message_is_named_by_its_role():
    turns = [{"role": "user", "content": "{q}"}, {"role": "user", "content": "{q}{q}"}]
    template = parse_template({"messages": turns}).mapped({"q": "my question"})
    first, second = template.render_pieces({"my question": "x"})
    assert (first.name, second.name) == ("user", "user")
    assert [piece.column for piece in second.pieces] == ["my question", "my question"]
    assert second.text == "xx"


def test_marks_are_the_lines_of_a_templates_own_text_that_set_its_parts_apart():
    template = parse_template(
        {
            "prompt": "A task.\n\n### Question:\n{q}\n{#more}  ### More: \n{more}{/more}\n--\nInput: {x}",
            "completion": "### Answer:\n{a} </s>\n### Question:",
        }
    )
    marks = ("### Question:", "### More:", "Input:", "### Answer:", "</s>")
    assert template_literals(template) == marks


def test_marks_of_messages_and_of_plain_columns_are_none():
    assert template_literals(parse_template({"text": "{text}"})) == ()
    assert template_literals(parse_template({"from": "conversations"})) == ()
    system = parse_template({"from": "conversations", "system": "Rules:\n{rules}"})
    assert template_literals(system) == ("Rules:",)


@pytest.mark.parametrize(
    ("style", "marks"),
    [
        ("question-answer", ("### Question:", "### Answer:")),
        ("llama-2", ("[INST]", "<<SYS>>", "<</SYS>>", "[/INST]")),
    ],
)
def test_marks_of_known_styles(style, marks):
    assert template_literals(STYLES[style].templates[0]) == marks


def test_spans_are_text_placeholders_sections_and_doubled_braces_in_order():
    assert scan_text('a{q}{{{#"my column"}x{/"my column"}') == (
        Span(start=0, end=1, kind="text"),
        Span(start=1, end=4, kind="placeholder", name="q"),
        Span(start=4, end=6, kind="brace"),
        Span(start=6, end=20, kind="section", name="my column"),
        Span(start=20, end=21, kind="text"),
        Span(start=21, end=35, kind="section", name="my column"),
    )
    assert scan_text("") == ()


def test_unfinished_name_is_an_error_with_as_much_of_it_as_is_there():
    text, wrong = scan_text("Q: {ques", "prompt")
    assert (text.kind, wrong.kind, wrong.name) == ("text", "error", "ques")
    assert wrong.problem == "At character 4 of the prompt: '{ques' is no placeholder."


@pytest.mark.parametrize(
    ("source", "wrong"),
    [
        ("{#a}x", ["{#a}"]),
        ("x{/a}", ["{/a}"]),
        ("{#a}{#b}{/a}{/b}", ["{/a}"]),
        ("{a.b} } {q}", ["{a.b}", "}"]),
        ('{"\\x"}', ['{"\\x"}']),
        ("{a b}", ["{a", "}"]),
        ("{" + "é" * 100, ["{" + "é" * 40]),
        ("ab\ud800", ["ab\ud800"]),
        ("x" * 70_000, ["x" * 70_000]),
    ],
)
def test_every_wrong_place_is_an_error_and_the_rest_is_coloured(source, wrong):
    spans = scan_text(source)
    assert [source[span.start : span.end] for span in spans if span.kind == "error"] == wrong
    assert all(span.problem for span in spans if span.kind == "error")
    assert "".join(source[span.start : span.end] for span in spans) == source
