"""The card of a run, which people publish."""

from pathlib import Path

from studio.run import RunDir, RunSpec, RunState, write_state
from studio.train.card import write_card


def test_no_secret_is_in_the_card(tmp_path: Path) -> None:
    run_dir = RunDir(tmp_path)
    spec = RunSpec(
        run="r1",
        recipe={
            "source": {"url": "https://me:pass@host/data.jsonl?token=abc"},
            "note": "hf_abcdefghijklmnop",
            "mirror": "https://me:word@host/data.jsonl",
        },
        template={},
        example_type="text",
        base_model="tiny",
        train={},
        data={},
    )
    write_state(run_dir, RunState(run="r1", state="evaluating", step=3, steps=3, seconds=2.0))
    write_card(run_dir, spec, {"records": 0, "parameters": 5})
    card = run_dir.card.read_text()
    assert "https://host/data.jsonl" in card
    assert "https://[hidden]@host/data.jsonl" in card
    for secret in ("pass", "word@", "token=abc", "hf_abc"):
        assert secret not in card
