import json

import polars as pl
import pytest

from studio.errors import ExportError
from studio.formats import encode_lines, express_fields, resolve_format, resolve_names
from studio.record import Column
from studio.template import parse_template

PAIR = parse_template({"prompt": "Q: {q}", "completion": " {a}"})
TEXT = parse_template({"text": "{q}"})
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


def test_only_prompt_completion_converts_and_only_to_text():
    assert resolve_format(PAIR, None) == "prompt-completion"
    assert resolve_format(PAIR, "text") == "text"
    with pytest.raises(ExportError, match="text template cannot be exported as prompt-completion"):
        resolve_format(TEXT, "prompt-completion")


@pytest.mark.parametrize(
    ("names", "words"),
    [({"question": "q"}, "no field question"), ({"prompt": "x", "completion": "x"}, "same name")],
)
def test_bad_names_are_named(names, words):
    with pytest.raises(ExportError, match=words):
        resolve_names("prompt-completion", names)
