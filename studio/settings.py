"""Where work is kept and how large things may be. Every limit of the studio stands here.

Values come from the environment (`STUDIO_*`) and from flags. Who may reach the page (`STUDIO_LOGIN`,
`STUDIO_HOSTS`) is read where the page is served, so that a password never stands in a Settings.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from studio.errors import SettingsError

ASSETS = Path(__file__).resolve().parent.parent / "assets"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Sizes in bytes, counts in units; a value over its limit is refused in words, never cut silently."""

    upload_bytes: int = 2 << 30
    body_bytes: int = 4 << 20
    decoded_bytes: int = 20 << 30
    decoded_ratio: int = 200
    line_bytes: int = 64 << 20
    depth: int = 200
    columns: int = 5_000
    stream_records: int = 1_000
    page_rows: int = 100
    changed_records: int = 20_000
    cell_characters: int = 10_000
    template_characters: int = 64 << 10
    network_seconds: float = 30.0
    judge_seconds: float = 120.0
    judge_bytes: int = 1 << 20
    judge_calls: int = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One person's set-up: the workspace folder, the limits, and what the network may reach.

    `private_urls` allows URLs on loopback and private addresses, which are refused otherwise. `local_paths`
    lets the page read files of its machine by path; it is off when other machines can reach the page.
    """

    workspace: Path
    limits: Limits = field(default_factory=Limits)
    private_urls: bool = False
    local_paths: bool = True

    @classmethod
    def from_env(cls, workspace: str | Path | None = None, env: Mapping[str, str] = os.environ) -> "Settings":
        """Read `STUDIO_WORKSPACE`, `STUDIO_PRIVATE_URLS` and `STUDIO_LIMIT_<NAME>`; `workspace` wins.

        Raises SettingsError naming the variable whose value is not a number.
        """
        folder = Path(workspace or env.get("STUDIO_WORKSPACE") or Path.home() / ".dataset-studio")
        limits = Limits()
        for name in (variable for variable in env if variable.startswith("STUDIO_LIMIT_")):
            limits = _replace_limit(limits, name, env[name])
        private = env.get("STUDIO_PRIVATE_URLS", "").lower() in ("1", "yes", "true")
        return cls(workspace=folder.expanduser().absolute(), limits=limits, private_urls=private)


def _replace_limit(limits: Limits, variable: str, text: str) -> Limits:
    name = variable.removeprefix("STUDIO_LIMIT_").lower()
    if name not in Limits.__dataclass_fields__:
        known = ", ".join(Limits.__dataclass_fields__)
        raise SettingsError(f"{variable} names no limit.", f"Limits are: {known}.")
    if not re.fullmatch(r"\d+(\.\d+)?", text):
        raise SettingsError(f"{variable} is {text!r}, not a number.", "Give a number of bytes or units.")
    number = type(getattr(limits, name))(float(text))
    return replace(limits, **{name: number})
