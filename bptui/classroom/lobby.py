"""What a login cannot ask, asked in plain text: the class's code of whoever has a new key, a new password."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable

from bptui.classroom.door import GUESSED, Guest
from bptui.classroom.limits import Gate, Visit
from bptui.classroom.people import MOST, STAFF, Person, hashed, is_code, key_of, matches, slowly
from bptui.classroom.plain import plain
from bptui.classroom.store import Store, StoreError

LONGEST = 200  # characters of a line
SHORTEST = 6  # characters of a password


class Turned(Exception):  # noqa: N818
    """Somebody does not come in; the words are for them."""


class Lines:
    """Reads lines from a terminal that does nothing by itself. Nothing that is typed is shown."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self._typed = bytearray()
        self._done: asyncio.Queue[str | None] = asyncio.Queue(maxsize=8)

    def say(self, text: str) -> None:
        self._write("\r\n".join(plain(line) for line in text.split("\n")).encode())

    async def ask(self, prompt: str) -> str:
        """A line. Raises Turned if whoever types has had enough."""
        self.say(prompt)
        line = await self._done.get()
        self.say("\n")
        if line is None:
            raise Turned("")
        return line

    def feed(self, data: bytes) -> None:
        for byte in data[: 4 * LONGEST]:
            if byte in b"\r\n":
                self._put(self._typed.decode("utf-8", "replace").strip())
                self._typed.clear()
            elif byte in b"\x03\x04":
                self._put(None)
            elif byte in b"\x08\x7f":
                del self._typed[-1:]
            elif byte >= 32 and len(self._typed) < LONGEST:
                self._typed.append(byte)

    def _put(self, line: str | None) -> None:
        if not self._done.full():
            self._done.put_nowait(line)


class Lobby:
    """Lets guests in as people of the class."""

    def __init__(self, store: Store, gate: Gate) -> None:
        self._store, self._gate = store, gate

    async def admitted(self, guest: Guest, visit: Visit, lines: Lines) -> Person:
        """Who a guest is, once all is proved; a new one joins. Raises Turned."""
        if guest.teacher:
            return await self._teacher(guest)
        if key_of(guest.name) in STAFF:
            raise Turned(f"The name {guest.name} is the teacher's, who comes with a key.")
        known = self._known(guest)
        if known is None:
            return await self._new(guest, visit, lines)
        if guest.how == "secret" or guest.fingerprint in known.keys:
            return known
        if not known.secret:
            raise Turned(f"The name {known.name} is taken by somebody with another SSH key. Choose another name.")
        lines.say(f"Somebody is called {known.name} already.\n")
        for _ in range(3):
            typed = await lines.ask(f"Password of {known.name}: ")
            if not self._gate.may_guess(visit, key_of(known.name)):
                raise Turned(f"{GUESSED.capitalize()}.")
            if await slowly(matches, known.secret, typed):
                self._gate.guessed(visit, key_of(known.name))
                return known
            await asyncio.sleep(self._gate.failed(visit))
        raise Turned("That was not it. If you are somebody else, choose another name.")

    def _known(self, guest: Guest) -> Person | None:
        return self._store.snapshot()[1].people.get(key_of(guest.name))

    async def _teacher(self, guest: Guest) -> Person:
        known = self._known(guest)
        return known or await self._joined(guest.name, [guest.fingerprint], "")

    async def _new(self, guest: Guest, visit: Visit, lines: Lines) -> Person:
        if self._store.snapshot()[1].locked:
            raise Turned("The door is locked: nobody new comes in now. Ask the teacher.")
        lines.say(f"Welcome, {guest.name}.\n")
        roll = self._store.snapshot()[1]
        if guest.how == "key" and roll.kind != "open":
            await self._code_asked(visit, lines)
        name = roll.listed.get(key_of(guest.name)) if roll.kind == "list" else guest.name
        if name is None:  # who is listed is for those to know who have the code
            raise Turned(f"The name {guest.name} is not on the list of this class.")
        if guest.how == "key":
            return await self._joined(name, [guest.fingerprint], "")
        while True:
            secret = await lines.ask(f"Choose a password, at least {SHORTEST} characters, to come back with: ")
            if len(secret) < SHORTEST or is_code(self._code, secret):
                lines.say("Too short, or the class code itself; another one.\n")
            elif await lines.ask("Once more: ") == secret:
                return await self._joined(name, [], await slowly(hashed, secret))
            else:
                lines.say("These were two different ones.\n")

    async def _code_asked(self, visit: Visit, lines: Lines) -> None:
        """Ask for the class's code. Raises Turned."""
        for _ in range(3):
            typed = await lines.ask("Class code: ")
            if is_code(self._code, typed):
                visit.proved = 2
                return
            await asyncio.sleep(self._gate.failed(visit))
            lines.say("That is not the code of this class.\n")
        raise Turned("Ask the teacher for the code.")

    @property
    def _code(self) -> str:
        return self._store.snapshot()[1].code

    async def _joined(self, name: str, keys: list[str], secret: str) -> Person:
        """Bind a name. Whoever asked for it first has it: between the look and the event, nobody else has a turn."""
        people = self._store.snapshot()[1].people
        if key_of(name) in people:
            raise Turned(f"The name {name} has just been taken. Choose another name.")
        if len(people) >= MOST:
            raise Turned("This class has no room for another name.")
        try:
            await self._store.record("joined", key_of(name), id=uuid.uuid4().hex, name=name, keys=keys, secret=secret)
        except StoreError as error:
            raise Turned(f"The class cannot be written to: {error}") from None
        return self._store.snapshot()[1].people[key_of(name)]
