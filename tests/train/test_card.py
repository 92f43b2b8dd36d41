"""The card of a run, which people publish."""

from pathlib import Path

from studio.run import RunDir, RunSpec
from studio.train.card import write_card


def test_no_secret_is_in_the_card(tmp_path: Path) -> None:
    spec = RunSpec(
        run="r1",
        recipe={"source": {"url": "https://me:pass@host/data.jsonl"}, "note": "hf_abcdefghijklmnop"},
        template={},
        example_type="text",
        base_model="tiny",
        train={},
        data={},
    )
    write_card(RunDir(tmp_path), spec, {"records": 0, "parameters": 5})
    card = (tmp_path / "README.md").read_text()
    assert "https://[hidden]@host/data.jsonl" in card
    assert "hf_abc" not in card
