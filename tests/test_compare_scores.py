"""The scores of answers: worked out by hand, by brute force, and as the reference library gives them."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.compare import exact_match, rouge_l, token_f1
from studio.compare.scores import distinct_n, measure_common, score_answer, split_words

WORDS = st.lists(st.sampled_from("abcd"), max_size=9)


@pytest.mark.parametrize(
    ("completion", "expected", "score"),
    [("yes", "yes", 1.0), (" yes\n", "\nyes", 1.0), ("Yes", "yes", 0.0), ("yes  no", "yes no", 0.0)],
)
def test_exact_match_forgives_whitespace_at_the_ends_only(
    completion: str, expected: str, score: float
) -> None:
    assert exact_match(completion, expected) == score


@pytest.mark.parametrize(
    ("completion", "expected", "score"),
    [
        ("The cat sat.", "the cat sat", 1.0),
        ("the cat", "a cat", 0.5),
        ("cat cat cat", "cat", 0.5),
        ("", "", 1.0),
        ("…", "!", 1.0),
        ("", "cat", 0.0),
        ("dog", "cat", 0.0),
        ("Let’s go", "lets go", 1.0),
        ("猫が好き", "犬が好き", 0.75),
        ("แมว", "แมว ", 1.0),
    ],
)
def test_token_f1_counts_common_words_with_repeats(completion: str, expected: str, score: float) -> None:
    assert token_f1(completion, expected) == pytest.approx(score)


# As RougeScorer(["rougeL"]).score(expected, completion)["rougeL"].fmeasure of rouge-score 0.1.2 gives them.
REFERENCE = [
    ("the cat sat on the mat", "the cat is on the mat", 0.833333),
    ("police killed the gunman", "police kill the gunman", 0.75),
    ("the gunman kill police", "police killed the gunman", 0.5),
    ("A B C D E F G", "G F E D C B A", 0.142857),
    ("one two three one two", "one one two two three", 0.6),
    (
        "Lamini is a language model company",
        "Lamini AI is an LLM company that builds language models",
        0.375,
    ),
    ("yes", "no", 0.0),
    ("Paris", "Paris is the capital of France", 0.285714),
]


@pytest.mark.parametrize(("completion", "expected", "score"), REFERENCE)
def test_rouge_l_is_that_of_the_reference_library(completion: str, expected: str, score: float) -> None:
    assert rouge_l(completion, expected) == pytest.approx(score, abs=1e-6)
    assert rouge_l(expected, completion) == pytest.approx(score, abs=1e-6)


def test_rouge_l_without_a_word_is_as_token_f1() -> None:
    assert (rouge_l("", "…"), rouge_l("", "cat"), rouge_l("cat", "")) == (1.0, 0.0, 0.0)


@given(WORDS, WORDS)
def test_the_common_words_in_order_are_those_of_brute_force(ours: list[str], theirs: list[str]) -> None:
    kept = (some for size in range(len(ours), -1, -1) for some in combinations(ours, size))
    longest = next(len(some) for some in kept if is_within(some, theirs))
    assert measure_common(ours, theirs) == longest


def is_within(some: tuple[str, ...], whole: list[str]) -> bool:
    left = iter(whole)
    return all(word in left for word in some)


@given(WORDS, WORDS)
def test_token_f1_is_the_mean_of_precision_and_recall(ours: list[str], theirs: list[str]) -> None:
    common = sum(min(ours.count(word), theirs.count(word)) for word in set(ours))
    if common:
        precision, recall = common / len(ours), common / len(theirs)
        expected = 2 * precision * recall / (precision + recall)
    else:
        expected = float(not ours and not theirs)
    assert token_f1(" ".join(ours), " ".join(theirs)) == pytest.approx(expected)


def test_long_answers_take_no_time() -> None:
    words = [str(number % 97) for number in range(5_000)]
    assert measure_common(words, words[::-1]) > 0
    assert measure_common(words, words) == 5_000


def test_variety_is_the_share_of_different_runs_of_three_words() -> None:
    assert distinct_n(split_words("a b c d")) == 1.0
    assert distinct_n(split_words("a a a a a")) == pytest.approx(1 / 3)
    assert distinct_n(split_words("a b")) is None


def test_an_answer_is_scored_at_once() -> None:
    scores = score_answer("It is Paris.", "Paris it is")
    assert scores == {
        "exact_match": 0.0,
        "token_f1": 1.0,
        "rouge_l": pytest.approx(2 / 3),
        "words": 3,
        "distinct_3": 1.0,
    }


@pytest.mark.parametrize("text", ["", " \n", "“Ça va ?” — İyi!", "a-b c", "猫が好き ok", "\x00 \ud800"])
def test_words_are_the_same_when_they_are_split_again(text: str) -> None:
    words = split_words(text)
    assert all(word and word == word.strip() for word in words)
    assert split_words(" ".join(words)) == words
