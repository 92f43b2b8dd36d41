"""Unsloth: a script with FastLanguageModel, LoRA in four bits, and TRL's SFTTrainer.

Unsloth replaces SFTTrainer's preparation of the data (unsloth_zoo/dataset_utils.py): a `text` column is
tokenized without an end token, `labels` that are there are kept, and `prompt` + `completion` are not known.
The script therefore writes the end token, and makes the labels of a completion, itself. For chats it uses
`train_on_responses_only` (https://docs.unsloth.ai, "Fine-tuning guide" and "Chat templates").
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

_MODEL, _CHAT_MODEL = "unsloth/Qwen2.5-0.5B", "unsloth/Qwen2.5-0.5B-Instruct"
_SCRIPT = Template('''\
"""Fine-tune a model on this export with Unsloth:  python train_unsloth.py [MODEL]

$data
Needs a CUDA GPU and: pip install unsloth$needs
"""

import sys
from pathlib import Path

from unsloth import FastLanguageModel  # before the others, which it changes
${imports}from datasets import Features, Value, $load
from trl import SFTConfig, SFTTrainer

HERE = Path(__file__).resolve().parent
MODEL = $model
MAX_LENGTH = $max_length
FEATURES = $features

model, tokenizer = FastLanguageModel.from_pretrained(
    model_name=sys.argv[1] if len(sys.argv) > 1 else MODEL, max_seq_length=MAX_LENGTH, load_in_4bit=True
)
model = FastLanguageModel.get_peft_model(
    model,
    r=16,
    lora_alpha=16,
    lora_dropout=0,
    target_modules=["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"],
    use_gradient_checkpointing="unsloth",
    random_state=$seed,
)


$reading


$preparing


trainer = SFTTrainer(
    model=model,
    processing_class=tokenizer,
    args=SFTConfig(
        output_dir=str(HERE / "unsloth-output"),
        $options
        max_length=MAX_LENGTH,
        report_to="none",
    ),
    train_dataset=prepare(read($train)),
    eval_dataset=$validation,
)
${masking}trainer.train()
trainer.save_model()
''')
_PREPARE_TEXT = '''\
def prepare(records):
    """Each text with its end token."""
    return records.map(lambda record: {"text": record["text"] + tokenizer.eos_token})'''
_PREPARE_PROMPTS = '''\
def to_tokens(record):
    """The tokens of the whole text; the loss sees those after the prompt, the end token among them."""
    prompt = tokenizer(record["prompt"])["input_ids"]
    tokens = tokenizer(record["prompt"] + record["completion"] + tokenizer.eos_token)["input_ids"]
    same = [one == other for one, other in zip(prompt, tokens)]
    start = same.index(False) if False in same else len(same)
    labels = [-100] * start + tokens[start:]
    return {
        "input_ids": tokens[:MAX_LENGTH],
        "attention_mask": [1] * len(tokens[:MAX_LENGTH]),
        "labels": labels[:MAX_LENGTH],
    }


def prepare(records):
    """Records as tokens and labels, without those whose prompt leaves no room for an answer."""
    tokens = records.map(to_tokens, remove_columns=records.column_names)
    return tokens.filter(lambda record: any(label != -100 for label in record["labels"]))'''
_PREPARE_CHAT = '''\
def prepare(records):
    """Each conversation as the text that the model's chat template makes of it."""
    return records.map(
        lambda record: {"text": tokenizer.apply_chat_template(record["messages"], tokenize=False)},
        remove_columns=records.column_names,
    )'''
_MASKING = """\
# The marks of ChatML, which Qwen uses; a model with another chat template needs its own.
trainer = train_on_responses_only(
    trainer, instruction_part="<|im_start|>user\\n", response_part="<|im_start|>assistant\\n"
)
"""


def write_unsloth(exported: Exported) -> str:
    """The script; its one argument is another model than the one it names."""
    said = dict(exported.train)
    max_length = said.pop("max_length", MAX_LENGTH)
    options: dict[str, object] = {"num_train_epochs": 1} if "max_steps" not in said else {}
    if exported.format != "prompt-completion":
        options["dataset_text_field"] = "text"
    validation = exported.parts.get("validation")
    if validation:
        options["eval_strategy"] = "epoch"
    if exported.chat:
        preparing = _PREPARE_CHAT
    else:
        preparing = _PREPARE_TEXT if exported.format == "text" else _PREPARE_PROMPTS
    return _SCRIPT.substitute(
        data=describe_data(exported),
        needs=express_needs(exported),
        load=name_loader(exported),
        imports="from unsloth.chat_templates import train_on_responses_only\n" if exported.chat else "",
        model=spell_text(exported.model(_MODEL, _CHAT_MODEL)),
        max_length=max_length,
        seed=said.get("seed", 42),
        features=express_features(exported),
        reading=express_reading(exported),
        preparing=preparing,
        options=express_options(options | said, 8),
        train=spell_text(exported.parts["train"]),
        validation=f"prepare(read({spell_text(validation)}))" if validation else "None",
        masking=_MASKING if exported.chat else "",
    )
