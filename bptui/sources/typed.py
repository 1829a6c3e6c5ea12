"""What is typed or piped in where a command line names `-` in place of a file."""

from __future__ import annotations

import sys
from functools import cache

from bptui.sources.arrays import LIMIT

TYPED = "-"


@cache
def typed() -> bytes:
    """What stands in standard input, up to the last line of a run that was taken home; it is read once.

    Of what is longer than a file may be, a byte more than that.
    """
    from bptui.sources.receipts import is_end

    found = b""
    while sys.stdin is not None and len(found) <= LIMIT and (line := sys.stdin.buffer.readline(LIMIT)):
        found += line
        if is_end(line.decode("utf-8", "replace")):
            break
    return found[: LIMIT + 1]
