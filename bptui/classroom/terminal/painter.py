"""What one terminal is sent: the latest frame, in as few bytes as it takes, and never more than it reads."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from typing import Protocol

from bptui.classroom.plain import plain
from bptui.classroom.terminal.cells import CLEARED, Frame, Row, difference
from bptui.classroom.terminal.kind import Kind

FULL = 256 * 1024  # bytes on their way to a client above which frames are left out
DRAINED = 32 * 1024  # and below which the latest one is sent
COPIED = 100_000  # characters for a clipboard
STUCK = 30.0  # seconds after which a client that reads nothing is let go
LOOK = 0.05  # seconds between two looks at a client that is behind

# Another screen, no cursor, no wrapping at the right edge; the mouse, pastes in brackets, and the focus are told.
OPEN = b"\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[?1000h\x1b[?1003h\x1b[?1006h\x1b[?1004h\x1b[?2004h"
CLOSE = b"\x1b[?2004l\x1b[?1004l\x1b[?1006l\x1b[?1003l\x1b[?1000l\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l"
_TOGETHER, _SHOWN = b"\x1b[?2026h", b"\x1b[?2026l"  # terminals that know it show all between at once
WHOLE = _TOGETHER + CLEARED  # how a frame begins that asks nothing of what was shown before


class Link(Protocol):
    """The way to a client."""

    def write(self, data: bytes) -> None: ...

    def waiting(self) -> int:
        """Bytes that were written and have not left this machine."""

    def give_up(self) -> None:
        """Let go of a client that reads nothing, at once."""


class Painter:
    """Shows frames on one terminal, and lines of its own below them: `lines`, with the next frame."""

    def __init__(self, link: Link, kind: Kind, clock: Callable[[], float] | None = None) -> None:
        self.kind = kind
        self._link = link
        self._loop = asyncio.get_running_loop()
        self._clock = clock or self._loop.time
        self._frame: Frame | None = None
        self.lines: tuple[Row, ...] = ()
        self.ground = ""  # the look of what is beside a frame that is narrower than the terminal
        self._shown: Frame | None = None
        self._shown_lines: tuple[Row, ...] | None = None  # None where it is unknown what stands there
        self._look: asyncio.TimerHandle | None = None
        self._behind = 0.0
        self._open = False
        self._first = b""  # what is written before all else

    def open(self) -> None:
        """Take the terminal over, once there is something to show."""
        self._first = OPEN
        self.take()

    def take(self) -> None:
        """Begin to paint on a terminal that was taken over already."""
        self._open = True

    def close(self, words: str = "") -> None:
        """Give the terminal back as it was, with a last line on it."""
        if self._open:
            self._write(CLOSE + (f"{plain(words)}\r\n".encode() if words else b""))
        self.let_go()

    def _write(self, data: bytes) -> None:
        first, self._first = self._first, b""
        self._link.write(first + data)

    def let_go(self) -> None:
        """Paint no more, and leave the terminal as it is."""
        self._open = False
        if self._look is not None:
            self._look.cancel()
            self._look = None

    def resized(self, kind: Kind) -> None:
        """The window has another size; what it shows now is unknown."""
        self.kind = kind
        self._shown = self._shown_lines = None
        self._flush()

    def show(self, frame: Frame, lines: tuple[Row, ...] | None = None) -> None:
        """Show a frame from now on, and lines below it; those that there are, if none are given.

        A client that is behind is sent the latest frame later.
        """
        self._frame, self.lines = frame, self.lines if lines is None else lines
        self._flush()

    def pass_on(self, data: bytes) -> None:
        """Show what another painter has made, who draws all but the lines; it looks after a client that is behind."""
        if not self._open:
            return
        self._frame = self._shown = None
        if data.startswith(WHOLE):
            self._shown_lines = None
            data = data.removesuffix(_SHOWN) + self._below(self.kind.height - len(self.lines)) + _SHOWN
        self._write(data)
        self._flush()

    def under(self, lines: tuple[Row, ...]) -> None:
        """Show other lines at once."""
        self.lines = lines
        self._flush()

    def copy(self, text: str) -> None:
        """Ask the terminal to put a text on its clipboard; many do, the others pass over it."""
        if self._open and len(text) <= COPIED and self._link.waiting() <= FULL:
            self._write(b"\x1b]52;c;" + base64.b64encode(text.encode("utf-8", "replace")) + b"\x07")

    def bell(self) -> None:
        if self._open and self._look is None:
            self._write(b"\a")

    def _flush(self) -> None:
        if not self._open or self._look is not None:
            return
        if self._link.waiting() > FULL:
            self._behind = self._clock()
            self._look = self._loop.call_later(LOOK, self._look_again)
            return
        data, top = b"", self.kind.height - len(self.lines)
        if self._frame is not None:
            data, top = self._of_frame(self._frame)
        data += self._below(top)
        if data:
            self._write(_TOGETHER + data + _SHOWN)

    def _of_frame(self, frame: Frame) -> tuple[bytes, int]:
        """What turns what is shown into a frame, and the row below it."""
        frame = frame.cropped(self.kind.width, self.kind.height - len(self.lines))
        before, self._shown = self._shown, frame
        alike = before is not None and (before.width, before.height) == (frame.width, frame.height)
        if not alike or self._shown_lines is None or len(self.lines) != len(self._shown_lines):
            before = self._shown_lines = None
        return frame.after(before) + (self._beside(frame) if before is None else b""), frame.height

    def _beside(self, frame: Frame) -> bytes:
        """What fills the part of the terminal at the right of a frame."""
        x, rest = frame.width + 1, self.kind.width - frame.width
        if rest <= 0 or not self.ground:
            return b""
        fill = "\x1b[K" if self.kind.erases else " " * rest
        return (
            "".join(f"\x1b[{y};{x}H\x1b[0;{self.ground}m{fill}" for y in range(1, frame.height + 1)).encode()
            + b"\x1b[0m"
        )

    def _below(self, top: int) -> bytes:
        """What turns the lines that stand below into those that are to stand there."""
        before, self._shown_lines = self._shown_lines, self.lines
        if self.lines == before or not self.lines:
            return b""
        old = self._framed(before) if before is not None and len(before) == len(self.lines) else None
        return difference(old, self._framed(self.lines), top=top).encode("utf-8", "replace")

    def _framed(self, lines: tuple[Row, ...]) -> Frame:
        return Frame(len(lines[0].texts), lines, erases=self.kind.erases).cropped(self.kind.width, self.kind.height)

    def _look_again(self) -> None:
        self._look = None
        if self._link.waiting() <= DRAINED:
            self._flush()
        elif self._clock() - self._behind > STUCK:
            self._link.give_up()
        else:
            self._look = self._loop.call_later(LOOK, self._look_again)
