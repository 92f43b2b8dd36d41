"""Messages that stand in a column: every turn kept, nothing guessed, and an error that names the line."""

import json

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.errors import TemplateError
from studio.record import Column, Json, Message, Record
from studio.template import Conversation, Piece, RenderedPart, parse_template
from tests.examples import examples

SHAREGPT = {
    "type": "messages",
    "from": "conversations",
    "role": "from",
    "content": "value",
    "roles": {"human": "user", "gpt": "assistant"},
}
HI = [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}]


def put(value: object, **others: object) -> Record:
    """Record 4 of chats.jsonl with this value in the column conversations."""
    values = {"conversations": value, **others}
    spelled = {
        name: one if one is None or isinstance(one, str | Json) else Json(json.dumps(one, ensure_ascii=False))
        for name, one in values.items()
    }
    return Record(row=3, line=4, file="chats.jsonl", values_by_name=spelled)


def render_columns(template, rows, kind="json", **others):
    """The messages of every row as (role, content) pairs, None where the column gives null."""
    names = ["conversations", *others]
    frame = pl.DataFrame({"conversations": rows, **others}, schema=dict.fromkeys(names, pl.String))
    columns = [
        Column(name="conversations", type=kind),
        *(Column(name=name, type="text") for name in others),
    ]
    rendered = frame.with_columns(**template.render_column(columns))["messages"].to_list()
    return [row and [(turn["role"], turn["content"]) for turn in row] for row in rendered]


def pairs(example):
    return [(turn.role, turn.content) for turn in example.messages]


def test_sharegpts_turns_become_messages_with_standard_roles():
    template = parse_template(SHAREGPT)
    expected = (Message(role="user", content="Hi"), Message(role="assistant", content="Hello"))
    assert template.render(put(HI)).messages == expected
    assert template.placeholders == template.columns == ("conversations",)


def test_openais_keys_and_roles_need_no_more_than_the_column():
    turns = [{"role": role, "content": f" {role}\n"} for role in ("system", "user", "tool", "assistant")]
    template = parse_template({"from": "conversations"})
    assert template.conversation == Conversation(column="conversations")
    assert pairs(template.render(put(turns))) == [(turn["role"], turn["content"]) for turn in turns]


def test_other_keys_of_a_turn_are_passed_over_and_every_turn_is_kept_in_order():
    turns = [{"id": number, "from": "human", "value": str(number), "weight": 2.50} for number in range(40)]
    rendered = parse_template(SHAREGPT).render(put(turns)).messages
    assert [message.content for message in rendered] == [str(number) for number in range(40)]


def test_text_that_holds_json_is_read_like_a_json_column():
    template = parse_template(SHAREGPT)
    text = json.dumps(HI)
    expected = [("user", "Hi"), ("assistant", "Hello")]
    assert pairs(template.render(put(text))) == expected
    assert render_columns(template, [text], kind="text") == [expected]
    assert render_columns(template, [json.dumps(text)], kind="json") == [expected]


def test_content_is_never_expanded_nor_trimmed():
    turns = [{"role": "user", "content": " {x} {{7*7}} ${y}\n"}]
    rendered = parse_template({"from": "conversations"}).render(put(turns, x="no"))
    assert rendered.messages[0].content == " {x} {{7*7}} ${y}\n"


def test_system_prompt_comes_first_where_the_conversation_has_none():
    template = parse_template(SHAREGPT | {"system": "{#persona}You are {persona}.{/persona}"})
    assert template.placeholders == ("conversations", "persona")
    own = [{"from": "system", "value": "Mine."}, *HI]
    turns = [("user", "Hi"), ("assistant", "Hello")]
    assert pairs(template.render(put(HI, persona="kind"))) == [("system", "You are kind."), *turns]
    assert pairs(template.render(put(HI, persona=""))) == turns
    assert pairs(template.render(put(own, persona="kind"))) == [("system", "Mine."), *turns]
    rows = [json.dumps(HI), json.dumps(HI), json.dumps(own)]
    assert render_columns(template, rows, persona=["kind", "", "kind"]) == [
        [("system", "You are kind."), *turns],
        turns,
        [("system", "Mine."), *turns],
    ]


def test_a_role_that_is_mapped_to_system_is_a_system_message_already():
    template = parse_template(SHAREGPT | {"roles": {"context": "system"}, "system": "Be kind."})
    assert pairs(template.render(put([{"from": "context", "value": "x"}]))) == [("system", "x")]


