"""Random templates over random records: what one record gives is what the whole table gives."""

import json
import tempfile
from pathlib import Path

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.errors import TemplateError
from studio.reader import read_source
from studio.settings import Settings
from studio.source import parse_source
from studio.template import parse_template, scan_text
from tests.examples import examples

NAMES = ("a", "naïve-1", "a.b", "", "{", '"x"', "😀", "^a$", "*", "my column", "chat")
HOSTILE = (
    "{a}",
    "{{7*7}}",
    "${x}",
    "<script>alert(1)</script>",
    "{#a}{/a}",
    "%s {0.__class__}",
    "‮abc‬",
    "👩‍👩‍👧 é é",
    "\x00\x07\x1b[31m\x7f\u2028\ufeff",
    "\r\n\t ",
    "<|endoftext|>",
    "x" * 3_000,
)
TEXTS = st.sampled_from(HOSTILE) | st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
NUMBERS = st.sampled_from(
    ["0", "-0", "2.50", "1E5", "1e400", "123456789012345678901234567890", "-1.0", "7", "true", "false"]
)
CONTAINERS = st.sampled_from(["[]", "{}", "[ ]", "{\t}", '["é", 1.0]', '{"a": {"b": [2.50]}}', "[null]"])
TURNS = st.sampled_from(
    [
        '[{"from": "human", "value": "{a} é"}, {"from": "gpt", "value": ""}]',
        '[{"from": "system", "value": "S"}, {"from": "user", "value": "x", "n": 1.0}]',
        '[{"from": "moderator", "value": "x"}]',
        '[{"from": "human", "value": null}]',
    ]
)
QUOTED = TEXTS.map(lambda text: json.dumps(text, ensure_ascii=False))
VALUES = st.one_of(st.just("null"), QUOTED, NUMBERS, CONTAINERS, TURNS)
KINDS = st.sampled_from([VALUES, QUOTED, QUOTED | st.just("null"), NUMBERS, TURNS | st.just("null")])


@st.composite
def tables(draw):
    """JSON Lines of two to five records, as text; the first has every column. A column may be of one kind."""
    kinds = {name: draw(KINDS) for name in NAMES}
    full = draw(st.fixed_dictionaries(kinds))
    others = draw(st.lists(st.fixed_dictionaries({}, optional=kinds), min_size=1, max_size=4))
    return "".join(
        "{" + ", ".join(f"{json.dumps(name)}: {value}" for name, value in record.items()) + "}\n"
        for record in (full, *others)
    )


def write_tag(name: str, mark: str = "") -> str:
    return f"{{{mark}{json.dumps(name, ensure_ascii=False)}}}"


NAMED = st.sampled_from(NAMES)
LITERALS = TEXTS.map(lambda text: text.replace("{", "{{").replace("}", "}}"))
SOURCES = st.recursive(
    LITERALS | NAMED.map(write_tag) | st.sampled_from(["{a}", "{naïve-1}", "{chat}"]),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=4).map("".join)
        | st.tuples(st.sampled_from("#^"), NAMED, inner).map(
            lambda parts: f"{write_tag(parts[1], parts[0])}{parts[2]}{write_tag(parts[1], '/')}"
        )
    ),
    max_leaves=8,
)
ROLES = st.sampled_from(["system", "user", "assistant"])
TEMPLATES = st.one_of(
    st.fixed_dictionaries({"text": SOURCES}),
    st.fixed_dictionaries({"prompt": SOURCES, "completion": SOURCES}),
    st.fixed_dictionaries(
        {
            "messages": st.lists(
                st.fixed_dictionaries({"role": ROLES, "content": SOURCES}), min_size=1, max_size=3
            )
        }
    ),
    st.fixed_dictionaries(
        {
            "from": st.sampled_from(["chat", "a", "{"]),
            "role": st.just("from"),
            "content": st.just("value"),
            "roles": st.just({"human": "user", "gpt": "assistant"}),
            "system": st.just("") | SOURCES,
        }
    ),
)
MAPS = st.dictionaries(NAMED, NAMED, max_size=2)


def render_table(template, table):
    fields = template.render_column(table.columns)
    batches = [batch.with_columns(**fields).select(*fields) for batch in table.iter_batches()]
    return pl.concat(batches).to_dicts()


def render_record(template, record):
    """The example as the table gives it: no messages where there is no conversation."""
    try:
        return template.render(record).to_dict()
    except TemplateError:
        return {"messages": None}


def join_pieces(template, record):
    try:
        parts = template.render_pieces(record)
    except TemplateError:
        return {"messages": None}
    texts = [(part.name, "".join(piece.text for piece in part.pieces)) for part in parts]
    if template.type == "messages":
        return {"messages": [{"role": role, "content": text} for role, text in texts]}
    return dict(texts)


@given(lines=tables(), mapping=TEMPLATES, column_map=MAPS)
@settings(max_examples=examples(60), deadline=None)
def test_record_column_and_pieces_give_the_same_and_so_does_the_template_read_again(
    lines, mapping, column_map
):
    template = parse_template(mapping).mapped(column_map)
    again = parse_template(json.loads(json.dumps(template.to_mapping()))).mapped(column_map)
    assert again == template
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "table.jsonl")
        path.write_text(lines, encoding="utf-8", newline="\n")
        table = read_source(parse_source(str(path)), Path(folder, "table"), Settings(workspace=Path(folder)))
        assert len(table) == lines.count("\n")
        records = list(table.iter_records())
        expected = [render_record(template, record) for record in records]
        assert render_table(template, table) == expected
        assert [join_pieces(template, record) for record in records] == expected
        assert [render_record(again, record) for record in records] == expected


@given(source=SOURCES | st.text('{}#/^a" \\\n', max_size=30))
@settings(max_examples=examples(200), deadline=None)
def test_spans_cover_any_source_and_have_an_error_where_it_does_not_parse(source):
    spans = scan_text(source)
    assert "".join(source[span.start : span.end] for span in spans) == source
    assert all(span.start < span.end for span in spans)
    wrong = [span for span in spans if span.kind == "error"]
    try:
        template = parse_template({"text": source})
    except TemplateError as error:
        assert error.message in [span.problem for span in wrong]
        return
    assert not wrong
    named = dict.fromkeys(span.name for span in spans if span.kind in ("placeholder", "section"))
    assert tuple(named) == template.placeholders
