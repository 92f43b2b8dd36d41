"""studio compare: a model before and after."""

from typing import Annotated, Any

import typer

from studio.cli.answer import AsJson, WorkspaceFolder, say
from studio.cli.following import RunId, find_run
from studio.cli.work import open_workspace


def compare(
    run: RunId,
    workspace: WorkspaceFolder = None,
    examples: Annotated[int, typer.Option(help="How many records to show to people.", min=0)] = 5,
    as_json: AsJson = False,
) -> None:
    """The base and the tuned model on the test part: the same prompts, their completions, scores."""
    from studio.compare import open_comparison

    comparison = open_comparison(find_run(open_workspace(workspace), run))
    answer = comparison.to_dict(limit=comparison.records)
    say(answer, _comparison_lines(answer, examples), as_json=as_json)


def _comparison_lines(answer: dict[str, Any], examples: int) -> list[str]:
    lines = [f"Run {answer['run']}, {answer['label']}: {answer['records']} test records, before → after"]
    for score, before in answer["base"].items():
        after = answer["tuned"].get(score)
        if isinstance(before, float) and isinstance(after, float):
            lines.append(f"  {score}: {before:.3f} → {after:.3f}")
    for example in answer["examples"][:examples]:
        before, after = example["base"]["completion"], example["tuned"]["completion"]
        lines += ["", f"— test record {example['row']}", example["prompt"]]
        lines += [f"[expected] {example['expected']}", f"[before] {before}", f"[after] {after}"]
    return lines
