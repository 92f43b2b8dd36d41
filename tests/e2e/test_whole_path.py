"""A person's whole way: upload, browse, prompt, split, export, fine-tune, reload, compare."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Server, check_screen, visit

pytestmark = [pytest.mark.e2e, pytest.mark.train]

ROWS = [
    {"question": f"What is {n} plus {n}?", "answer": f"{n} plus {n} is {2 * n}. <b>${{n}}</b>"}
    for n in range(60)
]
TRAINING = 180_000  # milliseconds that a short fine-tune may take on a busy machine


def run_studio(*args: object) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "studio", *map(str, args)], capture_output=True, text=True, check=True
    )
    return done.stdout


def test_from_upload_to_comparison(page: Page, server: Server, tmp_path: Path) -> None:
    source = tmp_path / "sums.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in ROWS) + "not json\n", encoding="utf-8")
    page.goto(server.url)

    page.get_by_label("Choose a file").set_input_files(source)
    expect(page.get_by_text("sums.jsonl").first).to_be_visible()
    expect(page.get_by_text("not json").first).to_be_visible()

    check_screen(page)
    visit(page, "Browse")
    expect(page.get_by_text("1–50 of 60")).to_be_visible()
    page.get_by_role("searchbox", name="Search all columns").fill("17 plus")
    expect(page.get_by_text("1–1 of 1")).to_be_visible()
    page.get_by_role("row").filter(has_text="What is 17").click()
    detail = page.get_by_role("complementary")
    expect(detail.get_by_text("17 plus 17 is 34. <b>${n}</b>", exact=True).first).to_be_visible()

    check_screen(page)
    visit(page, "Prompt")
    example = page.get_by_role("region", name="Rendered example")
    expect(example).to_contain_text("### Question:")
    page.get_by_role("radio", name="Question only").click()
    check_screen(page)
    visit(page, "Split")
    page.get_by_role("spinbutton", name="Train").fill("0.8")
    page.get_by_role("spinbutton", name="Test").fill("0.2")
    expect(page.get_by_role("region", name="Parts")).to_contain_text("48")

    check_screen(page)
    visit(page, "Export")
    page.get_by_label("Name of prompt").fill("question")
    page.get_by_label("Name of completion").fill("answer")
    page.get_by_role("button", name="Write export").click()
    downloaded = tmp_path / "page"
    downloaded.mkdir()
    for name in ("train.jsonl", "test.jsonl", "recipe.yaml", "manifest.json"):
        with page.expect_download() as download:
            page.get_by_role("link", name=f"Download {name}", exact=True).click()
        download.value.save_as(downloaded / name)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download all as zip").click()
    packed = zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes()))
    built = tmp_path / "built"
    run_studio("build", downloaded / "recipe.yaml", "--out", built, "--source", source)
    for path in sorted(built.iterdir()):
        assert path.read_bytes() == (downloaded / path.name).read_bytes(), path.name
        assert path.read_bytes() in [packed.read(name) for name in packed.namelist()], path.name
    assert json.loads((built / "test.jsonl").read_text().splitlines()[0]).keys() == {"question", "answer"}

    check_screen(page)
    visit(page, "Fine-tune")
    page.get_by_role("spinbutton", name="Steps").fill("20")
    page.get_by_role("button", name="Start fine-tune").click()
    job = page.get_by_role("region", name="Fine-tune")
    expect(job.get_by_role("status").first).to_contain_text("running", timeout=TRAINING)
    page.reload()
    expect(job.get_by_role("status").first).to_contain_text("succeeded", timeout=TRAINING)
    expect(job).to_contain_text("Test loss")

    check_screen(page)
    job.get_by_role("link", name="Compare").click()
    expect(page.get_by_role("region", name="Scores", exact=True)).to_contain_text(
        "trained from scratch (demo)"
    )
    expect(page.get_by_role("region", name="Scores", exact=True)).to_contain_text("Token F1")
    expect(page.get_by_role("article")).to_have_count(10)
    expect(page.get_by_text("1–10 of 12 test records")).to_be_visible()

    check_screen(page)
    run = run_id(server)
    compared = json.loads(run_studio("compare", run, "--workspace", server.workspace, "--json"))
    assert compared["records"] == 12
    assert compared["tuned"]["loss"] < compared["base"]["loss"]


def run_id(server: Server) -> str:
    listed = json.loads(run_studio("runs", "list", "--workspace", server.workspace, "--json"))
    assert [run["state"] for run in listed] == ["succeeded"]
    return str(listed[0]["run"])
