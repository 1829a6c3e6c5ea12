"""Experiments to export: those of the labs by name, and nets that no preset is like."""

from __future__ import annotations

from typing import Any

from bptui.data.samples import Data
from bptui.engine.modules import (
    AbsoluteError,
    Add,
    Average,
    BinaryCrossEntropy,
    CrossEntropy,
    Flatten,
    L1Penalty,
    L2Penalty,
    Linear,
    Max,
    Multiply,
    Sigmoid,
    SquaredError,
    Tanh,
)
from bptui.engine.net import Net
from bptui.engine.optimisers import Adam, AdamW
from bptui.session.experiment import Experiment
from bptui.sources.labs import DESCEND, PRACTICUM, TRAIN

LABS = {
    f"{place} {name}": e for place, labs in (("d", DESCEND), ("p", PRACTICUM), ("t", TRAIN)) for name, e in labs.items()
}

BASE = Experiment(
    Net("own").input("x", 2).add("m0", Linear(2), "x", "s"), Data("teacher", 3, seed=1), seed=2, batch=3, lr=0.01
)


def built(*layers: tuple[str, Any, str, str], shares: str | None = None, classes: bool = False) -> Experiment:
    """An experiment whose net goes on from s = m0(x); a module with parameters shares those of `shares`."""
    net = BASE.net.target("y", 2, classes=classes)
    for name, module, reads, makes in layers:
        net = net.add(name, module, reads, makes, shares=shares if isinstance(module, Linear) else None)
    return BASE.changed(net=net)


ODD_NETS = {
    "a shared weight without its bias": built(
        ("copy", Linear(2, bias=False), "s", "ybar"), ("cost", SquaredError(), "ybar y", "C"), shares="m0"
    ),
    "penalties of the net itself": built(
        ("cost", SquaredError(), "s y", "C"),
        ("r1", L1Penalty((0.1, 0.2)), "m0.weight m0.bias", "P"),
        ("r2", L2Penalty((0.3,)), "m0.weight", "Q"),
        ("sum", Add(), "C P Q", "J"),
    ),
    "a penalty on values": built(
        ("cost", SquaredError(), "s y", "C"), ("r", L2Penalty((0.3,)), "s", "Q"), ("sum", Add(), "C Q", "J")
    ),
    "functions of costs": built(
        ("h", Sigmoid(), "s", "z"),
        ("c0", SquaredError(), "s y", "C0"),
        ("c1", AbsoluteError(), "z y", "C1"),
        ("product", Multiply(), "C0 C1", "P"),
        ("bent", Tanh(), "P", "Q"),
        ("most", Max(), "Q C0", "J"),
    ),
    "averages of its own": built(
        ("cost", SquaredError(), "s y", "C"), ("a", Average(0.5, 2), "C", "D"), ("b", Average(), "D", "E")
    ),
    "a target that a function reads": built(
        ("add", Add(), "s y", "t"),
        ("h", Tanh(), "y", "g"),
        ("b", Multiply(), "t g", "u"),
        ("cost", SquaredError(), "u y", "C"),
    ),
    "a cost of the input": built(("c", SquaredError(), "x y", "C"), ("d", SquaredError(), "s y", "D")),
    "class numbers for one cost, one-hot rows for another": built(
        ("c", CrossEntropy(), "s y", "C"), ("d", BinaryCrossEntropy(), "s y", "D"), classes=True
    ),
    "a parameter that nothing needs": built(
        ("aside", Linear(2), "s", "v"), ("cost", SquaredError(), "s y", "C")
    ).changed(optimiser=AdamW(decay=0.5)),
    "a parameter that only the penalty needs": built(
        ("aside", Linear(2), "s", "v"), ("cost", SquaredError(), "s y", "C")
    ).changed(l2=0.5, optimiser=Adam()),
    "a number a sample": Experiment(
        Net("numbers")
        .input("x", ())
        .add("flat", Flatten(), "x", "v")
        .add("m0", Linear(1), "v", "s")
        .target("y", 1)
        .add("cost", SquaredError(), "s y", "C")
    ),
}
