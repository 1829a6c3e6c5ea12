"""The file that a net was read from, so that a screen can show the line of each module."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True)
class Source:
    """A program as text, and where in it each node of the net is called.

    `lines` gives lines counted from 1, by the name of the node as the net declares it; nodes that the program does not
    write down (a default cost) are not there. `said` are the decisions that were taken in reading, one line each; the
    first `warnings` of them are usual mistakes, or what is not read of the file.
    `phases` gives the lines of its training loop, where it has one: zero, seed (backward()) and update (step()).
    """

    path: str
    text: str
    lines: Mapping[str, int]
    said: tuple[str, ...] = ()
    warnings: int = 0
    phases: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def called(self) -> frozenset[int]:
        """The lines that call a module."""
        return frozenset(self.lines.values())

    @property
    def first(self) -> str:
        """What is to be said at once, in one line: the first warning or decision, and where the others are."""
        if not self.said:
            return ""
        more = len(self.said) - 1
        return self.said[0] + (f" (? tells {more} more)" if more else "")
