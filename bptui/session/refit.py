"""An experiment on other data or with other layers; what no longer fits is made to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bptui.data.toys import TOYS, class_count
from bptui.engine.buffers import Shape
from bptui.engine.graph import wire
from bptui.engine.modules import CrossEntropy, SquaredError
from bptui.engine.modules.costs import COSTS
from bptui.engine.net import Net
from bptui.session.experiment import Experiment
from bptui.session.mlp import Mlp, as_mlp, with_activation


def with_data(experiment: Experiment, **changes: Any) -> Experiment:
    """The experiment with other fields of its data. A full batch stays full. Raises ValueError if nothing fits."""
    return _on_data(experiment, experiment, **changes)


def with_kind(experiment: Experiment, kind: str) -> Experiment:
    """The experiment on another kind of data.

    Where a multi-layer perceptron does not fit it, its inputs and outputs are made to, with cross-entropy for classes
    and the squared error for numbers. Raises ValueError if nothing fits.
    """
    if kind == experiment.data.kind:
        return experiment
    toy, body = TOYS.get(kind), as_mlp(experiment.net)
    if toy is None or toy.places(experiment.net) or body is None:
        return with_data(experiment, kind=kind)
    if toy.classes is None:
        ends = replace(body, sizes=(toy.inputs, *body.sizes[1:-1], 1), cost=SquaredError())
    else:
        target = next(given for given in experiment.net.given if given.target)
        low, high = toy.classes
        outputs = min(max(class_count(target) or low, low), high)
        cost = body.cost if body.cost.classes else CrossEntropy()
        ends = replace(body, sizes=(toy.inputs, *body.sizes[1:-1], outputs), cost=cost)
    return _on_data(experiment, _rebuilt(experiment, ends), kind=kind)


def with_classes(experiment: Experiment, count: int) -> Experiment:
    """A multi-layer perceptron and its toy data with another number of classes. Raises ValueError if nothing fits."""
    body = as_mlp(experiment.net)
    if body is None or not body.cost.classes:
        raise ValueError("classes: this net is no multi-layer perceptron with a class as target")
    return _on_data(experiment, _rebuilt(experiment, replace(body, sizes=(*body.sizes[:-1], count))))


def with_hidden(experiment: Experiment, hidden: tuple[int, ...]) -> Experiment:
    """A multi-layer perceptron with other hidden layers, of these sizes. Raises ValueError if the net is none."""
    body = as_mlp(experiment.net)
    if body is None:
        raise ValueError("hidden: this net is no multi-layer perceptron")
    return _rebuilt(experiment, replace(body, sizes=(body.sizes[0], *hidden, body.sizes[-1])))


def with_other_activation(experiment: Experiment, name: str) -> Experiment:
    """The experiment with another non-linearity. Raises ValueError if the net has no place for it."""
    return _on_net(experiment, with_activation(experiment.net, name))


def _on_data(before: Experiment, experiment: Experiment, **changes: Any) -> Experiment:
    """`experiment` with other fields of its data, and with a full batch if it was full `before`."""
    changed = experiment.changed(data=replace(experiment.data, **changes))
    if changed == before:
        return before
    return changed.changed(batch=changed.count) if before.batch == before.count else changed


def _rebuilt(experiment: Experiment, body: Mlp) -> Experiment:
    return _on_net(experiment, body.net(experiment.net.name))


def _on_net(experiment: Experiment, net: Net) -> Experiment:
    """The experiment on another net: given parameters are kept where they still fit, and so is a replaced cost."""
    cost = experiment.cost
    if cost is not None and COSTS[cost].classes and not any(given.classes for given in net.given):
        cost = None
    parameters = experiment.parameters if _parameters(net) == _parameters(experiment.net) else ()
    return experiment.changed(net=net, cost=cost, parameters=parameters)


def _parameters(net: Net) -> dict[str, Shape]:
    return {parameter.name: parameter.shape for parameter in wire(net).parameters}
