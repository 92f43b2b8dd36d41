import pytest

from studio.errors import RecipeError
from studio.recipe import Recipe, dump_recipe, load_recipe, parse_recipe

SHORT = "source: {path: a.jsonl}\ntemplate: {style: alpaca}\n"


def test_short_recipe_gets_the_defaults():
    recipe = parse_recipe(SHORT)
    assert recipe.version == 1
    assert recipe.split.fractions == {"train": 1.0}
    assert recipe.split.to_plan().seed == 42
    assert recipe.export.file == "jsonl"
    assert recipe.train.base_model == "tiny"


def test_recipe_survives_the_file():
    text = """
version: 1
source: {hub: org/name, config: en, split: train, first: 1000}
template:
  type: prompt-completion
  prompt: "### Question:\\n{question}  "
  completion: " {answer}: é \\u2028 # no comment"
columns: {question: "my: column", answer: "yes"}
split: {method: sequential, test: 0.1, train: 0.85, seed: 7}
export: {names: {prompt: question}}
"""
    recipe = parse_recipe(text)
    assert parse_recipe(dump_recipe(recipe)) == recipe
    assert dump_recipe(parse_recipe(dump_recipe(recipe))) == dump_recipe(recipe)
    assert list(recipe.split.fractions) == ["test", "train"]
    assert recipe.own_template().parts[1].source == " {answer}: é \u2028 # no comment"


@pytest.mark.parametrize(
    "template",
    ["text: '{text}'", "messages: [{role: user, content: '{q}'}]", "style: question-answer"],
)
def test_every_kind_of_template_survives_the_file(template):
    recipe = parse_recipe(f"source: {{url: https://x.org/a.jsonl}}\ntemplate:\n  {template}\n")
    assert parse_recipe(dump_recipe(recipe)) == recipe


def test_all_problems_are_reported_at_once_with_their_place():
    with pytest.raises(RecipeError) as caught:
        parse_recipe(
            "version: 2\nsource: {path: a, hub: b}\ntemplate: {styel: alpaca}\nsplits: {}\n"
            "split: {train: 0.9, test: 0.2}\ntrain: {max_steps: many}\n",
            "my.yaml",
        )
    message = caught.value.message
    for words in (
        "my.yaml",
        "version: input should be 1, not 2",
        "source: give exactly one of path, url and hub",
        "template: give a style",
        "splits: unknown key",
        "split: The fractions add up to 1.1",
        "train.max_steps: input should be a valid integer, not 'many'",
    ):
        assert words in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- a\n", "holds no recipe"),
        ("", "holds no recipe"),
        ("source: [\n", "line 2"),
        ("source: {path: a}\nsource: {path: b}\n", "the key source stands twice"),
        ("template: {style: x}\n", "source: is missing"),
        (SHORT.replace("style: alpaca", "text: '{'"), "At character 1 of the text"),
        (SHORT.replace("style: alpaca", "prompt: x"), "template.completion: is missing"),
        (SHORT.replace("style: alpaca", "style: alpaca, extra: 1"), "template.extra: unknown key"),
        (SHORT + "split: {train: 1, seed: x}\n", "seed is 'x'"),
        (SHORT + "split: 3\n", "split: write method"),
        (SHORT + "train: {learning_rate: 7}\n", "train.learning_rate"),
        ("!!python/object:os.system {}\n", "not YAML"),
    ],
)
def test_bad_recipe_says_what_and_where(text, words):
    with pytest.raises(RecipeError) as caught:
        parse_recipe(text)
    assert words in caught.value.message
    assert "\n" not in caught.value.message


def test_learning_rate_may_be_written_without_a_dot():
    assert parse_recipe(SHORT + "train: {learning_rate: 1e-3}\n").train.learning_rate == 0.001


def test_missing_file_is_named(tmp_path):
    with pytest.raises(RecipeError, match=r"nowhere\.yaml: No such file"):
        load_recipe(tmp_path / "nowhere.yaml")


def test_recipe_of_python_values_equals_the_file():
    recipe = Recipe.model_validate({"source": {"path": "a.jsonl"}, "template": {"style": "alpaca"}})
    assert recipe == parse_recipe(SHORT)
