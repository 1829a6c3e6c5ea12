"""A loss surface: the losses on a grid of a plane, evaluated in slices so that nothing has to wait for all of it."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter
from typing import Literal

import numpy as np

from bptui.engine.buffers import Array
from bptui.session.descend.degree import degrees
from bptui.session.descend.objective import Objective
from bptui.session.descend.plane import Plane
from bptui.session.descend.quadratic import Quadratic, quadratic
from bptui.session.descend.rows import Rows, by_rows

Method = Literal["closed form", "by rows", "cell by cell"]


class Surface:
    """J on the grid of `axes`: positions xs (C,), and ys (R,) where the plane has two directions.

    `losses` is (R, C), or (C,) along one direction; NaN where it is not yet evaluated. `method` is chosen by looking
    at the graph: a closed form where J is quadratic in the plane, by rows where the net is affine in it up to its
    non-linear functions, else a forward pass for each cell. All agree up to rounding. What overflows is inf or NaN.
    """

    def __init__(
        self, objective: Objective, plane: Plane, axes: tuple[Array, ...], method: Method | None = None
    ) -> None:
        if len(axes) != plane.dimensions:
            raise ValueError(f"got {len(axes)} axes, wants {plane.dimensions}")
        self.objective, self.plane, self.axes = objective, plane, axes
        self._known = plane_degrees(objective, plane)
        self.method = method or _best(objective, plane, self._known)
        self.losses = np.full(tuple(len(axis) for axis in reversed(axes)), np.nan)
        self.done = False
        self._slices = self._filling(self.losses.reshape(-1, len(axes[0])))

    def fill(self, seconds: float | None = None) -> bool:
        """Evaluate for about so long, but at least one slice, or to the end; returns whether all is done."""
        limit = np.inf if seconds is None else perf_counter() + seconds
        with np.errstate(all="ignore"):
            while not self.done:
                self.done = next(self._slices, self) is self
                if perf_counter() >= limit:
                    break
        return self.done

    def _filling(self, losses: Array) -> Iterator[None]:
        if self.method == "by rows":
            yield from Rows(self.objective, self.plane, self._known).fill(self.axes, losses)
            return
        if self.method == "closed form":
            found = plane_quadratic(self.objective, self.plane)
            if found is not None:
                return found.grid(self.axes, losses)
            self.method = "cell by cell"
        for place in np.ndindex(losses.shape):
            position = [axis[k] for axis, k in zip(self.axes, reversed(place), strict=False)]
            losses[place] = self.objective.value(self.plane.at(np.array(position)))
            yield


def best_method(objective: Objective, plane: Plane) -> Method:
    """The fastest method that is exact on this plane."""
    return _best(objective, plane, plane_degrees(objective, plane))


def _best(objective: Objective, plane: Plane, known: dict[str, float]) -> Method:
    if known[objective.graph.loss] <= 2.0:
        return "closed form"
    return "by rows" if by_rows(objective, plane, known) else "cell by cell"


def plane_degrees(objective: Objective, plane: Plane) -> dict[str, float]:
    """The degree of each variable in the position on the plane."""
    places = {p.name: objective.program.state.place(p.name) for p in objective.graph.parameters}
    return degrees(objective.graph, [name for name, place in places.items() if plane.moving[place].any()])


def plane_quadratic(objective: Objective, plane: Plane) -> Quadratic | None:
    """J as a quadratic function of the position, which it must be; None if it overflows."""

    def slope(position: Array) -> tuple[float, Array]:
        value, gradient = objective.gradient(plane.at(position))
        return value, plane.partials(gradient)

    return quadratic(slope, np.zeros(plane.dimensions))
