"""A class whose server and workers are processes of their own, and people who come by keys."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import asyncssh
from clients import Screen

COMMAND = [sys.executable, "-m", "bptui.cli", "class"]
RIGHT = "\x1b[C"


class Apart:
    """A class that is served by processes of its own, with people who have keys."""

    def __init__(self, root: Path, workers: int = 2) -> None:
        self.root, self.workers = root, workers
        self.env = {**os.environ, "BPTUI_CLASSES": str(root)}
        made = subprocess.run([*COMMAND, "new", "c"], env=self.env, capture_output=True, text=True, check=True).stdout
        found = re.search(r"class code +(\S+)", made)
        assert found is not None
        self.code = found[1]
        self.keys: dict[str, asyncssh.SSHKey] = {}
        self.conns: list[asyncssh.SSHClientConnection] = []
        self.start()

    def start(self) -> None:
        self.log = (self.root / "log").open("a+")
        self.server = subprocess.Popen(
            [*COMMAND, "serve", "--host", "127.0.0.1", "--port", "0", "--workers", str(self.workers)],
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )
        assert self.server.stdout is not None
        said = ""
        while "Ctrl+C" not in said:
            line = self.server.stdout.readline()
            assert line, "the server ended"
            said += line
        found = re.search(r"ssh -p (\d+) NAME", said)
        assert found is not None
        self.port = int(found[1])

    def stop(self, how: int = signal.SIGTERM) -> None:
        self.server.send_signal(how)
        self.server.wait(20)
        assert self.server.stdout is not None
        self.server.stdout.close()
        self.log.close()

    def logged(self) -> str:
        return (self.root / "log").read_text()

    async def log_has(self, words: str, times: int = 1) -> None:
        async with asyncio.timeout(20):
            while self.logged().count(words) < times:
                await asyncio.sleep(0.02)

    def processes(self) -> list[int]:
        """Those that were ever ready."""
        return [int(number) for number in re.findall(r"a worker is ready: process (\d+)", self.logged())]

    async def connect(self, name: str, width: int = 100, height: int = 30) -> Screen:
        key = asyncssh.read_private_key(self.root / "c" / "teacher_key") if name == "teacher" else self.key(name)
        conn = await asyncssh.connect(
            "127.0.0.1", self.port, username=name, client_keys=[key], known_hosts=None, config=None, agent_path=None
        )
        self.conns.append(conn)
        _, screen = await conn.create_session(
            lambda: Screen(width, height), term_type="xterm-256color", term_size=(width, height), encoding=None
        )
        return screen

    def key(self, name: str) -> asyncssh.SSHKey:
        if name not in self.keys:
            self.keys[name] = asyncssh.generate_private_key("ssh-ed25519")
        return self.keys[name]

    async def student(self, name: str, width: int = 100, height: int = 30) -> Screen:
        screen = await self.connect(name, width, height)
        await screen.sees("Class code")
        screen.type(f"{self.code}\r")
        return screen

    async def leading(self) -> Screen:
        """A teacher who shows mynet, three steps on."""
        teacher = await self.connect("teacher")
        await teacher.sees("ctrl+l: show the class")
        teacher.type("ne")
        await teacher.sees("batch 1 of")
        teacher.type("\x0c" + 3 * RIGHT)
        await teacher.sees("forward 4 of", "leading:")
        return teacher

    async def hang_up(self) -> None:
        for conn in self.conns:
            conn.abort()
        for conn in self.conns:
            await conn.wait_closed()
        self.conns.clear()


async def at_mynet(screen: Screen, steps: int = 3) -> None:
    await screen.sees("Home")
    screen.type("ne")
    await screen.sees("batch 1 of")
    screen.type(steps * RIGHT)
    await screen.sees(f"forward {steps + 1} of")
