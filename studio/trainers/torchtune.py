"""torchtune: a whole configuration of its LoRA recipe, run in the folder of the export.

    text               text_completion_dataset, with `column`
    prompt-completion  instruct_dataset, with `column_map` {input, output}
    messages, openai   chat_dataset, `conversation_style: openai`
    sharegpt           chat_dataset, `conversation_style: sharegpt`
    alpaca             alpaca_dataset, with `column_map`; the Alpaca prompt is put around the fields

All read local files as `source: json, data_files: …, split: train`, and take the prompt out of the loss with
`train_on_input: False`. A model is a builder there, not a name, so that the configuration holds one model
whole: that of recipes/configs/qwen2_5/0.5B_lora_single_device.yaml, which has no validation
(pytorch/torchtune 0.6.1, torchtune.datasets).
"""

from typing import Any

import yaml

from studio.trainers.exported import MAX_LENGTH, Exported

_FOLDER = "/tmp/Qwen2.5-0.5B-Instruct"  # noqa: S108  where torchtune's own configurations look
_HEAD = f"""\
# Fine-tune on this export with torchtune, in the folder of the export:
#   tune download Qwen/Qwen2.5-0.5B-Instruct --output-dir {_FOLDER}
#   tune run lora_finetune_single_device --config torchtune.yaml
# For another model put the model, tokenizer and checkpointer of its configuration here (`tune ls`).
"""
_WRAPPED = """\
# torchtune puts each prompt into a turn of the model's own chat format. To train on the very text of the
# preview, export the format text.
"""


def write_torchtune(exported: Exported) -> str:
    """The YAML; `base_model` of the recipe is not used, see above."""
    said = exported.train
    config: dict[str, Any] = {
        "output_dir": "./torchtune-output",
        "model": {
            "_component_": "torchtune.models.qwen2_5.lora_qwen2_5_0_5b",
            "lora_attn_modules": ["q_proj", "v_proj", "output_proj"],
            "apply_lora_to_mlp": True,
            "lora_rank": 32,
            "lora_alpha": 64,
            "lora_dropout": 0.0,
        },
        "tokenizer": {
            "_component_": "torchtune.models.qwen2_5.qwen2_5_tokenizer",
            "path": f"{_FOLDER}/vocab.json",
            "merges_file": f"{_FOLDER}/merges.txt",
            "max_seq_len": said.get("max_length", MAX_LENGTH),
        },
        "checkpointer": {
            "_component_": "torchtune.training.FullModelHFCheckpointer",
            "checkpoint_dir": _FOLDER,
            "checkpoint_files": ["model.safetensors"],
            "recipe_checkpoint": None,
            "output_dir": "${output_dir}",
            "model_type": "QWEN2",
        },
        "resume_from_checkpoint": False,
        "dataset": _describe_dataset(exported),
        "seed": said.get("seed", 42),
        "shuffle": True,
        "epochs": 1,
        "max_steps_per_epoch": said.get("max_steps"),
        "batch_size": said.get("per_device_train_batch_size", 2),
        "gradient_accumulation_steps": 8,
        **_describe_optimization(exported),
        "device": "cuda",
        "dtype": "bf16",
        "enable_activation_checkpointing": False,
        "enable_activation_offloading": False,
        "compile": False,
        "metric_logger": {
            "_component_": "torchtune.training.metric_logging.DiskLogger",
            "log_dir": "${output_dir}/logs",
        },
        "log_every_n_steps": 1,
        "log_peak_memory_stats": True,
        "profiler": {"_component_": "torchtune.training.setup_torch_profiler", "enabled": False},
    }
    head = _HEAD + (_WRAPPED if exported.format == "prompt-completion" else "")
    return head + yaml.safe_dump(config, sort_keys=False, allow_unicode=True, width=200)


def _describe_optimization(exported: Exported) -> dict[str, Any]:
    said = exported.train
    return {
        "optimizer": {
            "_component_": "torch.optim.AdamW",
            "fused": True,
            "weight_decay": 0.01,
            "lr": said.get("learning_rate", 2e-4),
        },
        "lr_scheduler": {
            "_component_": "torchtune.training.lr_schedulers.get_cosine_schedule_with_warmup",
            "num_warmup_steps": said.get("warmup_steps", 10),
        },
        "loss": {"_component_": "torchtune.modules.loss.CEWithChunkedOutputLoss"},
        "clip_grad_norm": None,
    }


def _describe_dataset(exported: Exported) -> dict[str, Any]:
    names = exported.names
    file = {
        "source": exported.loader,
        "data_files": exported.parts["train"],
        "split": "train",
        "packed": False,
    }
    if exported.format == "text":
        return {"_component_": "torchtune.datasets.text_completion_dataset", **file, "column": names["text"]}
    options: dict[str, Any]
    if exported.chat:
        field, *_ = exported.turns
        style = "sharegpt" if exported.format == "sharegpt" else "openai"
        component = "chat_dataset"
        options = {"conversation_column": field, "conversation_style": style}
    elif exported.format == "alpaca":
        component, options = "alpaca_dataset", {"column_map": dict(names)}
    else:
        component = "instruct_dataset"
        options = {"column_map": {"input": names["prompt"], "output": names["completion"]}}
    return {"_component_": f"torchtune.datasets.{component}", **file, **options, "train_on_input": False}
