"""The editor colours a template as the server reads it: the same names, and a fault where there is one."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from studio.errors import TemplateError
from studio.template.grammar import parse_text, spell_name, walk_names

ROOT = Path(__file__).parent.parent
SOURCES = [
    *(
        "",
        "plain",
        "{a}",
        "{{a}}",
        "{{{a}}}",
        "}}{{",
        "{",
        "}",
        "{}",
        "{ a}",
        "{a }",
        "{1a}",
        "{a1-_}",
        "{é}",
    ),
    *("{_}", "{-a}", "{²}", "{a²}", "{٣}", "{a٣}", "{ªº}", "{Ⅳ}", "{中}", "{😀}", "{a\u0301}"),
    *('{""}', '{"a b"}', '{"\\u0041"}', '{"\\n"}', '{"\n"}', '{"\\x"}', '{"a}', '{"{"}', '{"\\""}', '{"😀"}'),
    *("{#a}x{/a}", "{^a}x{/a}", "{#a}", "{/a}", "{#a}{#b}{/a}{/b}", "{#a}{#a}{/a}{/a}", '{#"a"}{/a}'),
    *("{{#a}}", "{#a}{b}{/a}{c", "{#}", "a\r\n{b}\t", "{a}}", "{{a}", "{a}{b}}}{c}"),
]
READ = """
import { scan, spellName } from "./assets/scripts/prompt/grammar.js";
let text = "";
for await (const chunk of process.stdin) text += chunk;
const read = (source) => {
  const spans = scan(source);
  const tags = spans.filter(({ kind }) => ["placeholder", "section"].includes(kind));
  return {
    whole: spans.map(({ start, end }) => source.slice(start, end)).join("") === source,
    wrong: spans.some(({ kind }) => kind === "error"),
    names: tags.filter(({ start }) => source[start + 1] !== "/").map(({ name }) => name),
    spelled: tags.map(({ name }) => spellName(name)),
  };
};
console.log(JSON.stringify(JSON.parse(text).map(read)));
"""


def read_here(source: str) -> dict[str, Any]:
    try:
        names = [name for name, _ in walk_names(parse_text(source))]
    except TemplateError:
        return {"whole": True, "wrong": True}
    return {"whole": True, "wrong": False, "names": names}


def test_the_editor_reads_a_template_as_the_server_does() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed: the scripts' own tests need Node 20 or newer")
    command = [node, "--input-type=module", "--eval", READ]
    done = subprocess.run(command, input=json.dumps(SOURCES), capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    for source, read in zip(SOURCES, json.loads(done.stdout), strict=True):
        here = read_here(source)
        assert {key: read[key] for key in here} == here, source
        if not read["wrong"]:
            assert set(map(spell_name, here["names"])) == set(read["spelled"]), source
