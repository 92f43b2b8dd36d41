"""What a person put right or took out, and the filter: the parts of a recipe that name single records.

    overlay:
      edit:
      - {line: 90, hash: "2c26b46b68ffc68f", column: "answer", value: "A part of the records."}
      exclude:
      - {line: 17, hash: "fcde2b2edba56bf4"}
    filter: [{column: answer, is: length, value: [1, 2000]}]

A record is named by its line and by the hash of what stands there; several files add `file`.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from studio.errors import StudioError
from studio.recipe.parts import Strict
from studio.record import Edit, Exclusion, Repair
from studio.table.query import Condition, parse_condition

Line = Annotated[int, Field(gt=0)]
RecordHash = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]


class RepairSpec(Strict):
    """What stands in the place of a line that does not parse; `hash` is that of the source's line."""

    line: Line
    hash: RecordHash
    raw: str
    file: str | None = None


class EditSpec(Strict):
    """A value in the place of another: the text of a text column, the JSON spelling of any other, or null."""

    line: Line
    hash: RecordHash
    column: str
    value: str | None
    file: str | None = None

    def to_mapping(self) -> dict[str, Any]:
        """Plain values in writing order; a null stays."""
        file = {} if self.file is None else {"file": self.file}
        return {"line": self.line, "hash": self.hash, "column": self.column, "value": self.value, **file}


class ExcludeSpec(Strict):
    """A record that is left out."""

    line: Line
    hash: RecordHash
    file: str | None = None


class OverlaySpec(Strict):
    """What the person put right; the source is never changed."""

    repair: list[RepairSpec] = Field(default_factory=list)
    edit: list[EditSpec] = Field(default_factory=list)
    exclude: list[ExcludeSpec] = Field(default_factory=list)

    def to_repairs(self) -> list[Repair]:
        """The repairs as the reader takes them."""
        return [
            Repair(line=spec.line, hash=spec.hash, raw=spec.raw, file=spec.file or "") for spec in self.repair
        ]

    def to_edits(self) -> list[Edit]:
        """The edits in the order written."""
        return [
            Edit(line=spec.line, hash=spec.hash, column=spec.column, value=spec.value, file=spec.file or "")
            for spec in self.edit
        ]

    def to_exclusions(self) -> list[Exclusion]:
        """The exclusions in the order written."""
        return [Exclusion(line=spec.line, hash=spec.hash, file=spec.file or "") for spec in self.exclude]

    def with_changes(self, edits: list[Edit], exclusions: list[Exclusion]) -> "OverlaySpec":
        """The same repairs with these edits and exclusions."""
        return OverlaySpec(
            repair=self.repair,
            edit=[
                EditSpec(
                    line=one.line, hash=one.hash, column=one.column, value=one.value, file=one.file or None
                )
                for one in edits
            ],
            exclude=[ExcludeSpec(line=one.line, hash=one.hash, file=one.file or None) for one in exclusions],
        )


class FilterSpec(BaseModel):
    """A condition that a record fulfils if it is kept: {column, is, value, not}."""

    model_config = ConfigDict(extra="allow", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _parses(cls, values: Any) -> Any:
        if not isinstance(values, Mapping):
            raise ValueError("write column, is and value")
        try:
            condition = parse_condition(values)
        except StudioError as error:
            raise ValueError(f"{error.message} {error.hint}") from error
        return condition.to_mapping()

    def to_condition(self) -> Condition:
        """The same as a Condition."""
        return parse_condition(self.model_extra or {})
