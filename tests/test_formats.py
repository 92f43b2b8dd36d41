import json

import polars as pl
import pytest

from studio.errors import ExportError
from studio.formats import (
    FILES,
    FORMATS,
    PRESETS,
    encode_lines,
    explain_format,
    express_fields,
    resolve_file,
    resolve_format,
    resolve_names,
)
from studio.record import Column
from studio.template import parse_template

PAIR = parse_template({"prompt": "Q: {q}", "completion": " {a}"})
TEXT = parse_template({"text": "{q}"})
CHAT = parse_template(
    {
        "messages": [
            {"role": "system", "content": "Short."},
            {"role": "user", "content": "{q}"},
            {"role": "assistant", "content": "{a}"},
        ]
    }
)
COLUMNS = [Column(name="q", type="text"), Column(name="a", type="text")]


def test_prompt_and_completion_join_with_nothing_as_text():
    frame = pl.DataFrame({"q": ["x"], "a": ["y"]})
    fields = express_fields(PAIR, COLUMNS, "text", {})
    assert frame.with_columns(fields)["text"].to_list() == ["Q: x y"]


def test_fields_take_the_names_asked():
    fields = express_fields(PAIR, COLUMNS, "prompt-completion", {"prompt": "q", "completion": "out"})
    assert [field.meta.output_name() for field in fields] == ["q", "out"]
    frame = pl.DataFrame({"q": ["x"], "a": ["y"]}).with_columns(fields)
    assert frame.select("q", "out").rows() == [("Q: x", " y")]


def test_template_without_placeholders_still_gives_a_text_for_every_record():
    frame = pl.DataFrame({"q": ["x", "y"], "a": ["", ""]})
    fields = express_fields(parse_template({"text": "same"}), COLUMNS, "text", {})
    assert frame.with_columns(fields)["text"].to_list() == ["same", "same"]


def test_lines_are_what_the_standard_library_writes():
    texts = ['é\u2028\u0085 "q" \\ / \t\n\r\b\f\x00\x1f\x7f', "", "😀 -->", "</script>"]
    frame = pl.DataFrame({'na"me': texts, "b": texts})
    expected = "".join(
        json.dumps({'na"me': text, "b": text}, ensure_ascii=False, separators=(",", ":")) + "\n"
        for text in texts
    )
    assert encode_lines(frame) == expected.encode()


def render(template, rows, kind, names=None, columns=None):
    frame = pl.DataFrame(rows)
    known = columns or [Column(name=name, type="text") for name in frame.columns]
    fields = express_fields(template, known, kind, names or {})
    return [json.loads(line) for line in encode_lines(frame.select(fields)).splitlines()]


def test_a_format_is_made_from_the_templates_that_hold_enough():
    assert resolve_format(PAIR, None) == "prompt-completion"
    made = {kind: [] for kind in FORMATS}
    for template in (TEXT, PAIR, CHAT):
        for kind in FORMATS:
            try:
                made[resolve_format(template, kind)].append(template.type)
            except ExportError as error:
                assert template.type in error.message and error.hint
    assert made == {kind: list(format_.made_from) for kind, format_ in FORMATS.items()}
    with pytest.raises(ExportError, match="No export format named chat"):
        resolve_format(PAIR, "chat")


def test_the_courses_shapes_are_presets_of_formats():
    assert [(preset.format, dict(preset.names)) for preset in PRESETS.values()] == [
        ("text", {}),
        ("prompt-completion", {"prompt": "question", "completion": "answer"}),
    ]
    for preset in PRESETS.values():
        assert resolve_names(preset.format, preset.names)


def test_files_that_cannot_hold_a_format_are_refused_with_others_that_can():
    for file in FILES:
        for kind, format_ in FORMATS.items():
            fits = not (file == "csv" and format_.turns) and (kind != "records" or FILES[file].lines)
            if fits:
                assert resolve_file(kind, file).name == file
                continue
            with pytest.raises(ExportError, match=file) as caught:
                resolve_file(kind, file)
            assert "Choose jsonl" in caught.value.hint
    with pytest.raises(ExportError, match="No file type named xlsx"):
        resolve_file("text", "xlsx")


def test_a_template_that_reads_alpacas_columns_gives_their_own_texts():
    rows = [{"instruction": "Add.", "input": "1 + 1", "output": "2"}]
    for prompt in ("I: {instruction}{#input} {input}{/input}", "{instruction}"):
        template = parse_template({"prompt": prompt, "completion": "\n{output}"})
        given = "1 + 1" if "input" in prompt else ""
        assert render(template, rows, "alpaca") == [{"instruction": "Add.", "input": given, "output": "2"}]
        assert "own texts" in explain_format(template, "alpaca")
    mapped = parse_template({"prompt": "{instruction}", "completion": "{output}"})
    mapped = mapped.mapped({"instruction": "q", "output": "a"})
    assert render(mapped, [{"q": "x", "a": "y"}], "alpaca") == [
        {"instruction": "x", "input": "", "output": "y"}
    ]


def test_any_other_template_gives_alpaca_its_prompt_as_instruction():
    assert render(PAIR, [{"q": "x", "a": "y"}], "alpaca", {"output": "response"}) == [
        {"instruction": "Q: x", "input": "", "response": " y"}
    ]
    assert "rendered prompt" in explain_format(PAIR, "alpaca")


def test_prompt_and_completion_become_two_turns():
    turns = [{"role": "user", "content": "Q: x"}, {"role": "assistant", "content": " y"}]
    for kind in ("messages", "openai"):
        assert render(PAIR, [{"q": "x", "a": "y"}], kind) == [{"messages": turns}]
    spoken = [{"from": "human", "value": "Q: x"}, {"from": "gpt", "value": " y"}]
    assert render(PAIR, [{"q": "x", "a": "y"}], "sharegpt") == [{"conversations": spoken}]


def test_turns_take_the_roles_and_the_names_asked():
    rows = [{"q": "x", "a": "y"}]
    names = {"conversations": "dialog", "from": "who", "value": "says"}
    assert render(CHAT, rows, "sharegpt", names) == [
        {
            "dialog": [
                {"who": "system", "says": "Short."},
                {"who": "human", "says": "x"},
                {"who": "gpt", "says": "y"},
            ]
        }
    ]
    [record] = render(CHAT, rows, "messages", {"content": "text"})
    assert [list(turn) for turn in record["messages"]] == [["role", "text"]] * 3
    with pytest.raises(ExportError, match="same name"):
        resolve_names("sharegpt", {"from": "value"})


def test_openai_takes_no_tools_and_ends_with_the_assistant():
    template = parse_template({"from": "turns"})
    spoken = [("user", "assistant"), ("user",), ("user", "tool", "assistant"), ("system", "assistant")]
    rows = [{"turns": json.dumps([{"role": role, "content": "x"} for role in roles])} for roles in spoken]
    columns = [Column(name="turns", type="json")]
    kept = [record["messages"] is not None for record in render(template, rows, "openai", columns=columns)]
    assert kept == [True, False, False, True]
    named = [record["conversations"] for record in render(template, rows, "sharegpt", columns=columns)]
    assert [[turn["from"] for turn in turns] for turns in named] == [
        ["human", "gpt"],
        ["human"],
        ["human", "tool", "gpt"],
        ["system", "gpt"],
    ]


@pytest.mark.parametrize(
    ("names", "words"),
    [({"question": "q"}, "no field question"), ({"prompt": "x", "completion": "x"}, "same name")],
)
def test_bad_names_are_named(names, words):
    with pytest.raises(ExportError, match=words):
        resolve_names("prompt-completion", names)
