"""What the learner looks at in the descend lab; nothing here changes a number of the race."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bptui.drawing.axes import Frame, gutter
from bptui.drawing.scale import Scale, covering, equal_units
from bptui.engine.graph import Graph
from bptui.engine.notation import symbol
from bptui.session.descend.plane import Plane, parameter_entries
from bptui.session.descend.surface import Surface
from bptui.session.descend.window import Stretch
from bptui.tui.descend.point import Point

Focus = Literal["run", "knobs", "point"]
Tab = Literal["loss", "step", "knobs"]
TABS: tuple[Tab, ...] = ("loss", "step", "knobs")
ROOMY = 50  # columns from which a pane has a margin and spells its facts out


@dataclass
class Look:
    """Which part of the plane is in view, what is chosen, and what is drawn.

    `window` holds a stretch of each axis, which the frame widens to equal units. `point` is set in orthogonality.
    """

    window: tuple[Stretch, ...]
    focus: Focus = "run"
    tab: Tab = "loss"
    row: int = 0
    arrows: bool = True
    point: Point | None = None
    said: str = ""

    def zoom(self, factor: float) -> None:
        """Show so many times as much around the middle."""
        self.window = tuple(
            ((a + b) / 2 - factor * (b - a) / 2, (a + b) / 2 + factor * (b - a) / 2) for a, b in self.window
        )

    def frame(self, width: int, height: int, letters: tuple[str, ...], surface: Surface | None) -> Frame:
        """Where the plot lies in the surface's pane. With one parameter, the upright axis is the loss."""
        roomy = width >= ROOMY
        top, below = (2, 4) if roomy else (1, 4)
        rows = max(2, height - top - below)
        margin = 2 if roomy else 0
        x = Scale(*self.window[0])
        if len(self.window) == 1:
            y = covering(surface.losses, 0.05) if surface is not None else Scale(0.0, 1.0)
            left = margin + gutter(y, rows, "L")
            return Frame(left, top, max(2, width - left - 1), rows, x, y)
        y = Scale(*self.window[1])
        left = margin + 5 + (1 if roomy else 0)
        columns = max(2, width - left - 1)
        x, y = equal_units(x, y, columns, rows)
        return Frame(left, top, columns, rows, x, y)


def letters_of(plane: Plane, graph: Graph) -> tuple[str, ...]:
    """What the axes are called: short where there is nothing to mix up."""
    if plane.labels[0].startswith("direction"):
        return ("u", "v")
    if len(parameter_entries(graph)) <= 2:
        if graph.parameters[0].name.startswith("position"):
            return ("a", "b")
        return ("w", "b") if len(graph.parameters) > 1 else ("w₀", "w₁") if plane.dimensions == 2 else ("w",)
    return tuple(symbol(name) + f"[{index}" for name, _, index in (label.partition("[") for label in plane.labels))
