"""What Ollama reads of a model: a Modelfile whose TEMPLATE gives the very prompt that was trained.

    TEMPLATE \"\"\"### Question:
    {{ .Prompt }}

    ### Answer:{{ .Response }}\"\"\"

Grammar: docs/modelfile.mdx and parser/parser.go of ollama/ollama, read in November 2026. Its parser drops
what Go's IsPrint does not print, and ends a text at three quotes: both are written as constants of Go's
text/template. Ollama makes no GGUF of safetensors; llama.cpp's convert_hf_to_gguf.py does. Where no TEMPLATE
can give our prompt, that is said in words.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from studio.card.markdown import plain_text
from studio.card.model.using import find_columns
from studio.errors import StudioError
from studio.run import RunDir, RunSpec, read_spec
from studio.takeaway.chat import ChatShape, read_chat_shape
from studio.template import parse_template
from studio.template.grammar import Node, Placeholder, Section, spell_name

FAMILIES = {
    "llama": "Llama",
    **dict.fromkeys(("mistral", "mixtral"), "Mistral"),
    **dict.fromkeys(("gemma", "gemma2", "gemma3", "gemma3_text"), "Gemma"),
    **dict.fromkeys(("qwen2", "qwen2_moe", "qwen3", "qwen3_moe"), "Qwen"),
}
_TAKEN = "Llama, Mistral, Gemma and Qwen"
_CONVERT = "llama.cpp/requirements/requirements-convert_hf_to_gguf.txt"
_QUOTES = re.compile(r'"{2,}|^"|"$')
_MARK = re.compile(r"[<\[#|]")
SYSTEM = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class Modelfile:
    """`text` is the file, empty where there can be none; `words` say what it gives, or why there is none."""

    text: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """A TEMPLATE, where answers stop besides the end token, and what a person must know of it."""

    template: str
    stops: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


def describe_modelfile(run_dir: RunDir) -> Modelfile:
    """The Modelfile of a run, to lie beside `model.gguf`; only words where Ollama cannot ask it as we do."""
    spec = read_spec(run_dir)
    family = FAMILIES.get(str(spec.model.get("model_type", "")))
    if family is None:
        return Modelfile(text="", words=(_refuse_family(spec.model),))
    try:
        prompt = write_prompt(spec, run_dir)
    except StudioError as error:
        return Modelfile(text="", words=(error.message, error.hint))
    if isinstance(prompt, str):
        return Modelfile(text="", words=(prompt,))
    return Modelfile(text=_write_file(spec, family, prompt), words=prompt.words)


def describe_gguf(spec: RunSpec, name: str) -> tuple[list[str], str]:
    """The commands that make `model.gguf` of a folder `name`, and a word on them; no command for tiny."""
    if not spec.model:
        return [], (
            "Not for tiny: its tokenizer was made from your records, and llama.cpp converts those"
            " that it knows. A base model from the Hub can be converted."
        )
    return [
        "git clone --depth 1 https://github.com/ggml-org/llama.cpp",
        f"pip install -r {_CONVERT}",
        f"python llama.cpp/convert_hf_to_gguf.py {name} --outfile {name}/model.gguf",
    ], "Run these beside the unpacked folder. The script says so where it does not know a model."


def write_prompt(spec: RunSpec, run_dir: RunDir) -> Prompt | str:
    """The TEMPLATE of a run's examples, or why there is none."""
    if spec.example_type == "messages":
        return _write_chat(run_dir)
    if spec.example_type == "text" or not spec.template.get("prompt"):
        words = "Examples were whole texts: the model goes on from the text that you give."
        return Prompt(template="{{ .Prompt }}{{ .Response }}", words=(words,))
    return write_template(spec.template)


def write_template(template: Mapping[str, Any]) -> Prompt | str:
    """The TEMPLATE of a prompt and a completion, or why there is none.

    Ollama gives one text, `.Prompt`, and a system message, `.System`: the one column that the prompt always
    shows, and a column `system` that it may show. Any other optional column is taken for empty.
    """
    prompt, completion = (part.nodes for part in parse_template(dict(template)).parts)
    required, optional = find_columns(prompt)
    if len(required) != 1:
        shown = ", ".join(map(spell_name, required)) or "none that is always there"
        return (
            f"The prompt reads more than one text ({shown}), and Ollama gives it one."
            if required
            else "The prompt reads no column that is always there, and Ollama gives it one text."
        )
    tail = _find_tail(completion)
    left = [name for name in optional if name != SYSTEM]
    words = [f"{spell_name(required[0])} is what you type."]
    if SYSTEM in optional:
        words.append("The system message is the column system.")
    if left:
        words.append(f"Left empty, since Ollama has no place for it: {', '.join(map(spell_name, left))}.")
    return Prompt(
        template=f"{_write_nodes(prompt, required[0])}{{{{ .Response }}}}{quote_text(tail)}",
        stops=(tail.strip(),) if _MARK.search(tail) else (),
        words=tuple(words),
    )


