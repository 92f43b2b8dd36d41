"""Tokens of examples: their mask, their characters, what a length takes; no [train] extra needed."""

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import normalizers

from studio.errors import TokenizerError
from studio.record import Example, Message
from studio.tokens import About, ChatTemplate, Tokenizer, Tokens, chat, open_tokenizer
from studio.tokens.about import write_prepared
from studio.tokens.chat import ChatRefusedError
from studio.tokens.chosen import HELD_BACK, SCORED_ROWS, TRAIN_ROWS, choose_rows
from studio.tokens.tiny import name_unused, train_tiny
from tests.examples import examples
from tests.tokenizer_folders import CHATML, WORDS, make_backend

ABOUT = About(name="small", source="folder", vocabulary=400, end_token="</s>", start_token="<s>")
TURNS = (Message(role="user", content="Hi"), Message(role="assistant", content="Yes"))


def make_tokenizer(*, start: bool = False, about: About = ABOUT) -> Tokenizer:
    return Tokenizer(make_backend(start=start), about)


def pair(prompt: str, completion: str) -> Example:
    return Example(type="prompt-completion", prompt=prompt, completion=completion)


def texts_of(tokens: Tokens) -> list[str]:
    return [tokens.text[start:stop] for start, stop in tokens.spans]


def learnt_of(tokens: Tokens) -> str:
    return "".join(text for text, trained in zip(texts_of(tokens), tokens.trained, strict=True) if trained)


def test_a_text_is_learnt_whole_and_ends_once() -> None:
    for text in ("The box", "The box</s>"):
        [tokens] = make_tokenizer().encode([Example(type="text", text=text)])
        assert tokens.text == learnt_of(tokens) == "The box</s>"
        assert (tokens.first_trained, tokens.end_trained, tokens.merged) == (0, True, False)
        assert tokens.labels == tokens.ids
        assert tokens.special == [False] * (tokens.length - 1) + [True]


def test_only_the_completion_is_learnt() -> None:
    [tokens] = make_tokenizer().encode([pair("the box", " is red")])
    assert learnt_of(tokens) == " is red</s>"
    assert tokens.labels[: tokens.first_trained] == [-100] * tokens.first_trained
    assert not tokens.merged


def test_a_prompt_that_ends_inside_a_token_is_told() -> None:
    [tokens] = make_tokenizer().encode([pair("the b", "ox is red")])
    assert tokens.merged
    assert learnt_of(tokens).startswith(" box")


def test_an_empty_prompt_and_an_empty_completion_are_examples_too() -> None:
    alone, nothing = make_tokenizer().encode([pair("", "red"), pair("red", "")])
    assert learnt_of(alone) == "red</s>"
    assert learnt_of(nothing) == "</s>"
    assert make_tokenizer().encode([]) == []


def test_a_start_token_in_the_text_of_a_tokenizer_that_adds_one_is_doubled() -> None:
    said = [
        make_tokenizer(start=start).encode([Example(type="text", text=text)])[0].double_start
        for start in (False, True)
        for text in ("box", "<s>box")
    ]
    assert said == [False, False, False, True]


def test_an_added_token_has_no_text_and_the_texts_are_the_whole() -> None:
    [tokens] = make_tokenizer(start=True).encode([Example(type="text", text=" the  box\n")])
    assert (tokens.names[0], texts_of(tokens)[0], tokens.parts[0]) == ("<s>", "", False)
    assert "".join(texts_of(tokens)) == " the  box\n</s>"


def test_a_later_byte_of_a_character_is_only_a_part() -> None:
    [tokens] = make_tokenizer().encode([Example(type="text", text="x🦜")])
    assert texts_of(tokens) == ["x", "🦜", "", "", "</s>"]
    assert tokens.parts == [False, False, True, True, False]


