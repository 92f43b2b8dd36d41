"""The README is short, its tree is the disk's, and its examples run."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    fenced = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    return [text for name, text in fenced if name == language]


def test_readme_is_short_and_its_first_screen_shows_picture_and_commands():
    lines = README.splitlines()
    assert len(README.split()) <= 600
    picture = next(number for number, line in enumerate(lines, 1) if line.startswith("!["))
    assert picture <= 12
    assert next(number for number, line in enumerate(lines, 1) if line.startswith("make test")) <= 25
    assert (ROOT / re.search(r"!\[.*?\]\((.*?)\)", README)[1]).is_file()


def test_tree_in_the_readme_is_the_tree_on_disk():
    tree = next(text for text in blocks("") if "studio/" in text)
    listed = {
        name
        for line in tree.splitlines()
        if line.startswith("  ")
        for name in re.split(r"\s{3,}", line.strip())[0].split()
    }
    on_disk = {path.stem for path in (ROOT / "studio").iterdir() if not path.name.startswith("__")}
    assert listed == on_disk


def test_python_example_runs(tmp_path):
    (tmp_path / "assets").symlink_to(ROOT / "assets")
    lines = [line for line in blocks("python")[0].splitlines() if line]
    assert len(lines) <= 8
    shown = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)],
        cwd=tmp_path,
        env={"STUDIO_WORKSPACE": str(tmp_path / "w"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert shown.returncode == 0, shown.stderr
    assert "'test': {'file': 'test.jsonl'" in shown.stdout


def test_shell_example_has_three_lines():
    assert len(blocks("sh")[0].splitlines()) == 3
