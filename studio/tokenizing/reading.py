"""A stranger's tokenizer as transformers reads it, written so that `tokenizers` alone gives the same ids.

Part of the child process. No code of a repository is run, and nothing but the files in `given/` is there.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from studio.errors import TokenizerError
from studio.tokenizing.fetching import fetch_files
from studio.tokenizing.refusals import explain
from studio.tokens.about import About, ChatTemplate, write_prepared

_MOST_CONTEXT = 100_000_000  # transformers says 1e30 when nothing is known
_CONTEXT_NAMES = ("max_position_embeddings", "n_positions", "max_sequence_length", "seq_length")
_PROBES = (
    "Hello  world\n\n### Answer:\n\tüñí 漢字 🎈 1234 don't",
    " leading and trailing ",
    "<s></s><|endoftext|><|im_end|>\n",
)


def read_tokenizer(asked: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Fill `made/` from `given/`; yields what is told to the parent, a problem in words at the end."""
    name, folder = asked["name"], Path(asked["folder"])
    revision = ""
    try:
        if asked["hub"]:
            yield {"say": f"asking the Hub for {name}"}
            name, revision, files = fetch_files(name, asked["revision"], folder / "given")
            for file in files:
                yield {"say": f"fetching {file}"}
        yield {"say": f"reading {name}"}
        tokenizer = _load(name, folder / "given")
        yield {"say": f"looking at the chat template of {name}"}
        chat = _read_chat(tokenizer)
        about = _describe(name, revision, tokenizer, folder / "given", chat, hub=asked["hub"])
        write_prepared(folder / "made", tokenizer.backend_tokenizer.to_str(), about, chat)
        yield {"made": {"name": name, "revision": revision}}
    except Exception as error:
        problem = explain(error, name)
        yield {"problem": problem.message, "hint": problem.hint}


def _load(name: str, given: Path) -> Any:
    """The tokenizer that transformers makes of the files, if it is one that `tokenizers` can repeat."""
    _refuse_code(name, given)
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(given, local_files_only=True, trust_remote_code=False)
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None:
        raise TokenizerError(
            f"{name} is a {type(tokenizer).__name__}, which only its own program can run.",
            "Choose a tokenizer that has a tokenizer.json.",
        )
    for text in _PROBES:
        own = tokenizer(text)["input_ids"]
        backend.no_truncation()
        backend.no_padding()
        if backend.encode(text).ids != own:
            raise TokenizerError(
                f"{name} gives other tokens in transformers than from its tokenizer.json.",
                "Choose another tokenizer: a preview could not be trusted.",
            )
    return tokenizer


def _refuse_code(name: str, given: Path) -> None:
    """Raise when the repository asks for a tokenizer of its own making."""
    asked = _read_json(given / "tokenizer_config.json").get("auto_map")
    if isinstance(asked, list) or (isinstance(asked, dict) and "AutoTokenizer" in asked):
        raise TokenizerError(
            f"The tokenizer {name} asks to run its own program, and no program of others is ever run.",
            "Choose another tokenizer.",
        )


def _read_chat(tokenizer: Any) -> ChatTemplate | None:
    """The chat template, in the version that TRL trains with where the tokenizer's own marks no answers."""
    if not tokenizer.chat_template:
        return None
    template = str(tokenizer.get_chat_template())
    if not marks_answers(template):
        template = _find_trained(tokenizer) or template
    special = {name: _plain(value) for name, value in tokenizer.special_tokens_map.items()}
    return ChatTemplate(template=template, special_tokens=special, marks_answers=marks_answers(template))


def marks_answers(template: str) -> bool:
    """Whether a chat template says with {% generation %} which part of its text the assistant says."""
    return re.search(r"\{%-?\s*generation\s*-?%\}", template) is not None


def _find_trained(tokenizer: Any) -> str | None:
    try:
        from trl.chat_template_utils import get_training_chat_template

        return cast(str | None, get_training_chat_template(tokenizer))
    except Exception:  # it knows no such template, or the template does not take the messages that it tries
        return None


def _describe(
    name: str, revision: str, tokenizer: Any, given: Path, chat: ChatTemplate | None, *, hub: bool
) -> About:
    return About(
        name=name,
        source="hub" if hub else "folder",
        revision=revision,
        vocabulary=len(tokenizer),
        end_token=tokenizer.eos_token,
        start_token=tokenizer.bos_token,
        pad_token=tokenizer.pad_token,
        context=_find_context(tokenizer, _read_json(given / "config.json")),
        chat=chat is not None,
        marks_answers=chat is not None and chat.marks_answers,
        plain_specials=bool(tokenizer.split_special_tokens),
    )


def _find_context(tokenizer: Any, config: Mapping[str, Any]) -> int | None:
    """How many tokens the model takes: the least that its files say."""
    inner = config.get("text_config")
    said = [tokenizer.model_max_length, *(config.get(name) for name in _CONTEXT_NAMES)]
    said += [inner.get(name) for name in _CONTEXT_NAMES] if isinstance(inner, dict) else []
    known = [number for number in said if isinstance(number, int) and 0 < number < _MOST_CONTEXT]
    return min(known, default=None)


def _plain(value: Any) -> Any:
    return [str(one) for one in value] if isinstance(value, list | tuple) else str(value)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}
