"""The parts of the page's scripts that know nothing of a page, run by Node's own test runner.

They stand in tests/scripts/*.test.mjs. Node 20 or newer is wanted and nothing else: no package, no build.
Where there is no Node the tests are skipped and say so; the browser tests go through the same scripts.
"""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LEAST = 20


def test_the_pure_parts_of_the_scripts_hold() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed: the scripts' own tests need Node 20 or newer")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    if int(re.sub(r"\D.*", "", version.strip().lstrip("v")) or 0) < LEAST:
        pytest.skip(f"node {version.strip()} is too old: the scripts' own tests need Node {LEAST} or newer")
    files = sorted(str(path) for path in (ROOT / "tests" / "scripts").glob("*.test.mjs"))
    assert files
    done = subprocess.run([node, "--test", *files], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
