"""Load: what did not parse is put right, a large file is browsed while it is read, choices are offered."""

import io
import json
import os
import re
import signal
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.conftest import Server, check_screen, start_server, stop_server, visit
from tests.e2e.readings import READING, held_reading, load_path, table_chip, write_large

pytestmark = pytest.mark.e2e

GOOD = [json.dumps({"question": f"What is {n}?", "answer": f"It is {n}."}).encode() for n in range(30)]
FAULTS = [
    b'{"question": "cut", "answer": "of',
    b'{"question": "no number", "answer": NaN}',
    b'{"question": "twice", "question": "the key", "answer": "x"}',
    b'{"question": "one"} {"question": "two"}',
    b'["question", "answer"]',
    b'{"question": "caf\xe9", "answer": "latin"}',
    b'{"question": "half \\ud800", "answer": "a pair"}',
]


def upload(page: Page, server: Server, path: Path) -> None:
    page.goto(f"{server.url}/?tab=load")
    page.get_by_label("Choose a file").set_input_files(path)


def report(page: Page) -> Locator:
    return page.get_by_role("region", name="Loaded table")


def quarantine(page: Page) -> Locator:
    return page.get_by_role("region", name="Quarantine", exact=True)


def expect_counts(page: Page, name: str, *, read: int, accepted: int, quarantined: int, blank: int) -> None:
    figures = rf"read{read:,}accepted{accepted:,}.*quarantined{quarantined:,}blank{blank:,}"
    expect(report(page).get_by_role("heading", name=name, exact=True)).to_be_visible()
    expect(report(page).locator("dl").first).to_have_text(re.compile(figures))


def test_lines_that_do_not_parse_are_shown_by_reason_and_put_right(
    page: Page, server: Server, tmp_path: Path
) -> None:
    source = tmp_path / "faults.jsonl"
    source.write_bytes(b"\n".join([*GOOD[:10], *FAULTS, b"", *GOOD[10:]]) + b"\n")
    upload(page, server, source)
    expect_counts(page, "faults.jsonl", read=38, accepted=30, quarantined=7, blank=1)
    reasons = quarantine(page).get_by_role("group", name="Reasons")
    expect(reasons.get_by_role("button")).to_have_count(8)
    check_screen(page)

    reasons.get_by_role("button", name="NaN").click()
    expect(quarantine(page).get_by_role("row")).to_have_count(2)
    quarantine(page).get_by_role("button", name="Repair: line 12").click()
    editor = page.get_by_role("dialog", name="Repair line 12 of faults.jsonl")
    verdict = editor.get_by_role("status")
    expect(verdict).to_contain_text("NaN")
    expect(editor.get_by_role("button", name="Save")).to_be_disabled()
    check_screen(page)
    editor.get_by_label("Raw text").fill('{"question": "no number", "answer": "a word"')
    expect(verdict).not_to_contain_text("NaN")
    expect(verdict).to_contain_text("no record")
    editor.get_by_label("Raw text").fill('{"question": "no number", "answer": "a word"}')
    expect(verdict).to_contain_text("This is a record.")
    expect(verdict).to_contain_text("a word")
    editor.get_by_role("button", name="Save").click()
    expect(editor).to_have_count(0)
    expect_counts(page, "faults.jsonl", read=38, accepted=31, quarantined=6, blank=1)
    expect(report(page)).to_contain_text("1 of them repaired")

    quarantine(page).get_by_role("button", name="As text: line 11").click()
    dialog = page.get_by_role("dialog", name="Accept 1 line as text")
    expect(dialog.get_by_label("Column")).to_have_value("question")
    dialog.get_by_label("Column").select_option("answer")
    dialog.get_by_role("button", name="Accept").click()
    expect_counts(page, "faults.jsonl", read=38, accepted=32, quarantined=5, blank=1)

    with page.expect_download() as download:
        quarantine(page).get_by_role("link", name="Download as JSON Lines").click()
    lines = [json.loads(line) for line in Path(download.value.path()).read_text().splitlines()]
    assert [line["line"] for line in lines] == [13, 14, 15, 16, 17]
    assert lines[0]["raw"] == FAULTS[2].decode()

    repaired = page.get_by_role("region", name="Repaired lines")
    expect(repaired.get_by_role("row")).to_have_count(3)
    check_screen(page)
    repaired.get_by_role("button", name="Undo the repair of line 12").click()
    expect_counts(page, "faults.jsonl", read=38, accepted=31, quarantined=6, blank=1)
    expect(quarantine(page).get_by_role("button", name="Repair: line 12")).to_be_visible()

    visit(page, "Browse")
    page.get_by_role("row").filter(has_text='{"question": "cut"').click()
    expect(page.get_by_role("complementary")).to_contain_text("line 11 of faults.jsonl")


