"""When each quantity of a graph comes about in a training step."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from bptui.engine.graph import Graph


@dataclass(frozen=True)
class Written:
    """The event of a training step that fills each value and each gradient, and that moves each parameter.

    Names stand in the graph's order.
    """

    value: dict[str, int]
    gradient: dict[str, int]
    update: dict[str, int]
    zero: int

    @cached_property
    def values_at(self) -> dict[int, list[str]]:
        """The values that each event fills; of one that fills none, nothing."""
        return _by_event(self.value)

    @cached_property
    def gradients_at(self) -> dict[int, list[str]]:
        """The gradients that each event fills."""
        return _by_event(self.gradient)


def _by_event(events: dict[str, int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for name, event in events.items():
        found.setdefault(event, []).append(name)
    return found


def written(graph: Graph) -> Written:
    """When each quantity of a graph comes about."""
    forward = {event.node: event.index for event in graph.events if event.phase in ("forward", "cost")}
    value = {v.name: 0 for v in (*graph.inputs, *graph.targets)}
    value |= {name: forward[node.name] for node in graph.nodes if not node.collapsed for name in node.outputs}
    value = {name: value[name] for name in graph.variables if name in value}
    if graph.halts:  # nothing comes back, and nothing moves
        never = len(graph.events)
        return Written(value, {}, {p.name: never for p in graph.parameters}, never)
    zero = next(event.index for event in graph.events if event.phase == "zero")
    gradient = {graph.loss: next(event.index for event in graph.events if event.phase == "seed")}
    for name in graph.differentiable - {graph.loss}:
        reader = graph.reader[name]
        gradient[name] = graph.summed(reader) if reader.collapsed else graph.stop["backward", reader.name]
    update = {p.name: graph.stop["update", p.name] for p in graph.parameters}
    return Written(value, {name: gradient[name] for name in graph.variables if name in gradient}, update, zero)
