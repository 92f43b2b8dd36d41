"""What `datasets` reads of exports, in a process of its own: `python -m tests.real_readers FOLDER …`.

Prints, by folder, the records of its train part, or the error. As the card and the scripts of trainers do,
it gives the features of the manifest: without them `datasets` takes texts that look like dates for times.
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import datasets

BUILDERS = {"csv": "csv", "parquet": "parquet"}


def read(folder: Path, cache: str) -> list[dict[str, Any]]:
    export = json.loads((folder / "manifest.json").read_text())["export"]
    if export["file"] == "dataset":
        found = datasets.load_from_disk(str(folder))
        assert isinstance(found, datasets.DatasetDict)
        return found["train"].to_list()
    features = datasets.Features.from_dict(export["features"]) if export["features"] else None
    more = {"keep_default_na": False} if export["file"] == "csv" else {}
    path = next(folder.glob("train.*"))
    return datasets.load_dataset(
        BUILDERS.get(export["file"], "json"),
        data_files=str(path),
        split="train",
        features=features,
        cache_dir=cache,
        **more,
    ).to_list()


def main(folders: list[str]) -> dict[str, Any]:
    datasets.disable_progress_bars()
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as cache:
        for folder in map(Path, folders):
            try:
                found[folder.name] = read(folder, cache)
            except Exception as error:
                found[folder.name] = repr(error)
    return found


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1:])))
