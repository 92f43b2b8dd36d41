"""TRL: a script that runs as it is, with SFTTrainer.

The formats are those of TRL's "Dataset formats and types": `text`, `prompt` + `completion`, `messages`. TRL
ends each text and completion with the end token itself, trains on the completion alone where there is one
(`completion_only_loss`), and on the assistant's turns alone where it is told to (`assistant_only_loss`; see
https://huggingface.co/docs/trl/sft_trainer and https://huggingface.co/docs/trl/dataset_formats, TRL 1.16).
"""

from string import Template

from studio.trainers.exported import MAX_LENGTH, Exported
from studio.trainers.scripts import (
    describe_data,
    express_features,
    express_needs,
    express_options,
    express_reading,
    name_loader,
    spell_text,
)

_MODEL, _CHAT_MODEL = "HuggingFaceTB/SmolLM2-135M", "Qwen/Qwen2.5-0.5B-Instruct"
_SCRIPT = Template('''\
"""Fine-tune a model on this export with TRL:  python train_trl.py [MODEL]

$data
Needs: pip install datasets transformers "trl>=1.0"$needs
"""

import sys
from pathlib import Path

import torch
from datasets import Features, Value, $load
from trl import SFTConfig, SFTTrainer

HERE = Path(__file__).resolve().parent
MODEL = $model
FEATURES = $features


$reading


trainer = SFTTrainer(
    model=sys.argv[1] if len(sys.argv) > 1 else MODEL,
    args=SFTConfig(
        output_dir=str(HERE / "trl-output"),
        $options
        bf16=torch.cuda.is_available() and torch.cuda.is_bf16_supported(),
        report_to="none",
    ),
    train_dataset=read($train),
    eval_dataset=$validation,
)
trainer.train()
trainer.save_model()
''')


def write_trl(exported: Exported) -> str:
    """The script; its one argument is another model than the one it names."""
    validation = exported.parts.get("validation")
    options: dict[str, object] = {"num_train_epochs": 1, "max_length": MAX_LENGTH, "packing": False}
    if exported.format == "prompt-completion":
        options["completion_only_loss"] = True
    if exported.chat:
        options["assistant_only_loss"] = True
    if validation:
        options["eval_strategy"] = "epoch"
    if "max_steps" in exported.train:
        del options["num_train_epochs"]
    options |= exported.train
    return _SCRIPT.substitute(
        data=describe_data(exported),
        needs=express_needs(exported),
        load=name_loader(exported),
        model=spell_text(exported.model(_MODEL, _CHAT_MODEL)),
        features=express_features(exported),
        reading=express_reading(exported),
        options=express_options(options, 8),
        train=spell_text(exported.parts["train"]),
        validation=f"read({spell_text(validation)})" if validation else "None",
    )
