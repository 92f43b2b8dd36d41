"""LLaMA-Factory: dataset_info.json, in which it looks datasets up by name, one for each part.

    {"lamini_docs_train": {"file_name": "train.jsonl", "columns": {"prompt": "prompt", …}}, …}

With `dataset_dir` set to the folder of the export, a training names them: `dataset: lamini_docs_train`,
`eval_dataset: lamini_docs_validation`. The formats are `alpaca` (the default) and `sharegpt`; the keys
and roles of messages are told by `tags`; a text alone is for pre-training (`stage: pt`). Which chat
template stands around a prompt is said by the training's own `template`. File types: json, jsonl, csv,
parquet, arrow (data/README.md and src/llamafactory/data/parser.py of hiyouga/LLaMA-Factory).
"""

import json
from typing import Any

from studio.trainers.exported import Exported


def write_llama_factory(exported: Exported) -> str:
    """The JSON: an entry for every part, in the order of the parts."""
    described = _describe_records(exported)
    entries = {
        f"{exported.name}_{part}": {"file_name": file, **described} for part, file in exported.parts.items()
    }
    return json.dumps(entries, ensure_ascii=False, indent=2) + "\n"


def _describe_records(exported: Exported) -> dict[str, Any]:
    names = exported.names
    if exported.format == "text":
        return {"columns": {"prompt": names["text"]}}
    if exported.format == "prompt-completion":
        return {"columns": {"prompt": names["prompt"], "response": names["completion"]}}
    if exported.format == "alpaca":
        return {
            "columns": {
                "prompt": names["instruction"],
                "query": names["input"],
                "response": names["output"],
            }
        }
    field, role, content = exported.turns
    sharegpt = exported.format == "sharegpt"
    tags = {
        "role_tag": role,
        "content_tag": content,
        "user_tag": "human" if sharegpt else "user",
        "assistant_tag": "gpt" if sharegpt else "assistant",
        "observation_tag": "tool",
        "function_tag": "function_call",
        "system_tag": "system",
    }
    return {"formatting": "sharegpt", "columns": {"messages": field}, "tags": tags}
