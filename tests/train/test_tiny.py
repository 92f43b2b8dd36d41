"""The demo base model and its tokenizer."""

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

from studio.train.data import Row
from studio.train.tiny import hash_weights, load_model, make_model, make_tokenizer, save_model

pytestmark = pytest.mark.train


def test_the_same_seed_gives_the_same_weights(tokenizer: Any) -> None:
    assert hash_weights(make_model(tokenizer, 1)) == hash_weights(make_model(tokenizer, 1))
    assert hash_weights(make_model(tokenizer, 1)) != hash_weights(make_model(tokenizer, 2))


def test_a_saved_model_is_read_back_bit_for_bit_from_safetensors(tokenizer: Any, tmp_path: Path) -> None:
    model = make_model(tokenizer, 1)
    save_model(model, tokenizer, tmp_path)
    again, its_tokenizer = load_model(tmp_path)
    assert hash_weights(again) == hash_weights(model)
    assert its_tokenizer.get_vocab() == tokenizer.get_vocab()
    assert {path.suffix for path in tmp_path.iterdir()} <= {".json", ".safetensors"}


@pytest.mark.parametrize("text", ["plain", "  two  spaces \n\n\t", "grüße 漢字 🎈", "a\r\nb", "\x00\x7f", ""])
def test_any_text_survives_the_tokenizer(tokenizer: Any, text: str) -> None:
    assert tokenizer.decode(tokenizer(text)["input_ids"]) == text


def test_the_vocabulary_comes_from_the_train_rows_alone(rows: list[Row]) -> None:
    others = [Row(row=0, prompt="zebra " * 50, completion="zebra " * 50)]
    assert make_tokenizer(rows, others).get_vocab() == make_tokenizer(rows, []).get_vocab()


def test_a_cell_that_spells_the_end_token_stays_text() -> None:
    row = Row(row=0, prompt="what ends a text?", completion="<|endoftext|> does")
    tokenizer = make_tokenizer([row], [])
    assert tokenizer.eos_token == "<|endoftext-2|>"
    assert tokenizer.eos_token_id not in tokenizer(row.completion)["input_ids"]
