"""What a client types, pastes and points at, as Textual's events; bounded, and never an error."""

from __future__ import annotations

import asyncio
from codecs import getincrementaldecoder
from collections import deque
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Protocol

from textual import constants, events
from textual._xterm_parser import XTermParser
from textual.message import Message

from bptui.classroom.pace import Pace

SLICE = 64  # bytes that are parsed at once
LATE = 0.5  # seconds after which an event is not waited for any more
FULL, LOW = 32 * 1024, 8 * 1024  # bytes that wait: above, reading pauses; below, it goes on
BURST, RATE = 100, 30  # events that are taken at once, and then in a second: as many as a key that is held down makes
PASTE = 64 * 1024  # bytes of one paste; the rest of it is dropped
_BEGIN, _END = b"\x1b[200~", b"\x1b[201~"


@lru_cache(maxsize=1024)
def _extended_key(sequence: str) -> tuple[events.Key, ...] | None:
    """As Textual's, whose cache would keep every parser alive, and the app behind it."""
    found = XTermParser._parse_extended_key.__wrapped__(XTermParser, sequence)
    return None if found is None else tuple(found)


class Parser(XTermParser):
    """Textual's parser without what it would keep, or take a client's word for."""

    def _parse_extended_key(self, sequence: str) -> list[events.Key] | None:  # type: ignore[override]
        found = _extended_key(sequence)
        return None if found is None else list(found)


class Source(Protocol):
    """Where bytes come from."""

    def pause_reading(self) -> None: ...
    def resume_reading(self) -> None: ...


class Keyboard:
    """Parses a client's bytes in small slices, and hands on one event at a time: a flood slows down nobody else.

    `take` gets the events; `settle` calls back once all that came of the last one is done, for Textual takes a key's
    action up only after it has looked at the keys behind it; `size` says how large the screen is.
    """

    def __init__(
        self,
        take: Callable[[Message], None],
        settle: Callable[[Callable[[], None]], None],
        size: Callable[[], tuple[int, int]],
    ) -> None:
        self._take, self._settle, self._size = take, settle, size
        self._loop = asyncio.get_running_loop()
        self._bytes = bytearray()
        self._events: deque[Message] = deque()
        self._source: Source | None = None
        self._paused = False
        self._pace = Pace(BURST, RATE, lambda: self._loop.time())
        self._handed = 0  # events; the last of them is not done as long as `_late` stands
        self._late: asyncio.Handle | None = None
        self._pump: asyncio.Handle | None = None
        self._tick: asyncio.Handle | None = None
        self._closed = False
        self._pasted = Pasted()

    def _renew(self) -> None:
        self._parser = Parser()
        self._decoder = getincrementaldecoder("utf-8")("replace")

    def close(self) -> None:
        """Take nothing any more."""
        self._closed = True
        self._bytes.clear()
        self._events.clear()
        for handle in (self._pump, self._tick, self._late):
            if handle is not None:
                handle.cancel()

    def drop(self) -> None:
        """Forget what was typed and not taken yet: whoever typed it does not see any more what would come of it."""
        self._bytes.clear()
        self._events.clear()
        self._resume()

    def feed(self, data: bytes, source: Source) -> None:
        """Take bytes from a source, which is paused where they are too many."""
        if self._closed:
            return
        if source is not self._source:  # another terminal: what the last one left half said is void
            self._source, self._paused, self._pasted = source, False, Pasted()
            self._bytes.clear()
            self._renew()
        self._bytes += self._pasted.cut(data)
        if len(self._bytes) > FULL and not self._paused:
            self._paused = True
            source.pause_reading()
        self._soon()

    def _soon(self) -> None:
        if self._pump is None and self._late is None and not self._closed:
            self._pump = self._loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        """Hand on one event, or parse one slice."""
        self._pump = None
        if self._tick is not None:
            self._tick.cancel()
            self._tick = None
        if self._events and (wait := self._must_wait()) > 0:
            self._pump = self._loop.call_later(wait, self._go_on)
        elif self._events:
            self._handed += 1
            number = self._handed
            self._late = self._loop.call_later(LATE, self._done, number)
            self._take(self._events.popleft())
            self._settle(lambda: self._done(number))
        elif self._bytes:
            piece = bytes(self._bytes[:SLICE])
            del self._bytes[:SLICE]
            self._told(lambda: self._parser.feed(self._decoder.decode(piece)))
            self._soon()
        elif self._parser._timeout_time is not None:  # an escape that may be the key, or the beginning of a sequence
            self._tick = self._loop.call_later(constants.ESCAPE_DELAY + 0.01, self._time_out)
        self._resume()  # last, for it may bring bytes at once

    def _resume(self) -> None:
        if self._paused and len(self._bytes) < LOW and self._source is not None:
            self._paused = False
            self._source.resume_reading()

    def _must_wait(self) -> float:
        """Count an event; or say in how many seconds one may be taken, where there were too many."""
        wait = self._pace.wait()
        if wait > 0:
            while len(self._events) > 1 and all(isinstance(self._events[k], events.MouseMove) for k in (0, 1)):
                self._events.popleft()  # where the mouse was meanwhile
        return wait

    def _done(self, number: int) -> None:
        """An event is done, or has taken too long to be waited for."""
        if number == self._handed and self._late is not None:
            self._late.cancel()
            self._late = None
            self._soon()

    def _time_out(self) -> None:
        self._tick = None
        self._told(lambda: self._parser.tick())
        self._soon()

    def _told(self, parse: Callable[[], Iterable[Message]]) -> None:
        try:
            found = list(parse())
        except Exception:  # whatever a client's bytes do to the parser, they do to nothing else
            self._renew()
            return
        for event in found:
            self._sift(event)

    def _sift(self, event: Message) -> None:
        """Keep keys, the mouse where there is a screen, pastes, the focus. A size is the channel's to say."""
        if isinstance(event, events.MouseEvent):
            width, height = self._size()
            if 0 <= event.x < width and 0 <= event.y < height:
                self._events.append(event)
        elif isinstance(event, events.Key):
            if event.character is None or not any("\ud800" <= c <= "\udfff" for c in event.character):
                self._events.append(event)
        elif isinstance(event, events.Paste | events.AppFocus | events.AppBlur):
            self._events.append(event)
        self._parser.mouse_pixels = False  # a forged report of a size switches it on


class Pasted:
    """Cuts pastes, as they come by: Textual's parser gathers one without an end."""

    def __init__(self) -> None:
        self._inside, self._count, self._tail = False, 0, b""

    def cut(self, data: bytes) -> bytes:
        """The bytes without those of a paste that has had enough of them; its brackets always stay."""
        kept = bytearray()
        while data:
            joined = self._tail + data
            at = joined.find(_END if self._inside else _BEGIN)
            until = len(data) if at < 0 else at + len(_END) - len(self._tail)
            part, data = data[:until], data[until:]
            self._tail = joined[1 - len(_END) :] if at < 0 else b""
            if not self._inside:
                kept += part
            else:
                room, self._count = max(0, PASTE - self._count), self._count + len(part)
                kept += part[:room]
                if at >= 0 and len(part) > room:
                    kept += _END
            if at >= 0:
                self._inside, self._count = not self._inside, 0
        return bytes(kept)
