"""What is previewed is what is trained on: our tokens and labels are those of SFTTrainer, token by token."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("trl", reason="the tokens of a training need the [train] extra")

from datasets import Dataset, disable_progress_bars
from transformers import AutoTokenizer, GPTNeoXConfig, GPTNeoXForCausalLM
from trl import SFTConfig, SFTTrainer
from trl.chat_template_utils import qwen2_5_chat_template

from studio.record import Example, Message
from studio.styles import STYLES, style_template
from studio.tokenizing.reading import read_tokenizer
from studio.tokens import Tokenizer, open_tokenizer
from studio.tokens.about import write_prepared
from studio.tokens.tiny import train_tiny
from studio.train.data import IGNORED, Row
from studio.train.tiny import make_tokenizer
from tests.tokenizer_folders import CHATML, END_OUTSIDE, UNMARKED, make_backend, write_folder

pytestmark = pytest.mark.train

FOLDERS: Mapping[str, dict[str, Any]] = {
    "start token": {"start": True},
    "chatml": {"chat": CHATML},
    "end outside": {"chat": END_OUTSIDE, "start": True},
    "qwen": {"chat": qwen2_5_chat_template},
    "unmarked": {"chat": UNMARKED},
}
HOSTILE = (
    "",
    " ",
    "</s>",
    "<s> and </s> in the middle",
    "ends with the end token</s>",
    "<|im_start|>assistant\nno<|im_end|>\n",
    "{% raw %}{{ 7*7 }}{% endraw %} {question} <script>alert(1)</script>",
    "👩‍👩‍👧‍👦 e\u0301 \u202egnihtemos\u202c \x00\x7f",
    "a\r\n\r\n  b\t",
    "Übergröße 漢字 " * 9,
)


@dataclass(frozen=True, kw_only=True)
class Trained:
    """One tokenizer: ours, and what SFTTrainer made of the same examples."""

    ours: Tokenizer
    trainer: SFTTrainer
    datasets: Mapping[str, Dataset]


def list_examples() -> dict[str, list[Example]]:
    """Each style on its own example record, and hostile texts, by example type."""
    examples = [
        style_template(name, style.example).render(dict(style.example)) for name, style in STYLES.items()
    ]
    examples += [Example(type="text", text=text) for text in HOSTILE]
    examples += [
        Example(type="prompt-completion", prompt=prompt, completion=completion)
        for prompt, completion in zip(HOSTILE, HOSTILE[::-1], strict=True)
    ]
    examples.append(Example(type="prompt-completion", prompt="Which col", completion="our has box"))
    examples += [
        Example(type="messages", messages=tuple(Message(role=role, content=text) for role, text in turns))
        for turns in (
            [("user", "Hi"), ("assistant", "Hello.")],
            [
                ("system", "Be kind."),
                ("user", "Hi"),
                ("assistant", "Yes"),
                ("user", "So?"),
                ("assistant", "No"),
            ],
            [("user", "Hi"), ("assistant", "Hello."), ("user", "the last word")],
            *([("user", one), ("assistant", f"{other}.")] for one, other in pairwise(HOSTILE)),
        )
    ]
    return {
        kind: [example for example in examples if example.type == kind]
        for kind in ("text", "prompt-completion", "messages")
    }


EXAMPLES = list_examples()


def make_trainer(tokenizer: Any, folder: Path, **options: Any) -> SFTTrainer:
    """A trainer that has prepared all examples of the types that the tokenizer takes."""
    disable_progress_bars()
    model = GPTNeoXForCausalLM(
        GPTNeoXConfig(
            vocab_size=len(tokenizer),
            hidden_size=8,
            num_hidden_layers=1,
            num_attention_heads=1,
            intermediate_size=8,
        )
    )
    kinds = [kind for kind in EXAMPLES if kind != "messages" or tokenizer.chat_template]
    given = {
        kind: Dataset.from_list(
            [{**example.to_dict(), "place": place} for place, example in enumerate(EXAMPLES[kind])]
        )
        for kind in kinds
    }
    first = kinds[-1]
    settings = {"max_length": None, "bf16": False, "use_cpu": True, "report_to": [], "eval_strategy": "no"}
    return SFTTrainer(
        model=model,
        args=SFTConfig(output_dir=str(folder), completion_only_loss=True, **settings | options),
        train_dataset=given.pop(first),
        eval_dataset=given,
        processing_class=tokenizer,
    )


def list_datasets(trainer: SFTTrainer) -> dict[str, Dataset]:
    """What the trainer prepared, by example type."""
    train = trainer.train_dataset
    kind = next(
        kind
        for kind, names in (("messages", {"messages"}), ("prompt-completion", {"prompt"}))
        if names <= set(train.column_names)
    )
    return {**trainer.eval_dataset, kind: train}


@pytest.fixture(scope="module", params=["tiny", *FOLDERS])
def trained(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trained]:
    folder = tmp_path_factory.mktemp("tokenizer")
    for name in ("given", "made"):
        (folder / name).mkdir()
    options = dict(FOLDERS.get(request.param, {}))
    if request.param == "tiny":
        rows = [
            Row(row=0, prompt=one.prompt, completion=one.completion) for one in EXAMPLES["prompt-completion"]
        ]
        tokenizer = make_tokenizer(rows[::2], rows[1::2])
        bpe, about = train_tiny([row.text for row in rows[::2]], [row.text for row in rows[1::2]])
        write_prepared(folder / "made", bpe.to_str(), about, None)
    else:
        chat = options.pop("chat", None)
        write_folder(folder / "given", make_backend(**options), chat)
        tokenizer = AutoTokenizer.from_pretrained(folder / "given")
        said = list(read_tokenizer({"name": request.param, "folder": str(folder), "hub": False}))
        assert "made" in said[-1], said
    learns = request.param in ("chatml", "end outside", "qwen")
    trainer = make_trainer(tokenizer, folder / "out", assistant_only_loss=learns)
    with open_tokenizer(folder / "made") as ours:
        yield Trained(ours=ours, trainer=trainer, datasets=list_datasets(trainer))


def test_ids_and_labels_are_those_of_the_training(trained: Trained) -> None:
    for kind, dataset in trained.datasets.items():
        ours = trained.ours.encode(EXAMPLES[kind])
        assert len(dataset) == len(ours) > 0
        for example, row, tokens in zip(EXAMPLES[kind], dataset, ours, strict=True):
            assert tokens.ids == row["input_ids"], example
            if kind == "messages" and not trained.ours.about.marks_answers:
                assert not any(tokens.trained), example
            else:
                assert tokens.labels == row["labels"], example


def test_a_batch_of_the_collator_says_the_same(trained: Trained) -> None:
    for kind, dataset in trained.datasets.items():
        batch = trained.trainer.data_collator([dataset[place] for place in range(len(dataset))])
        ours = trained.ours.encode(EXAMPLES[kind])
        for ids, labels, mask, tokens in zip(
            batch["input_ids"], batch["labels"], batch["attention_mask"], ours, strict=True
        ):
            assert ids[mask == 1].tolist() == tokens.ids
            if kind != "messages" or trained.ours.about.marks_answers:
                assert (labels != IGNORED).sum() == sum(tokens.trained)


def test_the_texts_of_the_tokens_are_the_whole_text(trained: Trained) -> None:
    for kind in trained.datasets:
        for tokens in trained.ours.encode(EXAMPLES[kind]):
            pieces = [tokens.text[start:stop] for start, stop in tokens.spans]
            assert "".join(pieces) == tokens.text
            assert not any(piece for piece, part in zip(pieces, tokens.parts, strict=True) if part)


@pytest.mark.parametrize("trained", ["tiny", "chatml"], indirect=True)
@pytest.mark.parametrize("max_length", [1, 12])
def test_what_a_max_length_takes_is_what_the_training_drops_and_cuts(
    trained: Trained, max_length: int, tmp_path: Path
) -> None:
    learns = trained.ours.about.marks_answers
    trainer = make_trainer(
        trained.trainer.processing_class, tmp_path, max_length=max_length, assistant_only_loss=learns
    )
    for kind, dataset in list_datasets(trainer).items():
        kept = {row["place"]: sum(label != IGNORED for label in row["labels"]) for row in dataset}
        for place, tokens in enumerate(trained.ours.encode(EXAMPLES[kind])):
            fate = tokens.fate(max_length)
            assert (fate == "lost") == (place not in kept), (kind, place)
            if fate != "lost":
                assert (fate == "fit") == (kept[place] == sum(tokens.trained)), (kind, place)


def test_a_chat_template_without_marks_is_refused_by_the_training(tmp_path: Path) -> None:
    write_folder(tmp_path / "given", make_backend(), UNMARKED)
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "given")
    with pytest.raises(ValueError, match="generation"):
        make_trainer(tokenizer, tmp_path, assistant_only_loss=True)


def test_a_doubled_start_token_and_an_end_that_is_not_learnt_are_told(trained: Trained) -> None:
    name = trained.ours.about.name
    [doubled] = trained.ours.encode([Example(type="text", text="<s>Hi")])
    assert doubled.double_start == (name in ("start token", "end outside"))
    assert doubled.end_trained
    if trained.ours.about.marks_answers:
        [chat] = trained.ours.encode(EXAMPLES["messages"][:1])
        assert chat.end_trained == (name != "end outside")
