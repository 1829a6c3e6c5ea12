"""What can be selected in a net, and which numbers a selection means."""

from __future__ import annotations

from math import prod
from typing import Literal, NamedTuple

from bptui.engine.buffers import Shape
from bptui.engine.graph import Event, Graph
from bptui.engine.notation import gradient_symbol, symbol

Of = Literal["value", "gradient"]
Index = tuple[int, ...]


class Quantity(NamedTuple):
    """A variable's or parameter's value, or its gradient."""

    name: str
    of: Of

    @property
    def symbol(self) -> str:
        return gradient_symbol(self.name) if self.of == "gradient" else symbol(self.name)


def targets(graph: Graph) -> list[str]:
    """All that can be selected, in the order in which a training step makes it."""
    found = [f"var:{v.name}" for v in (*graph.inputs, *graph.targets)]
    for node in graph.nodes:
        if not node.collapsed:
            found += [f"node:{node.name}", *(f"var:{name}" for name in node.outputs)]
    if not graph.halts:
        found.append(f"grad:{graph.loss}")
    for event in graph.events:
        if event.phase == "backward":
            node = graph.node[str(event.node)]
            found += [f"back:{node.name}", *(f"grad:{n}" for n in node.inputs if n in graph.differentiable)]
    return [*found, *(f"param:{v.name}" for v in graph.parameters)]


def of_event(event: Event) -> str:
    """The target that an event is about."""
    if event.phase in ("forward", "cost"):
        return f"node:{event.node}"
    return f"back:{event.node}" if event.phase == "backward" else f"event:{event.index}"


def event_of(graph: Graph, target: str) -> Event | None:
    """The event at which a target is at work or made; None if it is there from the beginning."""
    kind, _, name = target.partition(":")
    backward = kind in ("back", "grad")
    if kind == "event":
        return graph.events[int(name)]
    if kind == "param":
        return next((e for e in graph.events if e.parameter == name), None)
    if kind in ("var", "grad"):
        node = graph.reader.get(name) if backward else graph.node.get(graph.variables[name].maker or "")
        if node is None:
            return next((e for e in graph.events if e.phase == "seed"), None) if backward else graph.events[0]
        name = node.name
    return next((e for e in graph.events if e.node == name and (e.phase == "backward") == backward), None)


def node_of(graph: Graph, target: str) -> str | None:
    """The module that a target is, belongs to, or was made by."""
    kind, _, name = target.partition(":")
    if kind in ("node", "back"):
        return name
    if kind == "param":
        name = graph.copy_of.get(name, name)
        owners = [n for n in graph.nodes if any(graph.copy_of.get(p, p) == name for p in n.parameters.values())]
        return owners[0].name if owners else None
    event = event_of(graph, target)
    if event is not None and event.parameter is not None:
        return node_of(graph, f"param:{event.parameter}")
    return event.node if event is not None else None


def quantity(graph: Graph, target: str) -> Quantity:
    """The numbers that a target stands for: a module's are those that it makes."""
    kind, _, name = target.partition(":")
    if kind == "event":
        event = graph.events[int(name)]
        if event.parameter is not None:
            return Quantity(event.parameter, "value")
        return Quantity(graph.loss, "gradient") if event.phase == "seed" else Quantity(graph.inputs[0].name, "value")
    if kind == "node":
        return Quantity(graph.node[name].outputs[0], "value")
    if kind == "back":
        node = graph.node[name]
        wanted = [n for n in (*node.inputs, *node.parameters.values()) if n in graph.differentiable]
        return Quantity(wanted[0], "gradient")
    return Quantity(name, "gradient" if kind == "grad" else "value")


def pointed(shape: Shape, size: tuple[int, int], x: int, y: int, *, halves: bool) -> Index:
    """The entry of a tensor that stands at column x and row y of its picture of this width and height.

    A row of a picture in `halves` shows two rows of the tensor, of which the upper one is meant; where the picture is
    too small for every entry, the first one of those that share the place.
    """
    rows, columns = (shape[0], 1) if len(shape) == 1 else (prod(shape[:-1]), shape[-1] if shape else 1)
    width, height = min(columns, size[0]), min(rows, 2 * size[1] if halves else size[1])
    row, column = (2 * y if halves else y) * rows // height, x * width // size[0] * columns // width
    return neighbour(shape, (0,) * len(shape), row * columns + column)


def neighbour(shape: Shape, index: Index, by: int) -> Index:
    """The entry some places on, in row-major order; at an end it stays."""
    size = prod(shape)
    flat = 0
    for i, extent in zip(index, shape, strict=True):
        flat = flat * extent + i
    flat = max(0, min(size - 1, flat + by))
    found: list[int] = []
    for extent in reversed(shape):
        flat, i = divmod(flat, extent)
        found.append(i)
    return tuple(reversed(found))
