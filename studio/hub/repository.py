"""What a dataset repository holds: its configs, their source splits, and the data files of each.

The rules are those of `datasets`: what the README says, else what the files are called. Nothing outside of
the repository is looked at: a README that names such a file is refused before anything is resolved.

Part of the child process. Knows nothing of what is in the data files.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from studio.errors import HubError

_LINES = {"encoding": "encoding"}
_OPTIONS: Mapping[str, Mapping[str, str]] = {
    "json": _LINES | {"field": "field"},
    "csv": _LINES | {"sep": "delimiter", "delimiter": "delimiter", "quotechar": "quote"},
    "text": _LINES,
    "parquet": {},
    "arrow": {},
}
"""What a README may say about reading files of a kind, and what a Source calls it."""
_RECORDS = {"line": "line", "paragraph": "block"}
_HARMLESS = frozenset(
    ("data_files", "data_dir", "default", "version", "description", "features", "chunksize", "batch_size")
)
_MEDIA = frozenset(("imagefolder", "audiofolder", "videofolder", "pdffolder"))
_READ = "JSON, CSV, text, Parquet and Arrow files"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFile:
    """One file of the repository; `path` is inside of it, `size` in bytes as stored."""

    url: str
    path: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFiles:
    """The files of one source split; `kind` is json, csv, text, parquet, arrow or media."""

    kind: str
    files: Sequence[DataFile]
    options: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A dataset repository at one commit; `configs` are the parameters that its README gives to each."""

    name: str
    commit: str
    gated: bool
    configs: Mapping[str, Mapping[str, Any]]
    default: str | None
    stated: Sequence[Mapping[str, Any]]

    def find_splits(self, config: str) -> dict[str, Sequence[str]]:
        """The source splits of a config in their order, each with the patterns of its files.

        Raises HubError when the README names files outside of the repository.
        """
        from datasets.data_files import get_data_patterns, sanitize_patterns

        said = self.configs[config].get("data_files")
        if said is None:
            found = get_data_patterns(self._base_path(config))
            return {str(split): patterns for split, patterns in found.items()}
        patterns: dict[str, Sequence[str]] = sanitize_patterns(said)
        for pattern in (pattern for listed in patterns.values() for pattern in listed):
            if _is_outside(str(pattern)):
                raise _outside(self.name, config, str(pattern))
        return patterns

    def find_files(self, config: str, split: str, patterns: Sequence[str]) -> DataFiles:
        """The data files of a split. Raises HubError when they cannot be read."""
        from datasets.data_files import DataFilesList
        from datasets.packaged_modules import _ALL_ALLOWED_EXTENSIONS

        found = DataFilesList.from_patterns(
            list(patterns), base_path=self._base_path(config), allowed_extensions=_ALL_ALLOWED_EXTENSIONS
        )
        root = f"hf://datasets/{self.name}@{self.commit}/"
        if not all(url.startswith(root) for url in found):
            raise _outside(self.name, config, "its data files")
        if not found:
            raise HubError(
                f"The split {split} of {self.name} has no data files.", "Look at its files on the Hub."
            )
        module, found = _infer_module(found, f"The split {split} of {self.name}")
        return DataFiles(
            kind="media" if module in _MEDIA else module,
            files=_measure(found, len(root)),
            options=self._read_options(config, module),
        )

    def count_records(self) -> dict[str, dict[str, int]]:
        """Config → source split → how many records the README says it has; what it does not say is absent."""
        return {
            str(part.get("config_name", "default")): {
                str(split["name"]): split["num_examples"]
                for split in part.get("splits") or ()
                if isinstance(split, dict) and "name" in split and isinstance(split.get("num_examples"), int)
            }
            for part in self.stated
        }

    def count_bytes(self) -> dict[str, int]:
        """Config → how many bytes the README says that its files have."""
        return {
            str(part.get("config_name", "default")): part["download_size"]
            for part in self.stated
            if isinstance(part.get("download_size"), int)
        }

    def _base_path(self, config: str) -> str:
        folder = str(self.configs[config].get("data_dir") or "")
        if _is_outside(folder):
            raise _outside(self.name, config, folder)
        return f"hf://datasets/{self.name}@{self.commit}/{folder}".rstrip("/")

    def _read_options(self, config: str, module: str) -> dict[str, str]:
        """What the README says about reading the files, in the words of a Source."""
        from datasets.load import import_main_class
        from datasets.packaged_modules import _PACKAGED_DATASETS_MODULES

        known = import_main_class(_PACKAGED_DATASETS_MODULES[module][0]).BUILDER_CONFIG_CLASS
        options: dict[str, str] = {}
        for name, value in self.configs[config].items():
            if name == "sample_by" and value in _RECORDS:
                options["records"] = _RECORDS[value]
            elif name in _OPTIONS.get(module, {}):
                options[_OPTIONS[module][name]] = str(value)
            elif module in _OPTIONS and name not in _HARMLESS and hasattr(known, name):
                raise HubError(
                    f"The README of {self.name} has {config} read with {name}: {str(value)[:80]}, "
                    "which is not known here.",
                    "Download its files, and load them by path.",
                )
        return options


