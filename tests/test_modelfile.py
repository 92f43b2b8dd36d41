"""Ollama's Modelfile: what Ollama makes of it is, letter by letter, the prompt that was trained."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.errors import TokenizerError
from studio.run import RunDir, RunSpec, write_json
from studio.styles import STYLES
from studio.takeaway.chat import ChatShape, find_shape, read_chat_shape
from studio.takeaway.modelfile import (
    FAMILIES,
    Prompt,
    _write_shape,
    describe_gguf,
    describe_modelfile,
    quote_text,
    write_template,
)
from studio.template import parse_template
from tests.model_cards import MODEL, TEMPLATE, make_spec
from tests.ollama_reader import ask, read_modelfile
from tests.tokenizer_folders import CHATML, make_backend, write_folder

LLAMA = MODEL | {"model_type": "llama", "architecture": "LlamaForCausalLM"}
QUESTION = 'What is {{ .Prompt }}?\n\t""" é \u2028 🎈'


def store(folder: Path, **changes: Any) -> RunDir:
    run_dir = RunDir(folder / "1a2b3c4d5e6f")
    run_dir.path.mkdir()
    write_json(run_dir.spec_file, RunSpec.from_dict(make_spec(model=LLAMA, **changes)).to_dict())
    return run_dir


def read_template(text: str) -> str:
    [template] = [value for command, value in read_modelfile(text) if command == "template"]
    return template


def test_ollama_asks_with_the_very_prompt(tmp_path: Path) -> None:
    modelfile = describe_modelfile(store(tmp_path))
    commands = read_modelfile(modelfile.text)
    assert commands[0] == ("from", "./model.gguf")
    assert ("parameter", "temperature 0") in commands
    assert ("license", "apache-2.0") in commands
    asked = ask(read_template(modelfile.text), QUESTION)
    assert asked == parse_template(TEMPLATE).render({"question": QUESTION}).prompt
    assert modelfile.words == (
        "question is what you type.",
        "Left empty, since Ollama has no place for it: hint.",
    )


PAIRS = [
    (style.name, variant.to_mapping())
    for style in STYLES.values()
    for variant in style.templates
    if variant.type == "prompt-completion"
]


def test_every_built_in_style_is_asked_exactly_or_refused_in_words() -> None:
    refused = []
    for name, mapping in PAIRS:
        prompt = write_template(mapping)
        if isinstance(prompt, str):
            assert "Ollama gives it one" in prompt
            refused.append(name)
            continue
        asked_for = prompt.words[0].removesuffix(" is what you type.")
        for system in ("", "Be brief."):
            record = {asked_for: QUESTION, "system": system}
            template = read_template(f'FROM x\nTEMPLATE """{prompt.template}"""\n')
            assert ask(template, QUESTION, system) == parse_template(mapping).render(record).prompt, name
    print(f"{len(PAIRS) - len(refused)} of {len(PAIRS)} prompts are asked exactly")
    assert sorted(set(refused)) == ["rag", "translate"]


@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=40))
def test_any_text_comes_through_letter_by_letter(text: str) -> None:
    written = f'FROM x\nTEMPLATE """{{{{ .Prompt }}}}{quote_text(text)}{{{{ .Response }}}}"""\n'
    assert ask(read_template(written), "a") == f"a{text}"


def test_sections_of_the_system_message_become_conditions() -> None:
    prompt = write_template(
        {
            "prompt": "{#system}S {system}{/system}{^system}none{/system} {#q}{q}{/q}{^q}-{/q}{q}",
            "completion": "{a} ## End\n",
        }
    )
    assert isinstance(prompt, Prompt)
    assert ask(prompt.template, "Why", "Rules") == "S Rules WhyWhy"
    assert ask(prompt.template, "Why") == "none WhyWhy"
    assert prompt.stops == ("## End",)


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{context}\n{question}", "The prompt reads more than one text (context, question)"),
        ("{#hint}{hint}{/hint}", "reads no column that is always there"),
    ],
)
def test_a_prompt_of_more_texts_than_one_is_refused_in_words(template: str, words: str) -> None:
    refused = write_template({"prompt": template, "completion": "{answer}"})
    assert isinstance(refused, str)
    assert words in refused


def test_a_family_that_ollama_does_not_take_is_said(tmp_path: Path) -> None:
    run_dir = store(tmp_path, example_type="text")
    assert ask(read_template(describe_modelfile(run_dir).text), "Once") == "Once"
    for model, words in (
        (MODEL, "a GPTNeoXForCausalLM: a Modelfile is written for"),
        ({}, "which is a GPT-NeoX"),
    ):
        write_json(run_dir.spec_file, make_spec(model=model))
        found = describe_modelfile(run_dir)
        assert found.text == ""
        assert words in found.words[0]
    assert set(FAMILIES.values()) == {"Llama", "Mistral", "Gemma", "Qwen"}


