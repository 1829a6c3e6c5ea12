"""The messages between the class's process and a worker: a kind, the number of an app, and bytes or JSON."""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import Callable
from enum import IntEnum
from typing import Any

from rich.color import ColorSystem

from bptui.classroom.terminal.kind import Kind

MOST = 64 * 1024 * 1024  # bytes of a message; a longer one is none
_HEAD = struct.Struct(">BII")  # kind, app, length


class Say(IntEnum):
    """What is said. The first ones are the class's, the rest the worker's; JSON where nothing else is told."""

    EXPECT = 1  # a kind of terminal and a theme that somebody will soon want an app for
    START = 2  # what `crew.py` writes
    FEED = 3  # bytes that were typed
    SHOW = 4  # a turn and a kind
    HIDE = 5
    GO = 6  # a place
    KEEP = 7
    END = 8
    HOLD = 9  # the client is behind
    GO_ON = 10  # it no longer is
    FORKS = 11  # their names
    TELL = 12  # words
    BIND = 13  # a lesson and a step, or nothing
    WATCH = 14  # whether
    STAND_BY = 15  # a place where whoever steps aside begins

    READY = 32  # the worker's process id
    PAINT = 33  # the turn in four bytes, and bytes for the terminal
    ARRIVED = 34
    MOVED = 35  # words
    THEMED = 36  # a theme
    KEPT = 37  # name and receipt
    ENDED = 38  # whether it failed
    FOLLOW = 39
    OPEN_FORK = 40  # its number
    PAUSE = 41  # let the client type no more
    RESUME = 42
    STUCK = 43  # the client reads nothing
    TURNED = 44  # colours or glyphs
    SEEN = 45  # a place
    TRIED = 46  # lesson, step, whether it was right
    ANSWERED = 47  # what they answer to the question in front of the class
    COPIED = 48  # a text


class Wire(asyncio.Protocol):
    """One end. `take` gets what the other end says, in order; `lost` is told once, when that is over."""

    def __init__(self, take: Callable[[Say, int, bytes], None], lost: Callable[[], None]) -> None:
        self._take, self._lost = take, lost
        self._bytes = bytearray()
        self._transport: asyncio.Transport | None = None
        self._early: list[bytes] = []  # said before there was a connection
        self.full = asyncio.Event()  # set while the other end is slow to read
        self.drained: Callable[[], None] = lambda: None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.set_write_buffer_limits(high=1024 * 1024)
        transport.writelines(self._early)
        self._early.clear()

    def data_received(self, data: bytes) -> None:
        self._bytes += data
        at = 0
        while len(self._bytes) - at >= _HEAD.size:
            kind, app, length = _HEAD.unpack_from(self._bytes, at)
            if length > MOST:
                self.close()
                return
            end = at + _HEAD.size + length
            if len(self._bytes) < end:
                break
            body = bytes(self._bytes[at + _HEAD.size : end])
            at = end
            self._take(Say(kind), app, body)
        del self._bytes[:at]

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._lost()

    def pause_writing(self) -> None:
        self.full.set()

    def resume_writing(self) -> None:
        self.full.clear()
        self.drained()

    def say(self, kind: Say, app: int = 0, body: Any = b"") -> None:
        """Say something: bytes as they are, anything else as JSON. After the end it is said to nobody."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        message = _HEAD.pack(kind, app, len(data)) + data
        if self._transport is None:
            self._early.append(message)
        else:
            self._transport.write(message)

    def waiting(self) -> int:
        """Bytes that were said and have not left."""
        return self._transport.get_write_buffer_size() if self._transport is not None else 0

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()


def of_kind(kind: Kind) -> dict[str, Any]:
    """A terminal's kind as JSON."""
    return {**vars(kind), "depth": None if kind.depth is None else kind.depth.name}


def to_kind(found: dict[str, Any]) -> Kind:
    return Kind(**{**found, "depth": None if found["depth"] is None else ColorSystem[found["depth"]]})