def _write_nodes(nodes: Iterable[Node], asked: str) -> str:
    """The text of nodes in Go's text/template, of a record with `asked`, and `system` where given."""
    written = []
    for node in nodes:
        if isinstance(node, str):
            written.append(quote_text(node))
        elif isinstance(node, Placeholder):
            written.append({asked: "{{ .Prompt }}", SYSTEM: "{{ .System }}"}.get(node.name, ""))
        else:
            written.append(_write_section(node, asked))
    return "".join(written)


def _write_section(section: Section, asked: str) -> str:
    inside = _write_nodes(section.children, asked)
    if section.name == SYSTEM:
        claim = "not .System" if section.inverted else ".System"
        return f"{{{{ if {claim} }}}}{inside}{{{{ end }}}}"
    return inside if section.inverted == (section.name != asked) else ""


def _find_tail(nodes: tuple[Node, ...]) -> str:
    """What the template itself writes at the end of every completion."""
    return nodes[-1] if len(nodes) > 1 and isinstance(nodes[-1], str) else ""


def _write_chat(run_dir: RunDir) -> Prompt | str:
    shape = read_chat_shape(run_dir.tokenizer)
    if isinstance(shape, str):
        return shape
    words = ["The messages are written as the model's own chat template writes them."]
    if not shape.system:
        words.append("It takes no system message.")
    return Prompt(template=_write_shape(shape), stops=shape.stops, words=tuple(words))


def _write_shape(shape: ChatShape) -> str:
    first = quote_text(shape.first)
    if shape.system:
        before, after = map(quote_text, shape.system)
        first = f"{{{{ if .System }}}}{before}{{{{ .System }}}}{after}{{{{ else }}}}{first}{{{{ end }}}}"
    user = f"{quote_text(shape.before_user)}{{{{ .Content }}}}{quote_text(shape.after_user)}"
    answer = f"{{{{ .Content }}}}{quote_text(shape.after_answer)}"
    turns = f'{{{{ if eq .Role "user" }}}}{user}{{{{ else if eq .Role "assistant" }}}}{answer}{{{{ end }}}}'
    return f"{first}{{{{ range .Messages }}}}{turns}{{{{ end }}}}"


def quote_text(text: str) -> str:
    """A text as it stands in a TEMPLATE between three quotes: Ollama gives it back letter by letter."""
    parts = re.split(r"(\{\{)", text)
    plain = "".join('{{ "{{" }}' if part == "{{" else _escape_unseen(part) for part in parts)
    return (
        _QUOTES.sub(lambda found: '{{ "' + "\\x22" * len(found[0]) + '" }}', plain) if '"' in text else plain
    )


def _escape_unseen(text: str) -> str:
    return "".join(letter if _is_printed(letter) else f'{{{{ "{_spell(letter)}" }}}}' for letter in text)


def _is_printed(letter: str) -> bool:
    return letter in "\n\t " or unicodedata.category(letter)[0] in "LMNPS"


def _spell(letter: str) -> str:
    return f"\\u{ord(letter):04x}" if ord(letter) < 0x10000 else f"\\U{ord(letter):08x}"


def _write_file(spec: RunSpec, family: str, prompt: Prompt) -> str:
    licence = plain_text(str(spec.model.get("licence") or "")).replace('"', "'")
    lines = [
        f"# A {family} model, fine-tuned by Dataset Studio. First make model.gguf: see README.md.",
        *(f"# {plain_text(word)}" for word in prompt.words),
        "FROM ./model.gguf",
        f'TEMPLATE """{prompt.template}"""',
        "# Greedy, as in Compare.",
        "PARAMETER temperature 0",
        *(f'PARAMETER stop "{stop}"' for stop in prompt.stops if '"' not in stop and stop.isprintable()),
        *([f'LICENSE """{licence}"""'] if licence else []),
    ]
    return "\n".join(lines) + "\n"


def _refuse_family(model: Mapping[str, Any]) -> str:
    if not model:
        return f"Not for tiny, which is a GPT-NeoX: Ollama takes {_TAKEN} models."
    kind = plain_text(str(model.get("architecture") or "")) or "unknown"
    return f"Not for this model, a {kind}: a Modelfile is written for {_TAKEN} models."