@pytest.mark.detail
def test_every_state_of_load_fits_and_can_be_read(shaped_page: Page, server: Server, tmp_path: Path) -> None:
    page, bad = shaped_page, tmp_path / "bad.jsonl"
    long = b'{"question": "' + b"x" * 3_000 + b"\xff\x07\xe2\x80\x8b"
    bad.write_bytes(b"\n".join([GOOD[0], *FAULTS, long]) + b"\n")
    upload(page, server, bad)
    expect(quarantine(page)).to_be_visible()
    check_screen(page)
    quarantine(page).get_by_role("button", name="Repair: line 9").click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_be_visible()
    check_screen(page)
    page.keyboard.press("Escape")
    page.get_by_text("How it is read").click()
    check_screen(page)

    packed = tmp_path / "packed.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for name in ("a" * 150 + ".csv", "b.csv"):
            archive.writestr(name, "a;b\n1;2\n")
    page.get_by_label("Choose a file").set_input_files(packed)
    page.get_by_role("button", name="Read b.csv").scroll_into_view_if_needed()
    check_screen(page)
    page.get_by_role("button", name="Read b.csv").click()
    page.get_by_role("button", name="Change how the file is read").click()
    check_screen(page)

    load_path(page, write_large(tmp_path / "large.jsonl"))
    with held_reading(server):
        expect(page.get_by_role("region", name="Reading large.jsonl")).to_be_visible()
        check_screen(page)
    page.get_by_role("button", name="Stop: large.jsonl").click()
    page.get_by_role("button", name="Dismiss: large.jsonl").click()
    expect(page.get_by_role("region", name="Reading large.jsonl")).to_have_count(0)
    expect(report(page).get_by_role("button", name="Read it again")).to_be_visible()


@pytest.mark.detail
def test_all_lines_of_a_reason_are_accepted_as_text(page: Page, server: Server, tmp_path: Path) -> None:
    source = tmp_path / "notes.jsonl"
    source.write_bytes(
        b"\n".join([GOOD[0], *(f"a note {n}".encode() for n in range(25)), FAULTS[4], GOOD[1]])
    )
    upload(page, server, source)
    expect_counts(page, "notes.jsonl", read=28, accepted=2, quarantined=26, blank=0)
    quarantine(page).get_by_role("button", name="25", exact=False).first.click()
    quarantine(page).get_by_role("button", name="Accept 25 as text").click()
    dialog = page.get_by_role("dialog", name="Accept 25 lines as text")
    dialog.get_by_label("Column").select_option("text")
    dialog.get_by_role("button", name="Accept").click()
    expect_counts(page, "notes.jsonl", read=28, accepted=27, quarantined=1, blank=0)
    expect(report(page).get_by_role("list", name="Columns")).to_contain_text("text")


@pytest.mark.detail
def test_what_cannot_be_seen_in_a_raw_line_is_made_visible(
    page: Page, server: Server, tmp_path: Path
) -> None:
    source = tmp_path / "unseen.jsonl"
    source.write_text(json.dumps({"a": "b"}) + "\n" + '{"a": "x\u202ey\x07z\u200b" <b>\n', encoding="utf-8")
    upload(page, server, source)
    raw = quarantine(page).locator("code.raw")
    expect(raw).to_have_text('{"a": "x\u202ey\x07z\u200b" <b>')
    signs = raw.locator("[data-sign]").evaluate_all("nodes => nodes.map((node) => node.dataset.sign)")
    assert signs == ["U+202E", "U+0007", "U+200B"]
    quarantine(page).get_by_role("button", name="Repair: line 2").click()
    expect(page.get_by_role("dialog")).to_contain_text("U+202E at 9, U+0007 at 11, U+200B at 13")
    page.keyboard.press("Escape")
    expect(quarantine(page).get_by_role("button", name="Repair: line 2")).to_be_focused()


