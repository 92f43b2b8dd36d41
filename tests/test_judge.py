"""The judge: what it is asked, what counts as a score, an endpoint that fails, stalls and talks nonsense."""

import json
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from studio.compare.query import key_pair
from studio.errors import JudgeError, RunError, StudioError, TemplateError
from studio.judge import (
    PROMPTS,
    Asked,
    judge_run,
    list_judgings,
    list_replies,
    plan_judging,
    read_judging,
    start_judging,
    stop_judging,
)
from studio.judge.__main__ import judge as work
from studio.judge.asked import Call, list_calls, render_call
from studio.judge.asking import BudgetUsedError, ask_patiently
from studio.judge.endpoint import Answer, Endpoint, PassingError, check_endpoint, check_key, check_reach
from studio.judge.folder import Reply, open_folder
from studio.judge.prompt import list_placeholders, parse_prompt, read_scores
from studio.judge.scores import measure_mean, sum_up
from studio.run import RunDir
from studio.settings import Limits, Settings
from studio.task import TaskState, stop_task
from studio.workspace import Workspace
from tests.judge_runs import ANSWERS, store_answers
from tests.judge_server import ECHO_KEY, HANG_UP, REDIRECT, STALL, JudgeServer, score_by

KEY = "sk-canary-5f0a"
FAIR = score_by({"good": "80", "bad": "20"})


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(workspace=tmp_path / "work", limits=Limits(judge_seconds=5))


@pytest.fixture
def workspace(settings: Settings) -> Workspace:
    return Workspace(settings)


@pytest.fixture
def run_dir(workspace: Workspace) -> Iterator[RunDir]:
    run_dir = store_answers(workspace)
    yield run_dir
    for folder in (run_dir.path / "eval").glob("judge-*"):
        stop_task(folder)


def asked_of(server: JudgeServer, **values: Any) -> Asked:
    return Asked(**{"model": "llama3.2", "endpoint": server.endpoint} | values)


# What is asked


def test_the_book_s_prompt_holds_the_three_texts_without_space_at_their_ends(run_dir: RunDir) -> None:
    from studio.compare import Pair, Side

    side = Side(completion="\nA cat. ", finished=True, loss=1.0, tokens=1, exact_match=0.0, token_f1=0.0)
    pair = Pair(row=0, prompt="Name {a} pet.\n", expected="\nA dog.", base=side, tuned=side)
    asked = Asked(model="m", endpoint="http://127.0.0.1/v1")
    assert render_call(asked, Call(row=0, order=("base",)), pair) == (
        "Given the input `Name {a} pet.` and correct output `A dog.`, score the model response `A cat.` on a "
        "scale from 0 to 100, where 100 is the best score. Respond with the integer number only."
    )


@pytest.mark.parametrize("mode", ["single", "pairwise"])
def test_the_own_prompts_use_every_placeholder(mode: Any) -> None:
    assert set(parse_prompt(PROMPTS[mode], mode).placeholders) == set(list_placeholders(mode))


@pytest.mark.parametrize(
    ("prompt", "mode", "kind", "words"),
    [
        ("Score it.", "single", JudgeError, "has no {response}"),
        ("Score {response} and {output}", "single", JudgeError, "asks for {output}"),
        ("Score {response} {", "single", TemplateError, "is no placeholder"),
        ("Which is better, {first}?", "pairwise", JudgeError, "has no {second}"),
        ("{response}", "pairwise", JudgeError, "asks for {response}"),
    ],
)
def test_a_prompt_that_does_not_fit_is_refused_in_words(
    prompt: str, mode: Any, kind: type[StudioError], words: str
) -> None:
    with pytest.raises(kind, match=words.replace("{", r"\{")):
        parse_prompt(prompt, mode)


