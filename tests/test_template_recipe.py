"""Messages from a column, from the recipe to the export."""

import json

import pytest

from studio.errors import RecipeError, TemplateError
from studio.pipeline import build, load_table, preview_example
from studio.recipe import dump_recipe, parse_recipe
from studio.source import parse_source

SHAREGPT = """
template:
  type: messages
  from: conversations
  role: from
  content: value
  roles: {human: user, gpt: assistant}
  system: Be kind.
"""


def recipe_for(path, rest=SHAREGPT):
    return parse_recipe(f"source: {{path: {json.dumps(str(path))}}}\n{rest}")


def chat(*roles):
    return {"conversations": [{"from": role, "value": f"I am {role}."} for role in roles]}


def test_recipe_of_a_conversation_survives_the_file_and_says_from():
    recipe = recipe_for("a.jsonl")
    assert parse_recipe(dump_recipe(recipe)) == recipe
    assert recipe.to_mapping()["template"] == {
        "type": "messages",
        "from": "conversations",
        "role": "from",
        "content": "value",
        "roles": {"human": "user", "gpt": "assistant"},
        "system": "Be kind.",
    }
    assert recipe.own_template().to_mapping() == recipe.to_mapping()["template"]


def test_what_a_conversation_leaves_out_is_written_out_and_an_empty_system_prompt_is_none():
    short, long = (
        recipe_for("a.jsonl", rest)
        for rest in (
            "template: {from: messages}",
            "template: {from: messages, role: role, content: content, roles: {}, system: ''}",
        )
    )
    assert dump_recipe(short) == dump_recipe(long)
    assert short.to_mapping()["template"] == {
        "type": "messages",
        "from": "messages",
        "role": "role",
        "content": "content",
    }


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{from: 3}", "template.from: input should be a valid string, not 3"),
        ("{from: a, roles: {x: person}}", "template.roles.x: input should be 'system', 'user'"),
        ("{from: a, messages: []}", "template.messages: unknown key"),
        ("{from_: a}", "template.from_: unknown key"),
        ("{from: a, system: '{'}", "template: At character 1 of the system"),
        ("{role: user}", "template: give a style; or text; or prompt and completion; or messages; or from"),
    ],
)
def test_bad_conversation_in_a_recipe_says_what_and_where(template, words):
    with pytest.raises(RecipeError) as caught:
        recipe_for("a.jsonl", f"template: {template}")
    assert words in caught.value.message


def test_conversations_are_exported_turn_by_turn(tmp_path, settings, write_jsonl):
    path = write_jsonl([chat("human", "gpt"), chat("system", "human", "gpt", "human", "gpt")])
    export = build(recipe_for(path), tmp_path / "out", settings=settings)
    lines = [json.loads(line) for line in export.part("train").read_text(encoding="utf-8").splitlines()]
    assert lines[0] == {
        "messages": [
            {"role": "system", "content": "Be kind."},
            {"role": "user", "content": "I am human."},
            {"role": "assistant", "content": "I am gpt."},
        ]
    }
    assert [turn["role"] for turn in lines[1]["messages"]] == ["system", *["user", "assistant"] * 2]
    again = build(recipe_for(path), tmp_path / "again", settings=settings)
    assert again.part("train").read_bytes() == export.part("train").read_bytes()


def test_export_stops_at_a_bad_conversation_with_its_line_and_their_number_and_writes_nothing(
    tmp_path, settings, write_jsonl
):
    rows = [chat("human", "gpt") for _ in range(8)]
    rows[2] = chat("human", "moderator")
    rows[5] = {"conversations": "Hi"}
    path = write_jsonl(rows)
    with pytest.raises(TemplateError) as caught:
        build(recipe_for(path), tmp_path / "out", settings=settings)
    assert caught.value.message == (
        f'Line 3 of {path.name}, column conversations: turn 2 has the role "moderator"; known are human, '
        "gpt, system, user, assistant, tool. 2 of 8 records cannot be rendered; nothing was written."
    )
    assert [entry for entry in tmp_path.iterdir() if entry.name.startswith((".out", "out"))] == []


def test_a_bad_conversation_that_is_left_out_stops_nothing(tmp_path, settings, write_jsonl):
    rows = [chat("human", "gpt") | {"keep": "yes"} for _ in range(8)]
    rows[3] = chat("moderator") | {"keep": "no"}
    path = write_jsonl(rows)
    kept = "filter: [{column: keep, is: equals, value: 'yes'}]\n"
    export = build(recipe_for(path, SHAREGPT + kept), tmp_path / "out", settings=settings)
    assert export.manifest["parts"]["train"]["records"] == 7
    unused = "split: {method: sequential, train: 0.375}\n"
    export = build(recipe_for(path, SHAREGPT + unused), tmp_path / "first", settings=settings)
    assert export.manifest["parts"]["train"]["records"] == 3
    untouched = "export: {format: records}\n"
    export = build(recipe_for(path, SHAREGPT + untouched), tmp_path / "records", settings=settings)
    assert export.manifest["parts"]["train"]["records"] == 8


def test_preview_of_a_conversation_that_is_none_names_its_line(tmp_path, settings, write_jsonl):
    path = write_jsonl([chat("human", "gpt"), {"conversations": [], "other": "x"}])
    table = load_table(parse_source(str(path)), tmp_path / "table", settings)
    assert [turn.role for turn in preview_example(recipe_for(path), table, 0).messages] == [
        "system",
        "user",
        "assistant",
    ]
    with pytest.raises(
        TemplateError, match=rf"Line 2 of {path.name}, column conversations: it holds no turn"
    ):
        preview_example(recipe_for(path), table, 1)
