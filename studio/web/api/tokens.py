"""Tokens over HTTP: one record as the model sees it, with a template that need not be kept.

    POST /tables/{id}/tokens {"row": 3, "tokenizer": "tiny", "max_length": 512}
    → {"state": "ready", "tokens": [{"id": 397, "text": " Yes", "trained": true, …}, …], "fate": "fit", …}

A tokenizer that is not made ready yet begins to be, and the answer says so at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from studio.errors import StudioError
from studio.pipeline import resolve_template
from studio.recipe import Recipe
from studio.tokenizing import list_choices
from studio.tokens import About, Fate, Tokens
from studio.web.api.answers import answer
from studio.web.api.context import Id, WorkspaceOf
from studio.web.api.prompt import read_template
from studio.web.api.records import ProblemBody
from studio.web.tokenizers import Preparing, Tokenizers
from studio.workspace import Workspace

MOST_TOKENS = 4_000
MOST_COUNTED = 200  # columns of a record

router = APIRouter(tags=["tokens"])


class TokensAsked(BaseModel):
    """The template {"style": …} or that of a recipe, None for the draft's; with its column map."""

    model_config = ConfigDict(extra="forbid")

    template: dict[str, Any] | None = None
    columns: dict[str, str] = {}
    row: int = 0
    tokenizer: Annotated[str, Field(max_length=4_096)] = "tiny"
    max_length: Annotated[int, Field(ge=1)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AboutBody:
    """What a person is told of a tokenizer."""

    name: str
    source: str
    words: str
    vocabulary: int
    context: int | None
    end_token: str | None
    revision: str
    chat: bool
    marks_answers: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenBody:
    """One token; `name` is how the vocabulary spells it. All texts, joined, are what the tokenizer saw.

    A later byte of a character (`part`), and a token that the tokenizer added, have no text. With `cut` it
    stands after the max length.
    """

    id: int
    text: str
    name: str
    special: bool
    trained: bool
    cut: bool
    part: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TokensBody:
    """The tokens of a record once the tokenizer is ready; `more` of them are not shown.

    While it is being made ready `doing` says what is done. `trained` counts tokens.
    """

    state: Literal["ready", "preparing", "failed"]
    problem: ProblemBody | None = None
    doing: str = ""
    about: AboutBody | None = None
    tokens: Sequence[TokenBody] = ()
    more: int = 0
    length: int = 0
    trained: int = 0
    first_trained: int = 0
    max_length: int | None = None
    fate: Fate | None = None
    end_trained: bool = False
    double_start: bool = False
    merged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CountBody:
    """How many tokens a text column of a record has, by the column's index."""

    index: int
    tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceBody:
    """A tokenizer that can be chosen; `choice` is what to ask with."""

    choice: str
    label: str
    words: str


async def find_tokenizers(request: Request) -> Tokenizers:
    """The tokenizers of this application."""
    tokenizers: Tokenizers = request.app.state.tokenizers
    return tokenizers


TokenizersOf = Annotated[Tokenizers, Depends(find_tokenizers)]
_WORDS = {"tiny": "made from the train part", "folder": "a local folder", "hub": "from the Hub"}


@router.get("/tokenizers")
def list_tokenizers(workspace: WorkspaceOf) -> list[ChoiceBody]:
    """tiny, then the folders and Hub ids that were used before, the last first."""
    return [
        ChoiceBody(choice=choice.text, label=choice.name, words=_WORDS[choice.kind])
        for choice in list_choices(workspace)
    ]


@router.post("/tables/{table_id}/tokens", response_model=TokensBody)
def show_tokens(
    request: Request, table_id: Id, asked: TokensAsked, workspace: WorkspaceOf, tokenizers: TokenizersOf
) -> Response:
    """The record at a row as tokens, or how far its tokenizer is."""
    table = workspace.result(table_id)
    record = table.record(asked.row)
    about: AboutBody | None = None
    try:
        recipe = _read_recipe(workspace, table_id, asked)
        example = resolve_template(recipe, table).render(record)
        found = tokenizers.find(recipe, table, asked.tokenizer)
        if isinstance(found, Preparing):
            return answer(request, TokensBody(state="preparing", doing=found.words))
        about = _describe(found.about)
        [tokens] = found.encode([example])
    except StudioError as error:
        problem = ProblemBody(message=error.message, hint=error.hint)
        return answer(request, TokensBody(state="failed", problem=problem, about=about))
    return answer(request, _show(tokens, about, asked.max_length))


@router.get("/tables/{table_id}/records/{row}/counts", response_model=list[CountBody])
def count_tokens(
    request: Request,
    table_id: Id,
    row: int,
    workspace: WorkspaceOf,
    tokenizers: TokenizersOf,
    tokenizer: str = "tiny",
) -> Response:
    """The tokens of each text column by itself; 202 and nothing while the tokenizer is being made ready."""
    table = workspace.result(table_id)
    record = table.record(row)
    found = tokenizers.find(workspace.draft(table_id), table, tokenizer)
    if isinstance(found, Preparing):
        return Response(b"[]", 202, media_type="application/json")
    texts = {
        index: value
        for index, column in enumerate(table.columns)
        if column.type == "text" and isinstance(value := record.get(column.name), str)
    }
    counts = found.count(list(texts.values())[:MOST_COUNTED])
    return answer(
        request, [CountBody(index=index, tokens=count) for index, count in zip(texts, counts, strict=False)]
    )


def _read_recipe(workspace: Workspace, table_id: str, asked: TokensAsked) -> Recipe:
    draft = workspace.draft(table_id)
    if asked.template is None:
        return draft
    return draft.model_copy(update={"template": read_template(asked.template), "columns": asked.columns})


def _describe(about: About) -> AboutBody:
    return AboutBody(
        **{name: getattr(about, name) for name in AboutBody.__dataclass_fields__},
    )


def _show(tokens: Tokens, about: AboutBody, max_length: int | None) -> TokensBody:
    limit = tokens.length if max_length is None else max_length
    shown = zip(
        tokens.ids, tokens.spans, tokens.names, tokens.special, tokens.trained, tokens.parts, strict=True
    )
    bodies = [
        TokenBody(
            id=token,
            text=tokens.text[start:stop],
            name=name,
            special=special,
            trained=trained,
            cut=place >= limit,
            part=part,
        )
        for place, (token, (start, stop), name, special, trained, part) in zip(
            range(MOST_TOKENS), shown, strict=False
        )
    ]
    return TokensBody(
        state="ready",
        about=about,
        tokens=bodies,
        more=tokens.length - len(bodies),
        length=tokens.length,
        trained=sum(stop - start for start, stop in tokens.answers),
        first_trained=tokens.first_trained,
        max_length=max_length,
        fate=tokens.fate(max_length),
        end_trained=tokens.end_trained,
        double_start=tokens.double_start,
        merged=tokens.merged,
    )
