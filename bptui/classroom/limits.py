"""How many may come in, and how often one may try.

A whole class sits behind one address, so that nothing is refused to an address that one mischievous student could use
up for all the others: whoever has not come in yet has places of their own, from which the oldest is sent away if there
are too many; and a wrong code is answered late, while the right one always opens.

A code cannot be guessed so: it is one of 31⁸, some 8.5·10¹¹. All who are outside together have `outside` / `pause`
tries a second, 60; whoever hangs up at once instead of waiting for the answer is held up by `arrivals` and by the
server's time, for it does not shake hands much more often than a hundred times a second. A hundred tries a second are
60 million in a week without a break: one chance in 14,000. A password that somebody chose is weaker. Of these one has
`failures` wrong tries at once and 15 in a minute, for each name and address; then it is refused, to that name alone.
"""

from __future__ import annotations

import ipaddress
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from bptui.classroom.pace import Pace

MOST = 10_000  # paces that are kept, of each sort
_K = TypeVar("_K")


@dataclass(frozen=True)
class Limits:
    """The bounds of a server; times are in seconds."""

    connections: int = 500  # of people who have come in
    of_address: int = 400
    outside: int = 250  # connections of those who have not, in all: a large class may come at once
    arrivals: tuple[float, float] = 500, 20.0  # connections of one address at once, and then in a second
    tries: int = 6  # of one connection
    failures: tuple[float, float] = 10, 0.25  # wrong passwords of one name at once, and then in a second
    few: tuple[float, float] = 30, 0.25  # wrong codes of one address that are answered soon
    soon: float = 1.0  # until a wrong code is answered
    pause: float = 4.0  # likewise, where an address has had too many
    greeting: float = 15.0  # until a client has said who wants to come in: it does that by itself
    login: float = 60.0  # until somebody is logged in; who comes for the first time has to read the code
    lobby: float = 180.0  # until all that is asked in the lobby is answered
    idle: float = 3 * 3600.0
    lingers: float = 600.0  # how long the app of a dropped line is kept


@dataclass(eq=False)
class Visit:
    """A connection, from its first byte. `go` ends it; `proved` says how far somebody is with coming in."""

    address: str
    go: Callable[[], None]
    proved: int = 0  # 1: a name was said, 2: the code or a password of theirs was right

    def __post_init__(self) -> None:
        self.network = network(self.address)


class Gate:
    """Knows who is inside, who is still outside, and who failed."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self.limits, self._clock = limits, clock
        self._outside: dict[Visit, None] = {}  # the oldest first
        self._inside: dict[Visit, None] = {}
        self._arrivals: dict[str, Pace] = {}
        self._failures: dict[str, Pace] = {}
        self._guesses: dict[tuple[str, str], Pace] = {}

    def come(self, visit: Visit) -> str:
        """Take a connection, for which another one may have to go; or say why there can be no more."""
        if _pace(self._arrivals, visit.network, self.limits.arrivals, self._clock).wait():
            return "too many connections at once from one address"
        if len(self._outside) >= self.limits.outside:
            self._worst().go()
        self._outside[visit] = None
        return ""

    def _worst(self) -> Visit:
        """Of the address with the most, the one who is the farthest from coming in, and of those the oldest."""
        many = Counter(visit.network for visit in self._outside)
        worst = min(self._outside, key=lambda visit: (-many[visit.network], visit.proved))
        del self._outside[worst]
        return worst

    def enter(self, visit: Visit, *, teacher: bool = False) -> str:
        """Let somebody in who has proved all; or say why there can be no more."""
        if not teacher and len(self._inside) >= self.limits.connections:
            return "The class is full."
        if not teacher and len(self._inside) >= self.limits.of_address:
            here = sum(other.network == visit.network for other in self._inside)
            if here >= self.limits.of_address:
                return "There are too many of the class at this address."
        self._outside.pop(visit, None)
        self._inside[visit] = None
        return ""

    def go(self, visit: Visit) -> None:
        """A connection has ended."""
        self._outside.pop(visit, None)
        self._inside.pop(visit, None)

    def failed(self, visit: Visit) -> float:
        """Count a wrong code or password; returns after how many seconds to say so."""
        many = _pace(self._failures, visit.network, self.limits.few, self._clock).wait()
        return self.limits.pause if many else self.limits.soon

    def may_guess(self, visit: Visit, name: str) -> bool:
        """Count a try of the password of a name; whether there may be one."""
        return not _pace(self._guesses, (visit.network, name), self.limits.failures, self._clock).wait()

    def guessed(self, visit: Visit, name: str) -> None:
        """The password was right: the tries before it are forgotten."""
        self._guesses.pop((visit.network, name), None)


def network(address: str) -> str:
    """What one machine has of the network: of IPv6, it has 64 bits of addresses to itself."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if found.version == 4 or found.ipv4_mapped is not None:
        return address
    return str(ipaddress.ip_network((int(found) >> 64 << 64, 64)).network_address)


def _pace(paces: dict[_K, Pace], key: _K, of: tuple[float, float], clock: Callable[[], float]) -> Pace:
    """The pace of somebody; those who have rested are forgotten where there are many."""
    if len(paces) > MOST:
        for rested in [key for key, pace in paces.items() if pace.rested]:
            del paces[rested]
    return paces.setdefault(key, Pace(*of, clock))