def test_a_prompt_of_ones_own_may_use_sections_and_braces(run_dir: RunDir, settings: Settings) -> None:
    prompt = "{#expected}Right: {expected}. {/expected}Score {response} as {{score}}."
    plan = plan_judging(run_dir, Asked(model="m", endpoint="http://127.0.0.1/v1", prompt=prompt), settings)
    assert plan.example == "Right: It is 0.. Score bad 0 as {score}."


# What counts as a score


@pytest.mark.parametrize(
    "reply", ["85", " 85.\n", "Score: 85", "**85**", "85%", "[85]", "`85`", "<think>9 or 10</think>85"]
)
def test_a_number_is_taken_where_exactly_one_stands(reply: str) -> None:
    assert read_scores(reply, 1) == (85,)


NO_SCORES = (
    *("", "eighty", "101", "1000", "-5", "+5", "8.5", "8,5", "085", "1e2", "5th", "85½", "８５", "٨٥"),
    *("85/100", "85 out of 100", "GPT4: 85", "85 90", "<think>85 or 90"),
)


@pytest.mark.parametrize("reply", NO_SCORES)
def test_what_is_no_single_whole_number_is_never_guessed(reply: str) -> None:
    assert read_scores(reply, 1) is None


@pytest.mark.parametrize(
    ("reply", "scores"),
    [
        ("85 90", (85, 90)),
        ("85, 90\n", (85, 90)),
        ("0\n100", (0, 100)),
        ("First: 85; 90", (85, 90)),
        ("85", None),
        ("85/100", None),
        ("85 out of 100", None),
        ("85,90", None),
        ("85 90 95", None),
        ("85 101", None),
    ],
)
def test_two_numbers_are_taken_where_exactly_two_stand(reply: str, scores: Any) -> None:
    assert read_scores(reply, 2) == scores


# The plan


def test_the_plan_says_what_it_takes_and_asks_nothing(workspace: Workspace, settings: Settings) -> None:
    run_dir = store_answers(workspace, [("q", "a", "b", "c")] * 140)
    with JudgeServer() as server:
        plan = plan_judging(run_dir, asked_of(server), settings)
        few = plan_judging(run_dir, asked_of(server, budget=51), settings)
    assert plan.sentence.startswith("This takes 280 calls; at most 308 requests are sent")
    assert (few.records, few.of, few.calls) == (25, 140, 50)
    assert "25 of 140 records, chosen by the seed" in few.sentence
    assert server.asked == []
    assert not list((run_dir.path / "eval").glob("judge-*"))


def test_a_larger_budget_only_adds_records_and_the_seed_chooses_them() -> None:
    def rows(budget: int, seed: int | None = 42) -> set[int]:
        asked = Asked(model="m", endpoint="e", seed=seed)
        return {call.row for call in list_calls(asked, range(100), budget)}

    assert rows(20) < rows(40) < rows(200) == set(range(100))
    assert rows(20) == rows(20, None) != rows(20, 7)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"model": " "}, "name of a model"),
        ({"model": "a\nb"}, "name of a model"),
        ({"mode": "three"}, "no mode 'three'"),
        ({"budget": 1}, "budget of 1"),
        ({"budget": 10**9}, "budget of 1,000,000,000"),
        ({"temperature": float("nan")}, "temperature of nan"),
        ({"temperature": -1.0}, "temperature of -1"),
        ({"max_tokens": 0}, "0 tokens"),
        ({"seed": -1}, "-1 is no seed"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(
    run_dir: RunDir, settings: Settings, values: dict[str, Any], words: str
) -> None:
    asked = Asked(**{"model": "m", "endpoint": "http://127.0.0.1:9/v1"} | values)
    with pytest.raises(JudgeError, match=words):
        start_judging(run_dir, asked, settings)


@pytest.mark.parametrize(
    ("answers", "state", "words"),
    [
        (ANSWERS, {"state": "failed"}, "is failed"),
        ([], {}, "no test part"),
        ([("q", "a", None, None)], {}, "plain text"),
    ],
)
def test_what_has_nothing_to_judge_is_said(
    workspace: Workspace, settings: Settings, answers: Any, state: dict[str, Any], words: str
) -> None:
    run_dir = store_answers(workspace, answers, **state)
    with pytest.raises((JudgeError, RunError), match=words):
        plan_judging(run_dir, Asked(model="m", endpoint="http://127.0.0.1/v1"), settings)


# The address and the key


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("http://127.0.0.1:11434/v1", "http://127.0.0.1:11434/v1"),
        (" https://api.example.org/v1/ ", "https://api.example.org/v1"),
        ("https://api.example.org/v1/chat/completions", "https://api.example.org/v1"),
        ("http://[::1]:8080/v1", "http://[::1]:8080/v1"),
    ],
)
def test_an_address_is_kept_as_it_is_called(given: str, kept: str) -> None:
    assert check_endpoint(given) == kept