def open_repository(name: str, revision: str | None) -> Repository:
    """Look a dataset up on the Hub, under its present name. Raises HubError, and what the libraries raise."""
    from huggingface_hub import HfApi

    info = HfApi().dataset_info(name, revision=revision)
    name, commit = str(info.id), str(info.sha)
    files = {file.rfilename for file in info.siblings or ()}
    script = f"{name.rpartition('/')[2]}.py"
    if script in files:
        raise HubError(
            f"{name} is made by a program ({script}), and a dataset's code is never run.",
            f"The Hub may have its records as files: try hf://datasets/{name}@refs%2Fconvert%2Fparquet.",
        )
    card = _read_card(info, files)
    configs, default = _read_configs(name, card)
    said = card.get("dataset_info") or []
    return Repository(
        name=name,
        commit=commit,
        gated=bool(info.gated),
        configs=configs,
        default=default,
        stated=[part for part in (said if isinstance(said, list) else [said]) if isinstance(part, dict)],
    )


def _read_card(info: Any, files: Iterable[str]) -> dict[str, Any]:
    """The metadata of the README, overruled by that of a .huggingface.yaml.

    Those whom a gated dataset does not let in yet are told what the Hub has read in them.
    """
    import yaml
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import GatedRepoError
    from huggingface_hub.repocard import metadata_load

    card: dict[str, Any] = {}
    for file in ("README.md", ".huggingface.yaml"):
        if file not in files:
            continue
        try:
            path = Path(hf_hub_download(info.id, file, repo_type="dataset", revision=info.sha))
            said = metadata_load(path) if file == "README.md" else yaml.safe_load(path.read_text("utf-8"))
        except GatedRepoError:
            return info.card_data.to_dict() if info.card_data is not None else {}
        except (ValueError, yaml.YAMLError) as error:
            raise HubError(
                f"The metadata in {file} of {info.id} cannot be read: {str(error).splitlines()[0]}",
                "Tell the dataset's authors, or download its files and load them by path.",
            ) from error
        card |= said if isinstance(said, dict) else {}
    return card


def _read_configs(name: str, card: Mapping[str, Any]) -> tuple[dict[str, dict[str, Any]], str | None]:
    from datasets.utils.metadata import MetadataConfigs

    try:
        configs = MetadataConfigs.from_dataset_card_data(card) or MetadataConfigs({"default": {}})
        return dict(configs), configs.get_default_config_name()
    except (ValueError, TypeError, AttributeError) as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [""]
        raise HubError(
            f"The configs in the README of {name} cannot be used: {lines[0][:200]}",
            "Tell the dataset's authors, or download its files and load them by path.",
        ) from error


def _infer_module(found: Any, what: str) -> tuple[str, Any]:
    """What reads the files in `datasets`, and those of them that it reads."""
    from datasets.load import infer_module_for_data_files_list
    from datasets.packaged_modules import _MODULE_TO_EXTENSIONS, _MODULE_TO_METADATA_FILE_NAMES

    module, _ = infer_module_for_data_files_list(found)
    if module not in _OPTIONS and module not in _MEDIA:
        ends = sorted({re.sub(r"^[^.]*", "", url.rpartition("/")[2]) or "no ending" for url in found})
        raise HubError(
            f"{what} consists of files that are not read: {', '.join(ends[:5])}.", f"Read are {_READ}."
        )
    extensions, names = _MODULE_TO_EXTENSIONS[module], _MODULE_TO_METADATA_FILE_NAMES[module]
    return module, found.filter(extensions=extensions, file_names=names)


def _measure(urls: Sequence[str], prefix: int) -> list[DataFile]:
    from datasets.utils.file_utils import _prepare_path_and_storage_options
    from fsspec.core import url_to_fs

    # The file system that has just listed them knows their sizes, and is told from others by these options.
    first, options = _prepare_path_and_storage_options(urls[0])
    fs, _ = url_to_fs(first, **options)
    return [DataFile(url=url, path=url[prefix:], size=int(fs.info(url)["size"] or 0)) for url in urls]


def _is_outside(pattern: str) -> bool:
    """Whether a pattern of a README is anything but a path below the root of its repository."""
    parts = re.split(r"[/\\]", pattern)
    return bool(urlsplit(pattern).scheme) or "::" in pattern or ".." in parts or pattern[:1] in ("/", "\\")


def _outside(name: str, config: str, what: str) -> HubError:
    return HubError(
        f"The config {config} of {name} names files outside of its repository: {what[:200]}.",
        "Nothing of them was opened. Download the dataset, and load its own files by path.",
    )