def test_column_map_applies_to_the_conversation_and_its_system_prompt():
    template = parse_template(SHAREGPT | {"system": "{who}"}).mapped({"conversations": "my chat", "who": "w"})
    assert template.columns == ("my chat", "w")
    assert pairs(template.render({"my chat": json.dumps(HI), "w": "S"}))[0] == ("system", "S")
    with pytest.raises(TemplateError, match=r'No column named "my chat" \(the from\)\. Columns are: w\.'):
        template.check(["w"])
    with pytest.raises(TemplateError, match=r"No column named w \(character 1 of the system\)"):
        template.check(["my chat"])


def test_pieces_of_a_message_come_from_the_conversations_column():
    template = parse_template(SHAREGPT | {"system": "Be {tone}{{."})
    assert template.render_pieces(put(HI[:1], tone="kind")) == (
        RenderedPart(
            name="system",
            pieces=(
                Piece(text="Be ", column=None),
                Piece(text="kind", column="tone"),
                Piece(text="{.", column=None),
            ),
        ),
        RenderedPart(name="user", pieces=(Piece(text="Hi", column="conversations"),)),
    )


BAD = {
    "null": (None, "it is empty"),
    "nothing": ("", "it is empty"),
    "no list": ({"role": "user"}, "it holds an object, not a list of turns"),
    "a number": (7, "it holds a number, not a list"),
    "a truth": (True, "it holds true or false, not a list"),
    "text": ("Hi there", "it holds text that is not JSON"),
    "half a list": ('[{"from": "human"', "it holds text that is not JSON"),
    "no turn": ([], "it holds no turn"),
    "a turn of text": ([*HI, "x"], "turn 3 is text, not an object with from and value"),
    "a turn of null": ([None], "turn 1 is null, not an object"),
    "other keys": ([{"role": "user", "content": "x"}], "turn 1 has no from"),
    "no content": ([{"from": "human"}], "turn 1 has no value"),
    "content of null": ([{"from": "human", "value": None}], "turn 1 has a value that is null, not text"),
    "content of a number": ([{"from": "human", "value": 2.5}], "turn 1 has a value that is a number"),
    "content of a list": ([*HI, {"from": "human", "value": ["x"]}], "turn 3 has a value that is a list"),
    "role of a number": ([{"from": 1, "value": "x"}], "turn 1 has a from that is a number, not text"),
    "unknown role": (
        [{"from": "moderator", "value": "x"}],
        'turn 1 has the role "moderator"; known are human, gpt, system, user, assistant, tool',
    ),
    "a key twice": (
        '[{"from": "human", "value": "x", "value": "y"}]',
        'an object has the key "value" twice',
    ),
    "a key twice further in": (
        '[{"from": "human", "value": "x", "more": {"a": 1, "a": 2}}]',
        'an object has the key "a" twice',
    ),
    "half a pair of surrogates": ('[{"from": "human", "value": "\\ud800"}]', "turn 1 holds half a pair"),
    "not a number": ('[{"from": "human", "value": "x", "n": NaN}]', "it holds NaN, which is not JSON"),
    "too deep": ("[" * 100_000, "it is nested too deep"),
    "more after it": ('[{"from": "human", "value": "x"}] []', "it holds text that is not JSON"),
}


@pytest.mark.parametrize(("value", "words"), BAD.values(), ids=BAD)
def test_what_is_no_conversation_is_an_error_that_names_the_line_and_null_in_the_column(value, words):
    template = parse_template(SHAREGPT)
    for rendering in (template.render, template.render_pieces):
        with pytest.raises(TemplateError) as caught:
            rendering(put(value))
        assert caught.value.message.startswith("Line 4 of chats.jsonl, column conversations: ")
        assert words in caught.value.message
        assert caught.value.part == "from"
        assert caught.value.hint
    stored = value if value is None or isinstance(value, str) else json.dumps(value)
    assert render_columns(template, [stored, json.dumps(HI)], kind="text")[0] is None


def test_a_record_that_lacks_the_column_is_refused_and_a_plain_mapping_has_no_line():
    with pytest.raises(TemplateError, match="This record, column conversations: it is empty"):
        parse_template(SHAREGPT).render({})
    with pytest.raises(TemplateError, match=r"Line 2, column conversations: it is empty"):
        parse_template(SHAREGPT).render(Record(row=1, line=2, values_by_name={}))


