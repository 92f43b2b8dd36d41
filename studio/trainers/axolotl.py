"""Axolotl: a whole configuration, `axolotl train axolotl.yaml`, run in the folder of the export.

    text               type completion, with `field`
    prompt-completion  a custom type: `format` "{instruction}" is the prompt as it stands, the response and
                       the end token follow, and `train_on_inputs: false` takes the prompt out of the loss
    messages, openai,  type chat_template, with `field_messages` and `message_property_mappings`; the roles
    sharegpt           human and gpt are known to it (type sharegpt is deprecated)
    alpaca             type alpaca, which reads instruction, input and output

See https://docs.axolotl.ai/docs/dataset-formats, docs/dataset_loading.qmd and
src/axolotl/utils/schemas/datasets.py of axolotl-ai-cloud/axolotl.
"""

from typing import Any

import yaml

from studio.trainers.exported import MAX_LENGTH, Exported

_MODEL, _CHAT_MODEL = "HuggingFaceTB/SmolLM2-135M", "Qwen/Qwen2.5-0.5B-Instruct"
_HEAD = """\
# Fine-tune on this export with Axolotl, in the folder of the export:  axolotl train axolotl.yaml
# `axolotl preprocess axolotl.yaml --debug` shows the tokens and which of them the loss sees.
"""
_SETTINGS = {
    "max_steps": "max_steps",
    "learning_rate": "learning_rate",
    "per_device_train_batch_size": "micro_batch_size",
    "max_length": "sequence_len",
    "warmup_steps": "warmup_steps",
    "seed": "seed",
}


def write_axolotl(exported: Exported) -> str:
    """The YAML."""
    config: dict[str, Any] = {
        "base_model": exported.model(_MODEL, _CHAT_MODEL),
        "datasets": [_describe_dataset(exported, exported.parts["train"])],
        "val_set_size": 0.0,
        "train_on_inputs": False,
        "sequence_len": MAX_LENGTH,
        "sample_packing": False,
        "micro_batch_size": 2,
        "gradient_accumulation_steps": 4,
        "num_epochs": 1,
        "learning_rate": 2e-4,
        "optimizer": "adamw_torch",
        "lr_scheduler": "cosine",
        "adapter": "lora",
        "lora_r": 16,
        "lora_alpha": 32,
        "lora_dropout": 0.05,
        "lora_target_linear": True,
        "bf16": "auto",
        "output_dir": "./axolotl-output",
    }
    if exported.chat:
        config["chat_template"] = "tokenizer_default"
    if "validation" in exported.parts:
        config["test_datasets"] = [
            _describe_dataset(exported, exported.parts["validation"]) | {"split": "train"}
        ]
    config |= {_SETTINGS[name]: value for name, value in exported.train.items()}
    return _HEAD + yaml.safe_dump(config, sort_keys=False, allow_unicode=True, width=200)


def _describe_dataset(exported: Exported, file: str) -> dict[str, Any]:
    place = {"path": file} if exported.file == "dataset" else {"path": file, "ds_type": exported.loader}
    return place | _describe_type(exported)


def _describe_type(exported: Exported) -> dict[str, Any]:
    names = exported.names
    if exported.format == "text":
        return {"type": "completion", "field": names["text"]}
    if exported.format == "prompt-completion":
        raw = {"format": "{instruction}", "no_input_format": "{instruction}"}
        fields = {"field_instruction": names["prompt"], "field_output": names["completion"]}
        # Else a field that happens to be named system or input would be put in front of the prompt.
        none = {"field_system": "", "field_input": ""}
        return {"type": fields | none | raw}
    if exported.format == "alpaca":
        return {"type": "alpaca"}
    field, role, content = exported.turns
    return {
        "type": "chat_template",
        "field_messages": field,
        "message_property_mappings": {"role": role, "content": content},
        "roles_to_train": ["assistant"],
        "train_on_eos": "turn",
    }
