"""What goes wrong in the middle of a class of thirty: nothing that was acknowledged is lost, and the rest go on.

`pytest -m slow -s tests/classroom/test_faults.py` prints the figures.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from apart import RIGHT, Apart
from clients import Screen, Served

from bptui.classroom.folder import Folder, new_class
from bptui.classroom.limits import Limits
from bptui.classroom.sqlite import Sqlite

pytestmark = pytest.mark.slow
CLASS = 30


def clock() -> float:
    return time.perf_counter()


class Killed:
    """A class with a question, in a process that can be killed."""

    def __init__(self, folder: Folder, code: str) -> None:
        self.folder, self.code = folder, code
        self.keys = {f"student {k}": asyncssh.generate_private_key("ssh-ed25519") for k in range(CLASS)}
        self.begun = 0.0
        self.start()

    def start(self) -> None:
        self.begun = clock()
        script = Path(__file__).with_name("asking_class.py")
        command = [sys.executable, str(script), str(self.folder.path)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())

    def kill(self) -> None:
        if self.process.returncode is not None:
            return
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()

    async def student(self, name: str) -> Screen:
        conn = await asyncssh.connect(
            "127.0.0.1",
            self.port,
            username=name,
            client_keys=[self.keys[name]],
            known_hosts=None,
            config=None,
            agent_path=None,
        )
        _, screen = await conn.create_session(
            lambda: Screen(100, 30), term_type="xterm-256color", term_size=(100, 30), encoding=None
        )
        return screen


async def test_no_answer_that_was_acknowledged_is_lost_when_the_server_is_killed(tmp_path: Path) -> None:
    folder, code = await new_class(tmp_path, "c")
    klass = Killed(folder, code)
    acknowledged: dict[str, int] = {}
    changing = sorted(klass.keys)[:6]

    async def answers(name: str) -> None:
        """Answer; some of them change their answer for as long as there is a class."""
        screen = await klass.student(name)
        await screen.sees("Class code")
        screen.type(f"{code}\r")
        for n in range(1000 if name in changing else 1):
            await screen.until(lambda: "x[0] =" in screen.text or screen.closed.is_set())
            if screen.closed.is_set():
                return
            screen.type(f"{n}.5\r")
            await screen.until(lambda n=n: f"your answer {n}.5  sent" in screen.text or screen.closed.is_set())  # type: ignore[misc]
            if screen.closed.is_set():
                return
            acknowledged[name] = n
            if len(acknowledged) == CLASS and sum(acknowledged.values()) >= CLASS // 2:
                klass.kill()
            screen.type("a")

    try:
        await asyncio.gather(*(answers(name) for name in klass.keys))
    finally:
        klass.kill()
    assert len(acknowledged) == CLASS
    store = Sqlite(folder.log)
    poll = store.snapshot()[1].poll
    assert poll is not None and all(float(poll.answers[name].text) >= n + 0.5 for name, n in acknowledged.items())
    beyond = sum(float(answer.text) > acknowledged.get(name, -1) + 0.5 for name, answer in poll.answers.items())
    await store.close()
    klass.start()
    try:
        for name in sorted(acknowledged)[:3]:
            await (await klass.student(name)).sees("your answer", "sent")
        took = clock() - klass.begun
    finally:
        klass.kill()
    count = sum(n + 1 for n in acknowledged.values())
    print(
        f"\nkill -9 after {count} answers of {CLASS} people were acknowledged, {beyond} more written and not yet"
        f" acknowledged: none lost; the class is there again after {took:.1f} s"
    )


async def test_a_worker_that_is_killed_costs_its_own_people_a_moment_and_the_others_nothing(tmp_path: Path) -> None:
    apart = Apart(tmp_path)
    try:
        await apart.log_has("a worker is ready", 2)
        teacher = await apart.leading()
        screens = []
        for k in range(CLASS):
            screens.append(await apart.student(f"student {k}"))
            await screens[-1].sees("following", "forward 4 of")
        alone, rest = screens[:6], screens[6:]
        for screen in alone:  # three in each worker
            screen.type("\r")
            await screen.sees("on your own", "forward 4 of")
        before = await step(teacher, rest, RIGHT, "forward 5 of")
        victim = apart.processes()[0]
        os.kill(victim, signal.SIGKILL)
        begun = clock()
        after = await step(teacher, rest, RIGHT, "forward 6 of")
        await apart.log_has(f"worker {victim} has died, with 3 apps")
        async with asyncio.timeout(20):
            while sum("had to start again" in screen.text for screen in alone) < 3:
                await asyncio.sleep(0.01)
        took = clock() - begun
        for screen in alone:  # where they were, and a step on
            await screen.sees("on your own", "forward 4 of")
            screen.type(RIGHT)
            await screen.sees("forward 5 of")
        assert not any(screen.closed.is_set() for screen in screens)
    finally:
        await apart.hang_up()
        apart.stop()
    print(
        f"\nkill -9 of a worker: its three people go on after {took:.1f} s;"
        f" a step to the {CLASS - 6} who follow {before:.0f} ms before, {after:.0f} ms then"
    )


@asynccontextmanager
async def following(served: Served, count: int) -> AsyncIterator[tuple[Screen, list[Screen]]]:
    """A teacher who leads, and those who follow."""
    teacher = await served.teacher()
    await teacher.sees("ctrl+l: show the class")
    teacher.type("ne")
    await teacher.sees("batch 1 of")
    teacher.type("\x0c" + 3 * RIGHT)
    await teacher.sees("forward 4 of", "leading:")
    screens = []
    for k in range(count):
        screens.append(await joins(served, f"student {k}"))
        await screens[-1].sees("forward 4 of")
    yield teacher, screens


async def joins(served: Served, name: str) -> Screen:
    """Somebody new, who follows."""
    screen = await served.terminal(await served.connect(name, password=served.code))
    for words in ("Choose a password", "Once more"):
        await screen.sees(words)
        screen.type("a secret\r")
    await screen.sees("following")
    return screen


async def step(teacher: Screen, screens: list[Screen], key: str, words: str) -> float:
    """Milliseconds until all have seen a step."""
    begun = clock()
    teacher.type(key)
    for screen in screens:
        await screen.sees(words)
    return 1e3 * (clock() - begun)


async def test_clients_that_vanish_are_gone_and_the_rest_go_on(served: Served) -> None:
    async with following(served, CLASS) as (teacher, screens):
        before = await step(teacher, screens, RIGHT, "forward 5 of")
        conns = served.clients[1:]
        for conn in conns[:10]:  # reset
            transport: Any = conn._transport
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            transport.abort()
        for conn in conns[10:15]:  # half open: there, and reading nothing
            conn._transport.pause_reading()  # type: ignore[union-attr]
        silent = [socket.create_connection(("127.0.0.1", served.server.port)) for _ in range(20)]  # never log in
        rest = screens[15:]
        after = await step(teacher, rest, RIGHT, "forward 6 of")
        await teacher.sees("20 follow")
        names = set(served.server.room.seats)
        assert not names & {f"student {k}" for k in range(10)}
        for sock in silent:
            sock.close()
        again = await served.terminal(await served.connect("student 0", password="a secret"))
        await again.sees("following", "forward 6 of")
    print(f"\na step to {CLASS} followers {before:.0f} ms; with 10 reset, 5 half open, 20 silent {after:.0f} ms")


async def test_whoever_never_logs_in_is_let_go(tmp_path: Path) -> None:
    from bptui.classroom.server import serve

    folder, _ = await new_class(tmp_path, "c")
    server = await serve(folder, "127.0.0.1", 0, replace(Limits(), login=0.2))
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    await asyncio.wait_for(reader.read(), 20)  # to its end
    writer.close()
    await server.close()


class Filling(sqlite3.Connection):
    """A file on a disk that may be full."""

    full = False

    def execute(self, sql: str, *args: Any) -> sqlite3.Cursor:
        if sql.startswith("BEGIN"):
            count = super().execute("PRAGMA page_count").fetchone()[0]
            super().execute(f"PRAGMA max_page_count = {count if Filling.full else 10**6}")
        return super().execute(sql, *args)


async def test_on_a_full_disk_the_class_goes_on_and_is_written_once_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bptui.classroom.server import serve

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: connect(*a, **{"factory": Filling, **k}))
    folder, code = await new_class(tmp_path, "c")
    served = Served(folder, code, await serve(folder, "127.0.0.1", 0), Limits())
    try:
        async with following(served, CLASS - 1) as (teacher, screens):
            monkeypatch.setattr(Filling, "full", True)
            refused = await fill(served)
            took = await step(teacher, screens, RIGHT, "forward 5 of")
            screens[0].type("h")  # a hand, which is kept until there is room
            await screens[0].sees("hand up")
            monkeypatch.setattr(Filling, "full", False)
            late = await served.terminal(await served.connect("late", key=asyncssh.generate_private_key("ssh-ed25519")))
            await late.sees("Class code")
            late.type(f"{code}\r")
            await late.sees("following", "forward 5 of")
    finally:
        await served.close()
    store = Sqlite(folder.log)
    roll = store.snapshot()[1]
    await store.close()
    assert roll.people["student 0"].hand and "late" in roll.people and len(roll.people) >= CLASS + 1
    print(f"\na full disk: {refused} could not join and were told why; a step still reached all in {took:.0f} ms")


async def fill(served: Served) -> int:
    """Join until the disk has no room."""
    for k in range(200):
        screen = await served.terminal(
            await served.connect(f"new {k}", key=asyncssh.generate_private_key("ssh-ed25519"))
        )
        await screen.sees("Class code")
        screen.type(f"{served.code}\r")
        await screen.until(lambda screen=screen: "following" in screen.text or "cannot be written to" in screen.text)  # type: ignore[misc]
        if "cannot be written to" in screen.text:
            assert "full" in screen.text
            return 1
    raise AssertionError("the disk was never full")


async def test_a_damaged_class_is_one_line_and_stays_as_it_is(tmp_path: Path) -> None:
    folder, _ = await new_class(tmp_path, "c")
    data = bytearray(folder.log.read_bytes())
    data[4096:] = os.urandom(len(data) - 4096)
    folder.log.write_bytes(data)
    command = [sys.executable, "-m", "bptui.cli", "class", "serve", "--port", "0"]
    env = {**os.environ, "BPTUI_CLASSES": str(tmp_path)}
    found = await asyncio.to_thread(subprocess.run, command, env=env, capture_output=True, text=True, timeout=60)
    assert found.returncode == 2 and found.stdout == ""
    (said,) = found.stderr.strip().split("\n")
    assert str(folder.log) in said and "damaged" in said
    assert folder.log.read_bytes() == data


class Jumping(datetime):
    """The clock on the wall, which somebody sets."""

    off = timedelta()

    @classmethod
    def now(cls, tz: Any = None) -> datetime:
        return datetime.now(UTC) + Jumping.off


async def test_a_clock_that_jumps_moves_nothing_but_the_times_of_events(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bptui.classroom.store.datetime", Jumping)
    real = time.time
    async with following(served, CLASS) as (teacher, screens):
        room = served.server.room
        for k, days in enumerate((4000, -8000, 0)):
            Jumping.off = timedelta(days=days)
            monkeypatch.setattr(time, "time", lambda days=days: real() + 86400 * days)
            room._go_round()  # who is idle
            took = await step(teacher, screens, RIGHT, f"forward {5 + k} of")
            assert len(room.seats) == CLASS + 1 and not any(screen.closed.is_set() for screen in screens)
            with suppress(asyncssh.PermissionDenied):
                await served.connect("student 0", password="wrong")
            new = await joins(served, f"new {k}")
            new.type("q")
            await new.closed.wait()
    numbers = [number async for number in events(served)]
    assert numbers == sorted(numbers)
    print(f"\nthe clock 11 years on and 22 back: nobody was sent away; a step to {CLASS} followers {took:.0f} ms")


async def events(served: Served) -> AsyncIterator[int]:
    last = served.server.room.store.snapshot()[0]
    async for event in served.server.room.store.subscribe():
        yield event.number
        if event.number == last:
            return
