"""How long the doors take to open, as ratios to an empty Python from the same run; asserts nothing.

    python benchmarks/startup.py [--rounds 11]

Wanted: `studio --help` at most 12 times `python -c pass`.
"""

import argparse
import statistics
import subprocess
import sys
import time

COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "import studio": ["-c", "import studio"],
    "studio --help": ["-m", "studio", "--help"],
    "import studio.pipeline": ["-c", "import studio.pipeline"],
}


def measure_command(arguments: list[str]) -> float:
    """Seconds of one whole process."""
    started = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def main() -> None:
    """Run every command in turn, round by round, and print medians with their ratio to the first."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=11)
    rounds = parser.parse_args().rounds
    seconds: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(rounds):
        for name, arguments in COMMANDS.items():
            seconds[name].append(measure_command(arguments))
    empty = statistics.median(seconds["python -c pass"])
    for name, values in seconds.items():
        median = statistics.median(values)
        print(f"{name:24} {1000 * median:7.1f} ms   {median / empty:5.1f} ×")


if __name__ == "__main__":
    main()