NO_ADDRESSES = (
    *("", "localhost:11434", "ftp://a/v1", "file:///etc/passwd", "gopher://a", "//a/v1"),
    *("http://", "http:///v1", "http://a b/v1", "http://a/\nv1", "http://a:99999/v1", "http://a:0/v1"),
    *("http://user:secret@a/v1", "http://secret@a/v1"),
    *("https://a/v1?key=secret", "https://a/v1#secret", "https://a/v1?"),
)


@pytest.mark.parametrize("given", [*NO_ADDRESSES, "https://" + "a" * 600])
def test_an_address_that_is_none_or_carries_a_secret_is_refused_without_repeating_it(given: str) -> None:
    with pytest.raises(JudgeError) as refused:
        check_endpoint(given)
    assert "secret" not in refused.value.message + refused.value.hint


@pytest.mark.parametrize("key", ["a b", "ключ", "a\nHost: evil", "k" * 600])
def test_a_key_that_is_none_is_refused_without_repeating_it(key: str) -> None:
    with pytest.raises(JudgeError) as refused:
        check_key(key)
    assert key not in refused.value.message + refused.value.hint


PRIVATE = (
    *("127.0.0.1", "10.0.0.1", "192.168.1.9", "169.254.169.254", "0.0.0.0", "2130706433"),
    *("[::1]", "[::ffff:127.0.0.1]", "[fd00::1]", "[2002:7f00:1::]"),
)


@pytest.mark.parametrize("host", PRIVATE)
def test_where_others_open_the_studio_only_public_addresses_are_called(host: str) -> None:
    with pytest.raises(JudgeError, match="private network"):
        check_reach(f"http://{host}/v1", private=False, has_key=False)
    check_reach(f"http://{host}/v1", private=True, has_key=True)


def test_a_key_goes_to_a_public_address_only_when_it_is_encrypted() -> None:
    with pytest.raises(JudgeError, match="unencrypted"):
        check_reach("http://8.8.8.8/v1", private=True, has_key=True)
    check_reach("http://8.8.8.8/v1", private=True, has_key=False)
    check_reach("https://8.8.8.8/v1", private=False, has_key=True)


def test_a_name_that_points_elsewhere_a_moment_later_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    found = iter([["93.184.216.34"], ["127.0.0.1"]])
    monkeypatch.setattr("studio.judge.endpoint.list_addresses", lambda host, port: next(found))
    check_reach("http://rebinding.example/v1", private=False, has_key=False)
    with (
        make_endpoint("http://rebinding.example/v1", private=False) as endpoint,
        pytest.raises(JudgeError, match="private network"),
    ):
        endpoint.ask({})


def test_an_open_studio_refuses_its_own_machine(run_dir: RunDir, settings: Settings) -> None:
    asked = Asked(model="m", endpoint="http://127.0.0.1:9/v1")
    with pytest.raises(JudgeError, match="private network"):
        start_judging(run_dir, asked, replace(settings, local_paths=False))
    assert not list((run_dir.path / "eval").glob("judge-*"))


# One question


