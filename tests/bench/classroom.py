"""A class under load: memory, and the time from a teacher's key to the last follower's frame.

    python -m tests.bench.classroom [--followers 1 30] [--steps 15]

The server is a process of its own; teacher and followers are asyncssh clients in this one, each reading every byte.
A step is `→` in the workbench with `mynet`, at 120×40. A frame has arrived when its last byte has (the end of
synchronised output). Unix only; memory is read from /proc, where there is one.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import asyncssh

SHOWN = b"\x1b[?2026l"


class Client(asyncssh.SSHClientSession[bytes]):
    """Counts frames and bytes."""

    def __init__(self) -> None:
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
        self.tail = joined[1 - len(SHOWN) :]
        if joined.endswith(SHOWN):
            self.tail = b""
        self.at = time.perf_counter()
        self.changed.set()

    async def until(self, words: bytes) -> None:
        while words not in self.text:
            self.changed.clear()
            await asyncio.wait_for(self.changed.wait(), 10)

    async def more(self, frames: int) -> None:
        while self.frames <= frames:
            self.changed.clear()
            await asyncio.wait_for(self.changed.wait(), 10)


def memory(pid: int) -> float:
    """Resident megabytes, or not a number."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except OSError:
        return float("nan")


async def connect(port: int, name: str, **how: Any) -> Client:
    conn = await asyncssh.connect(
        "127.0.0.1", port, username=name, known_hosts=None, config=None, agent_path=None, **how
    )
    _, client = await conn.create_session(Client, term_type="xterm-256color", term_size=(120, 40), encoding=None)
    return client


async def follower(port: int, name: str, code: str) -> Client:
    client = await connect(port, name, password=code, client_keys=None)
    for words in (b"Choose a password", b"Once more"):
        await client.until(words)
        client.chan.write(b"correct horse\r")
    await client.until(b"following")
    return client


async def still(clients: list[Client]) -> None:
    """Wait until nothing has come for a while."""
    while time.perf_counter() - max(client.at for client in clients) < 0.25:
        await asyncio.sleep(0.05)


async def steps(teacher: Client, followers: list[Client], count: int) -> tuple[list[float], float]:
    """Milliseconds from each key to the last follower's frame, and bytes a step and follower."""
    took, before = [], sum(client.bytes for client in followers)
    for _ in range(count):
        await still(followers)
        start = [client.frames for client in followers]
        begun = time.perf_counter()
        teacher.chan.write(b"\x1b[C")
        for client, seen in zip(followers, start, strict=True):
            await client.more(seen)
        await still(followers)
        took.append(1e3 * (max(client.at for client in followers) - begun))
    return took, (sum(client.bytes for client in followers) - before) / count / len(followers)


async def measure(root: Path, port: int, pid: int, code: str, counts: list[int], count: int) -> None:
    key = asyncssh.read_private_key(root / "bench" / "teacher_key")
    print(f"served, nobody there        {memory(pid):6.1f} MB")
    teacher = await connect(port, "teacher", client_keys=[key])
    await teacher.until(b"ctrl+l")
    teacher.chan.write(b"ne")
    await teacher.until(b"picked")
    teacher.chan.write(b"\x0c")
    await teacher.until(b"leading")
    followers: list[Client] = []
    print(f"the teacher leads           {memory(pid):6.1f} MB")
    for wanted in counts:
        while len(followers) < wanted:
            followers.append(await follower(port, f"student {len(followers)}", code))
        await still(followers)
        took, size = await steps(teacher, followers, count)
        print(
            f"{wanted:3} followers               {memory(pid):6.1f} MB   step to last frame: median"
            f" {statistics.median(took):5.1f} ms, maximum {max(took):5.1f} ms; {size / 1e3:.1f} KB a step"
        )
    explorer = followers[-1]
    begun = time.perf_counter()
    explorer.chan.write(b"\r")
    await explorer.until(b"on your own")
    await explorer.until(b"explain")
    print(f"one of them steps aside     {memory(pid):6.1f} MB   in {1e3 * (explorer.at - begun):.0f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--followers", nargs="+", type=int, default=[1, 30])
    parser.add_argument("--steps", type=int, default=15)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as root:
        env = {**os.environ, "BPTUI_CLASSES": root}
        command = [sys.executable, "-m", "bptui.cli", "class"]
        made = subprocess.run([*command, "new", "bench"], env=env, capture_output=True, text=True, check=True).stdout
        code = re.search(r"class code +(\S+)", made)
        serve = [*command, "serve", "--host", "127.0.0.1", "--port", "0"]
        with subprocess.Popen(serve, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
            assert server.stdout is not None and code is not None
            said = ""
            while "Ctrl+C" not in said:
                said += server.stdout.readline()
            port = re.search(r"ssh -p (\d+) NAME", said)
            assert port is not None
            try:
                asyncio.run(measure(Path(root), int(port[1]), server.pid, code[1], args.followers, args.steps))
            finally:
                server.terminate()


if __name__ == "__main__":
    main()
