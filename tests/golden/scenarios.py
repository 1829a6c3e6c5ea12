"""Small training runs that PyTorch can do too: what the golden file holds the results of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bptui.engine.buffers import Array
from bptui.engine.graph import Graph
from bptui.engine.module import Module
from bptui.engine.modules import (
    AbsoluteError,
    Add,
    BinaryCrossEntropy,
    Concatenate,
    CrossEntropy,
    Dropout,
    Duplicate,
    Flatten,
    LeakyReLU,
    Linear,
    LogSoftMax,
    Max,
    Multiply,
    NegativeLogLikelihood,
    ReLU,
    Scale,
    Sigmoid,
    SoftMax,
    Softplus,
    SquaredError,
    Tanh,
)
from bptui.engine.modules.costs import COSTS, Cost
from bptui.engine.net import Net
from bptui.engine.optimisers import OPTIMISERS, SGD, Adam, AdamW, Momentum, Optimiser
from bptui.engine.rewire import Reduction, Wiring, rewire
from bptui.engine.schedules import SCHEDULES, Constant, Cosine, Exponential, Inverse, Schedule, Step

STEPS, BATCH, COUNT = 5, 3, 12


@dataclass(frozen=True)
class Scenario:
    """One run of five steps. Rates of penalties are for all weights, none for biases."""

    name: str
    net: Net
    reduction: Reduction = "batch"
    optimiser: Optimiser = field(default_factory=SGD)
    schedule: Schedule = field(default_factory=Constant)
    rate: float = 0.1
    l1: float = 0.0
    l2: float = 0.0
    decay: float = 0.0
    threshold: float = 0.0

    def plain(self) -> Graph:
        """The net with its costs joined, and nothing else."""
        return rewire(self.net, Wiring())

    def weights(self, rate: float) -> dict[str, float]:
        """One rate for each weight; none at all if it is 0."""
        names = [p.name for p in self.plain().parameters if p.name.endswith(".weight")]
        return dict.fromkeys(names, rate) if rate else {}

    def parameters(self) -> dict[str, Array]:
        """The first parameters, short decimals."""
        rng = np.random.default_rng(7)
        return {p.name: np.round(rng.uniform(-1.0, 1.0, p.shape), 3) for p in self.plain().parameters}

    def samples(self) -> dict[str, Array]:
        """Twelve samples, short decimals; step k takes the three from 3k on, around."""
        rng, graph = np.random.default_rng(8), self.plain()
        samples = {v.name: np.round(rng.normal(size=(COUNT, *v.shape)), 3) for v in graph.inputs}
        for v in graph.targets:
            if v.classes:
                samples[v.name] = np.eye(v.shape[0])[rng.integers(0, v.shape[0], COUNT)]
            else:
                samples[v.name] = np.round(rng.uniform(0.0, 1.0, (COUNT, *v.shape)), 3)
        return samples

    def indices(self, step: int) -> Array:
        return np.arange(BATCH * step, BATCH * (step + 1)) % COUNT


def _costed(net: Net, cost: Cost, ybar: str, size: int) -> Net:
    return net.target("y", size, classes=cost.classes).add("cost", cost, f"{ybar} y", "C")


def _layered(module: Module, cost: Cost | None = None, out: int = 3) -> Net:
    """4-5-3 with this module in the middle."""
    net = Net("layered").input("x", 4).add("m0", Linear(5), "x", "s").add("h", module, "s", "z")
    return _costed(net.add("m1", Linear(out), "z", "ybar"), cost or CrossEntropy(), "ybar", out)


def _two(module: Module, bias: bool = True) -> Net:
    """A module of two inputs between linear ones."""
    net = Net("two").input("x", 4).add("m0", Linear(3, bias), "x", "s0").add("m1", Linear(3, bias), "x", "s1")
    net = net.add("join", module, "s0 s1", "z").add("m2", Linear(2), "z", "ybar")
    return _costed(net, SquaredError(), "ybar", 2)


def _image() -> Net:
    net = Net("image").input("x", (2, 2, 3)).add("flatten", Flatten(), "x", "z0").add("m0", Linear(3), "z0", "s")
    return _costed(net.add("h", Tanh(), "s", "z"), SquaredError(), "z", 3)


def _shared() -> Net:
    net = Net("shared").input("x", 3).add("m0", Linear(3), "x", "s0").add("h", Tanh(), "s0", "z")
    net = net.add("again", Linear(3), "z", "s1", shares="m0").add("skip", Add(), "s1 x", "ybar")
    return _costed(net, SquaredError(), "ybar", 3)


def _doubled() -> Net:
    net = Net("doubled").input("x", 3).add("m0", Linear(3), "x", "s").add("dup", Duplicate(3), "s", "a b c")
    net = net.add("t", Tanh(), "a", "ta").add("p", Multiply(), "ta b", "ab").add("sum", Add(), "ab c x", "ybar")
    return _costed(net, SquaredError(), "ybar", 3)


def _two_costs() -> Net:
    net = Net("two costs").input("x", 4).add("m0", Linear(5), "x", "s").add("h", Tanh(), "s", "z")
    net = net.add("m1", Linear(3), "z", "u").add("m2", Linear(2), "z", "v").target("t", 2)
    return _costed(net, CrossEntropy(), "u", 3).add("other", SquaredError(), "v t", "D")


def _for_cost(cost: Cost) -> Net:
    if not isinstance(cost, NegativeLogLikelihood):
        return _layered(Tanh(), cost)
    net = Net("nll").input("x", 4).add("m0", Linear(3), "x", "s").add("l", LogSoftMax(), "s", "logp")
    return _costed(net, cost, "logp", 3)


def scenarios() -> Iterator[Scenario]:
    """All runs: each module, each cost with each reduction, each optimiser, each schedule, penalties."""
    layers: list[Module] = [ReLU(), LeakyReLU(), LeakyReLU(0.2), Sigmoid(), Tanh(), Softplus(), Scale(-1.5), Dropout()]
    for k, module in enumerate([*layers, SoftMax(), LogSoftMax()]):
        yield Scenario(f"{module.kind} {k}", _layered(module))
    for module in (Add(), Multiply(), Max(), Concatenate()):
        yield Scenario(module.kind, _two(module, bias=module.kind != "Add"))
    for net in (_image(), _shared(), _doubled()):
        yield Scenario(net.name, net, rate=0.02)
    reductions: tuple[Reduction, ...] = ("sum", "batch", "elements")
    for reduction in reductions:
        yield Scenario(f"two costs, {reduction}", _two_costs(), reduction, rate=0.02)
        for name, cost in COSTS.items():
            yield Scenario(f"{name}, {reduction}", _for_cost(cost()), reduction, rate=0.02)
    base = _layered(Tanh(), AbsoluteError()), _layered(Tanh(), BinaryCrossEntropy())
    for kind, optimiser in OPTIMISERS.items():
        numbers = {"decay": 0.05} if kind == "AdamW" else {"threshold": 0.3} if kind == "proximal" else {}
        yield Scenario(f"optimiser {kind}", base[1], optimiser=optimiser(), rate=0.05, **numbers)
    yield Scenario("optimiser Adam, other numbers", base[0], optimiser=Adam(0.8, 0.9, 1e-3), rate=0.05)
    timed: tuple[Schedule, ...] = (Constant(), Step(2, 0.5), Exponential(0.8), Cosine(10), Inverse(2.0))
    assert len(timed) == len(SCHEDULES)
    for schedule in timed:
        yield Scenario(f"schedule {schedule.kind}", base[1], optimiser=Momentum(), schedule=schedule)
    yield Scenario("L2", base[1], l2=0.05)
    yield Scenario("L2, momentum", base[1], optimiser=Momentum(), l2=0.05)
    yield Scenario("L1", base[1], l1=0.05)
    yield Scenario("L1, L2, AdamW", base[1], optimiser=AdamW(), l1=0.02, l2=0.03, decay=0.01)


def results_match(got: dict[str, Any], wanted: dict[str, Any]) -> None:
    """Raise AssertionError unless two results are equal to 1e-10."""
    assert got.keys() == wanted.keys()
    for name, value in wanted.items():
        if isinstance(value, dict):
            results_match(got[name], value)
        else:
            np.testing.assert_allclose(got[name], value, rtol=1e-10, atol=1e-12, err_msg=name)
