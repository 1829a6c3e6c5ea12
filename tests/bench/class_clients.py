"""A served class for the bench, and its people: asyncssh clients that count what comes, each reading every byte."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import asyncssh

SHOWN = b"\x1b[?2026l"
SIZE = (120, 40)
PATIENCE = 60.0


class Client(asyncssh.SSHClientSession[bytes]):
    """Counts frames and bytes. A frame has arrived when its last byte has: the end of synchronised output."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.frames = self.bytes = 0
        self.at = 0.0
        self.tail = b""
        self.text = b""
        self.changed = asyncio.Event()

    def connection_made(self, chan: Any) -> None:
        self.chan = chan

    def data_received(self, data: bytes, datatype: Any) -> None:
        self.bytes += len(data)
        self.text = (self.text + data)[-20_000:]
        joined = self.tail + data
        self.frames += joined.count(SHOWN)
        self.tail = b"" if joined.endswith(SHOWN) else joined[1 - len(SHOWN) :]
        self.at = time.perf_counter()
        self.changed.set()

    async def until(self, *words: bytes) -> None:
        while not all(word in self.text for word in words):
            self.changed.clear()
            await asyncio.wait_for(self.changed.wait(), PATIENCE)

    async def more(self, frames: int) -> None:
        while self.frames <= frames:
            self.changed.clear()
            await asyncio.wait_for(self.changed.wait(), PATIENCE)

    def type(self, data: bytes) -> None:
        self.text = b""
        self.chan.write(data)

    async def key(self, data: bytes) -> float:
        """Milliseconds from a key to the next frame."""
        seen, begun = self.frames, time.perf_counter()
        self.chan.write(data)
        await self.more(seen)
        return 1e3 * (time.perf_counter() - begun)


async def connected(
    port: int, name: str, key: asyncssh.SSHKey, term: str = "xterm-256color", **environment: str
) -> Client:
    """Somebody with a key at a terminal."""
    conn = await asyncssh.connect(
        "127.0.0.1",
        port,
        username=name,
        client_keys=[key],
        known_hosts=None,
        config=None,
        agent_path=None,
        compression_algs=None,
        login_timeout=PATIENCE,
    )
    _, client = await conn.create_session(
        lambda: Client(name), term_type=term, term_size=SIZE, env=environment, encoding=None
    )
    client.conn = conn
    return client


@contextmanager
def bare(count: int) -> Iterator[int]:
    """The port of a server that does nothing but send so many bytes to whoever comes."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.bare_ssh", str(count)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


class Served:
    """`bptui class serve` as a process, and the keys of all who ever came in."""

    def __init__(self, root: Path, workers: int) -> None:
        self.root = root
        self.keys: dict[str, asyncssh.SSHKey] = {}
        env = {**os.environ, "BPTUI_CLASSES": str(root)}
        command = [sys.executable, "-m", "bptui.cli", "class"]
        made = subprocess.run([*command, "new", "bench"], env=env, capture_output=True, text=True, check=True).stdout
        code = re.search(r"class code +(\S+)", made)
        serve = [*command, "serve", "--host", "127.0.0.1", "--port", "0", "--workers", str(workers)]
        self.process = subprocess.Popen(serve, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        said = ""
        assert self.process.stdout is not None
        while "Ctrl+C" not in said:
            said += self.process.stdout.readline()
        port = re.search(r"ssh -p (\d+) NAME", said)
        assert port is not None and code is not None
        self.port, self.code = int(port[1]), code[1].encode()

    async def connect(self, name: str, term: str = "xterm-256color", **env: str) -> Client:
        if name == "teacher":
            self.keys[name] = asyncssh.read_private_key(self.root / "bench" / "teacher_key")
        key = self.keys.setdefault(name, asyncssh.generate_private_key("ssh-ed25519"))
        return await connected(self.port, name, key, term, **env)

    async def first(self, name: str, term: str = "xterm-256color", **env: str) -> Client:
        """Come for the first time, by the class code; it is bound to a key."""
        client = await self.connect(name, term, **env)
        await client.until(b"Class code")
        client.type(self.code + b"\r")
        return client

    async def teacher(self) -> Client:
        """She leads in mynet."""
        client = await self.connect("teacher")
        await client.until(b"ctrl+l")
        client.type(b"ne")
        await client.until(b"picked")
        client.type(b"\x0c")
        await client.until(b"leading")
        return client

    def processes(self) -> list[int]:
        """The class's process, and those below it."""
        found = [self.process.pid]
        for pid in found:
            for task in Path(f"/proc/{pid}/task").glob("*/children"):
                found += [int(child) for child in task.read_text().split()]
        return found

    def memory(self) -> float:
        """Megabytes of all processes, shared ones counted once; not a number where that cannot be read."""
        try:
            return sum(map(_memory, self.processes())) / 1e6
        except OSError:
            return float("nan")

    def busy(self) -> float:
        """Milliseconds of a processor that all processes have used."""
        try:
            fields = [Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split() for pid in self.processes()]
        except OSError:
            return float("nan")
        return 1e3 * sum(int(field[11]) + int(field[12]) for field in fields) / os.sysconf("SC_CLK_TCK")


def _memory(pid: int) -> int:
    """Bytes of a process, and its share of what it shares."""
    found = re.search(r"^Pss: +(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    assert found is not None
    return 1024 * int(found[1])


@asynccontextmanager
async def served(workers: int) -> AsyncIterator[Served]:
    with tempfile.TemporaryDirectory() as root:
        found = await asyncio.to_thread(Served, Path(root), workers)
        try:
            yield found
        finally:
            found.process.terminate()
            await asyncio.to_thread(found.process.wait)
            assert found.process.stdout is not None
            found.process.stdout.close()


async def still(clients: list[Client]) -> None:
    """Wait until nothing has come for a while."""
    while time.perf_counter() - max(client.at for client in clients) < 0.3:
        await asyncio.sleep(0.05)
