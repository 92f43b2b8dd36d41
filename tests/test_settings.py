from pathlib import Path

import pytest

from studio.errors import SettingsError
from studio.settings import Limits, Settings


def test_workspace_comes_from_the_flag_then_the_variable_then_home(tmp_path):
    env = {"STUDIO_WORKSPACE": str(tmp_path / "env")}
    assert Settings.from_env(tmp_path / "flag", env).workspace == tmp_path / "flag"
    assert Settings.from_env(None, env).workspace == tmp_path / "env"
    assert Settings.from_env(None, {}).workspace == Path.home() / ".dataset-studio"


def test_limits_come_from_the_environment():
    settings = Settings.from_env("w", {"STUDIO_LIMIT_DEPTH": "7", "STUDIO_LIMIT_NETWORK_SECONDS": "0.5"})
    assert (settings.limits.depth, settings.limits.network_seconds) == (7, 0.5)
    assert settings.limits.columns == Limits().columns


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [("STUDIO_LIMIT_WIDTH", "7", "names no limit"), ("STUDIO_LIMIT_DEPTH", "deep", "'deep', not a number")],
)
def test_bad_limit_is_named(variable, value, words):
    with pytest.raises(SettingsError, match=words):
        Settings.from_env("w", {variable: value})