def make_endpoint(address: str, key: str = "", *, private: bool = True, seconds: float = 5) -> Endpoint:
    return Endpoint(address, key, private=private, seconds=seconds, most_bytes=10_000)


def ask_once(step: Any, key: str = "", *, seconds: float = 5, right: str = "") -> Answer:
    with (
        JudgeServer([step], key=right) as judge,
        make_endpoint(judge.endpoint, key, seconds=seconds) as endpoint,
    ):
        return endpoint.ask({"model": "m", "messages": [{"role": "user", "content": "é"}]})


def test_an_answer_has_its_text_and_why_it_ended() -> None:
    assert ask_once("85") == Answer(text="85", finish="stop", model="m", tokens=7)


def test_an_answer_in_parts_or_without_text_is_read() -> None:
    parts = [{"type": "text", "text": "8"}, {"type": "text", "text": "5"}]
    for content, text in ((parts, "85"), (None, ""), ("\ud800", "\\ud800")):
        assert ask_once(json.dumps({"choices": [{"message": {"content": content}}]}).encode()).text == text


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (429, "429 Too Many Requests: The server is overloaded"),
        (500, "500 Internal Server Error"),
        (503, "503 Service Unavailable"),
        (599, "refuses the question: 599"),
        (HANG_UP, "the connection to 127.0.0.1 broke"),
        (b"<html>no</html>", "not with a chat completion: <html>no</html>"),
        (b"{}", "not with a chat completion"),
        (b'{"choices": []}', "not with a chat completion"),
        (b'{"choices": [{"message": {"content": 85}}]}', "not with a chat completion"),
        (b"x" * 10_001, "more than 10,000 bytes"),
        (400, "refuses the question: 400 Bad Request: The server is overloaded"),
        (404, "no such model or address"),
        (REDIRECT, "redirects to another address"),
    ],
)
def test_what_an_endpoint_does_instead_is_said(step: Any, words: str) -> None:
    with pytest.raises((PassingError, JudgeError), match=words):
        ask_once(step)


def test_a_stall_ends_after_its_time() -> None:
    with pytest.raises(PassingError, match=r"did not answer within 0\.3 seconds"):
        ask_once(STALL, seconds=0.3)


def test_an_endpoint_that_is_not_there_is_said() -> None:
    with (
        make_endpoint("http://127.0.0.1:9/v1") as endpoint,
        pytest.raises(PassingError, match="cannot be reached"),
    ):
        endpoint.ask({})


def test_a_wrong_key_is_said_and_not_repeated() -> None:
    with pytest.raises(JudgeError, match="does not take this key") as refused:
        ask_once("85", KEY, right="another")
    assert KEY not in refused.value.message + refused.value.hint
    with pytest.raises(JudgeError, match="asks for a key"):
        ask_once("85", right="another")
    assert ask_once(ECHO_KEY, KEY).text == "Bearer …"


# Patience


def answer_after(*problems: PassingError) -> Any:
    left = list(problems)

    def ask(question: Any) -> Answer:
        if left:
            raise left.pop(0)
        return Answer(text="85")

    return ask


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waits: list[float] = []
    monkeypatch.setattr("studio.judge.asking.time.sleep", waits.append)
    return waits


def ask(asking: Any, spend: Any = lambda: None) -> tuple[Answer | None, list[tuple[int, str]]]:
    noted: list[tuple[int, str]] = []
    return ask_patiently(asking, {}, spend=spend, note=lambda *values: noted.append(values)), noted


def test_it_is_asked_again_after_longer_and_longer(waits: list[float]) -> None:
    problems = [PassingError("busy"), PassingError("busy", wait=7.0), PassingError("busy")]
    answer, noted = ask(answer_after(*problems))
    assert answer is not None
    assert waits == [1.0, 7.0, 4.0]
    assert noted == [(1, "busy"), (2, "busy"), (3, "busy")]


