"""What a run can be stopped for, from a fixed list: nothing that a learner types is ever evaluated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from bptui.engine.buffers import Array
from bptui.engine.graph import Event, Graph, Node
from bptui.engine.module import subscript
from bptui.engine.notation import gradient_symbol, numeral, symbol
from bptui.session.moment import Moment
from bptui.session.written import written

Of = Literal["value", "gradient"]
KINDS = ("not finite", "all zero", "above", "below", "dead", "saturated")
OF_UNITS = ("dead", "saturated")  # kinds that look at a module's units, for the whole batch
SATURATED = 0.99  # share of the way between a module's limits beyond which a unit counts as saturated


class ConditionError(ValueError):
    """A condition that makes no sense for this net. One line."""


@dataclass(frozen=True)
class Condition:
    """Stop where this holds.

    `name` is a variable or parameter ("not finite", "all zero", "above", "below": |entry| against `bound`), or a
    module ("dead": a unit lets no gradient through for the whole batch, as a ReLU unit at 0; "saturated": a sigmoid or
    tanh unit is within 1 % of its limits for the whole batch). An empty `name` is all of them.
    """

    kind: str
    name: str = ""
    of: Of = "gradient"
    bound: float = 0.0

    def __str__(self) -> str:
        if self.kind in OF_UNITS:
            return f"a unit of {self.name or 'any module'} is {self.kind}"
        named = gradient_symbol if self.of == "gradient" else symbol
        what = named(self.name) if self.name else f"any {self.of}"
        return f"|{what}| {self.kind} {self.bound:g}" if self.kind in ("above", "below") else f"{what} is {self.kind}"

    @property
    def of_gradient(self) -> bool:
        """Whether it looks at gradients, not at values."""
        return self.of == "gradient" and self.kind not in OF_UNITS

    def checked(self, graph: Graph) -> Condition:
        """The condition itself. Raises ConditionError if it cannot hold in this graph."""
        if self.kind not in KINDS:
            raise ConditionError(f"unknown condition {self.kind!r}, wants one of {', '.join(KINDS)}")
        if not self.places(graph):
            what = "module" if self.kind in OF_UNITS else self.of
            raise ConditionError(f"{self}: this net has no such {what} to watch")
        return self

    def places(self, graph: Graph) -> list[tuple[str, int]]:
        """The names to look at, each with the event at which it comes about."""
        known = written(graph)
        if self.kind in OF_UNITS:
            nodes = [n for n in graph.nodes if self._about(n) and self.name in ("", n.name)]
            return [(n.outputs[0], known.value[n.outputs[0]]) for n in nodes]
        table = known.gradient if self.of == "gradient" else known.value | known.update
        wanted = self.name if self.of == "gradient" else graph.copy_of.get(self.name, self.name)
        return [(name, event) for name, event in table.items() if wanted in ("", name)]

    def _about(self, node: Node) -> bool:
        """Whether the module has units that can be dead, or saturated."""
        return (node.module.dead if self.kind == "dead" else node.module.limits) is not None

    def met(self, moment: Moment) -> str | None:
        """Why the condition holds at this very event; None if it does not, or nothing it watches was made here."""
        reasons = (self.reason(moment, name) for name, event in self.places(moment.graph) if event == moment.cursor)
        return next((reason for reason in reasons if reason), None)

    def reason(self, moment: Moment, name: str) -> str | None:
        """Why the condition holds for one of its places, at a moment when that is known; None if it does not."""
        values = moment.batch_gradient(name) if self.of_gradient else moment.batch_value(name)
        if values is None:
            return None
        if self.kind in OF_UNITS:
            return self._unit(moment, name, values)
        hit = self._hits(values)
        if not hit.any():
            return None
        shown = gradient_symbol(name) if self.of_gradient else symbol(name)
        if self.kind == "all zero":
            return f"every entry of {shown} is 0"
        place = tuple(int(i) for i in np.unravel_index(int(np.argmax(hit)), values.shape))
        batched = values.ndim > len(moment.graph.variables[name].shape)
        entry = shown + subscript(place[1:] if batched else place)
        entry += f" of sample {place[0] + 1}" if batched and moment.batch > 1 else ""
        return f"{entry} is {numeral(float(values[place]), 4)}" + (
            f", |{shown}| {self.kind} {self.bound:g}" * (self.kind in ("above", "below"))
        )

    def _hits(self, values: Array) -> Array:
        """Where the condition holds among the values; for "all zero", at all places or at none."""
        match self.kind:
            case "not finite":
                return np.asarray(~np.isfinite(values))
            case "all zero":
                return np.asarray(not values.any())
            case "above":
                return np.asarray(np.abs(values) > self.bound)
            case _:
                return np.asarray(np.abs(values) < self.bound)

    def _unit(self, moment: Moment, name: str, values: Array) -> str | None:
        node = moment.graph.node[str(moment.graph.variables[name].maker)]
        if node.module.limits is not None and self.kind == "saturated":
            low, high = node.module.limits
            share = (values - low) / (high - low)
            hit = ((share > SATURATED) | (share < 1 - SATURATED)).all(axis=0)
        else:
            side = node.module.switch([x for x in map(moment.batch_value, node.inputs) if x is not None])
            hit = (np.asarray(side) <= node.module.dead).all(axis=0)
        if not hit.any():
            return None
        unit = ",".join(str(int(i)) for i in np.unravel_index(int(np.argmax(hit)), hit.shape))
        verb = "is" if hit.sum() == 1 else "are"
        first = f"the first is {symbol(name)}[{unit}]"
        return f"{hit.sum()} of {hit.size} units of {node.name} {verb} {self.kind} for the whole batch; {first}"


@dataclass(frozen=True)
class Stop:
    """An event at which a run could stop: its module has a breakpoint, or it makes what conditions watch."""

    event: Event
    broken: bool
    watched: tuple[tuple[Condition, str], ...]

    def reason(self, moment: Moment) -> str | None:
        """Why to stop at this instant; None to go on."""
        if self.broken:
            return f"breakpoint on {self.event.node}, {self.event.phase}"
        reasons = (condition.reason(moment, name) for condition, name in self.watched)
        return next((reason for reason in reasons if reason), None)


@dataclass(frozen=True)
class Stops:
    """All that stops a run: modules with a breakpoint, and conditions."""

    breakpoints: frozenset[str]
    conditions: tuple[Condition, ...]

    def __bool__(self) -> bool:
        return bool(self.breakpoints or self.conditions)

    def along(self, graph: Graph) -> list[Stop]:
        """The events of a graph at which something could stop, in order."""
        watched: dict[int, list[tuple[Condition, str]]] = {}
        for condition in self.conditions:
            for name, event in condition.places(graph):
                watched.setdefault(event, []).append((condition, name))
        return [
            Stop(event, event.node in self.breakpoints, tuple(watched.get(event.index, ())))
            for event in graph.events
            if event.node in self.breakpoints or event.index in watched
        ]
