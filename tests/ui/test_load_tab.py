from dataclasses import replace
from pathlib import Path

import pytest

from studio.errors import SourceError
from studio.settings import Settings
from studio.ui.load_tab import SAMPLE, read_form

HERE = Settings(workspace=Path("workspace"))
EXPOSED = replace(HERE, local_paths=False)


def test_the_sample_ships() -> None:
    assert SAMPLE.is_file()


def test_options_of_a_stream_do_not_apply_to_a_file() -> None:
    source = read_form(str(SAMPLE), "default", "train", 5, HERE)
    assert (source.path, source.config, source.split, source.first) == (str(SAMPLE), None, None, None)


def test_a_hub_id_takes_all_options() -> None:
    source = read_form("lamini/lamini_docs", "default", "train", 100.0, HERE)
    assert (source.hub, source.config, source.split) == ("lamini/lamini_docs", "default", "train")
    assert source.first == 100


def test_a_url_takes_the_number_of_records_alone() -> None:
    source = read_form("https://example.org/rows.jsonl", "left over", "train", None, HERE)
    assert (source.url, source.config, source.first) == ("https://example.org/rows.jsonl", None, None)


def test_an_empty_field_is_a_problem_in_words() -> None:
    with pytest.raises(SourceError, match="No source was given"):
        read_form("", "", "", None, HERE)


@pytest.mark.parametrize("text", ["/etc/passwd", "nowhere.jsonl", "some/name", "../x.json", " file.csv"])
def test_an_exposed_page_reads_no_path_and_tells_nothing_of_the_disk(text: str) -> None:
    with pytest.raises(SourceError, match="others can reach this page") as caught:
        read_form(text, "", "", None, EXPOSED)
    assert text.strip() not in caught.value.message + caught.value.hint
    assert read_form("hf://datasets/org/name", "", "", None, EXPOSED).hub == "org/name"
