"""What is taken away: lines in the book's shape, a guarded CSV, a page in which no text becomes markup."""

import csv
import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from studio.compare import Comparison, open_comparison_of, parse_address
from studio.compare.query import key_pair
from studio.compare.report import name_report, open_report, write_report
from studio.compare.report.examples import mark_common
from studio.compare.report.markup import tag
from studio.errors import RunError
from studio.run import Event, RunDir, write_event, write_json
from studio.settings import Settings
from studio.workspace import Workspace
from tests.compared import make_line, make_run

HOSTILE = [
    "<script>alert(1)</script>",
    "</style><script src=//evil.example/x.js></script>",
    '"><img src=x onerror=alert(1)>',
    "<!-- --> ]]> <![CDATA[ <svg onload=alert(1)>",
    "' onmouseover='alert(1)",
    "&lt;b&gt; &amp; &#60;i&#62; &#x3c;",
    "</div></details></section></body></html>",
    "javascript:alert(1)",
    "\u202eevil\u2066 \x00\x1b[31m\r bell\x07",
    "=HYPERLINK(1)",
]
NEVER = {"script", "img", "iframe", "link", "object", "embed", "base", "form", "input", "a", "image", "use"}


class Page(HTMLParser):
    """The elements of a page, their attributes and texts; fails at one that is not closed in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, name: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.add(name)
        self.attributes += attributes
        if name not in ("meta", "br"):
            self.open.append(name)

    def handle_startendtag(self, name: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.add(name)
        self.attributes += attributes

    def handle_endtag(self, name: str) -> None:
        assert self.open.pop() == name

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.texts.append(data)

    @property
    def text(self) -> str:
        return "".join(self.texts)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(Settings(workspace=tmp_path))


def store(
    workspace: Workspace, completions: list[str | None], *, expected: str = "yes it is", **more: Any
) -> RunDir:
    tuned = [make_line(row, text, expected, loss=0.5) for row, text in enumerate(completions)]
    base = [make_line(row, None if text is None else "no", expected) for row, text in enumerate(completions)]
    return make_run(workspace.runs, base, tuned, run=workspace.new_id(), **more)


def compare(workspace: Workspace, run_dir: RunDir) -> Comparison:
    sides = (parse_address(f"{run_dir.run}/{which}") for which in ("base", "tuned"))
    return open_comparison_of(*sides, workspace)


def read(workspace: Workspace, run_dir: RunDir, kind: str, by: str | None = None) -> bytes:
    return b"".join(open_report(compare(workspace, run_dir), kind, workspace, by))


def read_page(workspace: Workspace, run_dir: RunDir, by: str | None = None) -> tuple[str, Page]:
    html = read(workspace, run_dir, "html", by).decode("utf-8")
    page = Page(html)
    assert page.open == []
    return html, page


def test_lines_have_the_books_shape_where_its_columns_are_there(workspace: Workspace) -> None:
    texts = ("", "half \ud800")
    records = [{"instruction": f"I{n}", "input": text, "output": "yes"} for n, text in enumerate(texts)]
    run_dir = store(workspace, [" yes\n", "no"], records=records)
    lines = [json.loads(line) for line in read(workspace, run_dir, "jsonl").splitlines()]
    assert lines[0] == {"instruction": "I0", "input": "", "output": "yes", "model_response": "yes"}
    assert list(lines[1]) == ["instruction", "input", "output", "model_response"]
    assert lines[1]["input"] == "half \ud800"


def test_other_lines_have_the_prompt_and_the_very_answer(workspace: Workspace) -> None:
    run_dir = store(workspace, ["\nyes ", *HOSTILE])
    lines = [json.loads(line) for line in read(workspace, run_dir, "jsonl").splitlines()]
    assert lines[0] == {"prompt": "p0", "expected": "yes it is", "model_response": "\nyes "}
    assert [line["model_response"] for line in lines[1:]] == HOSTILE


def test_a_csv_holds_every_score_and_runs_nothing(workspace: Workspace) -> None:
    run_dir = store(workspace, ["yes it is", "=1+1", "\t@SUM(A1)", 'a "b",\nc'])
    text = read(workspace, run_dir, "csv").decode("utf-8")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["tuned_completion"] for row in rows] == [
        "yes it is",
        "'=1+1",
        "'\t@SUM(A1)",
        'a "b",\nc',
    ]
    assert (rows[0]["tuned_exact_match"], rows[0]["base_token_f1"]) == ("1.0", "0.0")
    assert {"row", "prompt", "expected", "base_rouge_l", "tuned_words", "tuned_finished"} <= set(rows[0])


def test_texts_have_losses_and_no_responses(workspace: Workspace) -> None:
    run_dir = store(workspace, [None, None])
    with pytest.raises(RunError, match="no responses"):
        read(workspace, run_dir, "jsonl")
    rows = list(csv.DictReader(io.StringIO(read(workspace, run_dir, "csv").decode())))
    assert (rows[0]["tuned_completion"], rows[0]["tuned_loss"]) == ("", "0.5")
    _, page = read_page(workspace, run_dir)
    assert "no prompt to complete" in page.text
    assert "Token F1" not in page.text.partition("How to read it")[0]


def test_no_text_becomes_markup_wherever_it_stands(workspace: Workspace) -> None:
    topics = [{"topic": text} for text in [*HOSTILE[1:], "\ud800"]]
    run_dir = store(workspace, list(HOSTILE), expected=HOSTILE[0], records=topics)
    for path in (run_dir.base_completions, run_dir.tuned_completions):
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        path.write_text(
            "".join(
                json.dumps(line | {"prompt": text}) + "\n" for line, text in zip(lines, HOSTILE, strict=True)
            )
        )
    write_json(run_dir.label, {"name": HOSTILE[2], "notes": HOSTILE[1] + " hf_abcdefghijklmnop"})
    spec = json.loads(run_dir.spec_file.read_text())
    write_json(run_dir.spec_file, spec | {"recipe": {"source": {"path": HOSTILE[0]}, HOSTILE[2]: HOSTILE[6]}})
    html, page = read_page(workspace, run_dir, "topic")
    assert page.tags.isdisjoint(NEVER)
    assert not [name for name, _ in page.attributes if name.startswith("on") or name in ("src", "href")]
    for text in HOSTILE[:8]:
        assert text in page.text
    assert not re.search("[\x00-\x08\x0b-\x1f\u202e\u2066\ud800-\udfff]", html)
    assert "\\u202eevil" in page.text
    assert "\\ud800" in page.text
    assert "hf_abcdefgh" not in html
    assert "[hidden]" in page.text


def test_the_page_opens_with_no_request_and_no_script(workspace: Workspace) -> None:
    html, page = read_page(workspace, store(workspace, ["yes", "no"]))
    policy = next(value for _, value in page.attributes if value and "default-src" in value)
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert not re.search(r"https?:|//[a-z]|url\(|@import|src=|href=", html)
    assert html.startswith("<!doctype html>")
    assert ("lang", "en") in page.attributes


def test_the_page_says_what_the_comparison_says(workspace: Workspace) -> None:
    run_dir = store(workspace, ["yes it is"] * 31 + ["no"] * 9)
    for step in range(1, 9):
        write_event(run_dir, Event(event="progress", step=step, loss=8.0 - step / 2))
    write_event(run_dir, Event(event="evaluation", step=8, eval_loss=4.5))
    comparison = compare(workspace, run_dir)
    _, page = read_page(workspace, run_dir)
    assert comparison.verdict in page.text
    for words in ("better", "0.775", "greedy, at most 64 new tokens", "trained from scratch (demo)"):
        assert words in page.text
    assert comparison.hashes["right"] in page.text
    assert "validation loss 4.500 at step 8" in page.text
    assert "Loss by step over 8 steps, at best 4.500." in [value for _, value in page.attributes]
    assert page.text.count("Record 5") == 1


def test_two_runs_are_named_by_what_people_call_them(workspace: Workspace) -> None:
    one, other = store(workspace, ["no"] * 3), store(workspace, ["yes it is"] * 3)
    write_json(other.label, {"name": "Shorter answers", "notes": ""})
    comparison = open_comparison_of(parse_address(one.run), parse_address(other.run), workspace)
    html = b"".join(open_report(comparison, "html", workspace)).decode()
    assert f"{one.run[:8]} (tuned) and Shorter answers (tuned)" in html
    assert html.count("was made</h2>") == 2
    assert name_report(comparison, "csv") == f"compare-{one.run[:8]}-tuned-{other.run[:8]}-tuned.csv"


def test_one_record_and_empty_answers_make_a_page(workspace: Workspace) -> None:
    _, page = read_page(workspace, store(workspace, [""]))
    assert "One record shows nothing" in page.text
    assert "none: one record" in page.text
    assert "Empty answers" in page.text
    assert "not comparable" not in page.text


def test_a_long_test_part_is_cut_in_the_page_and_said(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.compare.report.examples.MOST_EXAMPLES", 3)
    _, page = read_page(workspace, store(workspace, ["yes"] * 5))
    assert "the first 3 of 5" in page.text


def test_a_report_is_written_whole_and_over_nothing(workspace: Workspace, tmp_path: Path) -> None:
    comparison = compare(workspace, store(workspace, ["yes"]))
    write_report(comparison, tmp_path / "a.CSV", workspace)
    assert (tmp_path / "a.CSV").read_text().startswith("row,prompt")
    for path, word in (
        (tmp_path / "a.CSV", "there already"),
        (tmp_path / "a.pdf", "no report of the kind 'pdf'"),
        (tmp_path / "none" / "a.csv", "Cannot write"),
    ):
        with pytest.raises(RunError, match=word):
            write_report(comparison, path, workspace)


@pytest.mark.parametrize(
    ("completion", "expected", "marked"),
    [
        ("It is <b>Paris.", "Paris it", "<mark>It</mark> is &lt;b&gt;Paris."),
        ("a a a", "A a", "<mark>a</mark> <mark>a</mark> a"),
        ("猫が好き", "犬が好", "猫<mark>が好</mark>き"),
        ("nothing", "", "nothing"),
    ],
)
def test_the_words_that_count_are_marked(completion: str, expected: str, marked: str) -> None:
    assert mark_common(completion, expected) == marked


def test_a_tag_escapes_all_that_is_not_markup() -> None:
    assert tag("p", "<", tag("b", "&"), None, cls='"', title=None, hidden=True) == (
        '<p class="&quot;" hidden>&lt;<b>&amp;</b></p>'
    )


def test_what_a_judge_said_is_taken_away_with_the_rest(workspace: Workspace) -> None:
    run_dir = store(workspace, ["yes", "no"])
    comparison = compare(workspace, run_dir)
    folder = run_dir.path / "eval" / "judge-1"
    folder.mkdir()
    said = {
        "model": HOSTILE[0],
        "endpoint": "http://127.0.0.1:11434/v1",
        "prompt": "Score the answer",
        "sentence": "This judge finds no clear difference.",
        "mean": {"base": 12.5, "tuned": 70.0},
        "by_key": {key_pair(comparison.pairs[0]): {"base": 12.5, "tuned": 70.0}},
    }
    write_json(folder / "scores.json", said)
    _, page = read_page(workspace, run_dir)
    for words in (f"What {HOSTILE[0]} said", "70.0 of 100", "no clear difference", "F1 0.50 · judge 70"):
        assert words in page.text
    rows = list(csv.DictReader(io.StringIO(read(workspace, run_dir, "csv").decode())))
    assert [(row["base_judge"], row["tuned_judge"]) for row in rows] == [("12.5", "70.0"), ("", "")]
    (folder / "scores.json").write_text("{")
    _, page = read_page(workspace, run_dir)
    assert "of 100" not in page.text
