"""Text of other people's, for a terminal that acts on what it is sent: the log, and words at the end of a session."""

from __future__ import annotations

import logging


def plain(text: str) -> str:
    """A text as one line, of which nothing acts on a terminal: no escapes, no directions, no ends of lines."""
    return "".join(c if c.isprintable() else " " if c.isspace() else "?" for c in text)


class PlainFormatter(logging.Formatter):
    """Keeps every message on its line. A traceback has lines of its own."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        record.message = plain(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: object) -> str:  # noqa: N802
        return "\n".join(plain(line) for line in super().formatException(ei).split("\n"))  # type: ignore[arg-type]
