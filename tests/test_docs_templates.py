"""docs/templates.md says what the code does: every example on the page is read here and tried."""

import json
import re
from pathlib import Path

import pytest
import yaml

from studio.errors import TemplateError
from studio.reader import read_source
from studio.record import Json, Record
from studio.settings import Limits
from studio.source import parse_source
from studio.template import parse_template

PAGE = (Path(__file__).parent.parent / "docs" / "templates.md").read_text(encoding="utf-8")


def rows_below(heading: str) -> list[list[str]]:
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[uncode(cell.strip()) for cell in line.strip("|").split(" | ")] for line in lines]


def uncode(cell: str) -> str:
    return cell[1:-1].replace("⏎", "\n") if cell.startswith("`") else cell


def blocks() -> list[tuple[str, str, str]]:
    """The template, the record and the result of every example that stands in fenced blocks."""
    found = re.findall(r"^```\w+ (template|record|result)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert [kind for kind, _ in found] == ["template", "record", "result"] * (len(found) // 3)
    texts = [text for _, text in found]
    return list(zip(texts[::3], texts[1::3], texts[2::3], strict=True))


def render_both(template, record, folder, settings):
    """The example of the record in a table of its own, which is checked against that of the whole column."""
    path = folder / "chats.jsonl"
    names = json.dumps(dict.fromkeys(template.columns))
    path.write_text(f"{record}\n{names}\n".replace("⏎", "\\n"), encoding="utf-8")
    table = read_source(parse_source(str(path)), folder / "table", settings)
    example = template.render(table.record(0)).to_dict()
    (batch,) = table.iter_batches()
    fields = template.render_column(table.columns)
    assert batch.with_columns(**fields).select(*fields).to_dicts()[0] == example
    return example


SIMPLE = [
    row
    for heading in ("Placeholders", "Sections", "Braces, and names that are no words")
    for row in rows_below(heading)
]


@pytest.mark.parametrize(("source", "record", "result"), SIMPLE, ids=[row[0] for row in SIMPLE])
def test_a_text_becomes_what_the_page_says(tmp_path, settings, source, record, result):
    template = parse_template({"text": source})
    record = record.replace("\n", "⏎")
    assert render_both(template, record, tmp_path, settings) == {"text": result}


@pytest.mark.parametrize(("source", "record", "result"), blocks())
def test_an_example_becomes_what_the_page_says(tmp_path, settings, source, record, result):
    template = parse_template(yaml.safe_load(source))
    assert render_both(template, record.strip(), tmp_path, settings) == json.loads(result)


@pytest.mark.parametrize(("source", "columns", "record", "result"), rows_below("Other column names"))
def test_a_column_map_reads_what_the_page_says(tmp_path, settings, source, columns, record, result):
    template = parse_template({"text": source}).mapped(json.loads(columns))
    assert render_both(template, record, tmp_path, settings) == {"text": result}


@pytest.mark.parametrize(("value", "words"), rows_below("A column that holds a conversation"))
def test_a_value_that_is_no_conversation_is_refused_as_the_page_says(value, words):
    template = parse_template(next(yaml.safe_load(text) for text, *_ in blocks() if "from:" in text))
    decoded = json.loads(value)
    cell = decoded if decoded is None or isinstance(decoded, str) else Json(value)
    record = Record(row=3, line=4, file="chats.jsonl", values_by_name={"conversations": cell})
    with pytest.raises(TemplateError) as caught:
        template.render(record)
    assert caught.value.message == words


@pytest.mark.parametrize(("source", "words"), rows_below("What is refused"))
def test_a_template_is_refused_as_the_page_says(source, words):
    with pytest.raises(TemplateError) as caught:
        parse_template({"text": source}).check(["question", "answer"])
    assert caught.value.message == words


def test_the_limits_on_the_page_are_the_codes_own():
    assert f"at most {Limits().template_characters:,} characters" in PAGE
    deepest = int(re.search(r"at most\s+(\d+) deep", PAGE)[1])
    parse_template({"text": "{#a}" * deepest + "{/a}" * deepest})
    with pytest.raises(TemplateError, match="nest deeper"):
        parse_template({"text": "{#a}" * (deepest + 1) + "{/a}" * (deepest + 1)})


def test_every_kind_of_template_has_an_example_on_the_page():
    templates = [parse_template(yaml.safe_load(text)) for text, *_ in blocks()]
    kinds = {(template.type, template.conversation is not None) for template in templates}
    assert kinds == {("text", False), ("prompt-completion", False), ("messages", False), ("messages", True)}
