"""Templates of other tools: promptsource's and chat templates, read without being run."""

import json
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from jinja2 import Environment, nodes
from jinja2.ext import Extension
from jinja2.sandbox import ImmutableSandboxedEnvironment

from studio.errors import TemplateError
from studio.library import read_any, read_chat_template, read_promptsource
from studio.template import Template
from tests.examples import examples

CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] "
    "+ '<|im_end|>' + '\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
ZEPHYR = (
    "{% for message in messages %}\n{% if message['role'] == 'user' %}\n"
    "{{ '<|user|>\\n' + message['content'] + eos_token }}\n{% elif message['role'] == 'system' %}\n"
    "{{ '<|system|>\\n' + message['content'] + eos_token }}\n{% elif message['role'] == 'assistant' %}\n"
    "{{ '<|assistant|>\\n'  + message['content'] + eos_token }}\n{% endif %}\n"
    "{% if loop.last and add_generation_prompt %}\n{{ '<|assistant|>' }}\n{% endif %}\n{% endfor %}"
)
INST = (
    "{{ bos_token }}{% for message in messages %}{% if (message.role == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Roles must alternate.') }}{% endif %}{% if message.role == 'user' %}"
    "{{ '[INST] ' ~ message.content ~ ' [/INST]' }}{% else %}{{ message.content ~ eos_token }}"
    "{% endif %}{% endfor %}"
)
SPLIT = (
    "{%- set ns = namespace(told=false) %}{%- if messages[0].role == 'system' %}"
    "{%- set rest = messages[1:] %}{%- set ns.told = true %}{{ 'S{' ~ messages[0]['content'] ~ '}\\n' }}"
    "{%- else %}{%- set rest = messages %}{%- endif %}{%- for m in rest if m.role in ['user', 'assistant'] %}"
    "{{- 'U' if m.role == 'user' else 'A' }}{{ ns.told }}{{ loop.index }}: {{ m.content }}|\n"
    "{% endfor %}{% if add_generation_prompt %}{{ 'A' }}{{ ns.told }}{{ 1 + rest | length }}: {% endif %}"
)
LARGE = 6_000  # bytes of a chat template that is not tried, for the time that Jinja takes to compile it
TEXTS = st.text(st.characters(codec="utf-8"), max_size=30)


class Generation(Extension):
    tags = frozenset({"generation"})

    def parse(self, parser):
        line = next(parser.stream).lineno
        return nodes.Scope(parser.parse_statements(("name:endgeneration",), drop_needle=True), lineno=line)


def render_with_jinja(text: str, *turns: tuple[str, str], ask: bool, **tokens: str) -> str:
    """What transformers makes of a chat template: its own settings of Jinja's sandbox."""
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols", Generation]
    )
    messages = [{"role": role, "content": content} for role, content in turns]
    given = {"bos_token": "", "eos_token": "", **tokens}
    return environment.from_string(text).render(
        messages=messages, tools=None, documents=None, add_generation_prompt=ask, **given
    )


def assert_same(
    text: str, template: Template, record: dict[str, str], *, system: bool, **tokens: str
) -> None:
    asked = [("user", record["prompt"])]
    if system and record["system"]:
        asked = [("system", record["system"]), *asked]
    example = template.render(record)
    assert example.prompt == render_with_jinja(text, *asked, ask=True, **tokens)
    whole = render_with_jinja(text, *asked, ("assistant", record["completion"]), ask=False, **tokens)
    assert example.prompt + example.completion == whole


def find_chat_templates() -> list[Path]:
    """The chat templates that TRL brings along; none where it is not installed."""
    found = find_spec("trl")
    folders = found.submodule_search_locations if found and found.submodule_search_locations else []
    files = (path for folder in folders for path in Path(folder, "chat_templates").glob("*.jinja"))
    return sorted(path for path in files if path.stat().st_size < LARGE)


RECORDS = st.fixed_dictionaries({"prompt": TEXTS, "completion": TEXTS, "system": TEXTS})


@hypothesis_settings(max_examples=examples(25), deadline=None)
@given(RECORDS)
def test_a_chat_template_that_is_read_writes_what_jinja_writes(record: dict[str, str]) -> None:
    for text, system in ((CHATML, True), (CHATML, False), (INST, False)):
        assert_same(text, read_chat_template(text, system=system), record, system=system)
    zephyr = read_chat_template(ZEPHYR, tokens={"eos_token": "</s>"}, system=True)
    assert_same(ZEPHYR, zephyr, record, system=True, eos_token="</s>")


