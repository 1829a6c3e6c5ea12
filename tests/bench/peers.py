"""Who is measured. Each peer makes a `Trainer` for a task: a step on given samples, and the parameters after it."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from tests.bench.floor import plain_floor, relu_floor, tanh_floor
from tests.bench.tasks import RATE, Array, Indices, Task


class Trainer(NamedTuple):
    """One peer at one task: a function that trains a step on each of some minibatches, and the parameters after it.

    `parameters` is None where a peer cannot train on exactly these weights and batches.
    """

    train: Callable[[list[Indices]], None]
    parameters: Callable[[], Array] | None


def _trainer(step: Callable[[Indices], float], parameters: Callable[[], Array] | None) -> Trainer:
    def train(batches: list[Indices]) -> None:
        for indices in batches:
            step(indices)

    return Trainer(train, parameters)


def tuned(task: Task) -> Trainer:
    """Hand-written NumPy, tuned call by call."""
    return _trainer(*(tanh_floor if task.activation == "tanh" else relu_floor)(task))


def plain(task: Task) -> Trainer:
    """Hand-written NumPy as it is commonly written."""
    return _trainer(*plain_floor(task))


def plan(task: Task, features_first: bool = False) -> Trainer:
    """This project's training plan."""
    from bptui.engine.plan import Plan

    return _own(Plan, task, features_first)


def plan_features_first(task: Task) -> Trainer:
    """The plan with the batch axis last in memory."""
    return plan(task, features_first=True)


def tape(task: Task) -> Trainer:
    """This project's tape, run event by event as in stepping."""
    from bptui.engine.tape import Tape

    return _own(Tape, task, False)


def _own(kind: Any, task: Task, features_first: bool) -> Trainer:
    from bptui.engine.modules import CrossEntropy, Linear, ReLU, Tanh
    from bptui.engine.net import Net
    from bptui.engine.program import Settings
    from bptui.engine.rewire import Wiring, rewire

    net, at = Net(task.name).input("x", task.sizes[0]), "x"
    for k, size in enumerate(task.sizes[1:-1]):
        net = net.add(f"m{k}", Linear(size), at, f"s{k}")
        net, at = net.add(f"h{k}", Tanh() if task.activation == "tanh" else ReLU(), f"s{k}", f"z{k}"), f"z{k}"
    last = len(task.sizes) - 2
    net = net.add(f"m{last}", Linear(task.sizes[-1]), at, "s").target("y", task.sizes[-1], classes=True)
    graph = rewire(net.add("cost", CrossEntropy(), "s y", "C"), Wiring(batch=task.batch))
    runner = kind(graph, Settings(batch=task.batch, rate=RATE, features_first=features_first))
    for k, pair in enumerate(task.weights):
        for name, part in zip(("weight", "bias"), pair, strict=True):
            runner.state.parameters[f"m{k}.{name}"][...] = part
    samples, step = {"x": task.inputs, "y": task.one_hot}, runner.step

    def train(batches: list[Indices]) -> None:
        for k, indices in enumerate(batches):
            step(samples, indices, k)

    return Trainer(train, runner.state.flat["parameters"].copy)


def torch(task: Task) -> Trainer:
    """PyTorch, eager: modules and its own SGD, in the form of that which is fastest here (one parameter at a time)."""
    import torch

    torch.set_num_threads(1)
    layers: list[Any] = []
    for weight, bias in task.weights:
        linear = torch.nn.Linear(weight.shape[1], weight.shape[0], dtype=torch.float64)
        linear.weight.data, linear.bias.data = torch.tensor(weight), torch.tensor(bias)
        layers += [linear, torch.nn.Tanh() if task.activation == "tanh" else torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers[:-1])
    optimiser, cost = torch.optim.SGD(model.parameters(), lr=RATE, foreach=False), torch.nn.CrossEntropyLoss()
    inputs, classes = torch.tensor(task.inputs), torch.tensor(task.classes)

    def step(indices: Indices) -> float:
        chosen = torch.from_numpy(indices)
        optimiser.zero_grad()
        loss = cost(model(inputs[chosen]), classes[chosen])
        loss.backward()
        optimiser.step()
        return float(loss.item())

    return _trainer(step, lambda: np.concatenate([p.detach().numpy().ravel() for p in model.parameters()]))


