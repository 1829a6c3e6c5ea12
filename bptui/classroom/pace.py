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
        if (wait := self._lacking(1)) == 0:
            self._left -= 1
        return wait

    def spent(self, count: float) -> float:
        """Count what is done already; returns in how many seconds that many may have been, or 0."""
        self._left = self._now() - count
        return self._lacking(0)

    @property
    def rested(self) -> bool:
        """Whether all is as at the beginning."""
        return self._now() >= self._burst

    def _now(self) -> float:
        now = self._clock()
        self._left, self._since = min(self._burst, self._left + self._rate * (now - self._since)), now
        return self._left

    def _lacking(self, wanted: float) -> float:
        left = self._now()
        return (wanted - left) / self._rate + 1e-3 if left < wanted else 0.0
