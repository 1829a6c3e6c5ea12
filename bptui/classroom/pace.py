"""How fast something may go on: a few times at once, then so many in a second."""

from __future__ import annotations

import time
from collections.abc import Callable


class Pace:
    """Counts what one client asks for. Times are in seconds."""

    def __init__(self, burst: float, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._burst, self._rate, self._clock = burst, rate, clock
        self._left, self._since = burst, clock()

    def wait(self) -> float:
        """Count one and return 0; or say in how many seconds one may be, where there were too many."""
        left = self._now()
        if left < 1:
            return self._until(1 - left)
        self._left = left - 1
        return 0.0

    def spent(self, count: float) -> float:
        """Count what is done already; returns in how many seconds that many may have been, or 0."""
        self._left = left = self._now() - count
        return self._until(-left) if left < 0 else 0.0

    @property
    def rested(self) -> bool:
        """Whether all is as at the beginning."""
        return self._now() >= self._burst

    def _now(self) -> float:
        now = self._clock()
        self._left, self._since = min(self._burst, self._left + self._rate * (now - self._since)), now
        return self._left

    def _until(self, lacking: float) -> float:
        return lacking / self._rate + 1e-3