def test_the_text_of_a_chat_template_is_short_and_plain() -> None:
    assert read_chat_template(CHATML, system=True).to_mapping() == {
        "type": "prompt-completion",
        "prompt": (
            "{#system}<|im_start|>system\n{system}<|im_end|>\n{/system}"
            "<|im_start|>user\n{prompt}<|im_end|>\n<|im_start|>assistant\n"
        ),
        "completion": "{completion}<|im_end|>\n",
    }
    assert read_chat_template(INST).to_mapping()["prompt"] == "[INST] {prompt} [/INST]"
    assert read_chat_template(INST).to_mapping()["completion"] == "{completion}"


def test_braces_of_a_chat_template_stay_braces() -> None:
    template = read_chat_template(SPLIT, system=True)
    assert_same(SPLIT, template, {"prompt": "{p}", "completion": "}{", "system": "{{s}}"}, system=True)


def test_every_chat_template_of_trl_is_read_exactly_or_refused_with_its_line() -> None:
    files = find_chat_templates()
    if not files:
        pytest.skip("TRL is not installed")
    record = {"prompt": " What {is}\n it? ", "completion": "\n<b>{{x}}</b> ", "system": " Be\nbrief "}
    read = []
    for file in files:
        text = file.read_text(encoding="utf-8")
        for system in (False, True):
            try:
                template = read_any(text, file.name, system=system).template
            except TemplateError as error:
                assert file.name in error.message and error.hint
                continue
            read.append(file.stem)
            assert_same(text, template, record, system=system)
            assert_same(text, template, record | {"system": ""}, system=system)
    assert {"phi3", "qwen2_5", "qwen3_instruct_2507"} <= set(read)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "{{ messages[0].content | trim }}",
            "line 1: the filter trim cannot be read in: cells stay as they are",
        ),
        ("\n\n{{ messages[0].content.strip() }}", "line 3: the call of strip cannot be read in"),
        (
            "{% if messages[0].content %}a{% endif %}",
            "line 1: a condition asks whether a text of the record is empty",
        ),
        (
            "{% if 'x' in messages[0].content %}a{% endif %}",
            "a condition asks what stands in a text of the record",
        ),
        (
            "{% if messages[0].content == 'x' %}a{% endif %}",
            "a condition asks what stands in a text of the record",
        ),
        ("{{ messages[0].content | length }}", "the filter length cannot be read in: cells stay as they are"),
        ("{{ messages | tojson }}", "the filter tojson cannot be read in"),
        ("{{ strftime_now('%Y') }}", "the call of strftime_now cannot be read in"),
        ("{{ raise_exception('No.') }}", "the template refuses it: No."),
        ("{% macro f() %}x{% endmacro %}{{ f() }}", "the call of f cannot be read in"),
        ("{% include 'x' %}", "{% include %} cannot be read in"),
        ("{% import 'x' as y %}", "{% import %} cannot be read in"),
        ("{% for m in messages %}{% break %}{% endfor %}", "{% break %} cannot be read in"),
        ("{% for m in messages %}{{ loop.cycle('a') }}{% endfor %}", "cycle cannot be read in"),
        ("{% for m in messages %}{{ loop.depth }}{% endfor %}", "the attribute .depth cannot be read in"),
        ("{{ messages }}", "is written out, and is no text"),
        ("{{ 1.5 }}", "is written out, and is no text"),
        ("a{{ eos_token }}b", "writes eos_token within the text"),
        ("a", None),
        (
            "{% if add_generation_prompt %}b{% else %}a{% endif %}",
            "does not begin the answered text with what it asks",
        ),
        ("{% if x %}", "not Jinja"),
        ("{{", "not Jinja"),
        ("{% nope %}", "not Jinja: Encountered unknown tag 'nope'"),
    ],
)
def test_what_a_template_cannot_say_is_refused_with_its_line(text: str, message: str | None) -> None:
    if message is None:
        assert read_chat_template(text).to_mapping()["completion"] == ""
        return
    with pytest.raises(TemplateError) as caught:
        read_chat_template(text)
    assert message in caught.value.message and caught.value.hint


