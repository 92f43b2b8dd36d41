import json
from itertools import zip_longest
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from studio.errors import RecipeError
from studio.formats import FILES, FORMATS
from studio.recipe import (
    EditSpec,
    ExcludeSpec,
    OverlaySpec,
    Recipe,
    RepairSpec,
    dump_recipe,
    load_recipe,
    parse_recipe,
    upgrade,
)
from studio.recipe.text import load_yaml
from studio.record import Edit
from studio.table.query import Condition
from studio.trainers import TRAINERS

RECIPES = Path(__file__).parent / "golden" / "recipes"
SHORT = "source: {path: a.jsonl}\ntemplate: {style: alpaca}\n"


def test_short_recipe_gets_the_defaults():
    recipe = parse_recipe(SHORT)
    assert recipe.version == 1
    assert recipe.split.sizes == {"train": 1.0}
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
    assert list(recipe.split.sizes) == ["test", "train"]
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
            "version: one\nsource: {path: a, hub: b}\ntemplate: {styel: alpaca}\nsplits: {}\n"
            "split: {train: 0.9, test: 0.2}\ntrain: {max_steps: many}\n",
            "my.yaml",
        )
    message = caught.value.message
    for words in (
        "my.yaml",
        "line 1: version: input should be 1, not 'one'",
        "line 2: source: give exactly one of path, url and hub",
        "template: give a style",
        "line 4: splits: unknown key",
        "line 5: split: The fractions add up to 1.1",
        "line 6: train.max_steps: input should be a valid integer, not 'many'",
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


def test_a_problem_of_one_of_many_changes_is_told_with_its_line():
    lines = "".join(f'  - {{line: {number}, hash: "0123456789abcdef"}}\n' for number in range(2, 9))
    with pytest.raises(RecipeError) as caught:
        parse_recipe(
            SHORT + "overlay:\n  exclude:\n" + lines.replace('hash: "0123456789abcdef"', 'hash: "x"', 3)
        )
    first = SHORT.count("\n") + 3
    for number in range(3):
        assert f"line {first + number}: overlay.exclude.{number}.hash: " in caught.value.message


def test_a_recipe_of_a_newer_studio_is_not_guessed_at():
    with pytest.raises(
        RecipeError, match=r"r\.yaml: it is a recipe of version 2; this studio reads up to version 1"
    ):
        parse_recipe("version: 2\nsorce: {}\n", "r.yaml")


@pytest.mark.parametrize("version", ["", "version: 1\n", "version: 2\n"])
def test_a_recipe_of_an_earlier_version_is_brought_up_step_by_step(monkeypatch, version):
    """As if version 2 had renamed the key `data` of version 1, and version 3 the key `from`."""
    names = {1: ("data", "from"), 2: ("from", "source")}

    def rename(step):
        old, new = names[step]
        return lambda values: {new if key == old else key: value for key, value in values.items()}

    monkeypatch.setattr(upgrade, "NEWEST", 3)
    monkeypatch.setattr(upgrade, "STEPS", {step: rename(step) for step in names})
    key = "from" if "2" in version else "data"
    values = load_yaml(f"{version}{key}: {{path: a}}\ntemplate: {{style: alpaca}}\n")
    upgraded = upgrade.upgrade_values(values, "r.yaml")
    assert upgraded == {"version": 3, "source": {"path": "a"}, "template": {"style": "alpaca"}}


@pytest.mark.parametrize(
    "path", sorted(RECIPES.glob("*/*.yaml")), ids=lambda path: f"{path.parent.name}-{path.stem}"
)
def test_recipes_of_every_version_are_read_and_written_as_the_newest(path):
    recipe = load_recipe(path)
    text = dump_recipe(recipe)
    assert recipe.version == upgrade.NEWEST
    assert parse_recipe(text) == recipe
    if path.parent.name == str(upgrade.NEWEST):
        assert text == path.read_text(encoding="utf-8")


def test_learning_rate_may_be_written_without_a_dot():
    assert parse_recipe(SHORT + "train: {learning_rate: 1e-3}\n").train.learning_rate == 0.001


def test_missing_file_is_named(tmp_path):
    with pytest.raises(RecipeError, match=r"nowhere\.yaml: No such file"):
        load_recipe(tmp_path / "nowhere.yaml")


def test_recipe_of_python_values_equals_the_file():
    recipe = Recipe.model_validate({"source": {"path": "a.jsonl"}, "template": {"style": "alpaca"}})
    assert recipe == parse_recipe(SHORT)


TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"]))
HASHES = st.text("0123456789abcdef", min_size=16, max_size=16)
LINES = st.integers(1, 10**12)
EDITS = st.builds(
    EditSpec, line=LINES, hash=HASHES, column=TEXTS, value=st.none() | TEXTS, file=st.none() | TEXTS
)
EXCLUDES = st.builds(ExcludeSpec, line=LINES, hash=HASHES, file=st.none() | TEXTS)


@given(edit=st.lists(EDITS, max_size=4), exclude=st.lists(EXCLUDES, max_size=4), text=TEXTS)
def test_every_overlay_survives_the_file(edit, exclude, text):
    overlay = OverlaySpec(repair=[RepairSpec(line=1, hash="0" * 16, raw=text)], edit=edit, exclude=exclude)
    recipe = parse_recipe(SHORT).model_copy(update={"overlay": overlay})
    written = dump_recipe(recipe)
    assert parse_recipe(written) == recipe
    assert yaml.safe_load(written) == recipe.to_mapping()


def test_an_overlay_may_be_written_in_any_way():
    block = (
        "overlay:\n  exclude:\n  - {line: 17, hash: '0123456789abcdef', file: a}\n  - line: 18\n"
        "    hash: 0a23456789abcdef\n"
        '  edit:\n  - {line: 90, hash: "0a23456789abcdef", column: a, value: null}\n'
    )
    short = (
        "overlay: {exclude: [{line: 17, hash: '0123456789abcdef', file: a}, "
        "{line: 18, hash: 0a23456789abcdef}], "
        "edit: [{line: 90, hash: 0a23456789abcdef, column: a, value: }]}\n"
    )
    recipe = parse_recipe(SHORT + block)
    assert recipe == parse_recipe(SHORT + short) == parse_recipe(dump_recipe(recipe))
    assert recipe.overlay.to_edits() == [Edit(line=90, hash="0a23456789abcdef", column="a", value=None)]


def test_what_looks_like_an_overlay_elsewhere_is_text():
    inside = '  exclude:\n  - {line: 17, hash: "0123456789abcdef"}\n'
    recipe = parse_recipe(f"{SHORT}columns:\n a: |\n{inside}")
    assert recipe.columns == {"a": 'exclude:\n- {line: 17, hash: "0123456789abcdef"}\n'}
    quoted = inside.replace('"', "")
    assert parse_recipe(f"{SHORT}columns: {{a: '\n{quoted}'}}\n").columns["a"].endswith("cdef} ")


@pytest.mark.parametrize(
    ("overlay", "words"),
    [
        ('  exclude:\n  - {line: 0, hash: "0123456789abcdef"}\n', "overlay.exclude.0.line: input should be"),
        (
            '  exclude:\n  - {line: 1, hash: "0123456789abcdeg"}\n',
            "overlay.exclude.0.hash: string should match",
        ),
        (
            '  exclude:\n  - {line: 1, hash: "0123456789abcdef", line: 2}\n',
            "line 5: not YAML: the key line stands",
        ),
        (
            '  exclude:\n  - {line: 1, hash: "0123456789abcdef", value: "x"}\n',
            "overlay.exclude.0.value: unknown key",
        ),
        (
            '  edit:\n  - {line: 1, hash: "0123456789abcdef", column: "a"}\n',
            "overlay.edit.0.value: is missing",
        ),
        ("  exclude: 3\n", "overlay.exclude: input should be a valid list"),
        ('  exclude:\n  - {line: 1, hash: "0123456789abcdef"}\nsplit: [\n', "line 7: not YAML"),
        (
            '  exclude:\n  - {line: 1, hash: "0123456789abcdef"}\n  exclude: []\n',
            "the key exclude stands twice",
        ),
    ],
)
def test_a_bad_overlay_says_what_and_where(overlay, words):
    with pytest.raises(RecipeError) as caught:
        parse_recipe(SHORT + "overlay:\n" + overlay)
    assert words in caught.value.message


def test_a_filter_is_kept_as_conditions():
    text = (
        "filter:\n- {column: answer, is: contains, value: x}\n"
        "- {column: score, is: number, value: [1, null], not: true}\n- {column: a, is: empty}\n"
    )
    recipe = parse_recipe(SHORT + text)
    assert recipe.conditions() == (
        Condition("answer", "contains", "x"),
        Condition("score", "number", (1, None), negated=True),
        Condition("a", "empty"),
    )
    assert parse_recipe(dump_recipe(recipe)) == recipe


def test_a_bad_filter_is_reported_with_the_other_problems():
    with pytest.raises(RecipeError) as caught:
        parse_recipe(
            SHORT
            + "filter: [{column: a, is: like}, {is: empty}, 3, {column: a, is: empty, vaule: 1}]\nx: 1\n"
        )
    for words in (
        "filter.0: No condition is called",
        "filter.1: ",
        "filter.2: write column",
        "filter.3: ",
        "x: unknown",
    ):
        assert words in caught.value.message


def test_every_export_survives_the_file():
    for kind, file, trainer in zip_longest(FORMATS, FILES, TRAINERS, fillvalue=None):
        export = {"format": kind, "configs": [trainer] if trainer else []} | ({"file": file} if file else {})
        card = {"license": "other", "license_name": "own-1", "title": "Über", "language": ["de"]}
        recipe = parse_recipe(SHORT + f"export: {json.dumps(export | {'card': card})}\n")
        assert parse_recipe(dump_recipe(recipe)) == recipe
        assert recipe.export.card.title == "Über"


@pytest.mark.parametrize(
    ("export", "words"),
    [
        ("{format: chat}", "export.format: 'chat' is not one of text, prompt-completion,"),
        ("{file: xlsx}", "export.file: 'xlsx' is not one of jsonl, jsonl.gz,"),
        ("{configs: [mine]}", "export.configs.0: "),
        ("{card: {}}", "export.card.license: is missing"),
        ("{card: {license: mit, licence: mit}}", "export.card.licence: unknown key"),
    ],
)
def test_a_bad_export_says_what_and_where(export, words):
    with pytest.raises(RecipeError) as caught:
        parse_recipe(SHORT + f"export: {export}\n")
    assert words in caught.value.message


def test_a_recipe_that_is_nested_too_deep_is_refused():
    with pytest.raises(RecipeError, match="nested too deep"):
        parse_recipe("a: " + "[" * 100_000)


def test_date_that_there_is_not_is_told_in_words():
    with pytest.raises(RecipeError, match="month must be in"):
        parse_recipe("source: {path: a.jsonl}\ntemplate: {text: 2026-13-45}")
