"""Who may come in: the login of one SSH connection.

Any key is taken, for a key alone opens nothing: who is new with it is asked for the class's code in the lobby. Without
a key, the code or one's own secret is asked; of a new name in an open class, nothing. A role is given in
`auth_completed` and nowhere else: a client also asks whether a key would do without proving that it has it, and the
teacher's public key is no secret.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import asyncssh

from bptui.classroom.limits import Gate, Visit
from bptui.classroom.people import PROJECTOR, TEACHER, Role, Roll, is_code, key_of, matches, readable, slowly

LONGEST = 200  # characters of a code or a secret
GUESSED = "too many wrong passwords for this name; wait a minute"
log = logging.getLogger("bptui.classroom")


@dataclass(frozen=True)
class Guest:
    """Somebody who has logged in. `how` they did; `fingerprint` is that of a key, `teacher` whether it is hers.

    `free` is a new name in an open class: nothing was proved.
    """

    name: str
    how: Literal["key", "code", "secret", "free"]
    fingerprint: str = ""
    teacher: bool = False


def role_of(guest: Guest) -> Role:
    """What somebody may do: the teacher's key alone makes more than a student."""
    if not guest.teacher:
        return "student"
    return "projector" if guest.name == PROJECTOR else "teacher"


class Door(asyncssh.SSHServer):
    """One connection, until somebody is logged in; then `enter` makes the session."""

    def __init__(
        self,
        roll: Callable[[], Roll],
        gate: Gate,
        enter: Callable[[Guest, asyncssh.SSHServerConnection, Visit], asyncssh.SSHServerSession[bytes]],
    ) -> None:
        self._roll, self._gate, self._enter = roll, gate, enter
        self._tries = 0
        self._name = ""
        self._candidate: asyncssh.SSHKey | None = None  # a key that was shown, and perhaps no more than shown
        self._proved: Literal["", "code", "secret", "free"] = ""
        self._guest: Guest | None = None
        self._entered = False
        self._hurry: asyncio.TimerHandle | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._conn = conn
        self._visit = Visit(str((conn.get_extra_info("peername") or ("?",))[0]), self._make_room)
        if problem := self._gate.come(self._visit):
            log.warning("refused %s: %s", self._visit.address, problem)
            conn.abort()
        else:
            self._hurry = asyncio.get_running_loop().call_later(self._gate.limits.greeting, conn.abort)

    def _make_room(self) -> None:
        """Others want to come in, and this one has taken the longest."""
        if self._visit.proved:
            self._conn.disconnect(asyncssh.DISC_TOO_MANY_CONNECTIONS, "too many are at the door; try again")
        else:
            self._conn.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._gate.go(self._visit)
        self._no_hurry()

    # -- proofs

    def begin_auth(self, username: str) -> bool:
        name = readable(username)
        if name is None:
            raise asyncssh.IllegalUserName("a name has letters, digits and -_.' alone, at most 32 of them")
        self._name = name
        self._visit.proved = 1
        self._no_hurry()  # but for the time that asyncssh gives for all of the login
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        self._candidate = key
        return True

    def password_auth_supported(self) -> bool:
        return True

    async def validate_password(self, username: str, password: str) -> bool:
        self._candidate = None
        return await self._is_proof(password)

    def kbdint_auth_supported(self) -> bool:
        return True

    def get_kbdint_challenge(
        self, username: str, lang: str, submethods: str
    ) -> tuple[str, str, str, list[tuple[str, bool]]]:
        self._candidate = None
        if self._is_free():
            return "", "", "", []
        if self._roll().kind == "open":
            return "", "", "", [(f"The name {self._name} is taken. Its password, if it is yours: ", False)]
        return "", "", "", [("Class code (or your own password, if you were here before): ", False)]

    async def validate_kbdint_response(self, username: str, responses: Sequence[str]) -> bool:
        self._candidate = None
        return len(responses) <= 1 and await self._is_proof("".join(responses))

    def _is_free(self) -> bool:
        """Whether this is a new name in an open class: there is nothing to prove."""
        roll = self._roll()
        return roll.kind == "open" and key_of(self._name) not in roll.people

    async def _is_proof(self, typed: str) -> bool:
        if self._is_free():
            self._proved = "free"
            return True
        self._tries += 1
        if self._tries > self._gate.limits.tries:
            raise asyncssh.DisconnectError(asyncssh.DISC_NO_MORE_AUTH_METHODS_AVAILABLE, "too many tries")
        loop = asyncio.get_running_loop()
        began = loop.time()
        if len(typed) <= LONGEST and await self._opens(typed):
            self._visit.proved = 2
            return True
        log.info("%s as %s: wrong code", self._visit.address, self._name)
        until = began + self._gate.failed(self._visit)  # whether there was a password to be looked at or not
        await asyncio.sleep(until - loop.time())
        return False

    async def _opens(self, typed: str) -> bool:
        """Whether this is the code, or the own password of whoever has the name."""
        roll, name = self._roll(), key_of(self._name)
        if is_code(roll.code, typed):
            self._proved = "code"
            return True
        person = roll.people.get(name)
        if person is None or not person.secret:
            return False
        if not self._gate.may_guess(self._visit, name):
            raise asyncssh.DisconnectError(asyncssh.DISC_TOO_MANY_CONNECTIONS, GUESSED)
        if not await slowly(matches, person.secret, typed):
            return False
        self._gate.guessed(self._visit, name)
        self._proved = "secret"
        return True

    def auth_completed(self) -> None:
        key = self._candidate
        if self._proved:
            self._guest = Guest(self._name, self._proved)
        elif key is not None:
            hers = _public_data(self._roll().teacher) == key.public_data
            name = PROJECTOR if key_of(self._name) == PROJECTOR else TEACHER
            self._guest = Guest(name if hers else self._name, "key", key.get_fingerprint(), hers)
        self._no_hurry()
        self._hurry = asyncio.get_running_loop().call_later(self._gate.limits.lobby, self._conn.close)

    # -- after the login: one session, and nothing else that SSH can do

    def session_requested(self) -> asyncssh.SSHServerSession[bytes] | bool:
        if self._guest is None or self._entered:
            return False
        self._entered = True
        return self._enter(self._guest, self._conn, self._visit)

    def seated(self) -> None:
        """All that was asked is answered: no hurry any more."""
        self._no_hurry()

    def _no_hurry(self) -> None:
        if self._hurry is not None:
            self._hurry.cancel()
            self._hurry = None


@lru_cache(maxsize=4)
def _public_data(key: str) -> bytes:
    """A public key as it is compared, from its line."""
    return asyncssh.import_public_key(key).public_data
