"""Small experiments with a loss surface, for tests."""

from __future__ import annotations

import numpy as np

from bptui.data.samples import given_samples
from bptui.engine.buffers import Array
from bptui.engine.module import Module
from bptui.engine.modules import BinaryCrossEntropy, Linear, Multiply, ReLU, SquaredError, Tanh
from bptui.engine.modules.landscapes import Landscape
from bptui.engine.net import Net
from bptui.session.experiment import Experiment

SAMPLES = 12


def points(inputs: int = 1, count: int = SAMPLES, repeat: int = 1) -> dict[str, Array]:
    """Inputs and targets on a noisy plane: x (N, inputs), y (N, 1)."""
    rng = np.random.default_rng(3)
    x = rng.normal(0.4, 1.0, (count, inputs))
    y = x.sum(axis=1, keepdims=True) * 0.8 + 0.5 + rng.normal(0.0, 0.4, (count, 1))
    return {"x": np.tile(x, (repeat, 1)), "y": np.tile(y, (repeat, 1))}


def line(count: int = SAMPLES, repeat: int = 1, **knobs: object) -> Experiment:
    """ȳ = w·x + b, squared error."""
    net = Net("line").input("x", 1).target("y", 1).add("m0", Linear(1), "x", "ybar")
    net = net.add("cost", SquaredError(), "ybar y", "C")
    return Experiment(net, given_samples(points(1, count, repeat)), **{"batch": 4, **knobs})  # type: ignore[arg-type]


def slope(**knobs: object) -> Experiment:
    """ȳ = w·x: one parameter."""
    net = Net("slope").input("x", 1).target("y", 1).add("m0", Linear(1, bias=False), "x", "ybar")
    return Experiment(net.add("cost", SquaredError(), "ybar y", "C"), given_samples(points()), **knobs)  # type: ignore[arg-type]


def unit(module: Module, **knobs: object) -> Experiment:
    """One unit of two inputs without a bias, squared error."""
    net = Net("unit").input("x", 2).target("y", 1).add("m0", Linear(1, bias=False), "x", "s").add("h", module, "s", "z")
    return Experiment(net.add("cost", SquaredError(), "z y", "C"), given_samples(points(2)), **knobs)  # type: ignore[arg-type]


def logistic(**knobs: object) -> Experiment:
    """Two weights, binary cross-entropy on logits."""
    net = Net("logistic").input("x", 2).target("y", 1).add("m0", Linear(1, bias=False), "x", "s")
    samples = points(2)
    samples["y"] = (samples["y"] > 1.0).astype(float)
    net = net.add("cost", BinaryCrossEntropy(), "s y", "C")
    return Experiment(net, given_samples(samples), **knobs)  # type: ignore[arg-type]


def two_layer(module: Module | None = None, **knobs: object) -> Experiment:
    """2-3-1."""
    net = Net("two").input("x", 2).target("y", 1).add("m0", Linear(3), "x", "s").add("h", module or Tanh(), "s", "z")
    net = net.add("m1", Linear(1), "z", "ybar").add("cost", SquaredError(), "ybar y", "C")
    return Experiment(net, given_samples(points(2)), **{"batch": 4, **knobs})  # type: ignore[arg-type]


def product(**knobs: object) -> Experiment:
    """ȳ = (w₀·x)·(w₁·x): affine in each weight, and not in both."""
    net = Net("product").input("x", 1).target("y", 1).add("m0", Linear(1, bias=False), "x", "u")
    net = net.add("m1", Linear(1, bias=False), "x", "v").add("times", Multiply(), "u v", "ybar")
    return Experiment(net.add("cost", SquaredError(), "ybar y", "C"), given_samples(points()), **knobs)  # type: ignore[arg-type]


def landscape(function: Landscape, **knobs: object) -> Experiment:
    """A known function of two parameters."""
    net = Net("landscape").input("x", 1).add("position", Linear(2, bias=False), "x", "theta")
    net = net.add("f", function, "theta", "f")
    return Experiment(net, given_samples({"x": np.ones((1, 1))}), **knobs)  # type: ignore[arg-type]


__all__ = [
    "SAMPLES",
    "ReLU",
    "Tanh",
    "landscape",
    "line",
    "logistic",
    "points",
    "product",
    "slope",
    "two_layer",
    "unit",
]
