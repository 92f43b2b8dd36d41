"""The files of a tokenizer, fetched from the Hub at one commit. Part of the child process."""

from collections.abc import Iterator
from pathlib import Path

from studio.errors import TokenizerError
from studio.tokenizing.files import FILES, MOST_BYTES, TELLING, copy_files


def fetch_files(name: str, revision: str, folder: Path) -> tuple[str, str, Iterator[str]]:
    """The repository's present name, the commit that `revision` means, and what fetches file by file.

    The files are put into `folder` as their names are taken from the iterator. Raises TokenizerError when the
    repository holds no tokenizer, and what huggingface_hub raises.
    """
    from huggingface_hub import HfApi

    info = HfApi().model_info(name, revision=revision or None, files_metadata=True)
    sizes = {file.rfilename: file.size or 0 for file in info.siblings or ()}
    wanted = [file for file in sorted(FILES) if file in sizes]
    if not any(file in TELLING for file in wanted):
        raise TokenizerError(
            f"{name} holds no tokenizer on the Hub.", "Choose the id of a language model, such as org/name."
        )
    large = next((file for file in wanted if sizes[file] > MOST_BYTES), None)
    if large is not None:
        raise TokenizerError(
            f"{large} of {name} is larger than {MOST_BYTES >> 20} MB.", "Choose another tokenizer."
        )
    return str(info.id), str(info.sha), _fetch(str(info.id), str(info.sha), wanted, folder)


def _fetch(name: str, commit: str, files: list[str], folder: Path) -> Iterator[str]:
    from huggingface_hub import hf_hub_download

    for file in files:
        yield file
        copy_files([Path(hf_hub_download(name, file, revision=commit))], folder)
