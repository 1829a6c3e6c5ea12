"""The nets that come with bptui."""

from __future__ import annotations

from bptui.engine.modules import (
    Add,
    CrossEntropy,
    Flatten,
    Linear,
    LogSoftMax,
    Max,
    NegativeLogLikelihood,
    ReLU,
    Scale,
    Sigmoid,
    SoftMax,
    SquaredError,
    Tanh,
)
from bptui.engine.net import Net

PERCEPTRON = (
    Net("perceptron", "one linear module and a squared error: where every gradient starts")
    .input("x", 2)
    .add("m0", Linear(1), "x", "ybar")
    .target("y", 1)
    .add("cost", SquaredError(), "ybar y", "C")
)

CHAIN = (
    Net("chain", "a non-linear function h in a black box: dC/ds = dC/dz · h′(s)")
    .input("x", 1)
    .add("m0", Linear(1), "x", "s")
    .add("h", Sigmoid(), "s", "z")
    .add("m1", Linear(1), "z", "ybar")
    .target("y", 1)
    .add("cost", SquaredError(), "ybar y", "C")
)

WEIGHTED_SUM = (
    Net("weighted-sum", "one z feeds three sums: the weights are used backwards")
    .input("x", 1)
    .add("h", Tanh(), "x", "z")
    .add("m0", Linear(3, bias=False), "z", "s")
    .target("y", 3)
    .add("cost", SquaredError(), "s y", "C")
)

TWO_LAYER = (
    Net("two-layer", "6-3-2 with ReLU and cross-entropy: small enough to read every number")
    .input("x", 6)
    .add("m0", Linear(3), "x", "s1")
    .add("relu1", ReLU(), "s1", "z1")
    .add("m1", Linear(2), "z1", "s2")
    .target("y", 2, classes=True)
    .add("cost", CrossEntropy(), "s2 y", "C")
)

MYNET = (
    Net("mynet", "the lecture's net: a 3×10×20 image through 600-60-40-10 with ReLU")
    .input("x", (3, 10, 20))
    .add("flatten", Flatten(), "x", "z0")
    .add("m0", Linear(60), "z0", "s1")
    .add("relu1", ReLU(), "s1", "z1")
    .add("m1", Linear(40), "z1", "s2")
    .add("relu2", ReLU(), "s2", "z2")
    .add("m2", Linear(10), "z2", "s3")
    .target("y", 10, classes=True)
    .add("cost", CrossEntropy(), "s3 y", "C")
)

SKIP = (
    Net("skip", "Duplicate and Add: x goes round m0, and two gradients come back")
    .input("x", 3)
    .add("m0", Linear(3), "x", "s1")
    .add("add", Add(), "s1 x", "s2")
    .add("relu", ReLU(), "s2", "z")
    .target("y", 3)
    .add("cost", SquaredError(), "z y", "C")
)

SWITCH = (
    Net("switch", "Max of two linear modules: the gradient goes to the winner alone")
    .input("x", 2)
    .add("m0", Linear(3), "x", "s0")
    .add("m1", Linear(3), "x", "s1")
    .add("max", Max(), "s0 s1", "z")
    .target("y", 3)
    .add("cost", SquaredError(), "z y", "C")
)

LOGSOFTMAX = (
    Net("logsoftmax", "LogSoftMax and negative log-likelihood: wrong answers keep their gradient")
    .input("x", 4)
    .add("m0", Linear(3), "x", "s")
    .add("logsoftmax", LogSoftMax(), "s", "logp")
    .target("y", 3, classes=True)
    .add("cost", NegativeLogLikelihood(), "logp y", "C")
)

SOFTMAX = (
    Net("softmax", "SoftMax and a squared error, the same weights: confidently wrong, and hardly a gradient")
    .input("x", 4)
    .add("m0", Linear(3), "x", "s")
    .add("softmax", SoftMax(), "s", "p")
    .target("y", 3, classes=True)
    .add("cost", SquaredError(), "p y", "C")
)

DROPOUT = (
    Net("dropout", "a hidden layer with half its entries dropped, drawn anew for each sample")
    .input("x", 4)
    .add("m0", Linear(6), "x", "s1")
    .add("relu1", ReLU(), "s1", "z1")
    .add("m1", Linear(2), "z1", "s2")
    .target("y", 2, classes=True)
    .add("cost", CrossEntropy(), "s2 y", "C")
)

SPIRAL = (
    Net("spiral", "the practicum's spirals: 2-100-3 with ReLU")
    .input("x", 2)
    .add("m0", Linear(100), "x", "s1")
    .add("relu1", ReLU(), "s1", "z1")
    .add("m1", Linear(3), "z1", "s2")
    .target("y", 3, classes=True)
    .add("cost", CrossEntropy(), "s2 y", "C")
)


def _average() -> Net:
    net = Net("average", "the average loss: four samples, four copies of G and C, one w")
    for p in range(4):
        shares = "m0" if p else None
        net = net.input(f"x{p}", 2).add(f"m{p}" if not p else f"copy{p}", Linear(1), f"x{p}", f"g{p}", shares=shares)
        net = net.target(f"y{p}", 1).add(f"cost{p}", SquaredError(), f"g{p} y{p}", f"C{p}")
    return net.add("sum", Add(), "C0 C1 C2 C3", "S").add("mean", Scale(0.25), "S", "L")


AVERAGE = _average()

NETS: dict[str, Net] = {
    net.name: net
    for net in (
        PERCEPTRON,
        CHAIN,
        WEIGHTED_SUM,
        TWO_LAYER,
        MYNET,
        SKIP,
        SWITCH,
        LOGSOFTMAX,
        SOFTMAX,
        DROPOUT,
        AVERAGE,
        SPIRAL,
    )
}
