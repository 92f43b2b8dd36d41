"""What a recipe leaves to its source and to the defaults, stated."""

from dataclasses import replace

from studio.errors import TemplateError
from studio.formats import resolve_file, resolve_format, resolve_names
from studio.recipe import ExportSpec, Recipe, SourceSpec, StyleSpec
from studio.styles import STYLES, style_template
from studio.table import Table
from studio.template import Template


def resolve_template(recipe: Recipe, table: Table) -> Template:
    """The recipe's template with its column map, checked against the table. Raises TemplateError."""
    names = [column.name for column in table.columns]
    if isinstance(recipe.template, StyleSpec):
        return style_template(recipe.template.style, names, recipe.columns)
    own = recipe.own_template()
    assert own is not None
    template = own.mapped(recipe.columns)
    template.check(names)
    return template


def nearest_template(recipe: Recipe, table: Table) -> Template:
    """The recipe's template with its column map even where it does not fit; of a style its first variant."""
    try:
        return resolve_template(recipe, table)
    except TemplateError:
        own = recipe.own_template()
        if own is None:
            assert isinstance(recipe.template, StyleSpec)
            own = STYLES[recipe.template.style].templates[0]
        return own.mapped(recipe.columns)


def resolve_recipe(recipe: Recipe, table: Table) -> Recipe:
    """The recipe with everything stated that the source and the defaults decided.

    Two recipes that mean the same on the same source become equal, so that their manifests are.
    """
    template = resolve_template(recipe, table)
    mapping = {name: column for name, column in recipe.columns.items() if name != column}
    used = {name: column for name, column in mapping.items() if name in template.placeholders}
    return recipe.model_copy(
        update={
            "source": SourceSpec.from_source(replace(table.source, sha256=table.sha256)),
            "columns": used,
            "export": resolve_export(recipe.export, template),
        }
    )


def resolve_export(spec: ExportSpec, template: Template) -> ExportSpec:
    """The export with its format stated, names that say nothing left out, trainers once and in order.

    Raises ExportError for a format that the template cannot be written in, a file that cannot hold it, and
    names that are none.
    """
    kind = resolve_format(template, spec.format)
    resolve_file(kind, spec.file)
    resolved = resolve_names(kind, spec.names)
    names = {field: name for field, name in resolved.items() if field != name}
    return spec.model_copy(
        update={"format": kind, "names": names, "configs": sorted(dict.fromkeys(spec.configs))}
    )
