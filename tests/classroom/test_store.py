"""What every store of a class does; another engine is one more line in `STORES`."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from time import monotonic

import pytest

from bptui.classroom.people import Roll
from bptui.classroom.sqlite import Sqlite
from bptui.classroom.store import Event, Memory, Store, StoreError

STORES: dict[str, Callable[[Path], Store]] = {"memory": lambda _: Memory(), "sqlite": Sqlite}
KEEPING = [name for name in STORES if name != "memory"]
JOINED = {"id": "0" * 32, "name": "Mina", "keys": ["SHA256:x"], "secret": ""}


async def first(store: Store, count: int, after: int = 0) -> list[Event]:
    found = []
    async with asyncio.timeout(10):
        async for event in store.subscribe(after):
            found.append(event)
            if len(found) == count:
                break
    return found


@pytest.mark.parametrize("kind", STORES)
async def test_events_are_numbered_and_come_in_order(kind: str, tmp_path: Path) -> None:
    store = STORES[kind](tmp_path / "log")
    one = store.publish("a", "mina", n=1)
    two = await store.record("b", n=[1, 2])
    assert (one.number, two.number) == (1, 2)
    waiting = asyncio.ensure_future(first(store, 3))
    await asyncio.sleep(0)
    three = store.publish("c", text="ȳ \x1b")
    assert await waiting == [one, two, three]
    assert await first(store, 1, after=2) == [three]
    await store.close()


@pytest.mark.parametrize("kind", STORES)
async def test_a_subscription_ends_with_the_store_and_misses_nothing(kind: str, tmp_path: Path) -> None:
    store = STORES[kind](tmp_path / "log")
    found: list[int] = []

    async def listen() -> None:
        async for event in store.subscribe():
            found.append(event.number)

    listening = asyncio.ensure_future(listen())
    for n in range(6000):  # more than are kept in memory
        store.publish("tick", n=n)
        if n % 1500 == 0:
            await asyncio.sleep(0)
    await store.close()
    await asyncio.wait_for(listening, 10)
    assert found == sorted(set(found)) and found[-1] == 6000
    with pytest.raises(StoreError):
        store.publish("late")


@pytest.mark.parametrize("kind", STORES)
async def test_the_snapshot_is_the_class_after_the_last_event(kind: str, tmp_path: Path) -> None:
    store = STORES[kind](tmp_path / "log")
    await store.record("class", name="DL", code="abcd-efgh", teacher="ssh-ed25519 x")
    await store.record("joined", "mina", **JOINED)
    before = store.snapshot()
    store.publish("theme", "mina", theme="light")
    store.publish("no such kind", "mina", what=1)
    number, roll = store.snapshot()
    assert number == 4 and roll.people["mina"].theme == "light"
    assert before[1].people["mina"].theme == "dark"  # what was taken is as it was
    await store.close()


@pytest.mark.parametrize("kind", KEEPING)
async def test_what_was_written_is_there_again(kind: str, tmp_path: Path) -> None:
    store = STORES[kind](tmp_path / "log")
    events = [await store.record("joined", "mina", **JOINED), store.publish("theme", "mina", theme="light")]
    await store.close()
    again = STORES[kind](tmp_path / "log")
    assert await first(again, 2) == events
    assert again.snapshot()[0] == 2 and again.snapshot()[1].people["mina"].theme == "light"
    assert again.publish("c").number == 3
    await again.close()


@pytest.mark.parametrize("kind", KEEPING)
async def test_what_is_recorded_survives_kill_9(kind: str, tmp_path: Path) -> None:
    program = (
        "import asyncio, pathlib, sys\n"
        "sys.path.insert(0, sys.argv[3])\n"
        "from test_store import STORES\n"
        "async def main():\n"
        "    store = STORES[sys.argv[1]](pathlib.Path(sys.argv[2]))\n"
        "    for n in range(1000000):\n"
        "        event = await store.record('answer', 'mina', n=n)\n"
        "        print(event.number, flush=True)\n"
        "asyncio.run(main())\n"
    )
    path = tmp_path / "log"
    args = [sys.executable, "-c", program, kind, str(path), str(Path(__file__).parent)]
    with subprocess.Popen(args, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = [int(process.stdout.readline()) for _ in range(50)]
        os.kill(process.pid, signal.SIGKILL)
        told += [int(line) for line in process.stdout.read().split("\n")[:-1]]
    store = STORES[kind](path)
    assert store.snapshot()[0] >= told[-1]
    await store.close()


async def test_a_disk_that_is_full_is_told_and_nothing_is_lost_once_there_is_room(tmp_path: Path) -> None:
    path = tmp_path / "log"
    store = Sqlite(path)
    await store.record("before")
    with sqlite3.connect(path, isolation_level=None) as other:  # as a full disk: it cannot be written to
        other.execute("CREATE TRIGGER full BEFORE INSERT ON event BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    with pytest.raises(StoreError, match="disk full"):
        await store.record("lost?")
    with sqlite3.connect(path, isolation_level=None) as other:
        other.execute("DROP TRIGGER full")
    await store.record("after")
    await store.close()
    again = Sqlite(path)
    assert [event.kind for event in await first(again, 3)] == ["before", "lost?", "after"]
    await again.close()


@pytest.mark.parametrize("content", [b"no database at all " * 100, b"SQLite format 3\0" + b"\xff" * 4000])
async def test_a_damaged_file_is_one_line_and_stays_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "log"
    path.write_bytes(content)
    with pytest.raises(StoreError, match="log: damaged") as raised:
        Sqlite(path)
    assert "\n" not in str(raised.value)
    assert path.read_bytes() == content


@pytest.mark.parametrize("kind", STORES)
async def test_who_is_forgotten_leaves_numbers_and_nothing_else(kind: str, tmp_path: Path) -> None:
    store = STORES[kind](tmp_path / "log")
    kept = store.publish("class", name="DL", code="", teacher="ssh-ed25519 x", entry="open")
    store.publish("listed", "mina", name="Mina")
    store.publish("listed", "lena", name="Lena")
    store.publish("joined", "mina", **JOINED)
    store.publish("asked", ask="?", form="number", label="", options=[], solution="1", made={})
    for person in ("mina", "lena"):
        store.publish("answered", person, poll=1, text="1", right=True, said="1", group="")
    other = store.publish("joined", "lena", **(JOINED | {"id": "1" * 32, "name": "Lena"}))
    assert await store.forget("mina") == 3
    assert await store.forget("mina") == await store.forget("nobody") == 0
    events = await first(store, 8)
    assert [event for event in events if event.kind == "forgotten"] == [Event(n, "forgotten") for n in (2, 4, 6)]
    assert [event.number for event in events] == list(range(1, 9)) and events[0] == kept and events[7] == other
    number, roll = store.snapshot()
    assert number == 8 and list(roll.people) == list(roll.listed) == list(roll.polls[0].answers) == ["lena"]
    replayed = Roll()
    for event in events:
        replayed = replayed.after(event.kind, event.person, event.body, event.time)
    assert replayed == roll
    assert store.publish("joined", "mina", **JOINED).number == 9  # somebody else may be called so
    await store.close()


@pytest.mark.parametrize("kind", KEEPING)
async def test_who_is_forgotten_is_gone_from_the_disk(kind: str, tmp_path: Path) -> None:
    store = STORES[kind](tmp_path / "log")
    for n in range(300):  # rows on many pages, some of them free again
        store.publish("forked", f"person{n}", name="Wilhelmina" if n % 3 == 0 else "x" * n, receipt="format = 1")
    await store.record("joined", "wilhelmina", **(JOINED | {"name": "Wilhelmina"}))
    for n in range(0, 300, 3):
        await store.forget(f"person{n}")
    assert await store.forget("wilhelmina") == 1
    assert [path.name for path in tmp_path.iterdir() if b"ilhelmina" in path.read_bytes()] == []
    store.publish("after")
    await store.close()
    assert [path.name for path in tmp_path.iterdir() if b"ilhelmina" in path.read_bytes()] == []
    again = STORES[kind](tmp_path / "log")
    found = await first(again, 302)
    assert [event.number for event in found] == list(range(1, 303))
    assert sum(event.kind == "forgotten" for event in found) == 101 and found[-1].kind == "after"
    assert not again.snapshot()[1].people
    await again.close()


async def test_what_sqlite_has_left_of_somebody_on_pages_that_are_free_goes_too(tmp_path: Path) -> None:
    path = tmp_path / "log"
    store = Sqlite(path)
    await store.record("joined", "wilhelmina", **(JOINED | {"name": "Wilhelmina"}))
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA secure_delete=OFF")
        other.execute("CREATE TABLE once (name TEXT)")
        other.executemany("INSERT INTO once VALUES (?)", [("Wilhelmina " * 50,)] * 50)
        other.execute("DROP TABLE once")
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"ilhelmina " in path.read_bytes()
    await store.forget("wilhelmina")
    await store.close()
    assert b"ilhelmina" not in path.read_bytes()


async def test_what_is_published_is_written_though_the_loop_is_held_up(tmp_path: Path) -> None:
    store = Sqlite(tmp_path / "class.sqlite")
    store.publish("came", "mina")
    until = monotonic() + 10
    while not _rows(tmp_path / "class.sqlite") and monotonic() < until:
        pass
    assert _rows(tmp_path / "class.sqlite") == 1
    await store.close()


def _rows(path: Path) -> int:
    with closing(sqlite3.connect(path)) as file:
        return int(file.execute("SELECT count(*) FROM event").fetchone()[0])


@pytest.mark.parametrize("kind", STORES)
async def test_nobody_is_forgotten_in_a_class_that_is_closed(kind: str, tmp_path: Path) -> None:
    store = STORES[kind](tmp_path / "class.sqlite")
    await store.close()
    with pytest.raises(StoreError, match="closed"):
        await store.forget("mina")
