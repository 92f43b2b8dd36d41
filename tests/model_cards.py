"""What a run tells its card, as the worker wrote it down: of tiny, and of a base model of the Hub."""

from typing import Any

HASH = "ab" * 32
TEMPLATE = {
    "type": "prompt-completion",
    "prompt": "### Question:\n{question}{#hint}\nHint: {hint}{/hint}\n\n### Answer:",
    "completion": "\n{answer}",
}
MODEL = {
    "name": "EleutherAI/pythia-70m",
    "kind": "hub",
    "revision": "a39f36b100fe8a5377810d56c3f4789b9c53ac42",
    "architecture": "GPTNeoXForCausalLM",
    "model_type": "gpt_neox",
    "licence": "apache-2.0",
}
LORA = {"use_peft": True, "lora_r": 16, "learning_rate": 2e-4, "num_train_epochs": 3.0}


def make_spec(**changes: Any) -> dict[str, Any]:
    return {
        "run": "1a2b3c4d5e6f",
        "recipe": {
            "version": 1,
            "source": {"path": "/home/ann/private/faq.jsonl", "sha256": HASH},
            "template": {"style": "question-answer"},
            "overlay": {"edit": [{"line": 3, "hash": "x", "column": "answer", "value": "of a record"}]},
            "split": {"train": 0.9, "test": 0.1},
            "train": {"base_model": "tiny"},
        },
        "template": TEMPLATE,
        "example_type": "prompt-completion",
        "base_model": "tiny",
        "train": {"max_steps": 400, "seed": 42},
        "data": {
            "train": {"file": "data/train.jsonl", "records": 90, "sha256": "cd" * 32},
            "test": {"file": "data/test.jsonl", "records": 10, "sha256": "ef" * 32},
        },
        "max_new_tokens": 64,
        "model": {},
    } | changes


def make_real_spec(**changes: Any) -> dict[str, Any]:
    recipe = {"version": 1, "source": {"hub": "lamini/lamini_docs", "revision": "main"}, "train": {}}
    return make_spec(recipe=recipe, model=MODEL, train=LORA, base_model=MODEL["name"]) | changes


def make_metrics(**changes: Any) -> dict[str, Any]:
    return {
        "records": 10,
        "of": 10,
        "base": {"loss": 7.6, "perplexity": 1998.2, "bits_per_byte": 2.51, "tokens": 300},
        "tuned": {
            "loss": 3.31,
            "perplexity": 27.4,
            "bits_per_byte": 1.09,
            "tokens": 300,
            "weights_sha256": "12" * 32,
        },
        "decoding": {"method": "greedy", "max_new_tokens": 64},
        "best_step": 320,
        "parameters": 1_318_528,
    } | changes


def make_told(spec: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    return {
        "spec": spec or make_spec(),
        "metrics": make_metrics(),
        "curve": {
            "train": [[step, 8 - step / 60, 0.004] for step in range(1, 401)],
            "validation": [[step, 8 - step / 80] for step in range(20, 401, 20)],
        },
        "data": {"held_back": 5, "max_length": 512, "truncation": {"without_answer": 2, "cut": 3}},
        "run": {"seconds": 61.4, "step": 400, "steps": 400, "device": "cpu"},
        "what": "model",
    } | changes
