"""The lecture's perturbation argument: nudge one entry, and see how the nudge arrives at the cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bptui.engine.buffers import Array
from bptui.session.actions import ActionError
from bptui.session.moment import Moment
from bptui.session.rehearsal import Rehearsal

HALVINGS = 6


@dataclass(frozen=True)
class Moved:
    """How far one variable downstream moved, for the sample in view: (*shape) each."""

    name: str
    actual: Array
    predicted: Array


@dataclass(frozen=True)
class Twiddle:
    """One entry nudged by `ds`.

    `moved` lists the variables downstream in order, the loss last. `slope` is the gradient dC/ds, so the prediction
    for the loss is ds·dC/ds. `errors` pairs ever smaller nudges with |actual − predicted| at the loss.
    """

    name: str
    index: tuple[int, ...]
    ds: float
    slope: float
    moved: tuple[Moved, ...]
    errors: tuple[tuple[float, float], ...]

    @property
    def actual(self) -> float:
        """How far the loss really moved."""
        return float(self.moved[-1].actual)

    @property
    def predicted(self) -> float:
        """How far it should have moved, were everything linear."""
        return self.ds * self.slope


def twiddle(moment: Moment, name: str, index: tuple[int, ...], ds: float) -> Twiddle:
    """Nudge an entry of a variable or parameter in this training step, for the sample in view.

    Raises ActionError if there is no such entry, or the loss does not depend on it.
    """
    graph = moment.graph
    if name not in graph.differentiable:
        raise ActionError(f"{name}: the loss has no gradient with respect to it")
    if name == graph.loss:
        raise ActionError(f"{name} is the loss itself: nothing comes after it")
    variable = graph.variables[name]
    if len(index) != len(variable.shape) or any(not 0 <= i < n for i, n in zip(index, variable.shape, strict=True)):
        raise ActionError(f"{name} has shape {list(variable.shape)}, no entry {list(index)}")
    if not np.isfinite(ds) or ds == 0.0:
        raise ActionError(f"the nudge is {ds:g}, wants a finite number that is not 0")
    rehearsal = Rehearsal(moment)
    place = (moment.sample, *index) if variable.batched else index
    direction = np.zeros_like(rehearsal.program.values[name])
    direction[place] = ds
    slope = float(rehearsal.gradients[name][place])
    actual = _nudged(rehearsal, name, place, ds)
    predicted = rehearsal.tangents(name, direction)
    moved = tuple(
        Moved(output, _shown(moment, output, actual[output]), _shown(moment, output, predicted[output]))
        for node in rehearsal.downstream(name)
        if not node.collapsed
        for output in node.outputs
    )
    errors = []
    for halving in range(HALVINGS + 1):
        small = ds * 0.5**halving
        loss = float(_nudged(rehearsal, name, place, small)[graph.loss])
        errors.append((small, abs(loss - small * slope)))
    return Twiddle(name, index, ds, slope, moved, tuple(errors))


def _nudged(rehearsal: Rehearsal, name: str, place: tuple[int, ...], ds: float) -> dict[str, Array]:
    """How far every variable downstream moves when an entry does; everything is put back."""
    values, nodes = rehearsal.program.values, rehearsal.downstream(name)
    before = {output: values[output].copy() for node in nodes for output in node.outputs}
    kept = values[name][place].copy()
    values[name][place] += ds
    for node in nodes:
        rehearsal.forward(node)
        if name in rehearsal.graph.copy_of:  # its memory is the parameter's own, which later modules read too
            values[name][place] = kept
    after = {output: values[output] - before[output] for output in before}
    values[name][place] = kept
    for node in nodes:
        rehearsal.forward(node)
    return after


def _shown(moment: Moment, name: str, values: Array) -> Array:
    return np.array(values[moment.sample] if moment.graph.variables[name].batched else values)