HOSTILE = [
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ messages.__class__ }}",
    "{{ messages[0].__init__.__globals__ }}",
    "{{ messages[0]['__class__'] }}{{ messages[0].items() }}",
    "{{ namespace.__init__.__globals__ }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ self.__init__ }}{{ self._TemplateReference__context }}",
    "{% for a in range(10**9) %}x{% endfor %}",
    "{{ 9 ** 9 ** 9 }}",
    "{{ 'a' * 10 ** 9 }}",
    "{{ '%1000000000d' % 1 }}",
    "{% set x = 'aaaaaaaaaa' %}" + "{% set x = x ~ x %}" * 400 + "{{ x }}",
    "{% for a in messages %}" * 40 + "x" + "{% endfor %}" * 40,
    "{% set ns = namespace(x='a') %}{% for a in messages %}" * 12
    + "{% set ns.x = ns.x + ns.x %}"
    + "{% endfor %}" * 12,
    "{{ " + "(" * 20_000 + "1" + ")" * 20_000 + " }}",
    "{{ " + "-" * 20_000 + "1 }}",
    "{{ " + "not " * 10_000 + "1 }}",
    "{{ 1" + " + 1" * 10_000 + " }}",
    "{{ a" + ".a" * 10_000 + " }}",
    "{% if a %}" * 5_000,
    "{{ " + "9" * 5_000 + " }}",
    "{% set messages.x = 1 %}",
    "{% set a, b = messages %}",
    "{{ messages[::-1] }}{{ messages['x'] }}",
    "{{ messages[0] < messages[1] }}",
    "{{ 1 % 0 }}",
    "{% for m in messages recursive %}{{ loop(messages) }}{% endfor %}",
    "{% call messages() %}{% endcall %}",
    "{% extends messages %}",
    "{% filter upper %}x{% endfilter %}{% autoescape true %}{% endautoescape %}",
    "{{ lipsum(n=100000) }}",
    "{{ messages[0].content.format(messages) }}",
    "{%" + " " * 60_000,
    "{#" * 30_000,
    "{{ '" + "\\" * 60_000,
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_jinja_is_refused_and_never_run(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*given: object, **named: object) -> None:
        raise AssertionError("a template was compiled")

    monkeypatch.setattr(Environment, "compile", run)
    for read in (read_chat_template, read_promptsource, read_any):
        with pytest.raises(TemplateError) as caught:
            read(text)
        assert len(caught.value.message) < 1_000


@pytest.mark.parametrize(
    ("text", "prompt", "completion"),
    [
        ("{{ question }} ||| {{ answer }}", "{question}", "{answer}"),
        ("  Is {{a}} {true}?\n|||\n{{ b }}\n", "Is {a} {{true}}?", "{b}"),
        ('{{"{{ a }}"}} {# not said #} {{a}}||| yes: {{ b -}} \n !', "{{{{ a }}}}  {a}", "yes: {b}!"),
        ("{% raw %}{{ x }}{% endraw %} {{a}} |||| {{b}}", "{{{{ x }}}} {a}", "| {b}"),
        ("Größe {{ größe }} ||| {{ b }}", "Größe {größe}", "{b}"),
    ],
)
def test_promptsource_is_read_as_prompt_and_completion(text: str, prompt: str, completion: str) -> None:
    assert read_promptsource(text).to_mapping() == {
        "type": "prompt-completion",
        "prompt": prompt,
        "completion": completion,
    }


@hypothesis_settings(max_examples=examples(25), deadline=None)
@given(
    st.lists(st.sampled_from(["Is it", " ", "\n", "{", "}", "{{ a }}", "{{ b }}", "?", "—"]), max_size=8),
    TEXTS,
)
def test_promptsource_writes_what_jinja_writes(parts: list[str], cell: str) -> None:
    text = "".join(["Q: ", *parts, "{{ a }} end ||| start {{ b }}", *parts, "."])
    try:
        rendered = Environment().from_string(text).render(a=cell.replace("|||", ""), b="B")
    except Exception:
        return  # pieces that are no Jinja together
    example = read_promptsource(text).render({"a": cell.replace("|||", ""), "b": "B"})
    assert [example.prompt, example.completion] == [side.strip() for side in rendered.split("|||")]


