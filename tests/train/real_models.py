"""Base models of three families, random and tiny, with tokenizers and chat templates, as folders."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from trl.chat_template_utils import qwen2_5_chat_template

from studio.job.request import freeze_data
from studio.job.start import Base
from studio.run import RunDir, RunSpec, RunState, write_json, write_state
from studio.tokenizing.reading import read_tokenizer
from studio.weights import choose_defaults, describe_folder, link_model
from tests.tokenizer_folders import CHATML, make_backend, write_folder
from tests.train.small_runs import write_lines

FAMILIES = ("llama", "qwen", "neox")
SMALL = {"vocab_size": 400, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2}


def write_real(folder: Path, family: str) -> Path:
    """The model as `save_pretrained` leaves it, with its tokenizer; the Qwen is in bfloat16."""
    import torch
    from transformers import (
        AutoTokenizer,
        GPTNeoXConfig,
        GPTNeoXForCausalLM,
        LlamaConfig,
        LlamaForCausalLM,
        Qwen2Config,
        Qwen2ForCausalLM,
    )

    shape = {**SMALL, "intermediate_size": 32, "max_position_embeddings": 256}
    grouped = {"num_key_value_heads": 1}
    torch.manual_seed(3)
    models = {
        "llama": lambda: LlamaForCausalLM(LlamaConfig(**shape, **grouped)),
        "qwen": lambda: Qwen2ForCausalLM(Qwen2Config(**shape, **grouped, tie_word_embeddings=True)),
        "neox": lambda: GPTNeoXForCausalLM(GPTNeoXConfig(**shape)),
    }
    models[family]().to(torch.bfloat16 if family == "qwen" else torch.float32).save_pretrained(folder)
    chats = {"llama": CHATML, "qwen": qwen2_5_chat_template, "neox": CHATML}
    ends: Mapping[str, Any] = {"eos_token": "<|im_end|>"} if family == "qwen" else {}
    write_folder(folder, make_backend(start=family == "llama"), chats[family], **ends)
    AutoTokenizer.from_pretrained(folder)
    return folder


def prepare_real(folder: Path, scratch: Path) -> Base:
    """The base model of a folder with its prepared tokenizer."""
    for name in ("given", "made"):
        (scratch / name).mkdir(parents=True)
    for path in folder.iterdir():
        if path.suffix in (".json", ".jinja"):
            (scratch / "given" / path.name).write_bytes(path.read_bytes())
    said = list(read_tokenizer({"name": folder.name, "folder": str(scratch), "hub": False}))
    assert "made" in said[-1], said
    return Base(description=describe_folder(folder), folder=folder, tokenizer=scratch / "made")


def make_real_run(
    folder: Path, base: Base, parts: Mapping[str, list[dict[str, Any]]], **train: Any
) -> tuple[RunDir, RunSpec]:
    """A frozen run on a base model that no worker has seen yet."""
    folder.mkdir(exist_ok=True)
    run_dir = RunDir(folder / "run")
    first = parts["train"][0]
    kind: Any = next((name for name in ("text", "messages") if name in first), "prompt-completion")
    files = {part: write_lines(folder / f"{part}.jsonl", lines) for part, lines in parts.items()}
    records = len(parts["train"])
    defaults = choose_defaults(base.description, records, use_peft=train.get("use_peft"))
    spec = RunSpec(
        run="run",
        recipe={"version": 1},
        template={"prompt": "{question}"},
        example_type=kind,
        base_model=str(base.folder),
        train={**defaults, "max_length": 128, "seed": 1, **train},
        data=freeze_data(run_dir, files, kind),
        max_new_tokens=8,
        model=base.description.to_dict(),
    )
    link_model(base.folder, run_dir.base)
    run_dir.tokenizer.symlink_to(base.tokenizer)
    (run_dir.path / "eval").mkdir()
    write_json(run_dir.spec_file, spec.to_dict())
    write_state(run_dir, RunState(run="run", state="queued"))
    return run_dir, spec
