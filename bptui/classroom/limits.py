"""How many may come in, and how often one may try. A whole class sits behind one address, so limits are generous."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from bptui.classroom.pace import Pace


@dataclass(frozen=True)
class Limits:
    """The bounds of a server; times are in seconds."""

    connections: int = 500
    of_address: int = 400
    arrivals: tuple[float, float] = 500, 20.0  # connections of one address at once, and then in a second
    tries: int = 6  # of one connection
    failures: int = 30  # of one address at once; then one more every `pause`
    pause: float = 4.0
    login: float = 60.0  # until somebody is logged in; who comes for the first time has to read the code
    lobby: float = 180.0  # until all that is asked in the lobby is answered
    idle: float = 3 * 3600.0
    lingers: float = 600.0  # how long the app of a dropped line is kept


class Gate:
    """Counts connections and failures by address."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self.limits, self._clock = limits, clock
        self._open: Counter[str] = Counter()
        self._arrivals: dict[str, Pace] = {}
        self._failures: dict[str, tuple[float, float]] = {}  # how many, and when that was

    def come(self, address: str) -> str:
        """Count a connection; or say why there can be no more."""
        if self._open.total() >= self.limits.connections:
            return "the class is full"
        if self._open[address] >= self.limits.of_address:
            return "too many connections from one address"
        if len(self._arrivals) > 10_000:
            self._arrivals = {a: pace for a, pace in self._arrivals.items() if not pace.rested}
        if self._arrivals.setdefault(address, Pace(*self.limits.arrivals, self._clock)).wait():
            return "too many connections at once from one address"
        self._open[address] += 1
        return ""

    def go(self, address: str) -> None:
        self._open[address] -= 1
        if self._open[address] <= 0:
            del self._open[address]

    def failed(self, address: str) -> None:
        """Count a wrong code or secret."""
        if len(self._failures) > 10_000:  # forget those that have served their time
            self._failures = {a: found for a, found in self._failures.items() if self._count(a) > 0}
        self._failures[address] = self._count(address) + 1, self._clock()

    def must_wait(self, address: str) -> bool:
        """Whether an address has failed too often to try once more now."""
        return self._count(address) > self.limits.failures - 1

    def _count(self, address: str) -> float:
        count, when = self._failures.get(address, (0.0, 0.0))
        return max(0.0, count - (self._clock() - when) / self.limits.pause)
