"""What a run can be stopped for, from a fixed list: nothing that a learner types is ever evaluated."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from bptui.engine.graph import Event, Graph
from bptui.engine.module import Array, subscript
from bptui.engine.modules.pointwise import ReLU, Sigmoid, Tanh
from bptui.engine.notation import gradient_symbol, numeral, symbol
from bptui.session.moment import Moment, written

Of = Literal["value", "gradient"]
KINDS = ("not finite", "all zero", "above", "below", "dead", "saturated")
SATURATED = 0.99  # share of the way to its limit at which a sigmoid or tanh unit counts as saturated


class ConditionError(ValueError):
    """A condition that makes no sense for this net. One line."""


@dataclass(frozen=True)
class Condition:
    """Stop where this holds.

    `name` is a variable or parameter ("not finite", "all zero", "above", "below": |entry| against `bound`), or a
    module ("dead": a ReLU unit is 0 for the whole batch; "saturated": a sigmoid or tanh unit is within 1 % of its
    limits for the whole batch). An empty `name` is all of them.
    """

    kind: str
    name: str = ""
    of: Of = "gradient"
    bound: float = 0.0

    def __str__(self) -> str:
        if self.kind in ("dead", "saturated"):
            return f"a unit of {self.name or 'any module'} is {self.kind}"
        what = (
            "anything" if not self.name else gradient_symbol(self.name) if self.of == "gradient" else symbol(self.name)
        )
        return f"|{what}| {self.kind} {self.bound:g}" if self.kind in ("above", "below") else f"{what} is {self.kind}"

    def checked(self, graph: Graph) -> Condition:
        """The condition itself. Raises ConditionError if it cannot hold in this graph."""
        if self.kind not in KINDS:
            raise ConditionError(f"unknown condition {self.kind!r}, wants one of {', '.join(KINDS)}")
        if not self._places(graph):
            what = "module" if self.kind in ("dead", "saturated") else self.of
            raise ConditionError(f"{self}: this net has no such {what} to watch")
        return self

    def _places(self, graph: Graph) -> list[tuple[str, int]]:
        """The names to look at, each with the event at which it comes about."""
        if self.kind in ("dead", "saturated"):
            kinds = ReLU if self.kind == "dead" else (Sigmoid, Tanh)
            nodes = [n for n in graph.nodes if isinstance(n.module, kinds) and self.name in ("", n.name)]
            return [(n.outputs[0], written(graph).value[n.outputs[0]]) for n in nodes]
        known = written(graph)
        table = known.gradient if self.of == "gradient" else known.value | known.update
        wanted = self.name if self.of == "gradient" else graph.copy_of.get(self.name, self.name)
        return [(name, event) for name, event in table.items() if wanted in ("", name)]

    def met(self, moment: Moment) -> str | None:
        """Why the condition holds at this very event; None if it does not, or nothing it watches was made here."""
        for name, event in self._places(moment.graph):
            if event == moment.cursor and (reason := self._met(moment, name)):
                return reason
        return None

    def _met(self, moment: Moment, name: str) -> str | None:
        gradient = self.of == "gradient" and self.kind not in ("dead", "saturated")
        values = moment.batch_gradient(name) if gradient else moment.batch_value(name)
        if values is None:
            return None
        shown = gradient_symbol(name) if gradient else symbol(name)
        if self.kind in ("dead", "saturated"):
            return self._unit(moment, name, values)
        hit = {
            "not finite": ~np.isfinite(values),
            "all zero": np.full(values.shape, not values.any()),
            "above": np.abs(values) > self.bound,
            "below": np.abs(values) < self.bound,
        }[self.kind]
        if not hit.any():
            return None
        if self.kind == "all zero":
            return f"every entry of {shown} is 0"
        place = tuple(int(i) for i in np.unravel_index(int(np.argmax(hit)), values.shape))
        batched = values.ndim > len(moment.graph.variables[name].shape)
        entry = shown + subscript(place[1:] if batched else place)
        entry += f" of sample {place[0] + 1}" if batched and moment.batch > 1 else ""
        return f"{entry} is {numeral(float(values[place]), 4)}" + (
            f", |{shown}| {self.kind} {self.bound:g}" * (self.kind in ("above", "below"))
        )

    def _unit(self, moment: Moment, name: str, values: Array) -> str | None:
        node = next(n for n in moment.graph.nodes if n.outputs and n.outputs[0] == name)
        if self.kind == "dead":
            hit = (values == 0).all(axis=0)
        else:
            low = 0.0 if isinstance(node.module, Sigmoid) else -1.0
            share = (values - low) / (1.0 - low)
            hit = ((share > SATURATED) | (share < 1 - SATURATED)).all(axis=0)
        if not hit.any():
            return None
        unit = ",".join(str(int(i)) for i in np.unravel_index(int(np.argmax(hit)), hit.shape))
        verb = "is" if hit.sum() == 1 else "are"
        first = f"the first is {symbol(name)}[{unit}]"
        return f"{hit.sum()} of {hit.size} units of {node.name} {verb} {self.kind} for the whole batch; {first}"


@dataclass(frozen=True)
class Stops:
    """All that stops a run: modules with a breakpoint, and conditions."""

    breakpoints: frozenset[str]
    conditions: tuple[Condition, ...]

    def __bool__(self) -> bool:
        return bool(self.breakpoints or self.conditions)

    def events(self, graph: Graph) -> Iterable[Event]:
        """The events of a graph at which something could stop."""
        watched = {event for condition in self.conditions for _, event in condition._places(graph)}
        return [e for e in graph.events if e.index in watched or e.node in self.breakpoints]

    def reason(self, moment: Moment) -> str | None:
        """Why to stop at this instant; None to go on."""
        if moment.event.node in self.breakpoints:
            return f"breakpoint on {moment.event.node}, {moment.event.phase}"
        return next((reason for c in self.conditions if (reason := c.met(moment))), None)
