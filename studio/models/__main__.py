"""The child process: looks at a model of the Hub, or fetches it.

    python -I -m studio.models {"ask": "fetch", "name": "org/name", "revision": "main", "folder": "…"}
        {"say": "fetching model.safetensors, 120 of 980 MB"}
        {"made": {"description": {…}, "weights": {"model.safetensors": 1027604480}}}   or   {"problem": …}

What is fetched lies in the folder's `given/`. What libraries print goes to standard error.
"""

import json
import os
import resource
import sys


def main(arguments: list[str]) -> int:
    """Do what is asked; the exit status is always 0, a problem is told."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from studio.models.fetching import answer

    for said in answer(json.loads(arguments[0])):
        try:
            out.write(json.dumps(said).encode() + b"\n")
            out.flush()
        except BrokenPipeError:
            os._exit(0)  # nobody listens any more
    os._exit(0)  # a download that nobody waits for any more does not hold it


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
