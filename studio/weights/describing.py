"""What a language model is, from its config, its weights' headers, its tokenizer's config and its README.

    Description(name="EleutherAI/pythia-70m", kind="hub", revision="a39f36b1…", parameters=70426624,
                architecture="GPTNeoXForCausalLM", dtype="float16", context=2048, licence="apache-2.0", …)

Every file is given as text: knows nothing of where it came from.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from studio.errors import ModelError
from studio.weights.files import CONFIG, README, check_folder, list_names, list_unopened, read_json
from studio.weights.headers import SIZES, Weight, read_header

DTYPES = {"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16"}
_CAUSAL = re.compile(r"\w+(ForCausalLM|LMHeadModel)")
_CONTEXT = ("max_position_embeddings", "n_positions", "max_sequence_length", "seq_length", "n_ctx")
_MOST_README = 1 << 16
_FRONT = re.compile(r"\A---\s*\n(.*?)\n---\s*(\n|\Z)", re.DOTALL)

ReadText = Callable[[str], str]
"""The text of a file by its name; empty when it is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What is known of a base model without opening its weights.

    `name` is tiny, a folder's name or a Hub id, `revision` its commit there. `parameters` counts the
    numbers of all weights, `bytes` is their size on disk, `dtype` how most of them are kept. What is said
    nowhere is None or 0. `chat` says that there is a chat template, `unopened` names the files that could
    run a program and are left alone.
    """

    name: str
    kind: Literal["tiny", "folder", "hub"]
    revision: str = ""
    architecture: str = ""
    model_type: str = ""
    parameters: int = 0
    bytes: int = 0
    dtype: str = ""
    context: int | None = None
    vocabulary: int = 0
    width: int = 0
    layers: int = 0
    heads: int = 0
    chat: bool = False
    licence: str | None = None
    unopened: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """One line for a person."""
        size = (
            f"{self.parameters / 1e9:.1f} B" if self.parameters >= 1e9 else f"{self.parameters / 1e6:.1f} M"
        )
        context = f", {self.context:,} tokens" if self.context else ""
        return f"{size} parameters{context}, {self.licence or 'no licence stated'}"

    def to_dict(self) -> dict[str, Any]:
        """The description as plain JSON values."""
        return asdict(self) | {"unopened": list(self.unopened)}


def describe_folder(folder: Path, name: str | None = None) -> Description:
    """The model in a folder. Raises ModelError for one that may not be opened, or is no language model."""
    what = name or folder.name
    config, files = check_folder(folder, what)
    weights = [weight for file in files for weight in read_header(folder / file)]

    def read_text(file: str) -> str:
        path = folder / file
        try:
            return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
        except OSError:
            return ""

    tokenizer = (
        read_json(folder / "tokenizer_config.json", what) if read_text("tokenizer_config.json") else {}
    )
    return describe_model(what, config, weights, tokenizer, read_text, list_names(folder))


def describe_model(
    what: str,
    config: Mapping[str, Any],
    weights: Sequence[Weight],
    tokenizer: Mapping[str, Any],
    read_text: ReadText,
    names: Sequence[str],
    **where: Any,
) -> Description:
    """The same from what was read of the files; `where` are the fields `kind` and `revision`.

    Raises ModelError for what is not a causal language model.
    """
    architecture = _read_architecture(what, config)
    inner = config.get("text_config")
    said = {**(inner if isinstance(inner, dict) else {}), **config}
    kinds = Counter[str]()
    for weight in weights:
        kinds[weight.dtype] += weight.count
    main = kinds.most_common(1)[0][0] if kinds else ""
    return Description(
        name=what,
        architecture=architecture,
        model_type=str(config.get("model_type", ""))[:100],
        parameters=kinds.total(),
        bytes=sum(weight.count * SIZES.get(weight.dtype, 4) for weight in weights),
        dtype=DTYPES.get(main, main),
        context=_find_context(said, tokenizer),
        vocabulary=_number(said, "vocab_size"),
        width=_number(said, "hidden_size", "n_embd", "d_model"),
        layers=_number(said, "num_hidden_layers", "n_layer", "num_layers"),
        heads=_number(said, "num_attention_heads", "n_head"),
        chat=bool(tokenizer.get("chat_template"))
        or bool({"chat_template.jinja", "chat_template.json"} & {*names}),
        licence=read_licence(read_text(README)),
        unopened=tuple(list_unopened(names)),
        **{"kind": "folder", **where},
    )


def read_licence(readme: str) -> str | None:
    """What the YAML at the head of a README names as licence; None when it names none."""
    found = _FRONT.match(readme[:_MOST_README].replace("\r\n", "\n"))
    try:
        values = yaml.safe_load(found[1]) if found else None
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    if not isinstance(values, dict):
        return None
    said = values.get("license")
    named = values.get("license_name") if said == "other" else None
    licence = named or (", ".join(map(str, said)) if isinstance(said, list) else said)
    return str(licence)[:200] if licence else None


def _read_architecture(what: str, config: Mapping[str, Any]) -> str:
    said = config.get("architectures")
    names = [name for name in said if isinstance(name, str)] if isinstance(said, list) else []
    causal = next((name for name in names if _CAUSAL.fullmatch(name)), None)
    if causal is None:
        named = names[0][:80] if names else "of no named kind"
        raise ModelError(
            f"{what} is no language model that continues a text: its {CONFIG} says {named}.",
            "Choose one whose architecture ends with ForCausalLM.",
        )
    return causal


def _find_context(config: Mapping[str, Any], tokenizer: Mapping[str, Any]) -> int | None:
    said = [config.get(name) for name in _CONTEXT] + [tokenizer.get("model_max_length")]
    known = [number for number in said if type(number) is int and 0 < number < 100_000_000]
    return min(known, default=None)


def _number(config: Mapping[str, Any], *names: str) -> int:
    found = next((config[name] for name in names if type(config.get(name)) is int), 0)
    return max(0, int(found))