def test_numbers_of_any_length_may_stand_beside_a_turn():
    long = "9" * 10_000
    template = parse_template({"from": "conversations"})
    value = f'[{{"role": "user", "content": "x", "n": {long}, "e": 1e999}}]'
    assert pairs(template.render(put(value))) == [("user", "x")]


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ({"from": None}, "The from of the template is None"),
        ({"from": 3}, "The from of the template is 3"),
        ({"from": "a", "prompt": "x"}, "has no prompt"),
        ({"from": "a", "messages": []}, "has no messages"),
        ({"from": "a", "type": "text"}, "A text template has text; this one has from"),
        ({"from": "a", "role": "content"}, "both under content"),
        ({"from": "a", "content": ["b"]}, "The content of the template is"),
        ({"from": "a", "roles": ["human"]}, "not a mapping"),
        ({"from": "a", "roles": {"human": "person"}}, "The role human stands for 'person'"),
        ({"from": "a", "roles": {"human": ["user"]}}, "The role human stands for"),
        ({"from": "a", "system": "{"}, "At character 1 of the system"),
        ({"from": "a", "system": 1}, "The system of the template is 1"),
    ],
)
def test_mapping_of_a_conversation_that_does_not_fit_is_refused_in_words(mapping, words):
    with pytest.raises(TemplateError) as caught:
        parse_template(mapping)
    assert words in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    "mapping",
    [
        {"from": "a"},
        {"from": "", "role": "", "content": "{"},
        SHAREGPT,
        SHAREGPT | {"system": "Be {tone}."},
        {"from": "a", "roles": None, "system": None},
    ],
)
def test_mapping_of_a_conversation_comes_back(mapping):
    template = parse_template(mapping)
    assert parse_template(template.to_mapping()) == template
    assert parse_template(json.loads(json.dumps(template.to_mapping()))) == template


ROLES = st.sampled_from(["human", "gpt", "user", "assistant", "system", "tool"])
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
ODD = st.none() | st.integers() | st.lists(TEXTS, max_size=1) | st.just("moderator") | TEXTS


@st.composite
def conversations(draw):
    """Turns under ShareGPT's or OpenAI's keys, most of them good; sometimes no list of turns at all."""
    role, content = draw(st.sampled_from([("from", "value"), ("role", "content")]))
    odd = draw(st.integers(0, 3)) == 0
    turn = st.fixed_dictionaries(
        {role: ROLES | ODD if odd else ROLES, content: TEXTS | ODD if odd else TEXTS},
        optional={"id": st.integers(), "weight": st.floats(allow_nan=False), "é": st.none()},
    )
    turns = draw(st.lists(turn, min_size=0 if odd else 1, max_size=4))
    return draw(ODD) if odd and draw(st.booleans()) else turns


@given(
    values=st.lists(conversations(), min_size=1, max_size=6),
    keys=st.sampled_from([("from", "value"), ("role", "content")]),
    system=st.sampled_from(["", "S", "{tone}", "{#tone}Be {tone}.{/tone}"]),
    tone=st.sampled_from(["", "kind"]),
    text=st.booleans(),
)
@settings(max_examples=examples(120), deadline=None)
def test_conversations_render_alike_from_one_record_and_from_the_column(values, keys, system, tone, text):
    template = parse_template(
        {**SHAREGPT, "role": keys[0], "content": keys[1], "system": system, "from": "conversations"}
    )
    spelled = [json.dumps(value) for value in values]
    stored = [None if one == "null" else one for one in spelled]
    columns = render_columns(template, stored, "text" if text else "json", tone=[tone] * len(values))
    for value, spelling, rendered in zip(values, spelled, columns, strict=True):
        cell = spelling if text else value
        record = put(None if value is None else cell, tone=tone)
        try:
            example = template.render(record)
        except TemplateError:
            assert rendered is None
            continue
        assert rendered == pairs(example)
        parts = template.render_pieces(record)
        assert rendered == [(part.name, "".join(piece.text for piece in part.pieces)) for part in parts]
        own = [(turn[keys[0]], turn[keys[1]]) for turn in value]
        kept = [(SHAREGPT["roles"].get(role, role), content) for role, content in own]
        assert rendered[-len(kept) :] == kept


@pytest.mark.parametrize(
    "mapping",
    [
        {"messages": [{"role": "\ud800", "content": "x"}]},
        {"from": "\ud800"},
        {"from": "a", "role": "\ud800"},
        {"from": "a", "roles": {"\ud800": "user"}},
    ],
)
def test_half_a_pair_of_surrogates_in_a_name_is_refused(mapping):
    with pytest.raises(TemplateError, match="half a pair of surrogates"):
        parse_template(mapping)
