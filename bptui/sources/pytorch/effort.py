"""How much of a file is looked at before that is too much."""

from __future__ import annotations

from collections.abc import Callable

from bptui.sources.pytorch.problem import Stopped

STEPS = 400_000  # expressions and statements that are looked at
ENTRIES = 8  # of a list that cost as much as one of these
LOOK = 1024  # of them between two looks at whether to go on


class Effort:
    """Counts what is looked at, in one run through the file or in several. `look` is called now and then; what it
    raises ends the reading.
    """

    def __init__(self, most: int = STEPS, look: Callable[[], object] = lambda: None) -> None:
        self._most, self._look = most, look
        self._steps, self._next = 0, min(LOOK, most + 1)

    def anew(self) -> Effort:
        """The same bounds, for something else."""
        return Effort(self._most, self._look)

    def count(self, steps: int, line: int) -> None:
        """Raises Stopped where it is too much."""
        self._steps += steps
        if self._steps < self._next:
            return
        if self._steps > self._most:
            raise Stopped(line, f"takes more than {self._most:,} steps to read")
        self._next = min(self._steps + LOOK, self._most + 1)
        self._look()

    def count_entries(self, entries: int, line: int) -> None:
        """As many entries of a list are gone through at once."""
        self.count(entries // ENTRIES, line)
