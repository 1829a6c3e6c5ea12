"""The cost that the file goes back from, put behind the net that was read: of several outputs, summed, scaled."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from bptui.engine.modules import Add, Average
from bptui.engine.modules.costs import COSTS, Cost
from bptui.sources.pytorch.builder import Builder
from bptui.sources.pytorch.goal import DEPTH, Goal, keeps_rows, unshaped
from bptui.sources.pytorch.later import Output, Taken
from bptui.sources.pytorch.machine import Machine
from bptui.sources.pytorch.problem import Halted, MixesBatchError, Refusal, ShapeFound
from bptui.sources.pytorch.statements import shown
from bptui.sources.pytorch.values import Later, Loss, Tensor, Value, Variable


@dataclass(frozen=True)
class Assembled:
    """The costs that were put behind the net, and the mean that is still to be taken of their sum.

    `taken` are the file's costs, and what each is taken of.
    """

    costs: list[Cost]
    reduction: str
    taken: list[tuple[Loss, Tensor]]


def assembled(machine: Machine, goal: Goal, made: list[Tensor]) -> Assembled:
    """Compute a cost with the tensors that forward gives. Raises Refusal where that is not understood.

    Costs that are only summed are left as they are, for the sum and its mean are drawn by bptui. The means of any
    others are modules of the net.
    """
    costs = [term for factor, term in goal.terms if factor == 1.0 and isinstance(term, Taken) and term.loss]
    kinds = {term.loss.reduction for term in costs if term.loss is not None}
    plain = len(costs) == len(goal.terms) and len(kinds) == 1
    replay = _Replay(machine, made, means=not plain)
    try:
        if plain:
            for term in costs:
                replay.value(term)
        else:
            end = replay.value(goal.rest)
            if not isinstance(end, Tensor) or end.dims != () or machine.builder.drafts[-1].makes is not end.variable:
                raise Refusal(goal.line, "backward() of this")
    except (Halted, MixesBatchError, ShapeFound) as problem:
        raise Refusal(goal.line, str(problem)) from None
    if not replay.costs:
        raise Refusal(goal.line, "a cost of no target")
    mean = "batch" if kinds == {"batch"} or all(cost.classes for cost in replay.costs) else "elements"
    return Assembled(replay.costs, mean if plain and kinds in ({"mean"}, {"batch"}) else "sum", replay.taken)


@dataclass(eq=False)
class _Replay:
    """What is taken down in the lenient run, computed strictly."""

    machine: Machine
    made: list[Tensor]
    means: bool
    costs: list[Cost] = field(default_factory=list)
    taken: list[tuple[Loss, Tensor]] = field(default_factory=list)
    done: dict[int, Value] = field(default_factory=dict)
    targets: dict[tuple[str, int], tuple[Tensor, bool]] = field(default_factory=dict)
    depth: int = 0

    @property
    def builder(self) -> Builder:
        return self.machine.builder

    def value(self, later: Value) -> Value:
        """The value of something that was followed, or of anything else itself."""
        if not isinstance(later, Later):
            return later
        if id(later) not in self.done:
            if self.depth > DEPTH:
                raise Refusal(later.line, "a cost as deep as this")
            self.depth += 1
            made = self.done[id(later)] = self._computed(later)
            self.depth -= 1
            if isinstance(made, Tensor) and made.variable.name is None:
                made.variable.name = next(filter(shown, later.labels), None)
        return self.done[id(later)]

    def _computed(self, later: Later) -> Value:
        if isinstance(later, Output):
            return self._output(later)
        if isinstance(later, Taken):
            return self._cost(later)
        addends = self._addends(later)
        if len(addends) > 2:
            tensors = [self.value(each) for each in addends]
            if all(isinstance(each, Tensor) and each.dims == () for each in tensors):
                return self.builder.add(self.builder.free("sum"), Add(), tensors, (), later.line, letter="S")
        if later.form is None:
            raise Refusal(later.line, "a sum over parameters")
        keywords = {name: self.value(each) for name, each in later.keywords.items()}
        return later.form(self.machine, [self.value(each) for each in later.parts], keywords)

    def _addends(self, later: Value) -> list[Value]:
        """a + b + c, of which no part has a name of its own, is one sum."""
        found: list[Value] = []
        while isinstance(later, Later) and later.what == "+" and len(found) < DEPTH:
            left, right = later.parts
            found.insert(0, right)
            if not isinstance(left, Later) or left.what != "+" or left.labels:
                return [left, *found]
            later = left
        return []

    def _output(self, output: Output) -> Value:
        if output.index is None and len(self.made) == 1:
            return self.made[0]
        if output.index is not None and -len(self.made) <= output.index < len(self.made):
            return self.made[output.index]
        raise Refusal(output.line, f"forward returns {len(self.made)} things, and the cost takes them otherwise")

    def _cost(self, taken: Taken) -> Tensor:
        prediction = self.value(unshaped(taken.prediction))
        if not isinstance(prediction, Tensor) or prediction.dims is None or taken.loss is None:
            raise Refusal(taken.line, "a cost of this")
        if taken.loss.cost not in COSTS:
            raise Refusal(taken.line, taken.loss.cost)
        cost = COSTS[taken.loss.cost]()
        if cost.classes and not (prediction.is_flat and keeps_rows(taken.prediction, prediction.width)):
            raise Refusal(taken.line, f"{cost.title} wants one vector a sample")
        if taken.loss.reduction == "batch" and not prediction.is_flat:
            raise Refusal(taken.line, "a sum over one axis of what the net makes")
        builder, line = self.builder, taken.line
        target = self._target(taken, prediction, cost.classes)
        made = builder.add(builder.free(taken.title or "cost"), cost, (prediction, target), (), line, letter="C")
        self.costs.append(cost)
        self.taken.append((taken.loss, prediction))
        if not self.means or taken.loss.reduction == "sum":
            return made
        entries = 1 if cost.classes or taken.loss.reduction == "batch" else math.prod(prediction.variable.shape)
        return builder.add(builder.free("average"), Average(entries=entries), (made,), (), line, letter="L")

    def _target(self, taken: Taken, prediction: Tensor, classes: bool) -> Tensor:
        key = (taken.word, id(taken.target))
        if key not in self.targets:
            name = taken.word if taken.word.isidentifier() and shown(taken.word) else "y"
            variable = Variable(prediction.variable.shape, "y", name)
            self.builder.targets[variable] = (classes, taken.target)
            self.targets[key] = Tensor(variable, prediction.dims), classes
        target, as_classes = self.targets[key]
        if target.variable.shape != prediction.variable.shape or as_classes is not classes:
            raise Refusal(taken.line, "costs that take one target in two ways")
        return target
