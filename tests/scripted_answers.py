"""Models that are a few lines of Python: the process that answers prompts, without torch."""

from pathlib import Path
from typing import Any

from studio.run import RunDir, RunSpec, RunState, write_json, write_state

CHILD = """
import json, os, sys, threading, time
def say(**said):
    print(json.dumps(said), flush=True)
stopped = set()
def work():
    time.sleep(float(os.environ.get("TZ") or 0))
    say(event="ready", hashes={which: "hash of " + which for which in sys.argv[3:]})
    for asked in iter(asks.pop, None):
        prompt = asked["prompt"]
        if prompt == "die":
            os._exit(3)
        if prompt == "refuse":
            say(event="failed", ask=asked["ask"], message="No memory.", hint="Less.")
            continue
        say(event="asked", ask=asked["ask"], prompt=prompt, tokens=3, cut=False)
        for which in sys.argv[3:]:
            words = 0
            while words < 3 or (prompt == "for ever" and asked["ask"] not in stopped):
                say(event="text", ask=asked["ask"], which=which, text=f" {which}")
                words += 1
                time.sleep(0.002)
            say(event="answer", ask=asked["ask"], which=which, completion=f" {which}" * words, finished=True,
                stopped=False, tokens=words, seconds=0.1, weights_sha256="hash of " + which)
        say(event="done", ask=asked["ask"])
class Asks:
    def __init__(self):
        self.list, self.came = [], threading.Semaphore(0)
    def add(self, asked):
        self.list.append(asked)
        self.came.release()
    def pop(self):
        self.came.acquire()
        return self.list.pop(0)
asks = Asks()
threading.Thread(target=work, daemon=True).start()
for line in sys.stdin:
    said = json.loads(line)
    stopped.add(said["stop"]) if "stop" in said else asks.add(said)
os._exit(0)
"""

QUESTIONS = {
    "type": "prompt-completion",
    "prompt": "### Question:\n{question}{#input}\n({input}){/input}\n\n### Answer:",
    "completion": "{answer}",
}


def make_run(
    folder: Path, template: dict[str, Any], columns: dict[str, str] | None = None, *, run: str = "r1"
) -> RunDir:
    """A run that has succeeded, as far as a look at its folder tells."""
    run_dir = RunDir(folder / run)
    for path in (run_dir.base, run_dir.final):
        path.mkdir(parents=True)
        (path / "config.json").write_text("{}")
    spec = RunSpec(
        run=run,
        recipe={"version": 1, "columns": columns or {}},
        template=template,
        example_type=template.get("type", "prompt-completion"),
        base_model="tiny",
        train={},
        data={},
    )
    write_json(run_dir.spec_file, spec.to_dict())
    write_state(run_dir, RunState(run=run, state="succeeded"))
    return run_dir
