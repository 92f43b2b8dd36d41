"""A model of a run as it answers: read back from disk, an adapter made one with its base.

Every model that is opened is whole and its own: no weights are shared with another one beside it, so that
`base` stays the base whatever was put on a second copy of it. Knows the run's folder and transformers.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import transformers

from studio.errors import ModelError, RunError
from studio.run import RunDir, RunSpec, read_stored_state
from studio.run.sides import BASE, find_side, needs_base
from studio.tokens import Tokens
from studio.train.data import Row, tokenize_rows
from studio.train.score import Encode
from studio.train.tiny import hash_weights, load_model
from studio.weights import check_folder

ADAPTER_WEIGHTS = "adapter_model.safetensors"


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A model that answers; `sha256` is that of its weights as they stand in memory."""

    which: str
    model: Any
    tokenizer: Any
    sha256: str


def open_sides(run_dir: RunDir, spec: RunSpec, wanted: list[str]) -> list[Side]:
    """The models of these names, in order; the hashes are taken once all of them stand in memory.

    Raises RunError for one that there is not, whose base is gone or is not the one that the run began with,
    ModelError for one that cannot be opened.
    """
    opened = {which: _open_model(run_dir, spec, which) for which in dict.fromkeys(wanted)}
    hashes = {which: hash_weights(model) for which, (model, _) in opened.items()}
    for which, sha256 in hashes.items():
        _check_hash(run_dir, spec, which, sha256)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    return [
        Side(which=which, model=opened[which][0].to(device), tokenizer=opened[which][1], sha256=hashes[which])
        for which in wanted
    ]


def open_rows_encoder(run_dir: RunDir, spec: RunSpec, tokenizer: Any) -> Encode:
    """Rows as tokens, exactly as the run's training had them."""
    if spec.model:
        from studio.train.base import open_encoder

        return open_encoder(run_dir)

    def encode(rows: Any) -> list[Tokens]:
        return tokenize_rows(tokenizer, rows)

    return encode


def quieten() -> None:
    """Keep progress bars out of the log, and the network out of everything."""
    transformers.utils.logging.disable_progress_bar()
    transformers.utils.logging.set_verbosity_error()


def _open_model(run_dir: RunDir, spec: RunSpec, which: str) -> tuple[Any, Any]:
    folder = find_side(run_dir, which)
    name = f"{which} of run {run_dir.run}"
    try:
        if needs_base(folder):
            return _open_adapter(run_dir, spec, folder)
        check_folder(folder, str(spec.model["name"]) if which == BASE and spec.model else name)
        return load_model(folder, choose_kept(spec))
    except (ValueError, KeyError, OSError, RuntimeError) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
        raise ModelError(f"The model {name} cannot be opened: {reason}", "Choose another one.") from error


def _open_adapter(run_dir: RunDir, spec: RunSpec, folder: Path) -> tuple[Any, Any]:
    """A copy of the base, made one with the adapter as the run's own last model is."""
    from peft import get_peft_model, set_peft_model_state_dict
    from safetensors.torch import load_file

    from studio.train.base import make_adapter

    model, tokenizer = _open_model(run_dir, spec, BASE)
    _check_hash(run_dir, spec, BASE, hash_weights(model))
    adapted = get_peft_model(model, make_adapter(dict(spec.train)))
    set_peft_model_state_dict(adapted, load_file(folder / ADAPTER_WEIGHTS))
    return adapted.merge_and_unload().eval(), tokenizer


def choose_kept(spec: RunSpec) -> torch.dtype:
    """The number type in which a run's models are kept, as its training has them."""
    if not spec.model:
        return torch.float32
    from studio.train.base import choose_dtype

    dtype = choose_dtype(str(spec.train.get("dtype") or "auto"))
    return dtype if spec.train.get("use_peft") else torch.float32


def _check_hash(run_dir: RunDir, spec: RunSpec, which: str, sha256: str) -> None:
    measured = read_stored_state(run_dir).metrics.get(which) or {}
    if measured.get("weights_sha256", sha256) != sha256:
        name = spec.base_model if which == BASE else f"{which} model"
        raise RunError(
            f"The {name} on disk is not the one that run {run_dir.run} was measured with.",
            "Its files were changed since. Put them back, or start the run again.",
        )


def as_asked(rows: Any, encode: Encode) -> tuple[Row, ...]:
    """The rows as they are asked: of a conversation, up to its last answer."""
    from studio.train.data import split_last_answer

    return tuple(map(split_last_answer, rows, encode(rows)))
