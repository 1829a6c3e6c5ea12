"""What one terminal is sent: the latest frame, in as few bytes as it takes, and never more than it reads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from bptui.classroom.terminal.cells import Frame, Row, difference
from bptui.classroom.terminal.kind import Kind

FULL = 256 * 1024  # bytes on their way to a client above which frames are left out
DRAINED = 32 * 1024  # and below which the latest one is sent
STUCK = 30.0  # seconds after which a client that reads nothing is let go
LOOK = 0.05  # seconds between two looks at a client that is behind

# Another screen, no cursor, no wrapping at the right edge; the mouse, pastes in brackets, and the focus are told.
OPEN = b"\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[?1000h\x1b[?1003h\x1b[?1006h\x1b[?1004h\x1b[?2004h"
CLOSE = b"\x1b[?2004l\x1b[?1004l\x1b[?1006l\x1b[?1003l\x1b[?1000l\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l"
_TOGETHER, _SHOWN = b"\x1b[?2026h", b"\x1b[?2026l"  # terminals that know it show all between at once


class Link(Protocol):
    """The way to a client."""

    def write(self, data: bytes) -> None: ...

    def waiting(self) -> int:
        """Bytes that were written and have not left this machine."""

    def give_up(self) -> None:
        """Let go of a client that reads nothing, at once."""


class Painter:
    """Shows frames on one terminal, and lines of its own below them."""

    def __init__(self, link: Link, kind: Kind, clock: Callable[[], float] | None = None) -> None:
        self.kind = kind
        self._link = link
        self._loop = asyncio.get_running_loop()
        self._clock = clock or self._loop.time
        self._frame: Frame | None = None
        self._lines: tuple[Row, ...] = ()
        self._shown: Frame | None = None
        self._shown_lines: Frame | None = None
        self._look: asyncio.TimerHandle | None = None
        self._behind = 0.0
        self._open = False

    def open(self) -> None:
        """Take the terminal over."""
        self._open = True
        self._link.write(OPEN)

    def close(self, words: str = "") -> None:
        """Give the terminal back as it was, with a last line on it."""
        if self._open:
            self._open = False
            self._link.write(CLOSE + (f"{words}\r\n".encode() if words else b""))
        if self._look is not None:
            self._look.cancel()
            self._look = None

    def resized(self, kind: Kind) -> None:
        """The window has another size; what it shows now is unknown."""
        self.kind = kind
        self._shown = self._shown_lines = None
        self._flush()

    def show(self, frame: Frame, lines: tuple[Row, ...] = ()) -> None:
        """Show a frame from now on, and lines below it. A client that is behind is sent the latest one later."""
        self._frame, self._lines = frame, lines
        self._flush()

    def show_lines(self, lines: tuple[Row, ...]) -> None:
        """Show other lines below the frame that stands."""
        self._lines = lines
        self._flush()

    def bell(self) -> None:
        if self._open and self._look is None:
            self._link.write(b"\a")

    def _flush(self) -> None:
        if self._frame is None or not self._open or self._look is not None:
            return
        if self._link.waiting() > FULL:
            self._behind = self._clock()
            self._look = self._loop.call_later(LOOK, self._look_again)
            return
        kind = self.kind
        wide = len(self._lines[0].texts) if self._lines else 0
        under = Frame(wide, self._lines).cropped(kind.width, kind.height)
        frame = self._frame.cropped(kind.width, kind.height - under.height)
        before, lines = self._shown, self._shown_lines
        if (
            before is None
            or lines is None
            or (before.width, before.height, lines.height) != (frame.width, frame.height, under.height)
        ):
            before = lines = None
        data = frame.after(before)
        if under.height and (lines is None or lines.rows != under.rows):
            data += difference(lines, under, top=frame.height).encode("utf-8", "replace")
        self._shown, self._shown_lines = frame, under
        if data:
            self._link.write(_TOGETHER + data + _SHOWN)

    def _look_again(self) -> None:
        self._look = None
        if self._link.waiting() <= DRAINED:
            self._flush()
        elif self._clock() - self._behind > STUCK:
            self._link.give_up()
        else:
            self._look = self._loop.call_later(LOOK, self._look_again)
