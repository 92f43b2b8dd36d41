"""The command line that does what a stage of the page does: a line to copy into a shell.

    studio rows lamini_docs.jsonl --search LoRA --where '{"column": "answer", "is": "empty"}' --sort question
    studio render recipe.yaml --row 5 --tokenizer tiny --source /data/lamini_docs.jsonl

What only the draft says (an own template, edits, a split, an export) is read from its recipe.yaml. A line is
one line whatever a text holds: quoted for sh, bash and zsh, with what cannot be printed as $'\\ooo'.
Knows tables and recipes; not where they lie, nor whether a path may be shown.
"""

import json
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from studio.recipe import Recipe, StyleSpec
from studio.source import Source
from studio.table import Table
from studio.table.query import Query

RECIPE_FILE = "recipe.yaml"
_TEXT_OPTIONS = ("config", "split", "revision", "first", "member", "sheet", "field", "encoding")


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A line, what it is for in a few words, and whether it reads the recipe; `notes` say what to know."""

    title: str
    line: str
    recipe: bool
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What the lines are about: a table with its changes, its draft, and how both are named.

    `address` is what stands for the source; `beside` says that it is a bare file name, of a file that the
    person has. `workspace` is a folder to name, None where it is the one that a command takes by itself.
    """

    table: Table
    recipe: Recipe
    address: str
    beside: bool = False
    workspace: str | None = None


def describe_load(subject: Subject) -> Command:
    """The line that reads the source as it was read; what was put right since is not in it."""
    changed = subject.table.repaired or subject.table.changes.words
    notes = (
        ("What was repaired, edited or excluded is in recipe.yaml, and not in this line.",) if changed else ()
    )
    return _of_source(subject, "This table", ["load"], [], notes)


def describe_rows(subject: Subject, query: Query, offset: int, limit: int, found: str = "") -> Command:
    """The line that shows this page of the records that the query finds; `found` names what a check or a
    survey found of them, which no line can ask for.
    """
    options = list(_spell_query(query))
    options += ["--offset", str(offset)] if offset else []
    options += ["--limit", str(limit)]
    notes = (f"The filter “{found}” is not in the line.",) if found else ()
    return _of_what_is_needed(subject, "These records", ["rows"], options, notes)


def describe_render(subject: Subject, row: int, tokenizer: str | None, max_length: int | None) -> Command:
    """The line that shows the text of one record, with its tokens where a tokenizer is named."""
    options = ["--row", str(row)]
    if tokenizer:
        options += ["--tokenizer", tokenizer]
        options += ["--max-length", str(max_length)] if max_length else []
    title = "The text and tokens of this record" if tokenizer else "The text of this record"
    asked = _spell_style(subject.recipe)
    if not asked or tokenizer == "tiny":  # which is made of the recipe's train part
        return _of_recipe(subject, title, ["render"], options)
    return _of_what_is_needed(subject, title, ["render"], options, (), asked)


def describe_check(subject: Subject, tokenizer: str | None, max_length: int | None) -> Command:
    """The line that looks at every record as training would."""
    options = ["--tokenizer", tokenizer] if tokenizer else []
    options += ["--max-length", str(max_length)] if max_length else []
    return _of_recipe(subject, "The check of all records", ["check"], options)


def describe_quality(subject: Subject, also: Sequence[str] = (), finding: str = "") -> Command:
    """The line that says what may be wrong with the records that are left, or lists all of one finding;
    `also` are the names of what is looked for on demand.
    """
    options = ["--also", ",".join(also)] if also else []
    options += ["--rows", finding, "--limit", "0"] if finding else []
    title = f"The records of {finding}" if finding else "What may be wrong with the records"
    return _of_recipe(subject, title, ["quality"], options)


def describe_split(subject: Subject, near: float | None = None) -> Command:
    """The line that shows the parts of the draft's split and the twins across them; with `near` those as well
    that are so similar.
    """
    title = "These parts" if near is None else "Near-duplicates across them as well"
    return _of_recipe(subject, title, ["split"], [] if near is None else ["--near", f"{near:g}"])


def describe_build(subject: Subject) -> Command:
    """The line that writes the draft's export, with the same bytes."""
    return _of_recipe(subject, "The same export", ["build"], ["--out", "export"])


def describe_train(subject: Subject) -> Command:
    """The line that starts the draft's fine-tune in the background."""
    return _of_recipe(subject, "This fine-tune", ["train"], [])


