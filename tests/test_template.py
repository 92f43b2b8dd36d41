import json

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.errors import TemplateError
from studio.record import Column, Json, Message
from studio.settings import Limits
from studio.template import Piece, parse_template
from studio.template.values import is_empty, text_of
from tests.examples import examples


def render_text(source: str, **values: object) -> str:
    return parse_template({"text": source}).render(values).text


def test_placeholder_is_replaced_with_the_columns_text():
    assert render_text("Q: {question}!", question="Why?") == "Q: Why?!"


def test_doubled_braces_are_literal_and_come_first():
    assert render_text("{{x}} {{{a}}}", a="1") == "{x} {1}"


def test_sections_follow_emptiness():
    source = "A{#input} with {input}{/input}{^input} alone{/input}"
    assert render_text(source, input="x") == "A with x"
    for empty in ("", None, [], {}, Json("[ ]"), Json("{}")):
        assert render_text(source, input=empty) == "A alone"
    assert render_text(source) == "A alone"
    for full in (" ", 0, False, [0]):
        assert render_text(source, input=full).startswith("A with")


def test_sections_nest_and_close_in_order():
    assert render_text("{#a}1{#b}2{/b}3{/a}", a="x", b="") == "13"


def test_cell_text_is_never_expanded_again():
    assert render_text("{a}", a="{b} {{c}} {#a}", b="no") == "{b} {{c}} {#a}"


def test_values_that_are_no_strings_keep_their_json_spelling():
    assert render_text("{a}|{b}|{c}", a=Json("2.50"), b=True, c=["é", 1]) == '2.50|true|["é", 1]'


def test_null_and_missing_render_as_nothing():
    assert render_text("[{a}{b}]", a=None) == "[]"


def test_any_column_name_can_be_written_as_a_json_string():
    values = {"a.b": "1", "": "2", "my column": "3", "{": "4", 'q"': "5", "😀": "6"}
    source = '{"a.b"}{""}{#"my column"}{"my column"}{/"my column"}{"{"}{"q\\""}{"😀"}'
    assert render_text(source, **values) == "123456"


def test_bare_names_may_have_letters_of_any_script_digits_and_dashes():
    assert render_text("{naïve-1_b}{вопрос}", **{"naïve-1_b": "a", "вопрос": "b"}) == "ab"


@pytest.mark.parametrize(
    ("source", "position", "words"),
    [
        ("a { b", 2, "no placeholder"),
        ("a } b", 2, "no placeholder"),
        ("{1a}", 0, "no placeholder"),
        ("{a.b}", 0, "no placeholder"),
        ("{a!r}", 0, "no placeholder"),
        ("{ a }", 0, "no placeholder"),
        ("{}", 0, "no placeholder"),
        ("{#a}x", 0, "never closed"),
        ("x{/a}", 1, "never opened"),
        ("{#a}{#b}{/a}{/b}", 8, "must close before"),
        ('{"\\x"}', 0, "not a JSON string"),
        ("{#a}" * 60, 200, "nest deeper"),
    ],
)
def test_bad_grammar_is_an_error_with_its_position(source, position, words):
    with pytest.raises(TemplateError) as caught:
        parse_template({"text": source})
    assert caught.value.position == position
    assert words in caught.value.message
    assert f"character {position + 1}" in caught.value.message


def test_problem_of_a_section_names_it_as_a_template_writes_it():
    with pytest.raises(TemplateError, match=r'the section of "my column" is never closed'):
        parse_template({"text": 'x{#"my column"}'})


def test_name_with_half_a_pair_of_surrogates_is_refused_and_so_is_such_text():
    with pytest.raises(TemplateError, match=r"At character 1 of the text: .* is not a JSON string"):
        parse_template({"text": '{"\\ud800"}'})
    with pytest.raises(TemplateError) as caught:
        parse_template({"text": "ab\ud800"})
    assert caught.value.position == 2


LARGEST = Limits().template_characters


