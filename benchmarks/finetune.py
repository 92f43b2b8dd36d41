"""Fine-tuning in figures, asserting nothing; a section takes less than 3 minutes of a quiet machine.

    python benchmarks/finetune.py speed     tokens a second and final loss beside bare TRL and a bare loop
    python benchmarks/finetune.py click     seconds from the click to the first step
    python benchmarks/finetune.py cancel    seconds from the cancel to its end
    python benchmarks/finetune.py memory    the estimate against what is taken, on five shapes
    python benchmarks/finetune.py demo      the demo on the sample: curve, answers, time (demo_finetune.py)

Without a section, all of them.
"""

import argparse
from collections.abc import Callable, Mapping

from demo_finetune import report_demo
from finetune_jobs import report_cancel, report_click
from finetune_memory import report_memory
from finetune_speed import report_speed

SECTIONS: Mapping[str, Callable[[], None]] = {
    "speed": report_speed,
    "click": report_click,
    "cancel": report_cancel,
    "memory": report_memory,
    "demo": report_demo,
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=", ".join(SECTIONS))
    asked = parser.parse_args().sections
    unknown = [name for name in asked if name not in SECTIONS]
    if unknown:
        parser.error(f"There is no section {unknown[0]}. Sections are: {', '.join(SECTIONS)}.")
    for name in asked or SECTIONS:
        print(f"== {name}", flush=True)
        SECTIONS[name]()


if __name__ == "__main__":
    main()