def test_what_a_tokenizer_strips_stays_in_the_texts() -> None:
    backend = make_backend()
    backend.normalizer = normalizers.Strip()
    tokens = Tokenizer(backend, About(name="small", source="folder", vocabulary=400))
    for text in ("  the box  ", "x\t", "   "):
        [found] = tokens.encode([Example(type="text", text=text)])
        assert "".join(texts_of(found)) == (text if found.length else "")


@settings(max_examples=examples(100), deadline=None)
@given(st.text(), st.text())
def test_any_text_is_the_sum_of_its_tokens_texts(prompt: str, completion: str) -> None:
    for tokens in make_tokenizer(start=True).encode([pair(prompt, completion)]):
        assert "".join(texts_of(tokens)) == tokens.text
        assert tokens.text.startswith(prompt + completion)
        assert tokens.fate(None) == "fit"
        assert tokens.fate(tokens.length) == "fit" != tokens.fate(tokens.length - 1)


def test_a_length_takes_the_end_then_the_answer_then_the_example() -> None:
    [tokens] = make_tokenizer().encode([pair("the box", " is red")])
    fates = [tokens.fate(limit) for limit in range(tokens.length + 2)]
    kept = tokens.length - tokens.first_trained
    assert fates == ["lost"] * (tokens.first_trained + 1) + ["cut"] * (kept - 1) + ["fit"] * 2


def test_without_an_end_token_no_end_is_learnt() -> None:
    tokenizer = make_tokenizer(about=About(name="small", source="folder", vocabulary=400))
    [tokens] = tokenizer.encode([pair("box", " red")])
    assert (tokens.text, tokens.end_trained) == ("box red", False)


def test_white_space_after_the_last_control_token_is_no_answer() -> None:
    tokenizer = make_tokenizer(about=About(name="small", source="folder", vocabulary=400))
    said = [
        tokenizer.encode([Example(type="text", text=text)])[0].end_trained
        for text in ("red<|im_end|>\n", "red<|im_end|>\n.", " \n", "")
    ]
    assert said == [True, False, False, False]


def test_texts_that_become_control_tokens_are_known() -> None:
    assert make_tokenizer().special_texts == ("<|im_start|>", "<|im_end|>", "</s>", "<s>")
    plain = About(name="small", source="folder", vocabulary=400, plain_specials=True)
    tokenizer = make_tokenizer(about=plain)
    assert tokenizer.special_texts == ()
    assert not any(tokenizer.encode([Example(type="text", text="<s>box")])[0].special)


def test_a_text_is_counted_by_itself() -> None:
    assert make_tokenizer(start=True).count(["", "red", "<s>"]) == [
        0,
        len(make_tokenizer().encode([Example(type="text", text="red")])[0].ids) - 1,
        1,
    ]


def test_messages_need_a_chat_template() -> None:
    with pytest.raises(TokenizerError, match="small has no chat template") as raised:
        make_tokenizer().encode([Example(type="messages", messages=TURNS)])
    assert "prompt and completion" in raised.value.hint


def test_a_folder_without_a_tokenizer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TokenizerError, match="There is no tokenizer"):
        open_tokenizer(tmp_path)
    write_prepared(tmp_path, "{}", ABOUT, None)
    with pytest.raises(TokenizerError, match="small cannot be read"):
        open_tokenizer(tmp_path)


def test_a_fingerprint_changes_with_whatever_changes_the_tokens(tmp_path: Path) -> None:
    marks = []
    for place, (tokenizer, about, template) in enumerate(
        (
            (make_backend(), ABOUT, None),
            (make_backend(), ABOUT, None),
            (make_backend(start=True), ABOUT, None),
            (make_backend(), About(name="small", source="folder", vocabulary=400), None),
            (make_backend(), ABOUT, ChatTemplate(template=CHATML)),
        )
    ):
        folder = tmp_path / str(place)
        folder.mkdir()
        write_prepared(folder, tokenizer.to_str(), about, template)
        with open_tokenizer(folder) as opened:
            marks.append(opened.about.fingerprint)
    assert marks[0] == marks[1]
    assert len(set(marks)) == 4