def test_template_right_at_the_limit_renders_alike_and_one_character_more_is_refused():
    source = "{a} é\n" * (LARGEST // 6)
    source += "x" * (LARGEST - len(source))
    template = parse_template({"text": source})
    expected = "1 é\n" * (LARGEST // 6) + "x" * (LARGEST % 6)
    assert template.render({"a": "1"}).text == expected
    assert render_rows(template, {"a": ["1"]}) == [expected]
    with pytest.raises(TemplateError) as caught:
        parse_template({"prompt": "", "completion": source + "x"})
    assert caught.value.message == "The completion has 65,537 characters; the limit is 65,536."
    assert caught.value.part == "completion"


def test_the_limit_of_a_template_is_each_parts_own():
    mapping = {"prompt": "x" * LARGEST, "completion": "y" * LARGEST}
    assert parse_template(mapping).render({}).completion == "y" * LARGEST


def test_cell_of_a_megabyte_is_rendered_whole_and_never_expanded():
    cell = "{a} {{7*7}} 😀\n" * (1 << 16)
    template = parse_template({"text": "{#a}<{a}>{/a}"})
    assert template.render({"a": cell}).text == f"<{cell}>"
    assert render_rows(template, {"a": [cell]}) == [f"<{cell}>"]
    ((_, middle, _),) = (part.pieces for part in template.render_pieces({"a": cell}))
    assert middle == Piece(text=cell, column="a")


@pytest.mark.parametrize("name", ["a.b", "{", "}", '"x"', "😀", "", " ", "a\nb", "^x$", "*", "\\", "{a}"])
def test_odd_column_name_is_read_and_an_unknown_one_is_named_with_its_position(name):
    tag = f"{{{json.dumps(name)}}}"
    section = f"{{#{json.dumps(name)}}}yes{{/{json.dumps(name, ensure_ascii=False)}}}"
    template = parse_template({"text": f"Q: {tag} {section}"})
    assert template.render({name: "1"}).text == "Q: 1 yes"
    assert render_rows(template, {name: ["1", None]}) == ["Q: 1 yes", "Q:  "]
    with pytest.raises(TemplateError) as caught:
        template.check(["other"])
    spelled = json.dumps(name, ensure_ascii=False)
    assert caught.value.message == f"No column named {spelled} (character 4 of the text). Columns are: other."
    assert caught.value.position == 3


def render_rows(template, columns):
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    fields = template.render_column([Column(name=name, type="text") for name in columns])
    return frame.with_columns(fields["text"].alias("<rendered>"))["<rendered>"].to_list()


def test_unknown_column_names_it_and_the_valid_ones():
    template = parse_template({"prompt": "Q {qestion}", "completion": "{answer}"})
    with pytest.raises(TemplateError) as caught:
        template.check(["question", "answer"])
    assert "No column named qestion" in caught.value.message
    assert "Columns are: question, answer." in caught.value.message
    assert caught.value.hint == "Did you mean question?"
    assert (caught.value.part, caught.value.position) == ("prompt", 2)


def test_column_map_reads_other_columns():
    template = parse_template({"text": "{#q}{q}{/q}"}).mapped({"q": "my question"})
    template.check(["my question"])
    assert template.render({"my question": "x"}).text == "x"
    assert template.columns == ("my question",)


def test_messages_render_role_by_role():
    template = parse_template(
        {"messages": [{"role": "user", "content": "{q}"}, {"role": "assistant", "content": "{a}"}]}
    )
    expected = (Message(role="user", content="x"), Message(role="assistant", content="y"))
    assert template.render({"q": "x", "a": "y"}).messages == expected
    frame = pl.DataFrame({"q": ["x"], "a": ["y"]})
    columns = [Column(name="q", type="text"), Column(name="a", type="text")]
    rows = frame.with_columns(**template.render_column(columns))["messages"].to_list()
    assert rows == [[{"role": "user", "content": "x"}, {"role": "assistant", "content": "y"}]]


@pytest.mark.parametrize(
    "mapping",
    [
        {},
        {"type": "chat", "text": ""},
        {"prompt": "x"},
        {"text": 3},
        {"text": "x", "prompt": "y"},
        {"messages": []},
        {"messages": [{"role": "user"}]},
        {"text": "x" * 70_000},
    ],
)
def test_mapping_that_is_no_template_is_refused_in_words(mapping):
    with pytest.raises(TemplateError) as caught:
        parse_template(mapping)
    assert caught.value.message and caught.value.hint


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=2),
    max_leaves=3,
)
NAMES = st.sampled_from(["a", "b.c", "", "^x$", "*", "{", "é"])
PIECES = st.recursive(
    st.sampled_from(["x\n", "{{", "}}", "### "]) | NAMES.map(lambda name: "{" + json.dumps(name) + "}"),
    lambda inner: st.tuples(st.sampled_from("#^"), NAMES, inner).map(
        lambda t: f"{{{t[0]}{json.dumps(t[1])}}}{t[2]}{{/{json.dumps(t[1])}}}"
    ),
    max_leaves=4,
)


@given(
    source=st.lists(PIECES, max_size=5).map("".join),
    rows=st.lists(st.dictionaries(NAMES, JSON_VALUES), min_size=1, max_size=4),
)
@settings(max_examples=examples(120), deadline=None)
def test_one_record_and_the_whole_column_render_to_the_same_text(source, rows):
    names = ["a", "b.c", "", "^x$", "*", "{", "é"]
    spelled = [{name: spell(row[name]) for name in row} for row in rows]
    columns = [Column(name=name, type="json") for name in names]
    frame = pl.DataFrame(
        {name: [store(row.get(name)) for row in spelled] for name in names},
        schema=dict.fromkeys(names, pl.String),
    )
    template = parse_template({"text": source})
    rendered = frame.with_columns(text=template.render_column(columns)["text"])["text"].to_list()
    assert rendered == [template.render(row).text for row in spelled]


def spell(value: object) -> object:
    return value if value is None or isinstance(value, str) else Json(json.dumps(value, ensure_ascii=False))


def store(value: object) -> str | None:
    return json.dumps(value) if isinstance(value, str) else text_of(value) if value is not None else None


def test_native_columns_render_as_spelled():
    columns = [
        Column(name="i", type="integer"),
        Column(name="f", type="float"),
        Column(name="b", type="boolean"),
    ]
    frame = pl.DataFrame({"i": [1, None], "f": [2.5, None], "b": [True, None]})
    template = parse_template({"text": "{i} {f} {b}{^i}none{/i}"})
    assert frame.with_columns(text=template.render_column(columns)["text"])["text"].to_list() == [
        "1 2.5 true",
        "  none",
    ]


def test_empty_is_what_the_grammar_says():
    assert all(is_empty(value) for value in (None, "", [], {}, Json("[]"), Json("{ }"), Json("[\n]")))
    assert not any(is_empty(value) for value in (" ", 0, False, [None], Json("0"), Json("[1]")))


def test_names_stand_in_an_error_as_a_template_writes_them():
    with pytest.raises(TemplateError, match=r'Columns are: a, "", "b\.c", "my column"\.'):
        parse_template({"text": "{x}"}).check(["a", "", "b.c", "my column"])
