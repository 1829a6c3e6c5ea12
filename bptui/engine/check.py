"""The gradient check: every gradient of a graph against central differences of its loss."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from bptui.engine.buffers import Array, Shape
from bptui.engine.graph import Graph, Node
from bptui.engine.program import Program

STEP = 2.0**-17  # near ∛ε, where truncation and rounding of a central difference balance
TOLERANCE = 1e-5
HALTED = "the program stops with an error before there is a cost, so there are no gradients to check"
ROUNDING = 16 * np.finfo(np.float64).eps  # a loss is good to a few units in its last place


@dataclass(frozen=True)
class Row:
    """The check of one variable or parameter.

    `shape` includes the batch axis. `entries` of the `size` entries were compared; `kinks` more were left out since
    a kink lies within h of them. `error` is the worst relative error, at entry `worst` (None if none was compared).
    """

    name: str
    shape: Shape
    size: int
    entries: int
    kinks: int
    error: float
    worst: tuple[int, ...] | None
    ok: bool


def check_gradients(
    program: Program, *, step: float = STEP, tolerance: float = TOLERANCE, at_most: int | None = None
) -> list[Row]:
    """Check all gradients of a program at its present parameters, samples and masks; one row for each variable.

    The caller has begun a step and loaded samples. Forward and backward are run here; no parameter moves. Each entry
    is moved by h = `step`·max(1, |entry|) to either side, and only what is downstream of it is run again. The error
    is |a − n| / max(|a|, |n|, floor). The floor is a ten-thousandth of the variable's largest gradient, or what
    rounding alone makes of the difference at this tolerance, if that is more. `at_most` limits how many entries of
    a variable are compared, evenly spread: then `Row.entries` + `Row.kinks` is less than `Row.size`.

    Raises ValueError if the program is not float64, in which alone differences are precise enough, or if it stops.
    """
    if program.graph.halts:
        raise ValueError(f"{program.graph.name}: {HALTED}")
    if program.settings.dtype != np.float64:
        raise ValueError(f"gradients can be checked in float64 only, not in {np.dtype(program.settings.dtype)}")
    phases = ("forward", "cost", "seed", "backward")
    zero = [call for event in program.graph.events if event.phase == "zero" for call in program.calls[event.index]]
    for call in zero:
        call.bound()()
    for event in program.graph.events:
        if event.phase in phases:
            for call in program.calls[event.index]:
                call.bound()()
    return [_check(program, name, step, tolerance, at_most) for name in _checked(program.graph)]


def _checked(graph: Graph) -> Iterator[str]:
    """Names of all that has a gradient, but for the hidden copies of shared parameters: those are one memory."""
    return (name for name in graph.variables if name in graph.differentiable and name not in graph.copy_of)


def _check(program: Program, name: str, step: float, tolerance: float, at_most: int | None) -> Row:
    value, gradient, loss = program.values[name], program.gradients[name], program.values[program.graph.loss]
    nodes = _downstream(program.graph, name)
    run, sides = _forward(program, nodes), _sides(program, nodes)
    indices = _spread(value.size, at_most)
    numeric, kink, noise = np.zeros(len(indices)), np.zeros(len(indices), bool), np.zeros(len(indices))
    for k, index in enumerate(indices):
        entry = np.unravel_index(index, value.shape)
        old = float(value[entry])
        h = step * max(1.0, abs(old))
        value[entry] = above = old + h
        _run(run)
        loss_above, sides_above = float(loss), [side() for side in sides]
        value[entry] = below = old - h
        _run(run)
        loss_below = float(loss)
        numeric[k] = (loss_above - loss_below) / (above - below)
        kink[k] = any((side() != before).any() for side, before in zip(sides, sides_above, strict=True))
        value[entry] = old
        noise[k] = ROUNDING * max(abs(loss_above), abs(loss_below)) / h
    _run(run)
    return _row(name, value.shape, indices, gradient.reshape(-1)[indices], numeric, kink, noise, tolerance)


def _row(
    name: str,
    shape: Shape,
    indices: Array,
    analytic: Array,
    numeric: Array,
    kink: Array,
    noise: Array,
    tolerance: float,
) -> Row:
    size = int(np.prod(shape))
    smooth = np.flatnonzero(~kink)
    kinks = len(indices) - len(smooth)
    if not len(smooth):
        return Row(name, shape, size, 0, kinks, 0.0, None, True)
    a, n = analytic[smooth], numeric[smooth]
    largest = np.abs(a[np.isfinite(a)]).max(initial=0.0)
    floor = np.maximum(1e-4 * largest, noise[smooth] / tolerance)
    scale = np.maximum(np.maximum(np.abs(a), np.abs(n)), np.maximum(floor, np.finfo(np.float64).tiny))
    with np.errstate(invalid="ignore"):
        error = np.abs(a - n) / scale
    error[~np.isfinite(error)] = np.inf  # a NaN is never right
    worst = int(np.argmax(error))
    entry = tuple(int(i) for i in np.unravel_index(indices[smooth[worst]], shape))
    return Row(name, shape, size, len(smooth), kinks, float(error[worst]), entry, bool(error[worst] <= tolerance))


def _downstream(graph: Graph, name: str) -> list[Node]:
    """The nodes on the way from a variable to the loss, in order."""
    changed, nodes = {name}, []
    for node in graph.nodes:
        if graph.differentiable & set(node.outputs) and changed & {*node.inputs, *node.parameters.values()}:
            changed |= set(node.outputs)
            nodes.append(node)
    return nodes


def _forward(program: Program, nodes: list[Node]) -> list[Callable[[], Any]]:
    """The forward calls of these nodes."""
    names = {node.name for node in nodes}
    return [
        call.bound()
        for event in program.graph.events
        if event.phase in ("forward", "cost") and event.node in names
        for call in program.calls[event.index]
    ]


def _sides(program: Program, nodes: list[Node]) -> list[Callable[[], Array]]:
    """For each of these nodes that has kinks, a function that tells on which side of them its entries are."""

    def of(node: Node) -> Callable[[], Array | None]:
        return lambda: node.module.switch(program.sites[node.name].inputs)

    return [side for side in map(of, nodes) if side() is not None]  # type: ignore[misc]


def _run(calls: list[Callable[[], Any]]) -> None:
    for call in calls:
        call()


def _spread(size: int, at_most: int | None) -> Array:
    """Indices of all entries, or of `at_most` evenly spread ones."""
    if at_most is None or at_most >= size:
        return np.arange(size)
    return np.linspace(0, size - 1, at_most).astype(int)
