"""The SSH server of a class: the app, and nothing else that SSH can do."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import asyncssh

from bptui.classroom.connection import Connection
from bptui.classroom.door import Door, Guest, role_of
from bptui.classroom.folder import Folder, private_key
from bptui.classroom.joining import Join, address
from bptui.classroom.limits import Gate, Limits, Visit
from bptui.classroom.lobby import Lines, Lobby, Turned
from bptui.classroom.pace import Pace
from bptui.classroom.people import key_of
from bptui.classroom.places import Place
from bptui.classroom.room import Room
from bptui.classroom.seat import Seat
from bptui.classroom.sqlite import Sqlite
from bptui.classroom.terminal.kind import NAMED, Kind, kind_of
from bptui.classroom.terminal.threads import Threads
from bptui.classroom.workers.crew import Crew
from bptui.classroom.workers.nursery import Nursery

# ChaCha20, which clients would choose, takes four times as long here.
CIPHERS = ["aes256-gcm@openssh.com", "aes128-gcm@openssh.com", "aes256-ctr", "aes128-ctr"]
SIZES = 4, 1.0  # sizes of a window that are drawn for at once, and then in a second: each may want a stage of its own
log = logging.getLogger("bptui.classroom")


class _Environment(dict[bytes, bytes]):
    """What a client may set of an environment: the few names that say what its terminal can do."""

    def __setitem__(self, key: bytes, value: bytes) -> None:
        if key.decode("ascii", "replace") in NAMED and len(value) <= 64:
            super().__setitem__(key, value)

    def read(self) -> Mapping[str, str]:
        return {key.decode(): value.decode("utf-8", "replace") for key, value in self.items()}


class Session(asyncssh.SSHServerSession[bytes]):
    """The one session of a connection: the lobby first, then a seat. It is the seat's client."""

    def __init__(self, server: Server, door: Door, guest: Guest, conn: asyncssh.SSHServerConnection, visit: Visit):
        self._server, self._door, self._guest, self._conn, self._visit = server, door, guest, conn, visit
        self._chan: asyncssh.SSHServerChannel[bytes] | None = None
        self._environment = _Environment()
        self._kind = Kind(80, 24)
        self._sizes = Pace(*SIZES)
        self._sizing: asyncio.TimerHandle | None = None
        self._term = ""
        self._pty = False
        self._lines: Lines | None = None
        self._seat: Seat | None = None
        self._lobby: asyncio.Task[None] | None = None

    # -- what SSH asks

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        self._chan = chan
        chan._env = self._environment  # else a client could fill the memory with it

    def pty_requested(
        self, term_type: str, term_size: tuple[int, int, int, int], term_modes: Mapping[int, int]
    ) -> bool:
        self._pty, self._term = True, term_type[:64]
        self._kind = self._kind.sized(*term_size[:2])
        return True

    def shell_requested(self) -> bool:
        return True

    def exec_requested(self, command: str) -> bool:
        return False

    def subsystem_requested(self, subsystem: str) -> bool:
        return False

    def session_started(self) -> None:
        if not self._pty:
            self.write(b"bptui wants a terminal: ssh -t\r\n")
            self.leave()
            return
        width, height = self._kind.width, self._kind.height
        self._kind = kind_of(self._term, width, height, self._environment.read())
        self._lines = Lines(self.write)
        self._lobby = asyncio.create_task(self._enter(self._lines))

    def terminal_size_changed(self, width: int, height: int, pixwidth: int, pixheight: int) -> None:
        self._kind = self._kind.sized(width, height)
        if self._sizing is None:
            self._resize()

    def _resize(self) -> None:
        """Draw for the size that the window has by now, if there were not too many."""
        self._sizing = None
        if self._seat is None:
            return
        if (wait := self._sizes.wait()) > 0:
            self._sizing = asyncio.get_running_loop().call_later(wait, self._resize)
        else:
            self._seat.resized(self, self._kind)

    def data_received(self, data: bytes, datatype: int | None) -> None:
        if self._seat is not None:
            self._seat.feed(self, data)
        elif self._lines is not None:
            self._lines.feed(data)

    def eof_received(self) -> bool:
        return False  # what has no more to say may go

    def break_received(self, msec: int) -> bool:
        return False

    def signal_received(self, signal: str) -> None:
        pass

    def connection_lost(self, exc: Exception | None) -> None:
        if self._lobby is not None:
            self._lobby.cancel()
        if self._sizing is not None:
            self._sizing.cancel()
        if self._seat is not None:
            self._seat.detach(self)
            self._seat = None
        self._conn.close()

    async def _enter(self, lines: Lines) -> None:
        server = self._server
        try:
            person = await server.lobby.admitted(self._guest, self._visit, lines)
            seat = server.room.seats.get(key_of(person.name))
            if seat is not None and isinstance(seat.client, Session):
                server.gate.go(seat.client._visit)  # it gives way to this one, though its line may be dead
            if problem := server.gate.enter(self._visit, teacher=self._guest.teacher):
                raise Turned(problem)
        except Turned as turned:
            lines.say(f"{turned}\n")
            self.leave()
            return
        self._door.seated()
        self._lines = None
        self._seat = server.room.sit(person, self, self._kind, role=role_of(self._guest))

    # -- what a seat asks

    def write(self, data: bytes) -> None:
        if self._chan is not None and not self._chan.is_closing():
            self._chan.write(data)

    def waiting(self) -> int:
        """Bytes that have not left: asyncssh counts those of the channel alone."""
        transport: Any = self._conn._transport
        here = self._chan.get_write_buffer_size() if self._chan is not None else 0
        return int(here + (transport.get_write_buffer_size() if transport is not None else 0))

    def pause_reading(self) -> None:
        if self._chan is not None:
            self._chan.pause_reading()

    def resume_reading(self) -> None:
        if self._chan is not None and not self._chan.is_closing():
            self._chan.resume_reading()

    def leave(self) -> None:
        if self._chan is not None and not self._chan.is_closing():
            self._chan.exit(0)

    def give_up(self) -> None:
        log.warning("%s reads nothing any more and was let go", self._guest.name)
        self._conn.abort()


