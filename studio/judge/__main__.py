"""The worker: asks the judge what is not answered yet, one call after another, and sums the scores up.

python -m studio.judge JUDGE_FOLDER LOCK
"""

import os
import time
from pathlib import Path
from typing import Any

from studio.errors import JudgeError
from studio.judge.asked import Asked, Call, list_calls, render_call
from studio.judge.asking import BudgetUsedError, ask_patiently
from studio.judge.endpoint import Answer, Endpoint
from studio.judge.folder import JudgeDir, read_answers, read_replies
from studio.judge.judging import KEY_VARIABLE
from studio.judge.prompt import SHOWN, read_scores
from studio.judge.scores import sum_up
from studio.task import Progress, run_task

_MOST_FAILING = 3  # calls in a row without an answer: the endpoint is down


def judge(folder: Path, request: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """How many calls were answered; the scores are in the folder by then, also when it is stopped."""
    files = JudgeDir(folder)
    asked, pairs = files.read_spec(), {pair.row: pair for pair in read_answers(files.run_dir)}
    files.mend_lines()
    calls = list_calls(asked, list(pairs), asked.budget or 0)
    known = read_replies(files.read_lines())
    missing = [call for call in calls if call not in known]
    try:
        with Endpoint(asked.endpoint, os.environ.pop(KEY_VARIABLE, ""), **request) as endpoint:
            asking = _Asking(files, asked, endpoint)
            for done, call in enumerate(missing):
                progress(done, len(missing))
                asking.ask(call, render_call(asked, call, pairs[call.row]))
    except BudgetUsedError:
        pass  # what is missing says so
    finally:
        scores = sum_up(asked, calls, read_replies(files.read_lines()), pairs)
        told = {"judge": files.judge, **asked.to_dict(), "sent": files.sent, "of": len(pairs)}
        files.write_scores(told | scores.to_dict())
    return {"answered": scores.answered, "calls": scores.calls}


class _Asking:
    """Asks one call after another, and keeps what becomes of every request."""

    def __init__(self, files: JudgeDir, asked: Asked, endpoint: Endpoint) -> None:
        self._files, self._asked, self._endpoint = files, asked, endpoint
        self._failing, self._failed, self._begun = 0, "", 0.0

    def ask(self, call: Call, question: str) -> None:
        """Ask one call. Raises BudgetUsedError, and JudgeError when the endpoint cannot be asked."""
        messages = [{"role": "user", "content": question}]
        body = {"model": self._asked.model, "messages": messages, **self._asked.parameters, "stream": False}
        attempts = 0

        def note(attempt: int, words: str) -> None:
            nonlocal attempts
            attempts, self._failed = attempt, words
            self._keep(call, attempt=attempt, error=words)

        answer = ask_patiently(self._endpoint.ask, body, spend=self._spend, note=note)
        if answer is None:
            self._count_failing()
            return
        self._failing = 0
        self._keep(call, attempt=attempts + 1, **self._read(answer))

    def _spend(self) -> None:
        if self._files.sent >= (self._asked.budget or 0):
            raise BudgetUsedError
        self._files.note_sent()
        self._begun = time.monotonic()

    def _keep(self, call: Call, **values: Any) -> None:
        seconds = round(time.monotonic() - self._begun, 3)
        self._files.add_line(call, {"seconds": seconds, **values})

    def _read(self, answer: Answer) -> dict[str, Any]:
        scores = read_scores(answer.text, len(SHOWN[self._asked.mode]))
        told = {"finish": answer.finish, "model": answer.model, "tokens": answer.tokens}
        return {"reply": answer.text, "scores": scores, **told}

    def _count_failing(self) -> None:
        self._failing += 1
        if self._failing >= _MOST_FAILING:
            raise JudgeError(
                f"{self._failing} calls in a row got no answer: {self._failed}.",
                "Look at the endpoint, then go on; what is answered is kept.",
            )


if __name__ == "__main__":
    run_task(judge)
