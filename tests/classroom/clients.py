"""Students and teachers over SSH. Each looks at a terminal of pyte's, and waits for what is to be seen there."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import asyncssh
import pyte

from bptui.classroom.folder import Folder
from bptui.classroom.limits import Limits
from bptui.classroom.server import Server, serve

PATIENCE = 10.0  # seconds after which a test has failed; nothing waits that long


class Screen(asyncssh.SSHClientSession[bytes]):
    """A terminal at the near end of a channel."""

    def __init__(self, width: int = 100, height: int = 30) -> None:
        self.terminal = pyte.Screen(width, height)
        self._stream = pyte.ByteStream(self.terminal)
        self.raw = bytearray()
        self._text: str | None = None
        self.changed = asyncio.Event()
        self.closed = asyncio.Event()
        self.chan: Any = None

    def connection_made(self, chan: Any) -> None:
        self.chan = chan

    def data_received(self, data: bytes, datatype: Any) -> None:
        self.raw += data
        self._stream.feed(data)
        self._text = None
        self.changed.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed.set()
        self.changed.set()

    @property
    def text(self) -> str:
        if self._text is None:  # pyte's `display` asks for the width of each cell; behind a wide one is an empty one
            rows = [self.terminal.buffer[y] for y in range(self.terminal.lines)]
            self._text = "\n".join("".join([row[x].data for x in range(self.terminal.columns)]) for row in rows)
        return self._text

    def type(self, text: str) -> None:
        self.chan.write(text.encode())

    def resize(self, width: int, height: int) -> None:
        self.terminal.resize(height, width)
        self._text = None
        self.chan.change_terminal_size(width, height)

    async def sees(self, *wanted: str, without: str = "") -> None:
        """Wait until all of these words stand on the screen."""
        await self.until(lambda: all(w in self.text for w in wanted) and not (without and without in self.text), wanted)

    async def until(self, holds: Callable[[], bool], what: object = "") -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                while not holds():
                    self.changed.clear()
                    await self.changed.wait()
                    if self.closed.is_set() and not holds():
                        break
        except TimeoutError:
            pass
        assert holds(), f"never saw {what}:\n{self.text}"


@dataclass
class Served:
    """A class, its code, and its server; `clients` are closed with it."""

    folder: Folder
    code: str
    server: Server
    limits: Limits
    clients: list[asyncssh.SSHClientConnection] = field(default_factory=list)

    @property
    def teacher_key(self) -> asyncssh.SSHKey:
        return asyncssh.read_private_key(self.folder.path / "teacher_key")

    async def connect(
        self, name: str, *, password: str | None = None, key: asyncssh.SSHKey | None = None, **more: Any
    ) -> asyncssh.SSHClientConnection:
        """Log in. Raises asyncssh.Error."""
        conn = await asyncssh.connect(
            "127.0.0.1",
            self.server.port,
            username=name,
            password=password,
            client_keys=[key] if key is not None else None,
            known_hosts=None,
            agent_path=None,
            config=None,
            **more,
        )
        self.clients.append(conn)
        return conn

    async def terminal(
        self,
        conn: asyncssh.SSHClientConnection,
        width: int = 100,
        height: int = 30,
        term: str = "xterm-256color",
        window: int = 2**21,
        **env: str,
    ) -> Screen:
        _, screen = await conn.create_session(
            lambda: Screen(width, height),
            term_type=term,
            term_size=(width, height),
            encoding=None,
            env=env,
            window=window,
        )
        return screen

    async def student(self, name: str, width: int = 100, height: int = 30, **more: Any) -> Screen:
        """Come in for the first time, by the code, and choose a password."""
        screen = await self.terminal(await self.connect(name, password=self.code), width, height, **more)
        await screen.sees("Choose a password")
        screen.type(f"secret of {name}\r")
        await screen.sees("Once more")
        screen.type(f"secret of {name}\r")
        await screen.sees("Home")
        return screen

    async def again(self, name: str, width: int = 100, height: int = 30, **more: Any) -> Screen:
        """Come back."""
        return await self.terminal(await self.connect(name, password=f"secret of {name}"), width, height, **more)

    async def teacher(self, width: int = 100, height: int = 30) -> Screen:
        screen = await self.terminal(await self.connect("anybody", key=self.teacher_key), width, height)
        await screen.sees("Home")
        return screen

    def server_channels(self) -> list[Any]:
        """The channels of the server's side; those of a server before this one may not be cleared away yet."""
        kind, port = asyncssh.channel.SSHServerChannel, self.server.port
        found = [o for o in gc.get_objects() if type(o) is kind and o._session is not None]
        return [channel for channel in found if channel._conn._local_port == port]

    async def restart(self) -> None:
        """Stop the server, and begin again with what is on disk."""
        await self.close()
        self.server = await serve(self.folder, "127.0.0.1", 0, self.limits)

    async def close(self) -> None:
        for conn in self.clients:
            conn.abort()
        self.clients.clear()
        await self.server.close()


async def gone(found: weakref.ref[Any]) -> bool:
    """Whether nothing keeps an object, once all that is under way has come to its end."""
    for _ in range(200):
        if found() is None:
            return True
        gc.collect()
        await asyncio.sleep(0.01)
    return False
