"""Runs that have succeeded, with weights small enough to be written by hand: no torch is needed."""

import json
from pathlib import Path
from typing import Any

from studio.run import Event, RunDir, RunPhase, RunSpec, RunState, write_event, write_json, write_state
from tests.model_cards import make_metrics, make_spec
from tests.train.small_runs import write_lines

CONFIG = {"architectures": ["LlamaForCausalLM"], "model_type": "llama"}


def write_weights(path: Path, numbers: int = 8) -> Path:
    """A whole safetensors file with one weight."""
    about = {"weight": {"dtype": "F32", "shape": [numbers], "data_offsets": [0, 4 * numbers]}}
    head = json.dumps(about).encode()
    path.write_bytes(len(head).to_bytes(8, "little") + head + bytes(4 * numbers))
    return path


def finish_run(folder: Path, *, adapter: bool = False, state: RunPhase = "succeeded", **spec: Any) -> RunDir:
    """The folder of a run as the worker leaves it: its model, its template, its answers, its scores."""
    run_dir = RunDir(folder)
    run_dir.path.mkdir(parents=True)
    (run_dir.path / "eval").mkdir()
    values = make_spec(**spec) | {"run": run_dir.run}
    write_json(run_dir.spec_file, RunSpec.from_dict(values).to_dict())
    _write_model(run_dir.final, "config.json", CONFIG, "model.safetensors")
    write_json(
        run_dir.final / "template.json", {"template": values["template"], "type": values["example_type"]}
    )
    (run_dir.final / "optimizer.pt").write_bytes(b"a pickle")
    if adapter:
        about = {"peft_type": "LORA", "base_model_name_or_path": "org/name"}
        _write_model(run_dir.final / "adapter", "adapter_config.json", about, "adapter_model.safetensors")
    metrics = make_metrics(records=2)
    write_json(run_dir.metrics, metrics)
    for name, path in (("base", run_dir.base_completions), ("tuned", run_dir.tuned_completions)):
        write_lines(path, [_answer(row, name) for row in range(2)])
    for step in (10, 20):
        write_event(run_dir, Event(event="evaluation", step=step, eval_loss=8 - step / 10))
    write_state(
        run_dir, RunState(run=run_dir.run, state=state, step=20, steps=20, metrics=metrics, seconds=9)
    )
    return run_dir


def _write_model(folder: Path, name: str, config: dict[str, Any], weights: str) -> None:
    folder.mkdir(parents=True)
    write_json(folder / name, config)
    (folder / "tokenizer.json").write_text("{}")
    (folder / "README.md").write_text("What a library has put here.")
    write_weights(folder / weights)


def _answer(row: int, name: str) -> dict[str, Any]:
    loss = 7.6 if name == "base" else 3.31
    texts = {"prompt": f"Q{row}", "expected": "a b", "completion": "a b" if name == "tuned" else "x"}
    return {"row": row, **texts, "finished": True, "loss": loss, "tokens": 4}
