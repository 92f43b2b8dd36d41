"""How many examples a property test tries: few on every push, many at night (`make nightly`)."""

import os

_TIMES = int(os.environ.get("STUDIO_EXAMPLES", "1"))


def examples(few: int) -> int:
    """`few`, or as many times that as STUDIO_EXAMPLES says."""
    return few * _TIMES