def test_it_is_not_asked_for_ever(waits: list[float]) -> None:
    answer, noted = ask(answer_after(*[PassingError("busy")] * 9))
    assert (answer, len(noted), len(waits)) == (None, 4, 3)
    with pytest.raises(JudgeError, match="wait for 3,600 seconds"):
        ask(answer_after(PassingError("quota", wait=3600.0)))


def test_every_request_is_paid_for_before_it_is_sent(waits: list[float]) -> None:
    left = [1, 1]

    def spend() -> None:
        if not left:
            raise BudgetUsedError
        left.pop()

    with pytest.raises(BudgetUsedError):
        ask(answer_after(*[PassingError("busy")] * 9), spend)
    assert waits == [1.0, 2.0]


# What comes of it


def reply(row: int, order: tuple[str, ...], *scores: int) -> tuple[Call, Reply]:
    call = Call(row=row, order=order)
    return call, Reply(call=call, text=" ".join(map(str, scores)), scores=scores or None)


def test_means_are_over_the_records_of_which_both_sides_have_a_score(run_dir: RunDir) -> None:
    from studio.compare import read_pairs

    pairs = {pair.row: pair for pair in read_pairs(run_dir)}
    asked = Asked(model="m", endpoint="e")
    replies = dict(
        [reply(0, ("base",), 10), reply(0, ("tuned",), 60), reply(1, ("base",), 30), reply(1, ("tuned",), 90),
         reply(2, ("base",), 99), reply(2, ("tuned",)), reply(3, ("tuned",), 5)]
    )  # fmt: skip
    scores = sum_up(asked, list_calls(asked, list(pairs), 10), replies, pairs)
    assert (scores.calls, scores.answered, scores.no_number, scores.missing) == (10, 7, 1, 3)
    assert (scores.records, scores.mean) == (2, {"base": 20.0, "tuned": 75.0})
    assert scores.difference is not None
    assert (scores.difference.value, scores.difference.low, scores.difference.high) == (55.0, 50.0, 60.0)
    assert scores.by_key[key_pair(pairs[1])] == {"base": 30.0, "tuned": 90.0}
    assert scores.by_key[key_pair(pairs[2])] == {"base": 99.0}
    words = "Tuned less base +55.0 [+50.0, +60.0] of 100, on 2 records: fewer than 30 are a hint, no more."
    assert scores.sentence == words
    none = sum_up(asked, [], {}, pairs)
    assert none.mean == {"base": None, "tuned": None}
    assert none.sentence == "No record has a score of both sides yet."


@pytest.mark.parametrize(
    ("gain", "words"),
    [
        (9, "finds the tuned model better"),
        (-9, "finds the tuned model worse"),
        (0, "finds no clear difference"),
    ],
)
def test_what_may_be_concluded_is_one_sentence(workspace: Workspace, gain: int, words: str) -> None:
    from studio.compare import read_pairs

    pairs = {pair.row: pair for pair in read_pairs(store_answers(workspace, [ANSWERS[0]] * 40))}
    asked = Asked(model="m", endpoint="e")
    tuned = [reply(row, ("tuned",), 50 + gain + row % 7 - 3) for row in pairs]
    replies = dict([*tuned, *(reply(row, ("base",), 50) for row in pairs)])
    scores = sum_up(asked, list_calls(asked, list(pairs), 80), replies, pairs)
    assert scores.sentence.endswith(f"on 40 records: this judge {words}.")


