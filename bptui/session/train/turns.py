"""Several workers that train side by side: one at a time, and none far ahead of another."""

from __future__ import annotations

import math
from threading import Condition

PATIENCE = 0.05  # seconds that a worker waits for its turn before it looks at its orders again


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
            return came

    def give(self) -> None:
        """End the turn that one had."""
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
