"""Options of a fine-tune that suit a model's size, in TRL's names: what a run takes that names none.

From what the best fine-tuning tools do: LoRA at 2e-4 with r 16 and alpha 32 on every linear layer, full at
1e-5 to 2e-5, 1 to 3 epochs, 8 to 16 rows a step, cosine, a short warm-up, the prompt masked, no packing.
"""

from typing import Any

from studio.weights.describing import Description

SMALL = 200_000_000  # parameters up to which all weights are trained
LARGE = 1_000_000_000
LORA: dict[str, Any] = {
    "lora_r": 16,
    "lora_alpha": 32,
    "lora_dropout": 0.05,
    "lora_target_modules": "all-linear",
}


def choose_defaults(model: Description, records: int, *, use_peft: bool | None = None) -> dict[str, Any]:
    """The options for a model and so many train records; `use_peft` when the person has said it."""
    lora = model.parameters > SMALL if use_peft is None else use_peft
    rows = 16 if records >= 1_000 else 8
    batch = min(rows, _choose_batch(model.parameters))
    full = 1e-5 if model.parameters > LARGE else 2e-5
    return {
        "use_peft": lora,
        **(LORA if lora else {}),
        "learning_rate": 2e-4 if lora else full,
        "num_train_epochs": 3.0 if records < 10_000 else 2.0 if records < 50_000 else 1.0,
        "per_device_train_batch_size": batch,
        "gradient_accumulation_steps": rows // batch,
        "lr_scheduler_type": "cosine",
        "warmup_steps": 0.05,
        "weight_decay": 0.0 if lora else 0.01,
        "packing": False,
        "early_stopping_patience": 3,
    }


def _choose_batch(parameters: int) -> int:
    if parameters < SMALL:
        return 8
    return 4 if parameters < LARGE else 2 if parameters < 4 * LARGE else 1
