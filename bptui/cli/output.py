"""What commands print, and how they say that something cannot be used."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Iterable

WRONG, PIPE_CLOSED = 1, 141  # exit codes


class BadUse(Exception):  # noqa: N818
    """Input that cannot be used. One line: what and where, and what is wanted."""


def print_out(pieces: Iterable[str]) -> int:
    """Write to standard output, in UTF-8 unless it is a terminal with another encoding. A closed pipe is no error."""
    out = sys.stdout
    if out is None:
        raise BadUse("standard output is closed")
    if isinstance(out, io.TextIOWrapper):
        if out.isatty():
            out.reconfigure(errors="replace")
        else:
            out.reconfigure(encoding="utf-8")
    try:
        for piece in pieces:
            out.write(piece)
        out.flush()
    except OSError as error:
        with open(os.devnull, "w") as nowhere:  # noqa: PTH123
            os.dup2(nowhere.fileno(), out.fileno())  # or Python complains once more as it ends
        if error.errno in (errno.EPIPE, errno.EINVAL):  # Windows says EINVAL
            return PIPE_CLOSED
        raise BadUse(f"standard output: {error.strerror}") from None
    return 0


def one_line(text: str) -> str:
    """The text without anything that a terminal would act on."""
    return "".join(c if c.isprintable() else " " if c in "\n\t" else repr(c)[1:-1] for c in text)
