"""What a screen shows, read from it at one instant: to be shown elsewhere, gone on with, or written down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from textual.screen import Screen

from bptui.classroom.places import Place
from bptui.session.session import Session

Busy = Callable[[], bool]  # whether a search has the class's session to itself


@dataclass(frozen=True)
class Where:
    """Where the class is, in words. `kind` is step, train, descend or lesson; `step` counts from 1: the step of a
    lesson, which has `steps` of them, or a training step, with the `event` in it on the workbench.
    """

    title: str
    kind: str
    step: int
    steps: int = 0
    event: int = 0

    def __str__(self) -> str:
        if self.kind == "lesson":
            return f"{self.title}, {self.step}/{self.steps}"
        return f"{self.title}, step {self.step:,}" + (f", event {self.event}" if self.event else "")

    @property
    def brief(self) -> str:
        """In a few words, the most telling first, with commas between."""
        if self.kind == "lesson":
            return f"{self.title.partition('  ')[0]}, step {self.step}"
        return str(self) if self.kind == "step" else f"{self.kind.capitalize()}, {self.title}"


class Shown(Protocol):
    """One kind of place. What it holds is the class's own, but for what was looked at, which is a copy."""

    @property
    def session(self) -> Session | None:
        """The session that the workbench shows; a lab's belongs to the lab."""

    @property
    def going(self) -> bool:
        """Whether it moves by itself: then frames may be left out."""

    @property
    def seen(self) -> object:
        """What differs wherever something else is to be seen."""

    @property
    def done(self) -> object:
        """What differs wherever something was done, and not only looked at."""

    def goes_on(self, before: Shown) -> bool:
        """Whether this is what somebody made of that."""

    def where(self) -> Where: ...

    def name(self) -> str:
        """What it is called where it is kept."""

    def mirror(self, busy: Busy) -> Mirror:
        """A screen that shows the same in another size."""

    def screen(self) -> Screen[None]:
        """A screen to go on with, on what is the class's own."""

    def writer(self) -> Callable[[], Place]:
        """Write it down as it stands, in any thread. The call raises ValueError for numbers that cannot be written."""


class Mirror(Protocol):
    """A screen that shows what another screen shows, and does nothing to it. It is a Textual screen."""

    def takes(self, shown: Shown) -> bool:
        """Whether it is of the kind that this wants."""

    def follow(self, shown: Shown) -> None:
        """Show this from now on."""
