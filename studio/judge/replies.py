"""The calls of a judging one by one: what was asked, what was replied, and what was taken from it."""

from collections.abc import Mapping
from typing import Any, Literal, get_args

from studio.errors import JudgeError
from studio.judge.asked import Call, list_calls, render_call
from studio.judge.folder import open_folder, read_answers, read_replies
from studio.run import RunDir

Kind = Literal["all", "number", "no-number", "failed"]


def list_replies(
    run_dir: RunDir, judge: str, only: str = "all", *, offset: int = 0, limit: int = 20
) -> tuple[int, list[dict[str, Any]]]:
    """How many calls there are of a kind, and one page of them by row; `failed` have no reply, with why.

    Each is `row order question reply scores error`. Raises JudgeError for an unknown judging or kind.
    """
    if only not in get_args(Kind):
        raise JudgeError(
            f"There are no replies of the kind {only!r:.40}.", f"Kinds: {', '.join(get_args(Kind))}."
        )
    folder = open_folder(run_dir, judge)
    asked, lines = folder.read_spec(), folder.read_lines()
    pairs = {pair.row: pair for pair in read_answers(run_dir)}
    replies = read_replies(lines)
    errors = {Call(row=line["row"], order=tuple(line["order"])): line.get("error", "") for line in lines}
    found = []
    for call in list_calls(asked, list(pairs), asked.budget or 0):
        reply = replies.get(call)
        kind = "failed" if reply is None else "no-number" if reply.scores is None else "number"
        if (reply or call in errors) and only in ("all", kind):
            told: Mapping[str, Any] = {"error": errors[call]} if reply is None else {"error": ""}
            text, scores = (reply.text, reply.scores) if reply else (None, None)
            found.append((call, {"reply": text, "scores": scores, **told}))
    page = [
        {
            "row": call.row,
            "order": call.order,
            "question": render_call(asked, call, pairs[call.row]),
            **values,
        }
        for call, values in found[offset : offset + limit]
    ]
    return len(found), page