@pytest.mark.detail
def test_large_file_is_browsed_while_it_is_read_and_can_be_stopped(
    page: Page, server: Server, tmp_path: Path
) -> None:
    source = write_large(tmp_path / "large.jsonl")
    page.goto(server.url)
    load_path(page, source)
    expect(report(page)).to_contain_text("large.jsonl")
    card = page.get_by_role("region", name="Reading large.jsonl")
    with held_reading(server):
        expect(card.get_by_role("progressbar")).to_be_visible()
        expect(card).to_contain_text("records")
        expect(report(page)).to_contain_text("reading …")
        check_screen(page)
        visit(page, "Browse")
        expect(page.get_by_role("cell", name="What is 0?")).to_be_visible()
        expect(page.locator("[data-count]")).to_contain_text("reading …")
        page.reload()
        expect(page.locator("[data-count]")).to_contain_text("reading …")
        visit(page, "Load")
        expect(card.get_by_role("progressbar")).to_be_visible()
    card.get_by_role("button", name="Stop").click()
    expect(card).to_contain_text("stopped")
    expect(table_chip(page)).to_contain_text("partial", timeout=READING)
    expect(report(page)).to_contain_text("partial")
    check_screen(page)
    visit(page, "Browse")
    expect(page.locator("[data-count]")).to_contain_text("partial")

    visit(page, "Load")
    card.get_by_role("button", name="Go on").click()
    expect(card).to_have_count(0, timeout=READING)
    expect_counts(page, "large.jsonl", read=450_000, accepted=450_000, quarantined=0, blank=0)
    expect(table_chip(page)).to_contain_text("450,000 records", timeout=READING)
    expect(table_chip(page)).not_to_contain_text("partial")


@pytest.mark.detail
def test_browsed_table_grows_and_keeps_its_place(page: Page, server: Server, tmp_path: Path) -> None:
    source = write_large(tmp_path / "grows.jsonl")
    page.goto(server.url)
    load_path(page, source)
    expect(report(page)).to_contain_text("grows.jsonl")
    with held_reading(server):
        visit(page, "Browse")
        page.get_by_role("row").filter(has_text="What is 3?").click()
    expect(page.locator("[data-count]")).to_have_text("450,000 records", timeout=READING)
    expect(page.get_by_text("1–50 of 450,000")).to_be_visible()
    expect(page.get_by_role("row", selected=True)).to_contain_text("What is 3?")
    expect(table_chip(page)).to_contain_text("450,000 records", timeout=READING)


@pytest.mark.detail
def test_repair_of_a_large_file_shows_its_progress(page: Page, server: Server, tmp_path: Path) -> None:
    source = write_large(tmp_path / "mended.jsonl")
    with source.open("ab") as file:
        file.write(FAULTS[1] + b"\n")
    page.goto(server.url)
    load_path(page, source)
    expect(report(page)).to_contain_text("The whole source was read.", timeout=READING)
    quarantine(page).get_by_role("button", name="Repair").click()
    editor = page.get_by_role("dialog")
    editor.get_by_label("Raw text").fill('{"question": "mended", "answer": "a word"}')
    editor.get_by_role("button", name="Save").click()
    card = page.get_by_role("region", name="Reading mended.jsonl")
    with held_reading(server):
        expect(card.get_by_role("progressbar")).to_be_visible()
        expect(quarantine(page).get_by_role("button", name="Repair")).to_have_count(0)
        expect_counts(page, "mended.jsonl", read=450_001, accepted=450_000, quarantined=1, blank=0)
    expect(card).to_have_count(0, timeout=READING)
    expect_counts(page, "mended.jsonl", read=450_001, accepted=450_001, quarantined=0, blank=0)
    expect(report(page)).to_contain_text("1 of them repaired")


@pytest.mark.detail
def test_reading_outlives_a_killed_server_and_goes_on_when_it_was_killed_itself(
    browser: Browser, tmp_path: Path
) -> None:
    source = write_large(tmp_path / "survivor.jsonl")
    page = browser.new_page()
    server = start_server(tmp_path / "workspace")
    page.goto(server.url)
    load_path(page, source)
    card = page.get_by_role("region", name="Reading survivor.jsonl")
    with held_reading(server):
        expect(card).to_be_visible()
        server.process.send_signal(signal.SIGKILL)
        server.process.wait(10)
        server = start_server(tmp_path / "workspace")
        page.goto(f"{server.url}/?tab=load")
        expect(card.get_by_role("progressbar")).to_be_visible()
        expect(report(page)).to_contain_text("reading …")
    expect(table_chip(page)).to_contain_text("450,000 records", timeout=READING)
    expect(card).to_have_count(0)

    again = write_large(tmp_path / "interrupted.jsonl")
    load_path(page, again)
    card = page.get_by_role("region", name="Reading interrupted.jsonl")
    with held_reading(server) as worker:
        os.kill(worker, signal.SIGKILL)
        expect(card).to_contain_text("interrupted")
    expect(report(page)).to_contain_text("partial")
    card.get_by_role("button", name="Go on").click()
    expect(card).to_have_count(0, timeout=READING)
    expect(table_chip(page)).to_contain_text("450,000 records", timeout=READING)
    page.close()
    stop_server(server)


