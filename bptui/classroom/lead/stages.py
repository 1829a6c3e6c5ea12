"""The stages of a class: one for each kind of terminal among its followers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from bptui.classroom.lead.shown import Shown
from bptui.classroom.lead.stage import Stage, stage_of
from bptui.classroom.terminal.kind import Kind
from bptui.tui.hiding import Hidden

if TYPE_CHECKING:
    from bptui.classroom.following import Follower


class Stages:
    """`make` makes one, for a kind that it gets.

    The one that was left last stands on, empty, until there is something else to draw: when a class comes back whose
    line had dropped, or the only follower after a look at something else, it is there.
    """

    def __init__(self, make: Callable[[Kind], Stage]) -> None:
        self.veil: Hidden = frozenset()  # what must not be seen in the workbench, as long as the class is asked for it
        self._make = make
        self._by_kind: dict[Kind, Stage] = {}
        self._empty: Stage | None = None

    def __iter__(self) -> Iterator[Stage]:
        return iter(self._by_kind.values())

    def __len__(self) -> int:
        return len(self._by_kind)

    def take(self, kind: Kind) -> Stage:
        """The stage for a terminal; whoever takes it adds themselves."""
        wanted = stage_of(kind)
        if wanted not in self._by_kind:
            self._by_kind[wanted] = self._make(wanted)
        stage = self._by_kind[wanted]
        if stage is self._empty:
            self._empty = None
            stage.show()  # what lies over it may say how many are there
        return stage

    def leave(self, seat: Follower, stage: Stage) -> None:
        """Somebody does not look at it any more."""
        stage.members.discard(seat)
        if not stage.members and self._by_kind.get(stage.kind) is stage:
            self.clear()
            self._empty = stage

    def clear(self) -> None:
        """Let go of the one that stands empty."""
        stage = self._empty
        if stage is not None:
            self.forget(stage)
            stage.close()

    def forget(self, stage: Stage) -> None:
        """Let nobody come to it any more."""
        if self._by_kind.get(stage.kind) is stage:
            del self._by_kind[stage.kind]
        if stage is self._empty:
            self._empty = None

    def follow(self, shown: Shown) -> None:
        """Show something else."""
        self.clear()
        for stage in self:
            stage.follow(shown)

    def hide(self, veil: Hidden) -> None:
        """Let something else not be seen."""
        self.clear()
        self.veil = veil
        for stage in self:
            stage.hide(veil)

    def repaint(self) -> None:
        """What lies over them is another one."""
        self.clear()
        for stage in self:
            stage.show()

    def close(self) -> None:
        """The class is over."""
        for stage in self:
            stage.close()
        self._by_kind, self._empty = {}, None
