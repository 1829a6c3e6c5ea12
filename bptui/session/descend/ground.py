"""The surface in view, and the next one while it is evaluated: what stands stays until the next is done."""

from __future__ import annotations

from collections.abc import Callable

from bptui.session.descend.surface import Surface


class Ground:
    """One finished surface, known by the key it was asked with, and at most one under evaluation."""

    def __init__(self) -> None:
        self.surface: Surface | None = None
        self.key: object = None
        self._next: tuple[object, Surface] | None = None
        self._asked: tuple[object, Callable[[], Surface]] | None = None

    def ask(self, key: object, make: Callable[[], Surface]) -> None:
        """Ask for a surface. One under evaluation is finished first, so that a moving slice is seen moving."""
        known = self._next[0] if self._next else self.key
        self._asked = None if key == known else (key, make)

    def clear(self) -> None:
        """Forget all: it was the ground of another model."""
        self.surface = self.key = self._next = self._asked = None

    def work(self, seconds: float | None) -> bool:
        """Evaluate for about so long, or to the end; returns whether what was asked for last stands."""
        while True:
            if self._next is None:
                if self._asked is None:
                    return True
                key, make = self._asked
                self._next, self._asked = (key, make()), None
            key, surface = self._next
            if not surface.fill(seconds):
                return False
            self.key, self.surface, self._next = key, surface, None
            if seconds is not None:
                return self._asked is None
