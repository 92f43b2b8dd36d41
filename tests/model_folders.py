"""Base models as a person has them on disk, without torch: a config, a header of weights, a tokenizer."""

import json
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.tokenizer_folders import make_backend, write_folder

LLAMA: Mapping[str, Any] = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "vocab_size": 400,
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "max_position_embeddings": 512,
}
README = "---\nlicense: apache-2.0\ntags: [text]\n---\n# Small\n"
PICKLES = (
    *("pytorch_model.bin", "model.pt", "training_args.bin", "optimizer.pt", "scheduler.pt", "rng_state.pth"),
    *("weights.pkl", "tf_model.h5", "flax_model.msgpack", "vocab.npy", "model.ckpt", "sklearn.joblib"),
)
PROGRAMS = (
    "modeling_own.py",
    "configuration_own.py",
    "tokenization_own.py",
    "custom_generate.py",
    "conftest.py",
)


def write_weights(path: Path, shapes: Mapping[str, tuple[int, ...]], dtype: str = "BF16") -> None:
    """A safetensors file of zeros."""
    header, at = {}, 0
    for name, shape in shapes.items():
        size = 2 if dtype in ("BF16", "F16") else 4
        for side in shape:
            size *= side
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [at, at + size]}
        at += size
    head = json.dumps(header).encode()
    path.write_bytes(len(head).to_bytes(8, "little") + head + bytes(at))


def write_model(folder: Path, *, chat: str | None = None, **config: Any) -> Path:
    """A small Llama as `save_pretrained` leaves it; `config` replaces keys of config.json."""
    write_folder(folder, make_backend(), chat)
    (folder / "config.json").write_text(json.dumps({**LLAMA, **config}))
    (folder / "README.md").write_text(README)
    write_weights(folder / "model.safetensors", {"embed": (400, 16), "head": (400, 16)})
    return folder


def plant_payloads(folder: Path, marker: Path) -> int:
    """Put what would write `marker`, if it ever ran, into files of every kind; how many there are."""

    class Payload:
        def __reduce__(self) -> Any:
            return exec, (f"open({str(marker)!r}, 'a').write('it ran')",)

    for name in PICKLES:
        (folder / name).write_bytes(pickle.dumps(Payload()))
    for name in PROGRAMS:
        (folder / name).write_text(f"open({str(marker)!r}, 'a').write('it ran')\n")
    return len(PICKLES) + len(PROGRAMS)
