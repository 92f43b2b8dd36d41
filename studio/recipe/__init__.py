"""The Recipe: one YAML file that replays everything, and the only home of pydantic in the core.

    version: 1
    source: {path: lamini_docs.jsonl, sha256: …}
    template: {style: question-answer}
    split: {method: random, train: 0.9, test: 0.1, seed: 42}

    Recipe, parse_recipe, load_recipe, dump_recipe    the whole file, and its problems in words   (whole.py)
    SourceSpec … TrainSpec                            its parts                                   (parts.py)
    OverlaySpec, FilterSpec                           what names single records                   (overlay.py)
    load_yaml, dump_yaml                              its text                                    (text.py)

Unknown keys are refused, and all problems are reported at once with their place. What a recipe means (whether
its columns exist, its file is there) is for the stages to say.
"""

from studio.recipe.overlay import EditSpec, ExcludeSpec, FilterSpec, OverlaySpec, RepairSpec
from studio.recipe.parts import (
    CardSpec,
    ConversationSpec,
    ExportSpec,
    MessagesSpec,
    PromptSpec,
    SourceSpec,
    SplitSpec,
    StyleSpec,
    TemplateSpec,
    TextSpec,
    TrainSpec,
    TurnSpec,
)
from studio.recipe.whole import Recipe, dump_recipe, load_recipe, parse_recipe

__all__ = [
    "CardSpec",
    "ConversationSpec",
    "EditSpec",
    "ExcludeSpec",
    "ExportSpec",
    "FilterSpec",
    "MessagesSpec",
    "OverlaySpec",
    "PromptSpec",
    "Recipe",
    "RepairSpec",
    "SourceSpec",
    "SplitSpec",
    "StyleSpec",
    "TemplateSpec",
    "TextSpec",
    "TrainSpec",
    "TurnSpec",
    "dump_recipe",
    "load_recipe",
    "parse_recipe",
]
