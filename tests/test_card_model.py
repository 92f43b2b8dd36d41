"""The model card: what the Hub reads of it, what a person does, and what is not for others."""

from typing import Any

import pytest
import yaml
from markdown_it import MarkdownIt

from studio.card.model import describe_model_card
from studio.card.model.metadata import describe_license
from studio.card.model.recipe import name_base, publish_recipe, strip_address
from studio.card.model.training import draw_bar, thin
from studio.card.model.using import example_prompt, write_use
from tests.model_cards import HASH, MODEL, make_metrics, make_real_spec, make_spec, make_told

HEADS = ["Use it", "Prompt", "Data", "Training", "Scores", "Limits", "Licence", "Recipe"]


def read_metadata(card: str) -> dict[str, Any]:
    metadata: dict[str, Any] = yaml.safe_load(card.split("\n---\n")[0])
    return metadata


def show(card: str) -> str:
    return MarkdownIt("commonmark").enable("table").render(card.split("\n---\n", 1)[1])


def test_the_hubs_own_library_reads_the_card() -> None:
    from huggingface_hub import ModelCard, ModelCardData

    card = ModelCard(describe_model_card(make_told(make_real_spec(), what="adapter")))
    assert isinstance(card.data, ModelCardData)
    assert card.data.license == "apache-2.0"
    assert card.data.base_model == "EleutherAI/pythia-70m"
    assert card.data.to_dict()["base_model_relation"] == "adapter"
    assert [card.data.library_name, card.data.pipeline_tag] == ["peft", "text-generation"]
    assert card.data.datasets == ["lamini/lamini_docs"]
    assert card.data.eval_results is not None
    [loss, *_] = card.data.eval_results
    assert (loss.metric_type, loss.metric_value, loss.dataset_type) == ("loss", 3.31, "lamini/lamini_docs")
    assert {"lora", "dataset-studio"} <= set(card.data.tags or ())


def test_the_merged_model_is_a_fine_tune_for_transformers() -> None:
    data = read_metadata(describe_model_card(make_told(make_real_spec())))
    assert (data["base_model_relation"], data["library_name"]) == ("finetune", "transformers")


def test_tiny_says_that_it_was_trained_from_scratch_and_names_no_base_or_licence() -> None:
    card = describe_model_card(make_told())
    data = read_metadata(card)
    assert not {"base_model", "base_model_relation", "license", "datasets", "model-index"} & set(data)
    assert "Trained from scratch (demo)" in card
    assert "fine-tuned" not in card
    assert "It has learnt style and domain, not facts." in card


@pytest.mark.parametrize(
    ("licence", "expected"),
    [
        ("apache-2.0", {"license": "apache-2.0"}),
        ("MIT", {"license": "mit"}),
        ("my own words, v1\n---", {"license": "other", "license_name": "my-own-words-v1"}),
        ("other", {}),
        (None, {}),
    ],
)
def test_a_licence_is_one_that_the_hub_takes(licence: str | None, expected: dict[str, str]) -> None:
    assert describe_license(licence) == expected


def test_a_person_reads_what_it_is_and_what_was_measured() -> None:
    card = describe_model_card(make_told())
    assert [line[3:] for line in card.splitlines() if line.startswith("## ")] == HEADS
    page = show(card)
    for words in (
        "<h1>tiny, trained from scratch on faq.jsonl</h1>",
        f"<code>{HASH}</code>",
        f"<td>train</td>\n<td>90</td>\n<td><code>{'cd' * 32}</code></td>",
        "<code>max_steps</code></td>\n<td><code>400</code>",
        "400 steps on cpu in 61 s. The weights are those of step 320",
        "<td>perplexity ↓</td>\n<td>1,998</td>\n<td>27.4</td>",
        "5 records were held back",
        f"in the order of the names: <code>{'12' * 32}</code>.",
        "2 train records had no answer within 512 tokens",
        "3 train records lost the end of their answer",
        "1 edited",
        "greedy decoding, 64 new tokens at most",
        "there was no validation part".capitalize(),
    ):
        assert words in page, words
    assert describe_model_card(make_told()) == card


def test_the_recipe_in_the_card_is_yaml_without_paths_and_records() -> None:
    card = describe_model_card(make_told())
    recipe = yaml.safe_load(card.split("## Recipe")[1].split("```yaml\n")[1].split("```")[0])
    assert recipe["source"] == {"path": "faq.jsonl", "sha256": HASH}
    assert "overlay" not in recipe
    for private in ("/home/ann", "private", "of a record"):
        assert private not in card


