"""Several workers that train side by side: one at a time, and none far ahead of another."""

from __future__ import annotations

import math
from threading import Condition
from weakref import WeakKeyDictionary

PATIENCE = 0.05  # seconds that a worker waits for its turn before it looks at its orders again


class Gate:
    """Lets one worker through at a time: of those that wait, the one whose last turn is the longest ago."""

    def __init__(self) -> None:
        self._change = Condition()
        self._inside = False
        self._turn = 0
        self._last: WeakKeyDictionary[object, int] = WeakKeyDictionary()
        self._waiting: set[object] = set()

    def enter(self, worker: object) -> bool:
        """Wait to be let through, for a moment; whether that came. `leave` lets the next one through."""
        with self._change:
            self._waiting.add(worker)
            came = self._change.wait_for(lambda: not self._inside and worker is self._next(), PATIENCE)
            self._waiting.discard(worker)
            if came:
                self._inside, self._turn = True, self._turn + 1
                self._last[worker] = self._turn
            return came

    def leave(self) -> None:
        with self._change:
            self._inside = False
            self._change.notify_all()

    def _next(self) -> object:
        return min(self._waiting, key=lambda worker: self._last.get(worker, 0))


_gate: Gate | None = None  # of all workers in this process


def one_at_a_time() -> None:
    """From now on, of all runs in this process one trains at a time, whoever's they are."""
    global _gate
    _gate = Gate()


class Turns:
    """Who may train. A worker that is more than `slack` epochs ahead of the slowest one has to wait for it.

    Two at once would fight for the interpreter, and the keys would wait for both.
    """

    def __init__(self, slack: float = math.inf) -> None:
        self._slack = slack
        self._change = Condition()
        self._busy = False
        self._epochs: dict[object, float] = {}

    def take(self, worker: object, epoch: float) -> bool:
        """Wait for a turn, for a moment; whether it came. `give` ends it."""
        with self._change:
            self._epochs[worker] = epoch
            came = self._change.wait_for(lambda: not self._busy and epoch <= self._limit(), PATIENCE)
            self._busy = self._busy or came
        if came and _gate is not None and not _gate.enter(worker):
            self._free()
            return False
        return came

    def give(self) -> None:
        """End the turn that one had."""
        if _gate is not None:
            _gate.leave()
        self._free()

    def _free(self) -> None:
        with self._change:
            self._busy = False
            self._change.notify_all()

    def leave(self, worker: object) -> None:
        """Nobody waits for this worker any longer, until it takes a turn again."""
        with self._change:
            self._epochs.pop(worker, None)
            self._change.notify_all()

    def _limit(self) -> float:
        return min(self._epochs.values()) + self._slack
