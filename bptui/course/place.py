"""A place in a training step by words: "start", "forward m0", "backward h", "end of forward", "update m0.weight"."""

from __future__ import annotations

from dataclasses import dataclass

from bptui.engine.graph import Graph
from bptui.session.names import suggestion

ENDS = ("start", "end of forward", "cost", "seed", "end of backward", "end")
PHASES = ("forward", "backward", "update")


class PlaceError(ValueError):
    """Words for no place, or for one that this net does not have. One line."""


@dataclass(frozen=True)
class Place:
    """One event of a training step. `phase` is one of `ENDS`, or of `PHASES` with a module or parameter `name`."""

    phase: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.phase} {self.name}".rstrip()

    @classmethod
    def read(cls, text: str) -> Place:
        """The place that words name. Raises PlaceError."""
        words = " ".join(text.split())
        if words in ENDS:
            return cls(words)
        phase, _, name = words.partition(" ")
        if phase in PHASES and name:
            return cls(phase, name)
        near = suggestion(words, ENDS) or suggestion(phase, PHASES)
        known = f"{', '.join(ENDS)}, or {', '.join(PHASES)} with a name"
        raise PlaceError(f"{text!r} is no place, wants {known}{near and '; '}{near}")

    def event(self, graph: Graph) -> int:
        """The index of the event in `graph.events`. Raises PlaceError."""
        events = graph.events
        if self.phase == "start":
            return 0
        if self.phase == "end":
            return events[-1].index
        if not self.name:
            phases = {"cost": ("cost",), "seed": ("seed",), "end of backward": ("backward",)}
            wanted = phases.get(self.phase, ("forward", "cost"))
            return max(e.index for e in events if e.phase in wanted)
        phases_of = ("forward", "cost") if self.phase == "forward" else (self.phase,)
        there = {str(e.parameter or e.node): e.index for e in events if e.phase in phases_of}
        if self.name not in there:
            near = suggestion(self.name, there)
            raise PlaceError(f"this net has no {self}{near and '; '}{near} (there are {', '.join(there)})")
        return there[self.name]
