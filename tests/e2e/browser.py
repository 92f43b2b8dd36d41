"""Finds a Chromium on this machine: STUDIO_BROWSER, then the usual names. As a program, prints its path."""

import os
import shutil
import sys

_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def find_browser() -> str | None:
    """The path of a browser, or None when there is none."""
    named = os.environ.get("STUDIO_BROWSER")
    if named:
        return shutil.which(named)
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


if __name__ == "__main__":
    found = find_browser()
    if found:
        print(found)
    sys.exit(0 if found else 1)
