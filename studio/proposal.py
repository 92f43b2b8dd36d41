"""The recipe that a newly loaded table starts with, from the shape of its records.

    question, answer   →   {style: question-answer}, split 0.9/0.1, seed 42

A proposal is shown with its reasons wherever it is used; nothing here says them.
"""

from dataclasses import replace

from studio.recipe import ConversationSpec, ExportSpec, Recipe, SourceSpec, SplitSpec, StyleSpec, TextSpec
from studio.shapes import Shape, detect_shapes, look_at
from studio.split import part_of_split
from studio.table import Table
from studio.template import Template
from studio.template.grammar import spell_name


def propose_recipe(table: Table) -> Recipe:
    """The recipe that a newly loaded table starts with: the template of its shape, random 0.9/0.1, seed 42.

    A source that came in splits keeps them.
    """
    names = [column.name for column in table.columns]
    shape = next(iter(detect_shapes(table.columns, look_at(table))), None)
    fractions = {"train": 0.9, "test": 0.1} if table.counts.accepted >= 10 else {"train": 1.0}
    split = {"method": "random", **fractions, "seed": 42}
    if len({part_of_split(name) for name in table.splits} - {None}) == len(table.splits) > 1:
        split = {"method": "published"}
    return Recipe(
        source=SourceSpec.from_source(replace(table.source, sha256=table.sha256)),
        template=_template_of(shape) if shape else TextSpec(text=_first_column(names)),
        columns=dict(shape.columns) if shape else {},
        split=SplitSpec.model_validate(split),
        export=ExportSpec(),
    )


def propose_with(table: Table, template: Template) -> Recipe:
    """The same recipe with a template that was chosen, and its column map."""
    columns = {name: column for name, column in template.column_map.items() if name != column}
    asked = {"template": template.to_mapping(), "columns": columns}
    return Recipe.model_validate(propose_recipe(table).to_mapping() | asked)


def _template_of(shape: Shape) -> StyleSpec | ConversationSpec:
    if shape.style is not None:
        return StyleSpec(style=shape.style)
    return ConversationSpec.model_validate(shape.template)


def _first_column(names: list[str]) -> str:
    return f"{{{spell_name(names[0])}}}" if names else ""