def test_both_orders_make_one_score_and_say_what_the_order_does(run_dir: RunDir) -> None:
    from studio.compare import read_pairs

    pairs = {pair.row: pair for pair in read_pairs(run_dir)}
    asked = Asked(model="m", endpoint="e", mode="pairwise")
    one, other = ("base", "tuned"), ("tuned", "base")
    replies = dict(
        [reply(0, one, 20, 60), reply(0, other, 80, 20),  # tuned +40, +60
         reply(1, one, 50, 40), reply(1, other, 70, 40),  # −10, +30
         reply(2, one, 10, 90), reply(2, other, 90, 10),  # +80, +80
         reply(3, one, 10, 90), reply(4, one), reply(4, other, 1, 2)]
    )  # fmt: skip
    scores = sum_up(asked, list_calls(asked, list(pairs), 10), replies, pairs)
    assert (scores.records, scores.no_number, scores.missing) == (3, 1, 1)
    assert scores.by_key[key_pair(pairs[0])] == {"base": 20.0, "tuned": 70.0}
    assert scores.orders is not None
    assert scores.orders.records == 3
    assert scores.orders.correlation == pytest.approx(0.9987, abs=1e-4)
    assert scores.orders.same_winner == pytest.approx(2 / 3)
    assert scores.orders.first_gains == pytest.approx((10 + 20 + 0) / 3)


def test_the_interval_is_that_of_a_mean() -> None:
    span = measure_mean([float(value % 11) for value in range(110)])
    assert span is not None
    assert span.value == 5.0
    assert span.low == pytest.approx(5 - 1.96 * (10**0.5) / 110**0.5, abs=0.1)
    assert span == measure_mean([float(value % 11) for value in range(110)])
    assert measure_mean([]) is None


# The worker


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker's work without its process."""

    def start(folder: Path, module: str, request: dict[str, Any], *, secrets: dict[str, str]) -> None:
        try:
            state = TaskState(id=folder.name, state="done", answer=work(folder, request, lambda *_: None))
        except JudgeError as error:
            state = TaskState(id=folder.name, state="failed", message=error.message, hint=error.hint)
        (folder / "state.json").write_text(json.dumps(asdict(state)))

    monkeypatch.setattr("studio.judge.judging.start_task", start)


def test_an_endpoint_that_fails_and_talks_nonsense_is_judged_to_the_end_and_the_key_is_nowhere(
    run_dir: RunDir, settings: Settings
) -> None:
    script = [503, FAIR, ECHO_KEY, 429, FAIR, "I would say eighty.", FAIR, b"nonsense", FAIR, HANG_UP, FAIR]
    with JudgeServer(script, key=KEY) as server:
        server.wait = "0"
        done = judge_run(run_dir, asked_of(server, budget=40), settings, KEY)
    files = open_folder(run_dir, done.judge)
    assert done.task.state == "done"
    assert (done.scores.calls, done.scores.answered, done.scores.missing) == (10, 10, 0)
    assert done.scores.no_number >= 2
    assert done.sent == len(server.asked) == done.scores.answered + done.failed
    assert json.loads(files.scores.read_text())["by_key"] == done.scores.to_dict()["by_key"]
    total, page = list_replies(run_dir, done.judge, "no-number", limit=1)
    assert (total, page[0]["reply"], page[0]["scores"]) == (done.scores.no_number, "Bearer …", None)
    assert page[0]["question"] in server.questions
    body = server.asked[0]
    assert {name: body[name] for name in ("model", "temperature", "seed", "stream")} == {
        "model": "llama3.2", "temperature": 0.0, "seed": 42, "stream": False,
    }  # fmt: skip
    assert "max_tokens" not in body
    found = [
        path for path in settings.workspace.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()
    ]
    assert found == []
    assert KEY not in json.dumps(done.to_dict())


def test_a_judging_goes_on_with_what_is_missing_and_never_over_its_budget(
    run_dir: RunDir, settings: Settings, here: None
) -> None:
    with JudgeServer([FAIR, 503]) as server:
        first = judge_run(run_dir, asked_of(server, budget=4), settings)
        assert (first.chosen, first.sent, first.scores.missing) == (2, 4, 2)
        server.script = [FAIR]
        asked = asked_of(server, budget=30)
        plan = plan_judging(run_dir, asked, settings)
        assert (plan.calls, plan.asked, plan.judge) == (10, 2, first.judge)
        whole = judge_run(run_dir, asked, settings)
        again = judge_run(run_dir, asked, settings)
    assert (whole.sent, whole.scores.answered) == (12, 10)
    assert again.sent == len(server.asked) == 12
    assert whole.scores.mean == {"base": 20.0, "tuned": 80.0}
    assert [one.judge for one in list_judgings(run_dir)] == [first.judge]