PROMPTSOURCE_FILE = """dataset: faq
templates:
  4b1f:
    !Template
    answer_choices: null
    id: 4b1f
    jinja: '{{question}}

      Answer: ||| {{answer}}'
    metadata: !TemplateMetadata
      metrics: [Other]
    name: ask
    reference: ''
"""


def test_a_promptsource_file_with_one_template_is_read() -> None:
    reading = read_any(PROMPTSOURCE_FILE, "templates.yaml")
    assert reading.kind == "promptsource"
    assert reading.template.to_mapping()["prompt"] == "{question}\nAnswer:"


def test_a_promptsource_file_with_several_names_them() -> None:
    more = PROMPTSOURCE_FILE + PROMPTSOURCE_FILE.partition("templates:\n")[2].replace("4b1f", "5c2a")
    with pytest.raises(TemplateError, match="holds 2 templates: ask, ask"):
        read_any(more, "templates.yaml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "{{ a }}\n{% if b %}c{% endif %} ||| {{ d }}",
            r"line 2: a condition \({% if %}\) cannot be read in",
        ),
        ("{{ a.b }} ||| {{ c }}", r"line 1: the attribute .b cannot be read in"),
        ("\n{{ a[0] }} ||| {{ c }}", r"line 2: an index"),
        ("{{ a | upper }} ||| {{ c }}", "the filter upper"),
        ("{{ a }} ||| {{ answer_choices[label] }}", "an index"),
        ("{{ a }} ||| {{ answer_choices }}", "answer_choices cannot be read in"),
        ("{{ choice(a) }} ||| b", "the call of choice"),
        ("{{ 5 }} ||| {{ b }}", "the construct Const"),
        ("{{ a }}", r"has no \|\|\|"),
        ("{{ a }} ||| b ||| c", "more than once"),
        ("{{ a }} ||| ", "nothing stands after"),
        (" ||| {{ a }}", "nothing stands before"),
        ("templates:\n  a: {jinja: *b}", "not YAML|alias"),
        ("templates:\n  jinja: [", "not YAML"),
        ("templates:\n  x: y # jinja: none", "no template with a jinja text"),
    ],
)
def test_what_promptsource_cannot_be_read_from_is_refused(text: str, message: str) -> None:
    with pytest.raises(TemplateError, match=message) as caught:
        read_any(text) if text.startswith("templates") else read_promptsource(text)
    assert caught.value.hint


def test_each_kind_of_text_is_known_for_what_it_is() -> None:
    assert read_any("{{ q }} ||| {{ a }}").kind == "promptsource"
    assert read_any(CHATML).kind == "chat-template"
    assert read_any(CHATML, "chat_template.jinja").kind == "chat-template"
    assert read_any('# mine\n\ntext: "{a}"').kind == "yaml"
    assert read_any('{"prompt": "{a}", "completion": "{b}"}').kind == "yaml"
    assert read_any('prompt: "{{% for m in messages %}} |||"\ncompletion: "{b}"').kind == "yaml"
    with pytest.raises(TemplateError, match=r"notes\.txt holds no template"):
        read_any("just words", "notes.txt")
    with pytest.raises(TemplateError, match=r"own\.yaml holds no template"):
        read_any("just words", "own.yaml")


def test_a_tokenizer_config_says_its_own_tokens() -> None:
    config = {"eos_token": {"content": "</s>"}, "bos_token": None, "chat_template": ZEPHYR}
    reading = read_any(json.dumps(config), "tokenizer_config.json", system=True)
    assert (
        reading.kind == "chat-template" and "{completion}</s>" in reading.template.to_mapping()["completion"]
    )
    named = config | {
        "chat_template": [{"name": "rag", "template": "x"}, {"name": "default", "template": CHATML}]
    }
    assert read_any(json.dumps(named)).template == read_chat_template(CHATML)


@pytest.mark.parametrize("held", [None, 5, [], [{"name": "rag", "template": "x"}], [5], {"a": 1}])
def test_a_tokenizer_config_without_a_chat_template_is_refused(held: object) -> None:
    with pytest.raises(TemplateError, match="holds no chat template"):
        read_any(json.dumps({"chat_template": held}), "tokenizer_config.json")


def test_a_token_within_the_text_that_nobody_names_is_refused() -> None:
    with pytest.raises(TemplateError, match="writes eos_token within the text") as caught:
        read_any(ZEPHYR)
    assert "tokenizer_config.json" in caught.value.hint
