"""One SSH connection: asyncssh's, metered, and without what asyncssh does for ciphers and settings that we do not have.

When many come at once, or a frame goes to all, most of the server's time is asyncssh's.
"""

from __future__ import annotations

import asyncio
from typing import Any

import asyncssh
from asyncssh.constants import MSG_IGNORE
from asyncssh.logging import SSHLogger

from bptui.classroom.meter import Meter


class _Silent(SSHLogger):
    """asyncssh words all that it does, though nobody reads it."""

    def log(self, level: int, msg: object, *args: Any, **more: Any) -> None:
        pass

    def get_child(self, child: str = "", context: str = "") -> SSHLogger:
        return self


_SILENT = _Silent()


class Connection(asyncssh.SSHServerConnection):
    """To be made for each client, by a listening socket."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._meter, self._packets = Meter(transport), 0
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None = None) -> None:
        self._meter.close()
        super().connection_lost(exc)

    def data_received(self, data: bytes, datatype: Any = None) -> None:
        super().data_received(data, datatype)
        packets, self._packets = self._packets, 0
        self._meter.received(packets, len(self._inpbuf))

    def _finish_recv_packet(self, *args: Any, **more: Any) -> None:
        self._packets += 1  # asyncssh's own number begins anew with each exchange of keys
        super()._finish_recv_packet(*args, **more)

    def send_packet(self, pkttype: int, *args: bytes, handler: Any = None) -> None:
        """An empty packet before each one hides what a cipher in CBC mode would give away; of these we take none."""
        if pkttype != MSG_IGNORE:
            super().send_packet(pkttype, *args, handler=handler)

    def log_sent_packet(self, *args: Any, **more: Any) -> None:
        """Put nothing into words: asyncssh does so before it asks for the logger, as with what is received."""

    def log_received_packet(self, *args: Any, **more: Any) -> None:
        pass

    @property
    def logger(self) -> SSHLogger:
        return _SILENT

    async def reload_config(self) -> None:
        """The settings are the same for everybody: asyncssh would have a thread put them together anew."""