def test_delimiter_and_types_of_a_csv_are_shown_and_changed(
    page: Page, server: Server, tmp_path: Path
) -> None:
    source = tmp_path / "scores.csv"
    source.write_text("name;score;late\nAnna;2;5\nBo;10;0\n")
    upload(page, server, source)
    columns = report(page).get_by_role("list", name="Columns").get_by_role("listitem")
    expect(columns).to_have_text(["nametext", "scoretext", "latetext"])
    expect(report(page)).to_contain_text("Delimiter;")
    page.get_by_role("button", name="Change how the file is read").click()
    form = page.get_by_role("form", name="Read the file in another way")
    expect(form.get_by_label("Delimiter")).to_have_value(";")
    check_screen(page)
    form.get_by_label("Column types").fill("score=integer")
    form.get_by_role("button", name="Read it so").click()
    expect(columns).to_have_text(["nametext", "scoreinteger", "latetext"])

    page.get_by_role("button", name="Change how the file is read").click()
    expect(form.get_by_label("Column types")).to_have_value("score=integer")
    form.get_by_label("Column types").fill("")
    form.get_by_label("Delimiter").fill(",")
    form.get_by_role("button", name="Read it so").click()
    expect(columns).to_have_text(["name;score;latetext"])


@pytest.mark.detail
def test_options_of_the_form_hold_for_an_upload_too(page: Page, server: Server, tmp_path: Path) -> None:
    source = tmp_path / "latin.csv"
    source.write_bytes("name|price\nJosé|2.50\nZoë|3.00\n".encode("latin-1"))
    page.goto(server.url)
    page.get_by_text("How it is read").click()
    page.get_by_role("textbox", name="Delimiter").fill("|")
    page.get_by_role("textbox", name="Encoding").fill("latin-1")
    check_screen(page)
    page.get_by_text("How it is read").click()
    expect(page.get_by_text("delimiter | · encoding latin-1")).to_be_visible()
    page.get_by_label("Choose a file").set_input_files(source)
    expect_counts(page, "latin.csv", read=2, accepted=2, quarantined=0, blank=0)
    visit(page, "Browse")
    expect(page.get_by_role("cell", name="José")).to_be_visible()


def test_file_of_a_zip_is_chosen_by_the_person(page: Page, server: Server, tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("first.csv", "a,b\n1,2\n")
        archive.writestr("second.jsonl", b"\n".join(GOOD))
    source = tmp_path / "both.zip"
    source.write_bytes(packed.getvalue())
    upload(page, server, source)
    check_screen(page)
    page.get_by_role("button", name="Read second.jsonl").click()
    expect_counts(page, "both.zip", read=30, accepted=30, quarantined=0, blank=0)
    expect(report(page)).to_contain_text("second.jsonl")


@pytest.mark.detail
def test_records_under_a_key_are_proposed_and_read(page: Page, server: Server, tmp_path: Path) -> None:
    source = tmp_path / "wrapped.json"
    source.write_text(json.dumps({"version": 1, "data": [{"q": "a"}, {"q": "b"}]}))
    upload(page, server, source)
    page.get_by_role("button", name='Read the records under "data"').click()
    expect_counts(page, "wrapped.json", read=2, accepted=2, quarantined=0, blank=0)
    expect(report(page)).to_contain_text("Records under")


@pytest.mark.detail
def test_files_of_a_folder_are_listed_and_each_record_names_its_own(
    page: Page, server: Server, tmp_path: Path
) -> None:
    folder = tmp_path / "parts"
    folder.mkdir()
    for n in range(23):
        (folder / f"part-{n:02}.jsonl").write_bytes(GOOD[n] + b"\n")
    page.goto(server.url)
    load_path(page, folder)
    expect_counts(page, "parts", read=23, accepted=23, quarantined=0, blank=0)
    report(page).get_by_text("23 files").click()
    expect(page.get_by_role("region", name="Files of the source").get_by_role("row")).to_have_count(21)
    expect(report(page)).to_contain_text("and 3 more files")
    visit(page, "Browse")
    page.get_by_role("row").filter(has_text="What is 7?").click()
    record = page.get_by_role("complementary")
    expect(record).to_contain_text("line 1 of part-07.jsonl")
    record.get_by_text("Raw line").click()
    expect(record.locator("code.raw")).to_have_text(GOOD[7].decode())
    expect(record.get_by_role("button", name="Copy the raw line")).to_be_visible()
    check_screen(page)


def test_the_same_file_again_is_not_read_again(page: Page, server: Server, tmp_path: Path) -> None:
    source = tmp_path / "same.jsonl"
    source.write_bytes(b"\n".join(GOOD))
    page.goto(server.url)
    load_path(page, source)
    expect_counts(page, "same.jsonl", read=30, accepted=30, quarantined=0, blank=0)
    page.get_by_role("button", name="Use the sample").click()
    expect(report(page)).to_contain_text("sample.jsonl")
    load_path(page, source)
    expect(page.get_by_text("same.jsonl is here already.")).to_be_visible()
    expect(report(page)).to_contain_text("same.jsonl")
