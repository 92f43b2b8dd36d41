import re
from pathlib import Path

import gradio as gr
import pytest

import studio
from studio.quality import KINDS
from studio.ui.theme import HEAD
from studio.ui.widgets import SCRIPT

ASSETS = Path(studio.__file__).parent.parent / "assets"
SCRIPTS = sorted((ASSETS / "scripts").rglob("*.js"))
SHEETS = sorted((ASSETS / "styles").glob("*.css"))


@pytest.mark.parametrize("path", [*SCRIPTS, *SHEETS], ids=lambda path: path.name)
def test_nothing_is_fetched_from_outside(path: Path) -> None:
    addresses = re.findall(r"https?://[^\s\"')]+", path.read_text(encoding="utf-8"))
    assert set(addresses) <= {"http://www.w3.org/2000/svg"}  # the name of a namespace


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_make_no_markup_of_text(path: Path) -> None:
    script = path.read_text(encoding="utf-8")
    for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"):
        assert way not in script
    assert script.count("\n") <= 300


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_every_import_names_an_export(path: Path) -> None:
    pattern = r"(?:import|export) \{([^}]+)\} from \"(\.[\w./]+)\""
    for names, file in re.findall(pattern, path.read_text(encoding="utf-8")):
        other = (path.parent / file).read_text(encoding="utf-8")
        exported = set(re.findall(r"export (?:async )?(?:function|const|class) (\w+)", other))
        assert {name.split(" as ")[0].strip() for name in names.split(",") if name.strip()} <= exported, file


def test_every_view_has_its_script(blocks: gr.Blocks) -> None:
    views = (ASSETS / "scripts" / "views.js").read_text(encoding="utf-8")
    offered = {name.strip() for names in re.findall(r"\{([^}]+)\}", views) for name in names.split(",")}
    starts = [getattr(block, "js_on_load", None) or "" for block in blocks.blocks.values()]
    used = {name for start in starts for name in re.findall(r'Studio\.mount\("(\w+)"', start)}
    assert used == offered


def test_the_page_names_every_finding_of_quality_as_the_survey_does() -> None:
    script = (ASSETS / "scripts" / "browse" / "among.js").read_text(encoding="utf-8")
    titles = re.search(r"const QUALITY = \{(.*?)\};", script, re.DOTALL)
    assert titles is not None
    said = dict(re.findall(r'"?([\w-]+)"?: "(.*)",', titles[1]))
    assert said == {code: kind.title for code, kind in KINDS.items()}


def test_addresses_are_relative_to_the_page() -> None:
    for address in re.findall(r'(?:src|href)="([^"]+)"', HEAD + SCRIPT):
        assert address.startswith("assets/")
        assert (ASSETS / address.removeprefix("assets/")).is_file()


def test_every_style_sheet_is_imported() -> None:
    imported = re.findall(r"@import url\(([\w.]+)\)", (ASSETS / "styles" / "studio.css").read_text())
    assert sorted([*imported, "studio.css"]) == [path.name for path in SHEETS]


def test_fonts_are_bundled_with_their_licences() -> None:
    fonts = set(re.findall(r"url\(\.\./fonts/([\w.-]+)\)", (ASSETS / "styles" / "tokens.css").read_text()))
    assert {path.name for path in (ASSETS / "fonts").glob("*.woff2")} == fonts
    for family in ("inter", "jetbrains-mono"):
        assert "SIL OPEN FONT LICENSE" in (ASSETS / "fonts" / f"{family}-OFL.txt").read_text().upper()