def test_the_same_texts_make_the_same_tiny() -> None:
    made = [train_tiny(WORDS, others)[0].to_str() for others in ([], ["zebra " * 50])]
    assert made[0] == made[1] != train_tiny(WORDS[:2], [])[0].to_str()


def test_a_control_token_is_a_text_that_no_text_holds() -> None:
    texts = ["a <|end|> b", "<|end-2|>"]
    assert (name_unused(texts, "end"), name_unused(texts, "pad")) == ("<|end-3|>", "<|pad|>")
    _, about = train_tiny(["what ends a text?"], ["<|endoftext|> does"])
    assert about.end_token == "<|endoftext-2|>"


def test_a_run_reads_a_seeded_choice_of_large_parts() -> None:
    chosen = choose_rows({"train": 2 * TRAIN_ROWS, "validation": 5, "test": 2 * SCORED_ROWS}, 1)
    assert (len(chosen.train), len(chosen.validation), len(chosen.test)) == (TRAIN_ROWS, 5, SCORED_ROWS)
    assert chosen.held_back == ()
    assert list(chosen.train) == sorted(set(chosen.train)) != list(range(TRAIN_ROWS))


def test_without_a_validation_part_a_seeded_share_is_held_back() -> None:
    chosen = choose_rows({"train": 100}, 1)
    assert (len(chosen.train), len(chosen.held_back)) == (95, round(100 * HELD_BACK))
    assert sorted((*chosen.train, *chosen.held_back)) == list(range(100))
    assert choose_rows({"train": 100}, 1) == chosen != choose_rows({"train": 100}, 2)


def stand_in(monkeypatch: pytest.MonkeyPatch, program: str) -> Tokenizer:
    """A tokenizer with a chat template whose renderer is this program."""
    monkeypatch.setattr(chat, "RENDERER", (sys.executable, "-c", program))
    return Tokenizer(make_backend(), ABOUT, ChatTemplate(template=CHATML, marks_answers=True))


ECHO = """
import json, sys
sys.stdin.readline()
for line in sys.stdin:
    turns = json.loads(line)["messages"]
    texts = ["|".join(turn["content"] for turn in one) for one in turns]
    answers = [[[len(text) - 3, len(text)]] for text in texts]
    print(json.dumps({"texts": texts, "answers": answers}), flush=True)
"""


def test_what_a_chat_template_marks_is_learnt(monkeypatch: pytest.MonkeyPatch) -> None:
    with stand_in(monkeypatch, ECHO) as tokenizer:
        first, again = (tokenizer.encode([Example(type="messages", messages=TURNS)])[0] for _ in range(2))
    assert first == again
    assert (first.text, learnt_of(first), first.end_trained) == ("Hi|Yes", "Yes", False)


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("import time; time.sleep(60)", "did not answer"),
        ("raise SystemExit(1)", "broke off"),
        ("import sys; sys.stdin.readline(); sys.stdin.readline(); raise SystemExit", "broke off"),
    ],
)
def test_a_renderer_that_hangs_or_ends_is_a_problem_in_words(
    monkeypatch: pytest.MonkeyPatch, program: str, words: str
) -> None:
    monkeypatch.setattr(chat, "PATIENCE", 1.0)
    with stand_in(monkeypatch, program) as tokenizer, pytest.raises(TokenizerError, match=words) as raised:
        tokenizer.encode([Example(type="messages", messages=TURNS)])
    assert "chat template of small" in raised.value.message


def test_a_conversation_that_a_template_refuses_is_named_by_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    program = f"""
import sys
asked = [sys.stdin.readline(), sys.stdin.readline()]
print({'{"problem": "No.", "place": 1}'!r}, flush=True)
sys.stdin.read()
"""
    batch: Sequence[Example] = [Example(type="messages", messages=TURNS)] * 3
    with (
        stand_in(monkeypatch, program) as tokenizer,
        pytest.raises(ChatRefusedError, match="No\\.") as raised,
    ):
        tokenizer.encode(batch)
    assert raised.value.place == 1