def test_gguf_is_a_command_and_for_tiny_a_word() -> None:
    commands, _ = describe_gguf(RunSpec.from_dict(make_spec(model=LLAMA)), "model-1a2b3c4d")
    assert (
        commands[-1]
        == "python llama.cpp/convert_hf_to_gguf.py model-1a2b3c4d --outfile model-1a2b3c4d/model.gguf"
    )
    assert describe_gguf(RunSpec.from_dict(make_spec()), "x")[0] == []
    assert "Not for tiny" in describe_gguf(RunSpec.from_dict(make_spec()), "x")[1]


Turns = Sequence[tuple[str, str]]


def chatml(turns: Turns) -> str:
    return "".join(f"<|im_start|>{role}\n{content}<|im_end|>\n" for role, content in turns)


def qwen(turns: Turns) -> str:
    rules = "" if turns[0][0] == "system" else "<|im_start|>system\nYou are Qwen.<|im_end|>\n"
    return rules + chatml(turns)


def llama3(turns: Turns) -> str:
    return "".join(
        f"<|start_header_id|>{role}<|end_header_id|>\n\n{content}<|eot_id|>" for role, content in turns
    )


def mistral(turns: Turns) -> str:
    text, rules = "", ""
    for role, content in turns:
        if role == "system":
            rules = f"{content}\n\n"
        elif role == "user":
            text, rules = f"{text}[INST] {rules}{content} [/INST]", ""
        else:
            text += f" {content}</s>"
    return text


def gemma(turns: Turns) -> str:
    if turns[0][0] == "system":
        raise TokenizerError("System role not supported", "Leave it out.")
    roles = {"user": "user", "assistant": "model"}
    return "".join(f"<start_of_turn>{roles[role]}\n{content}<end_of_turn>\n" for role, content in turns)


def thinking(turns: Turns) -> str:
    """Writes an empty thought into the last answer alone, as Qwen 3's template does."""
    *earlier, last = turns
    return chatml(earlier) + f"<|im_start|>assistant\n<think>\n\n</think>\n\n{last[1]}<|im_end|>\n"


TALK = [("user", QUESTION), ("assistant", "It is.\n"), ("user", "And now?")]


@pytest.mark.parametrize(
    ("render", "stop", "takes_system"),
    [
        (chatml, "<|im_end|>", True),
        (qwen, "<|im_end|>", True),
        (llama3, "<|eot_id|>", True),
        (mistral, "</s>", True),
        (gemma, "<end_of_turn>", False),
    ],
)
def test_a_chat_template_is_repeated_turn_by_turn(render: Any, stop: str, takes_system: bool) -> None:
    shape = find_shape(render)
    assert isinstance(shape, ChatShape)
    assert shape.stops == (stop,)
    assert (shape.system is not None) == takes_system
    template = read_template(f'FROM x\nTEMPLATE """{_write_shape(shape)}"""\n')
    for count in (1, 3):
        for rules in ([], [("system", "Be brief.")] if takes_system else []):
            asked = ask(template, turns=TALK[:count], system=rules[0][1] if rules else "")
            whole = render([*rules, *TALK[:count], ("assistant", "ANSWER")])
            assert asked == whole.partition("ANSWER")[0]


def test_a_chat_template_that_writes_turns_unlike_has_no_shape() -> None:
    assert find_shape(thinking) is None
    assert find_shape(lambda turns: "always the same") is None


@pytest.fixture
def prepared(tmp_path: Path) -> Path:
    """A tokenizer with a chat template, as it lies in a run."""
    from studio.tokens.about import About, ChatTemplate, write_prepared

    folder = tmp_path / "tokenizer"
    folder.mkdir()
    about = About(
        name="small", source="folder", vocabulary=400, start_token="<s>", chat=True, marks_answers=True
    )
    chat = ChatTemplate(
        template="{{ bos_token }}" + CHATML, special_tokens={"bos_token": "<s>"}, marks_answers=True
    )
    write_prepared(folder, json.dumps({}), about, chat)
    return folder


@pytest.mark.train
def test_the_models_own_jinja_is_asked_in_its_process(prepared: Path, tmp_path: Path) -> None:
    shape = read_chat_shape(prepared)
    assert isinstance(shape, ChatShape)
    assert shape.first == ""
    assert shape.before_user == "<|im_start|>user\n"
    assert shape.after_user == "<|im_end|>\n<|im_start|>assistant\n"
    run_dir = store(tmp_path, example_type="messages", template={"type": "messages"})
    run_dir.tokenizer.symlink_to(prepared)
    modelfile = describe_modelfile(run_dir)
    assert ("parameter", "stop <|im_end|>") in read_modelfile(modelfile.text)
    assert ask(read_template(modelfile.text), turns=[("user", "Hi")]) == (
        "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"
    )


def test_a_model_without_a_chat_template_says_so(tmp_path: Path) -> None:
    run_dir = store(tmp_path, example_type="messages", template={"type": "messages"})
    write_folder(run_dir.tokenizer, make_backend())
    assert describe_modelfile(run_dir).words == ("The model has no chat template.",)