@dataclass
class Server:
    """A class that is being served. `port` is the one that it has; `key` is the host's."""

    room: Room
    gate: Gate
    lobby: Lobby
    key: asyncssh.SSHKey
    acceptor: asyncio.Server | None = None

    @property
    def port(self) -> int:
        assert self.acceptor is not None
        return int(self.acceptor.sockets[0].getsockname()[1])

    @property
    def fingerprint(self) -> str:
        return self.key.get_fingerprint()

    def _door(self) -> Door:
        def enter(guest: Guest, conn: asyncssh.SSHServerConnection, visit: Visit) -> Session:
            return Session(self, door, guest, conn, visit)

        door = Door(lambda: self.room.roll, self.gate, enter)
        return door

    async def listen(self, host: str, port: int) -> None:
        """Take connections. Raises OSError."""
        options = asyncssh.SSHServerConnectionOptions(
            server_factory=self._door,
            server_host_keys=[self.key],
            server_version="bptui",
            encoding=None,
            line_editor=False,
            agent_forwarding=False,
            x11_forwarding=False,
            allow_scp=False,
            gss_host=None,
            compression_algs=None,
            encryption_algs=CIPHERS,
            login_timeout=self.gate.limits.login,
            keepalive_interval=30,
            keepalive_count_max=3,
            window=65536,
        )
        loop = asyncio.get_running_loop()
        self.acceptor = await loop.create_server(
            lambda: Connection(loop, options), host, port, backlog=self.gate.limits.outside
        )
        self.room.join = Join(host or address(), self.port, self.fingerprint, self.gate.limits.connections)

    async def close(self) -> None:
        """Send everybody home, and take no more."""
        if self.acceptor is not None:
            self.acceptor.close()
        await self.room.close()
        if self.acceptor is not None:
            await asyncio.wait_for(self.acceptor.wait_closed(), 10)


async def serve(
    folder: Folder,
    host: str = "",
    port: int = 0,
    limits: Limits | None = None,
    nursery: Nursery | None = None,
    workers: int = 0,
) -> Server:
    """Serve a class until its `close`, with threads of ours in this loop.

    Those who are on their own have their apps in as many workers from the nursery; without any, in this process.
    Raises StoreError for a class that cannot be opened, OSError for a port.
    """
    limits = limits or Limits()
    asyncio.get_running_loop().set_default_executor(Threads())
    key = private_key(folder.path.parent / "host_key", "bptui host key")
    store = Sqlite(folder.log)
    gate = Gate(limits)
    crew = Crew(nursery, workers, folder) if nursery is not None else None
    server = Server(Room(folder, store, limits, crew), gate, Lobby(store, gate), key)
    if server.room.roll.led:
        try:
            await server.room.lead.take_up(Place.of(dict(server.room.roll.led)))
        except ValueError as error:
            log.warning("what was shown to the class cannot be shown again: %s", error)
    try:
        await server.listen(host, port)
    except OSError:
        await server.close()
        raise
    return server