def test_the_scores_have_their_intervals_where_they_were_compared() -> None:
    scores = {
        "base": {"loss": 7.6, "token_f1": 0.05},
        "tuned": {"loss": 3.31, "token_f1": 0.32, "not known": 1},
        "difference": {"token_f1": {"value": 0.27, "low": 0.22, "high": 0.31}},
    }
    page = show(describe_model_card(make_told(scores=scores)))
    assert "<td>token F1 ↑</td>\n<td>0.05</td>\n<td>0.32</td>\n<td>+0.27 [+0.22, +0.31]</td>" in page
    assert "a 95 % interval, from a paired bootstrap" in page


def test_a_run_without_a_test_part_says_so() -> None:
    told = make_told(metrics={"records": 0, "base": None, "tuned": None, "parameters": 5})
    assert "There is no test part, so nothing was measured." in describe_model_card(told)
    assert "model-index" not in read_metadata(describe_model_card(told | {"spec": make_real_spec()}))


def test_an_adapter_of_a_folder_says_where_its_base_model_is_named() -> None:
    folder = make_real_spec(model=MODEL | {"kind": "folder", "name": "llama"})
    for what, named in (("adapter", True), ("model", False)):
        card = describe_model_card(make_told(folder, what=what))
        assert ("base_model_name_or_path" in card) == named
    assert "base_model_name_or_path" not in describe_model_card(make_told(make_real_spec(), what="adapter"))


@pytest.mark.parametrize("kind", ["text", "messages"])
@pytest.mark.parametrize("what", ["model", "adapter"])
def test_every_kind_of_example_has_six_lines_that_python_reads(kind: str, what: str) -> None:
    told = make_told(make_real_spec(example_type=kind, template={}), what=what)
    lines = write_use(told)
    assert len(lines) == 6
    compile("\n".join(lines), "six lines", "exec")
    assert max(map(len, lines)) <= 112


def test_the_example_prompt_is_what_the_template_makes_of_a_record() -> None:
    assert example_prompt(make_spec()) == "### Question:\nYOUR QUESTION\n\n### Answer:"
    assert example_prompt(make_spec(template={})) == ""


def test_text_of_the_data_and_of_the_model_stays_text() -> None:
    nasty = "</script><img src=x onerror=alert(1)>|[x](javascript:1)\n# Not a head\n---\nlicense: mit"
    recipe = {"source": {"path": f"/a/{nasty}"}, "split": {"by": nasty}}
    model = {"name": nasty, "kind": "hub", "architecture": nasty, "licence": nasty}
    template = {"prompt": f"```\n{nasty}\n", "completion": "{answer}"}
    card = describe_model_card(make_told(make_spec(recipe=recipe, model=model, template=template)))
    page = show(card)
    assert "<img" not in page
    assert "<script" not in page
    assert "href=" not in page
    assert [line[3:] for line in card.splitlines() if line.startswith("## ")] == HEADS
    assert read_metadata(card)["license"] == "other"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("tiny", "tiny"),
        ("org/name", "org/name"),
        ("org/name@main", "org/name@main"),
        ("/home/ann/models/llama", "llama"),
        ("models/deep/llama", "llama"),
        ("./llama", "llama"),
        ("~/llama", "llama"),
        ("C:\\models\\llama", "llama"),
    ],
)
def test_a_base_model_is_named_without_its_folder(given: str, shown: str) -> None:
    assert name_base(given) == shown
    assert publish_recipe({"train": {"base_model": given}})["train"]["base_model"] == shown


def test_an_address_is_shown_without_what_may_be_secret() -> None:
    assert strip_address("https://me:pass@host:8/a/b.jsonl?sig=x#y") == "https://host:8/a/b.jsonl"


def test_a_long_curve_is_ten_rows_and_odd_losses_draw_nothing() -> None:
    points = [[step, 1.0] for step in range(1_000)]
    assert [len(thin(points, 10)), thin(points, 10)[-1]] == [10, [999, 1.0]]
    assert [draw_bar(value, 4.0) for value in (4.0, 0.001, float("nan"), -1.0)] == ["█" * 24, "█", "", ""]
    assert draw_bar(1.0, float("inf")) == ""
    assert make_metrics(best_step=None)["best_step"] is None
