"""Keeps one connection from having more of the server's time than a terminal needs, whatever it sends.

asyncssh answers every request as it comes, takes no heed of answers that nobody reads, and copies all that is still to
be read for each packet: some thousand small requests a second, of a size of the window or a channel that is refused,
hold up the whole class.
"""

from __future__ import annotations

import asyncio
from typing import Any, cast

from bptui.classroom.pace import Pace

PIECE = 16 * 1024  # bytes that are read at once
PACKETS = 1000.0, 200.0  # that are taken at once, and then in a second; a key is one, a paste of 64 KB two or more
UNREAD = 1024 * 1024  # bytes that wait for a client, or are kept of it, above which nothing more is taken from it
LOOK = 0.25  # seconds between two looks at such a client


class Meter:
    """Pauses a connection that has sent too much, until its time has come."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = cast(Any, transport)
        self._pace = Pace(*PACKETS)
        self._pause: asyncio.TimerHandle | None = None
        self._transport.max_size = PIECE

    def received(self, packets: int, kept: int) -> None:
        """So many packets were taken; so many bytes are kept that cannot be taken yet."""
        wait = max(self._pace.spent(packets), LOOK if kept > UNREAD else 0.0)
        if wait > 0 or self._has_unread():
            self._go_on(wait)

    def _has_unread(self) -> bool:
        return bool(self._transport.get_write_buffer_size() > UNREAD)

    def _go_on(self, wait: float = 0.0) -> None:
        self._pause = None
        if self._transport.is_closing():
            return
        if self._has_unread():
            wait = max(wait, LOOK)
        if wait > 0:
            self._transport.pause_reading()
            self._pause = asyncio.get_running_loop().call_later(wait, self._go_on)
        else:
            self._transport.resume_reading()

    def close(self) -> None:
        if self._pause is not None:
            self._pause.cancel()