def describe_plan(subject: Subject) -> Command:
    """The line that says what the draft's fine-tune would do, and starts nothing."""
    return _of_recipe(subject, "What it would do", ["train"], ["--plan"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What Compare shows: two sides as addresses, a column of categories, and which records."""

    run: str
    left: str = "base"
    right: str = "tuned"
    by: str = ""
    sort: str = "order"
    only: str = "all"
    search: str = ""
    offset: int = 0


def describe_compare(compared: Compared, workspace: str | None) -> Command:
    """The line that shows the scores of two sides."""
    left, right = (
        side if "/" in side else f"{compared.run}/{side}" for side in (compared.left, compared.right)
    )
    sides = [left, "--with", right]
    if (compared.left, compared.right) == ("base", "tuned"):
        sides = [compared.run]
    by = ["--by", compared.by] if compared.by else []
    words = ["studio", "compare", *sides, *by, *_name_workspace(workspace)]
    return Command(title="This comparison", line=join_words(words), recipe=False, notes=())


def describe_pairs(compared: Compared, workspace: str | None) -> Command:
    """The line that lists the test records as they are shown."""
    usual = Compared(run=compared.run)
    asked = [
        word
        for name in ("left", "right", "sort", "only", "search", "offset")
        if (value := getattr(compared, name)) != getattr(usual, name)
        for word in (f"--{name}", str(value))
    ]
    words = ["studio", "pairs", "list", compared.run, *asked, *_name_workspace(workspace)]
    return Command(title="These test records", line=join_words(words), recipe=False, notes=())


def describe_try(run: str, columns: Sequence[str], workspace: str | None) -> Command:
    """The line that asks both models of a run: its template's columns filled in, or a bare prompt."""
    asked = [word for name in columns for word in ("--set", f"{name}=…")] or ["--prompt", "…"]
    words = ["studio", "try", run, *asked, *_name_workspace(workspace)]
    return Command(title="A prompt of your own", line=join_words(words), recipe=False, notes=())


def join_words(words: Sequence[str]) -> str:
    """The words as one line that a shell takes apart into the same words again."""
    return " ".join(map(_quote, words))


def _of_what_is_needed(
    subject: Subject,
    title: str,
    command: list[str],
    options: list[str],
    notes: tuple[str, ...],
    asked: Sequence[str] = (),
) -> Command:
    """A line about the source itself where its values are as it has them, else about the recipe; `asked` are
    options that a recipe says itself.
    """
    if subject.table.changes.cells or subject.table.repaired:
        return _of_recipe(subject, title, command, options, notes)
    return _of_source(subject, title, command, [*asked, *options], notes)


def _of_source(
    subject: Subject, title: str, command: list[str], options: list[str], notes: tuple[str, ...]
) -> Command:
    address = f"./{subject.address}" if subject.address.startswith("-") else subject.address
    reading = spell_reading(subject.table.source)
    words = ["studio", *command, address, *reading, *options, *_name_workspace(subject.workspace)]
    if subject.beside:
        notes = (f"Run it in the folder that holds {subject.address}.", *notes)
    return Command(title=title, line=join_words(words), recipe=False, notes=(*notes, *_warn(subject)))


def _of_recipe(
    subject: Subject, title: str, command: list[str], options: list[str], notes: tuple[str, ...] = ()
) -> Command:
    source = subject.table.source
    elsewhere = ["--source", subject.address] if source.path is not None and not subject.beside else []
    workspace = _name_workspace(subject.workspace)
    words = ["studio", *command, RECIPE_FILE, *options, *elsewhere, *workspace]
    folder = f"{RECIPE_FILE} and {subject.address}" if subject.beside else RECIPE_FILE
    notes = (f"Run it in the folder that holds {folder}.", *notes, *_warn(subject))
    return Command(title=title, line=join_words(words), recipe=True, notes=notes)


def spell_reading(source: Source) -> list[str]:
    """The options that read a source as it was read: what was asked for, and what was decided meanwhile."""
    words: list[str] = []
    for name in _TEXT_OPTIONS:
        value = getattr(source, name)
        words += [f"--{name}", str(value)] if value is not None else []
    if source.delimiter is not None:
        words += ["--delimiter", "tab" if source.delimiter == "\t" else source.delimiter]
    if source.quote is not None:
        words += ["--quote", source.quote or "none"]
    for column, kind in source.types.items():
        words += ["--type", f"{column}={kind}"]
    return words + (["--records", source.records] if source.records is not None else [])


def _spell_query(query: Query) -> Iterator[str]:
    search = query.search
    if search.text:
        yield from ("--search", search.text)
        flags = {"--case": search.case, "--word": search.word, "--regex": search.regex}
        yield from (flag for flag, wanted in flags.items() if wanted)
    for condition in query.conditions:
        yield from ("--where", json.dumps(condition.to_mapping(), ensure_ascii=False))
    if query.sort is not None:
        yield from ("--sort", query.sort)
        if query.descending:
            yield "--descending"


def _spell_style(recipe: Recipe) -> list[str]:
    """The options that choose the recipe's prompt style; none where they cannot say its template."""
    if not isinstance(recipe.template, StyleSpec) or any("=" in name for name in recipe.columns):
        return []
    pairs = [f"{placeholder}={column}" for placeholder, column in recipe.columns.items()]
    return ["--style", recipe.template.style, *(word for pair in pairs for word in ("--column", pair))]


def _name_workspace(folder: str | None) -> list[str]:
    return [] if folder is None else ["--workspace", folder]


def _warn(subject: Subject) -> tuple[str, ...]:
    if not subject.table.partial:
        return ()
    return (f"The table holds the first {len(subject.table):,} records; the line reads all of them.",)


def _quote(word: str) -> str:
    """The word as a shell reads it; a line end, an escape or a mark of direction is spelled, never raw."""
    if word.isprintable():
        return shlex.quote(word)
    escaped = word.replace("\\", "\\\\").replace("'", "\\'")
    return "$'" + "".join(c if c.isprintable() else _spell_octal(c) for c in escaped) + "'"


def _spell_octal(character: str) -> str:
    return "".join(f"\\{byte:03o}" for byte in character.encode("utf-8", "surrogatepass"))