def autograd(task: Task) -> Trainer:
    """HIPS autograd."""
    import autograd.numpy as anp
    from autograd import value_and_grad
    from autograd.scipy.special import logsumexp

    def loss(layers: Any, x: Array, y: Array) -> Any:
        for k, (weight, bias) in enumerate(layers):
            x = anp.dot(x, weight.T) + bias
            if k < len(layers) - 1:
                x = anp.tanh(x) if task.activation == "tanh" else anp.maximum(x, 0.0)
        return (anp.sum(logsumexp(x, axis=1)) - anp.sum(x * y)) / len(y)

    layers, both = [(w.copy(), b.copy()) for w, b in task.weights], value_and_grad(loss)

    def step(indices: Indices) -> float:
        value, gradients = both(layers, task.inputs[indices], task.one_hot[indices])
        for (weight, bias), (dw, db) in zip(layers, gradients, strict=True):
            weight -= RATE * dw
            bias -= RATE * db
        return float(value)

    return _trainer(step, lambda: task.flat(layers))


def sklearn(task: Task) -> Trainer:
    """scikit-learn's `MLPClassifier.partial_fit`; for two classes its net has one output, so toy is not the same."""
    from sklearn.neural_network import MLPClassifier

    model = MLPClassifier(
        task.sizes[1:-1],
        activation=task.activation,
        solver="sgd",
        alpha=0.0,
        batch_size=task.batch,
        learning_rate_init=RATE,
        momentum=0.0,
        nesterovs_momentum=False,
    )
    names = np.arange(task.sizes[-1])
    model.partial_fit(task.inputs[: task.batch], task.classes[: task.batch], classes=names)
    for k, (weight, bias) in enumerate(task.weights):
        model.coefs_[k][...] = weight.T[:, : model.coefs_[k].shape[1]]
        model.intercepts_[k][...] = bias[: len(model.intercepts_[k])]

    def step(indices: Indices) -> float:
        model.partial_fit(task.inputs[indices], task.classes[indices])
        return float(model.loss_)

    def parameters() -> Array:
        return task.flat((w.T, b) for w, b in zip(model.coefs_, model.intercepts_, strict=True))

    return _trainer(step, None if task.sizes[-1] == 2 else parameters)


def micrograd(task: Task) -> Trainer:
    """micrograd, one scalar at a time; tanh, exp and log are added in its own manner."""
    from micrograd.engine import Value

    sys.setrecursionlimit(1_000_000)  # its backward recurses through the whole graph

    def pointwise(x: Any, y: float, slope: float) -> Any:
        out = Value(y, (x,))

        def backward() -> None:
            x.grad += slope * out.grad

        out._backward = backward
        return out

    def hidden(x: Any) -> Any:
        if task.activation == "relu":
            return x.relu()
        y = math.tanh(x.data)
        return pointwise(x, y, 1.0 - y * y)

    def cross_entropy(scores: list[Any], right: int) -> Any:
        top = max(s.data for s in scores)
        shifted = [s - top for s in scores]
        total = sum((pointwise(s, math.exp(s.data), math.exp(s.data)) for s in shifted), Value(0.0))
        return pointwise(total, math.log(total.data), 1.0 / total.data) - shifted[right]

    layers = [
        ([[Value(v) for v in row] for row in w.tolist()], [Value(v) for v in b.tolist()]) for w, b in task.weights
    ]
    values = [v for weight, bias in layers for v in [v for row in weight for v in row] + bias]

    def step(indices: Indices) -> float:
        for value in values:
            value.grad = 0.0
        loss = Value(0.0)
        for sample, right in zip(task.inputs[indices].tolist(), task.classes[indices].tolist(), strict=True):
            x = sample
            for k, (weight, bias) in enumerate(layers):
                x = [sum((w * v for w, v in zip(row, x, strict=True)), b) for row, b in zip(weight, bias, strict=True)]
                x = x if k == len(layers) - 1 else [hidden(v) for v in x]
            loss = loss + cross_entropy(x, right)
        loss = loss * (1.0 / task.batch)
        loss.backward()
        for value in values:
            value.data -= RATE * value.grad
        return float(loss.data)

    return _trainer(step, lambda: np.array([v.data for v in values]))


PEERS: dict[str, Callable[[Task], Trainer]] = {
    "floor": plain,
    "tuned floor": tuned,
    "plan": plan,
    "plan, features first": plan_features_first,
    "tape": tape,
    "PyTorch eager": torch,
    "HIPS autograd": autograd,
    "scikit-learn": sklearn,
    "micrograd": micrograd,
}
