"""A review of a split: counts, what each part looks like, twins, a proposal with its reason, hints."""

from studio.pipeline import load_table
from studio.profile import Profile, find_category
from studio.recipe import parse_recipe
from studio.review import iter_review, review_split
from studio.source import parse_source
from studio.table import Changes

ROWS = [
    {"question": f"Question {n}" if n else "question  1", "answer": "yes" * n, "topic": "ab"[n % 2]}
    for n in range(40)
]


def recipe_of(split, template="style: question-answer"):
    return parse_recipe(f"source: {{path: data.jsonl}}\ntemplate: {{{template}}}\nsplit: {{{split}}}\n")


def load(settings, write_jsonl, tmp_path, rows=ROWS):
    return load_table(parse_source(str(write_jsonl(rows))), tmp_path / "table", settings)


def test_a_review_comes_as_it_is_known(settings, write_jsonl, tmp_path):
    table = load(settings, write_jsonl, tmp_path)
    first, second, last = iter_review(recipe_of("method: sequential, test: 10, train: 30"), table)
    assert [(part.name, part.records, part.profile) for part in first.parts] == [
        ("test", 10, None),
        ("train", 30, None),
    ]
    assert (first.done, second.twins, second.category) == (False, None, "topic")
    length = len("### Question:\nQuestion 1\n\n### Answer:")
    assert second.parts[0].profile == Profile(
        prompt=length, completion=3 * 4.5 + 1, categories={"a": 5, "b": 5}
    )
    assert last.parts == second.parts
    assert (last.done, last.repeated, last.records, last.unused) == (True, 1, 40, 0)
    # Rows 0 and 1 ask the same and are both in test.
    assert [(twins.part, twins.of, twins.prompt) for twins in last.twins] == [("test", "train", 0)]


def test_grouped_is_proposed_with_its_reason_until_it_is_chosen(settings, write_jsonl, tmp_path):
    table = load(settings, write_jsonl, tmp_path)
    proposal = review_split(recipe_of("method: sequential, test: 1, train: 39"), table).proposal
    assert proposal.method == "grouped"
    assert proposal.reason == (
        "1 record repeats the prompt of an earlier one, and not all in the same part. "
        "Grouped keeps the same prompt in one part."
    )
    for split in ("method: grouped, test: 1, train: 20", "train: 1.0", "method: hash, test: 0.5, train: 0.5"):
        assert review_split(recipe_of(split), table).proposal is None
    left = table.with_changes(Changes(excluded=(0,)))
    assert review_split(recipe_of("test: 1, train: 20"), left).proposal is None


def test_grouped_is_not_proposed_where_every_prompt_is_the_same(settings, write_jsonl, tmp_path):
    table = load(settings, write_jsonl, tmp_path)
    recipe = recipe_of("test: 0.5, train: 0.5", "prompt: 'Say yes.', completion: '{answer}'")
    review = review_split(recipe, table)
    assert (review.repeated, review.twins[0].prompt, review.proposal) == (39, 20, None)


def test_hints_are_rules_of_thumb(settings, write_jsonl, tmp_path):
    table = load(settings, write_jsonl, tmp_path)
    hints = review_split(recipe_of("train: 30, test: 10"), table).hints
    assert [hint.code for hint in hints] == ["small-train", "small-test"]
    assert "About 1,000 good pairs is a sound start; train has 30." in hints[0].message
    many = load_table(parse_source(str(write_jsonl(ROWS * 30, "many.jsonl"))), tmp_path / "many", settings)
    assert review_split(recipe_of("train: 1000, test: 50"), many).hints == ()


def test_a_stratified_split_shows_its_own_column(settings, write_jsonl, tmp_path):
    rows = [{**row, "kind": "xyz"[n % 3]} for n, row in enumerate(ROWS)]
    table = load(settings, write_jsonl, tmp_path, rows)
    assert find_category(table) == "topic"
    review = review_split(recipe_of("method: stratified, by: kind, train: 20, test: 6"), table)
    assert (review.category, review.unused) == ("kind", 14)
    assert review.parts[1].profile.categories == {"x": 2, "y": 2, "z": 2}


def test_a_text_has_no_completion_and_many_values_are_no_category(settings, write_jsonl, tmp_path):
    rows = [{"text": f"word {n}", "n": n} for n in range(60)]
    table = load(settings, write_jsonl, tmp_path, rows)
    review = review_split(recipe_of("train: 0.5, test: 0.5", "text: '{text}'"), table)
    assert review.category is None
    assert review.parts[0].profile.completion is None


def test_an_empty_table_has_no_category(settings, write_jsonl, tmp_path):
    table = load(settings, write_jsonl, tmp_path, [{"a": "x"}])
    assert find_category(table) is None
