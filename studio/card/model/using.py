"""How the model of a run is asked: an example of a prompt as it was trained with, and six lines of Python.

"### Question:\\nYOUR QUESTION\\n\\n### Answer:"
"""

from collections.abc import Iterable, Mapping
from typing import Any

from studio.card.markdown import fence_text
from studio.template import parse_template
from studio.template.grammar import Node, Placeholder, Section

_CLASSES = {
    "model": ("transformers", "AutoModelForCausalLM"),
    "adapter": ("peft", "AutoPeftModelForCausalLM"),
}
_CHAT = (
    "tokenizer.apply_chat_template(chat, add_generation_prompt=True, return_dict=True, return_tensors='pt')"
)
_TEXT = "tokenizer({text}, return_tensors='pt', return_token_type_ids=False)"
_TURN = [{"role": "user", "content": "YOUR QUESTION"}]


def describe_use(told: Mapping[str, Any]) -> str:
    """The six lines, in a block of code."""
    return fence_text("\n".join(write_use(told, told.get("name") or "ORG/NAME")), "python")


def write_use(told: Mapping[str, Any], name: str = "ORG/NAME") -> list[str]:
    """Six lines that print an answer of the model `name`, greedily, as Compare asks it."""
    spec, (library, model) = told["spec"], _CLASSES[told["what"]]
    named = f"name = {name!r}  # on the Hub, or the path of this folder"
    asked = _TEXT.format(text=repr(example_prompt(spec) or "Once upon a time"))
    if spec["example_type"] == "messages":
        named, asked = f"name, chat = {name!r}, {_TURN}", _CHAT
    if library == "transformers":
        imported = f"from transformers import {model}, AutoTokenizer"
    else:
        imported = f"from {library} import {model}; from transformers import AutoTokenizer"
    return [
        imported,
        named,
        f"model, tokenizer = {model}.from_pretrained(name), AutoTokenizer.from_pretrained(name)",
        f"asked = {asked}",
        f"answer = model.generate(**asked, max_new_tokens={spec['max_new_tokens']}, do_sample=False)",
        "print(tokenizer.decode(answer[0, asked['input_ids'].shape[1] :], skip_special_tokens=True))",
    ]


def example_prompt(spec: Mapping[str, Any]) -> str:
    """The prompt of a record whose texts are YOUR and the column's name; what is optional is left out.

    Empty where examples are texts or messages, and where the template is not known.
    """
    if spec["example_type"] != "prompt-completion" or not spec["template"].get("prompt"):
        return ""
    template = parse_template({"completion": "", **spec["template"]})
    required, _ = find_columns(template.parts[0].nodes)
    return template.render({name: f"YOUR {name.upper()}" for name in required}).prompt


def find_columns(nodes: Iterable[Node]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The columns that a text always shows, and those without which it is still a text, in written order."""
    required: dict[str, None] = {}
    optional: dict[str, None] = {}
    for node in nodes:
        if isinstance(node, Placeholder):
            required[node.name] = None
        elif isinstance(node, Section):
            optional[node.name] = None
            optional |= dict.fromkeys(name for names in find_columns(node.children) for name in names)
    return tuple(required), tuple(name for name in optional if name not in required)
