"""An Export that is there: its manifest, its files, its parts; and the folder that one may not take.

Knows nothing of how an export is written.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.errors import ExportError

MANIFEST = "manifest.json"
RECIPE = "recipe.yaml"


@dataclass(frozen=True, slots=True)
class Export:
    """A finished export folder; its manifest is there, so it is complete."""

    folder: Path

    @property
    def manifest(self) -> dict[str, Any]:
        """Recipe, source, export, template, counts, parts (file, records, bytes, sha256), files, versions."""
        manifest: dict[str, Any] = json.loads((self.folder / MANIFEST).read_text(encoding="utf-8"))
        return manifest

    @property
    def files(self) -> list[Path]:
        """Every file of the export: the parts in written order, what is beside them, and the manifest last.

        Those of a `datasets` folder lie in a folder a part.
        """
        manifest = self.manifest
        parts = [part["file"] for part in manifest["parts"].values()]
        names = manifest.get("files") or [*parts, RECIPE]  # the oldest manifests name no files
        return [self.folder / name for name in [*names, MANIFEST]]

    def part(self, name: str) -> Path:
        """The file of one part, or its `datasets` folder. Raises ExportError when it was not asked."""
        parts = self.manifest["parts"]
        if name not in parts:
            raise ExportError(f"This export has no part {name}.", f"Its parts are: {', '.join(parts)}.")
        return self.folder / str(parts[name]["file"])


def open_export(folder: Path) -> Export:
    """The export in a folder. Raises ExportError when the folder holds no finished one."""
    if not (folder / MANIFEST).is_file():
        raise ExportError(f"{folder.name} holds no finished export.", "Write the export again.")
    return Export(folder)


def refuse_existing(folder: Path, replace: bool) -> None:
    """Raise ExportError when the folder is there and may not be replaced."""
    if folder.exists() and not replace:
        raise ExportError(
            f"The folder {folder} exists.",
            "Choose another, or replace it (the old one is kept as .previous).",
        )