def test_without_a_budget_what_is_missing_and_a_tenth_more_may_be_sent(
    run_dir: RunDir, settings: Settings, here: None
) -> None:
    with JudgeServer([FAIR, 503, 503]) as server:
        first = judge_run(run_dir, asked_of(server, budget=4), settings)
        spent = plan_judging(run_dir, asked_of(server, budget=4), settings)
        more = plan_judging(run_dir, asked_of(server), settings)
    assert (first.scores.answered, first.sent) == (2, 4)
    assert (
        "sent, repeated ones included; 4 were. That is the whole budget: give a larger one." in spent.sentence
    )
    assert (more.calls, more.asked, more.budget) == (10, 2, 4 + 9)


@pytest.mark.detail
def test_a_stalled_endpoint_can_be_left_and_what_is_answered_is_kept(
    run_dir: RunDir, settings: Settings
) -> None:
    with JudgeServer([FAIR, FAIR, STALL]) as server:
        started = start_judging(run_dir, asked_of(server, mode="single"), settings)
        until = time.monotonic() + 20
        while len(server.asked) < 3 and time.monotonic() < until:
            time.sleep(0.02)
        stopped = stop_judging(run_dir, started.judge)
    assert stopped.task.state == "stopped"
    assert (stopped.scores.answered, stopped.sent, stopped.scores.records) == (2, 3, 1)
    assert json.loads(open_folder(run_dir, started.judge).scores.read_text())["answered"] == 2


def test_an_endpoint_that_is_down_ends_the_judging_in_words(
    run_dir: RunDir, settings: Settings, here: None
) -> None:
    with (
        JudgeServer([503]) as server,
        pytest.raises(JudgeError, match="3 calls in a row got no answer") as down,
    ):
        judge_run(run_dir, asked_of(server, budget=20), settings)
    assert "what is answered is kept" in down.value.hint
    assert len(server.asked) == 12
    [kept] = list_judgings(run_dir)
    assert (kept.task.state, kept.failed, kept.sent) == ("failed", 12, 12)
    assert list_replies(run_dir, kept.judge, "failed")[0] == 3


@pytest.mark.detail
def test_a_killed_worker_hides_no_request_and_its_judging_goes_on(
    run_dir: RunDir, settings: Settings
) -> None:
    with JudgeServer([FAIR, STALL]) as server:
        started = start_judging(run_dir, asked_of(server), settings)
        files = open_folder(run_dir, started.judge)
        until = time.monotonic() + 20
        while len(server.asked) < 2 and time.monotonic() < until:
            time.sleep(0.02)
        os.killpg(json.loads((files.path / "lock").read_text())["pid"], signal.SIGKILL)
        with files.replies.open("ab") as file:
            file.write(b'{"row": 1, "ord')
        until = time.monotonic() + 20
        while read_judging(run_dir, started.judge).task.goes_on and time.monotonic() < until:
            time.sleep(0.02)
        dead = read_judging(run_dir, started.judge)
        assert (dead.task.state, dead.sent, dead.scores.answered) == ("failed", 2, 1)
        server.script = [FAIR]
        done = judge_run(run_dir, asked_of(server), settings)
    assert (done.sent, done.scores.answered, done.scores.missing) == (11, 10, 0)


def test_an_unknown_judging_is_said(run_dir: RunDir) -> None:
    for judge_id, words in (("0" * 12, "There is no judging"), ("../../etc", "is no judging")):
        with pytest.raises(JudgeError, match=words):
            read_judging(run_dir, judge_id)
    assert list_judgings(run_dir) == []
