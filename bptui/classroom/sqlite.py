"""A class in one SQLite file: a log that is only added to, with one thread that writes.

WAL with `synchronous=NORMAL`: what is recorded survives the end of the process, `kill -9` too. Rows that cannot be
written, as on a full disk, are kept and tried again.
"""

from __future__ import annotations

import asyncio
import json
import queue
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from bptui.classroom.people import Roll
from bptui.classroom.store import FORGOTTEN, Event, Memory, StoreError

SCHEMA, OURS = 1, 0x62707463  # "bptc", SQLite's application id
BATCH = 0.1  # seconds that rows are gathered
AGAIN = 1.0  # seconds until rows that could not be written are tried again
PAGE = 500  # events that a subscriber far behind reads at once

_TABLES = """
CREATE TABLE event (
    number INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    person TEXT NOT NULL,
    body TEXT NOT NULL,
    time TEXT NOT NULL
) STRICT
"""
_Row = tuple[int, str, str, str, str]
_Waiting = tuple[_Row | None, "asyncio.Future[None] | None"]  # neither is the end


class Sqlite(Memory):
    """A class in a file. Raises StoreError for a file that is damaged, of a newer bptui, or something else."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read = _opened(path)
        try:
            with _sound(path):
                super().__init__(list(_events(self._read, 0)))
        except StoreError:
            self._read.close()
            raise
        self._loop = asyncio.get_running_loop()
        self._rows: queue.SimpleQueue[_Waiting] = queue.SimpleQueue()
        self._hurry = threading.Event()  # somebody waits
        self._writer = threading.Thread(target=self._write, name="class store", daemon=True)
        self._writer.start()

    def _keep(self, event: Event) -> None:
        self._rows.put((_row(event), None))

    async def record(self, kind: str, person: str = "", /, **body: Any) -> Event:
        event = self.publish(kind, person, **body)
        await self._flushed()
        return event

    async def _flushed(self) -> None:
        """Wait until all that was published is on disk. Raises StoreError."""
        written = self._loop.create_future()
        self._rows.put((None, written))
        self._hurry.set()
        await written

    async def _delete(self, person: str) -> int:
        await self._flushed()
        return await asyncio.to_thread(_deleted, self.path, person)

    def _earlier(self, after: int) -> list[Event]:
        return list(_events(self._read, after, PAGE))

    async def close(self) -> None:
        if self._closed:
            return
        await super().close()
        try:
            await self._flushed()
        finally:
            self._rows.put((None, None))
            self._hurry.set()
            await asyncio.to_thread(self._writer.join)
            self._read.close()

    # -- the thread that writes

    def _write(self) -> None:
        rows: list[_Row] = []
        ends = False
        with closing(sqlite3.connect(self.path, isolation_level=None)) as file:
            file.execute("PRAGMA synchronous=NORMAL")
            while not ends:
                found = self._gathered(AGAIN if rows else None)
                rows += [row for row, _ in found if row is not None]
                ends = (None, None) in found
                problem = _written(file, rows)
                if problem is None:
                    rows.clear()
                for _, future in found:
                    if future is not None:
                        self._loop.call_soon_threadsafe(_settle, future, problem)

    def _gathered(self, patience: float | None) -> list[_Waiting]:
        """What comes until some time has passed, or until somebody waits for it; this thread is not woken by each."""
        found: list[_Waiting] = []
        with suppress(queue.Empty):
            found.append(self._rows.get(timeout=patience))
            self._hurry.wait(BATCH)
        self._hurry.clear()
        with suppress(queue.Empty):
            while True:
                found.append(self._rows.get_nowait())
        return found


def _settle(future: asyncio.Future[None], problem: StoreError | None) -> None:
    if not future.done():
        future.set_result(None) if problem is None else future.set_exception(problem)


def _written(file: sqlite3.Connection, rows: list[_Row]) -> StoreError | None:
    try:
        file.execute("BEGIN IMMEDIATE")
        file.executemany("INSERT INTO event VALUES (?, ?, ?, ?, ?)", rows)
        file.execute("COMMIT")
    except sqlite3.Error as error:
        if file.in_transaction:
            file.execute("ROLLBACK")
        return StoreError(f"not written: {error}")
    return None


def _deleted(path: Path, person: str) -> int:
    """Empty somebody's rows, and leave nothing of them in the file or its log. Raises StoreError."""
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as file:
            file.execute("PRAGMA secure_delete=ON")
            emptied = "kind = ?, person = '', body = '{}', time = ''"
            found = file.execute(f"UPDATE event SET {emptied} WHERE person = ?", (FORGOTTEN, person)).rowcount
            file.execute("VACUUM")
            busy, *_ = file.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error as error:
        raise StoreError(f"{path}: not forgotten: {error}") from None
    if busy:
        raise StoreError(f"{path}: not forgotten for good: something else is reading it")
    return found


def roll_in(path: Path) -> Roll:
    """The class in a file, which is left as it is. Raises StoreError."""
    with closing(_opened(path)) as file, _sound(path):
        return Memory(list(_events(file, 0))).snapshot()[1]


@contextmanager
def _sound(path: Path) -> Iterator[None]:
    """What cannot be read becomes a StoreError."""
    try:
        yield
    except (sqlite3.Error, ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{path}: damaged: {error}") from None


def _row(event: Event) -> _Row:
    return event.number, event.kind, event.person, json.dumps(dict(event.body), ensure_ascii=True), event.time


def _events(file: sqlite3.Connection, after: int, most: int = -1) -> Iterator[Event]:
    rows = file.execute("SELECT * FROM event WHERE number > ? ORDER BY number LIMIT ?", (after, most))
    for number, kind, person, body, time in rows:
        yield Event(number, kind, person, json.loads(body), time)


def _opened(path: Path) -> sqlite3.Connection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        file = sqlite3.connect(path, isolation_level=None)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"{path}: {getattr(error, 'strerror', None) or error}") from None
    try:
        if file.execute("PRAGMA page_count").fetchone()[0] == 0:
            file.execute("PRAGMA journal_mode=WAL")
            file.execute("BEGIN IMMEDIATE")
            file.execute(_TABLES)
            file.execute(f"PRAGMA application_id = {OURS}")
            file.execute(f"PRAGMA user_version = {SCHEMA}")
            file.execute("COMMIT")
        ours, schema = (file.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version"))
        if ours != OURS:
            raise StoreError(f"{path}: is no class of bptui")
        if schema > SCHEMA:
            raise StoreError(f"{path}: is of a newer bptui (its schema is {schema}, this one knows {SCHEMA})")
        if (sound := file.execute("PRAGMA integrity_check(1)").fetchone()[0]) != "ok":
            raise StoreError(f"{path}: damaged: {sound}")
    except (sqlite3.Error, StoreError) as error:
        file.close()
        raise (error if isinstance(error, StoreError) else StoreError(f"{path}: damaged: {error}")) from None
    return file
