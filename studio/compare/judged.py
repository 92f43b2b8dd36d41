"""What a judge gave the answers of a run: `eval/judge-<id>/scores.json`, by the keys of the pairs.

    {"by_key": {"9f2c…": {"base": 10.0, "tuned": 72.5}}, …}

Of several judgings the last one written counts. Knows files, no judge.
"""

import json
from collections.abc import Mapping

from studio.run import RunDir

Judged = Mapping[str, Mapping[str, float]]


def read_judged(run_dir: RunDir) -> Judged:
    """Key → side → points from 0 to 100; empty where nobody judged, or the file is damaged."""
    files = sorted(run_dir.path.glob("eval/judge-*/scores.json"), key=lambda path: path.stat().st_mtime_ns)
    if not files:
        return {}
    try:
        stored = json.loads(files[-1].read_bytes())["by_key"]
        return {
            str(key): {side: float(points) for side, points in sides.items()} for key, sides in stored.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
