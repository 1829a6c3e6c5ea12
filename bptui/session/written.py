"""When each quantity of a graph comes about in a training step."""

from __future__ import annotations

from dataclasses import dataclass

from bptui.engine.graph import Graph


@dataclass(frozen=True)
class Written:
    """The event of a training step that fills each value and each gradient, and that moves each parameter."""

    value: dict[str, int]
    gradient: dict[str, int]
    update: dict[str, int]
    zero: int


def written(graph: Graph) -> Written:
    """When each quantity of a graph comes about."""
    at = {(event.phase, event.node or event.parameter): event.index for event in graph.events}
    forward = {event.node: event.index for event in graph.events if event.phase in ("forward", "cost")}
    backward = {event.node: event.index for event in graph.events if event.phase == "backward"}
    if graph.halts:  # nothing comes back, and nothing moves
        never = len(graph.events)
        value = {v.name: 0 for v in (*graph.inputs, *graph.targets)}
        value |= {name: forward[node.name] for node in graph.nodes if not node.collapsed for name in node.outputs}
        return Written(value, {}, {p.name: never for p in graph.parameters}, never)
    zero = next(event.index for event in graph.events if event.phase == "zero")
    value = {v.name: 0 for v in (*graph.inputs, *graph.targets)}
    value |= {name: forward[node.name] for node in graph.nodes if not node.collapsed for name in node.outputs}
    gradient = {graph.loss: next(event.index for event in graph.events if event.phase == "seed")}
    for name in graph.differentiable - {graph.loss}:
        reader = graph.reader[name]
        if reader.collapsed:
            readers = [graph.reader[copy].name for copy in reader.outputs]
            gradient[name] = max(backward[node] for node in readers if node in backward)  # the others are dead ends
        else:
            gradient[name] = backward[reader.name]
    update = {p.name: at["update", p.name] for p in graph.parameters}
    return Written(value, gradient, update, zero)
