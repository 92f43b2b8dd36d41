"""Hostile requests: none reaches a worker, a shell or a file, and each refusal is short and in words."""

import math
from pathlib import Path
from typing import Any

import pytest

from studio.errors import RunError
from studio.job import check_request

OPTIONS = ("max_steps", "seed", "learning_rate", "per_device_train_batch_size", "max_length", "warmup_steps")
SHELL = ("; touch owned", "$(touch owned)", "`touch owned`", "| sh", "&& id", "\n--report_to=wandb", "a\x00b")
NO_NUMBERS: tuple[Any, ...] = (
    *(math.nan, math.inf, -math.inf, -1, -0.5, 10**400, 10**5_000, -(10**5_000), 1e308),
    *(True, False, None, "", "1", "1e-3", b"1", [1], (1,), {"a": 1}, {}, object(), 1 + 2j),
)
FOREIGN = (
    *("output_dir", "logging_dir", "report_to", "push_to_hub", "hub_token", "hub_model_id", "deepspeed"),
    *("resume_from_checkpoint", "trust_remote_code", "model_init_kwargs", "fsdp_config", "run_name"),
    *("__class__", "__init__", "../../etc/passwd", "", " seed", "SEED", "seed\n", "num_train_epochs "),
    *SHELL,
)
MODELS = (
    *("../tiny", "/etc/passwd", "tiny/../../x", "~/.ssh/id_rsa", "file:///etc/passwd", "TINY", "tiny ", ""),
    *("https://host/evil.bin", "-rf", "--help", "x" * 10_000),
    *(f"tiny{text}" for text in SHELL),
)
HOSTILE = (
    *({"train": {name: value}} for name in OPTIONS for value in NO_NUMBERS),
    *({"train": {name: "1" + text}} for name in OPTIONS for text in SHELL),
    *({"train": {name: 1}} for name in FOREIGN),
    *({"base_model": model} for model in MODELS),
)


def test_hostile_hyperparameters_and_models_are_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    refused = 0
    for case in HOSTILE:
        request: dict[str, Any] = {"base_model": "tiny", "train": {}, **case}
        with pytest.raises(RunError) as caught:
            check_request({"train": Path("train.jsonl")}, "prompt-completion", **request)
        assert len(caught.value.message) < 200, request
        assert caught.value.hint
        refused += 1
    print(f"C2: {refused} of {len(HOSTILE)} hostile requests refused")
    assert refused >= 80
    assert list(tmp_path.iterdir()) == []
