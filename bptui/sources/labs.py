"""What the labs start from: data sets to train on, the practicum's four runs, and models whose loss can be seen whole.

All are experiments, by name; the description of an experiment's net is its one line.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from bptui.data.samples import Data, Nested
from bptui.engine.modules import BinaryCrossEntropy, Linear, ReLU, SquaredError, Tanh
from bptui.engine.modules.landscapes import LANDSCAPES, Point
from bptui.engine.modules.pointwise import Pointwise
from bptui.engine.net import Net
from bptui.engine.optimisers import SGD, Adam
from bptui.session.experiment import Experiment
from bptui.session.mlp import NONE, mlp
from bptui.session.names import meant, suggestion
from bptui.sources.presets import UnknownNetError

# -- train


def _classes(kind: str, count: int, about: str, data: Data, lr: float = 0.03) -> Experiment:
    net = mlp((2, 16, 16, count), name=kind, description=about)
    return Experiment(net, data, optimiser=Adam(), lr=lr, batch=16)


TRAIN: dict[str, Experiment] = {
    experiment.net.name: experiment
    for experiment in (
        _classes(
            "spirals",
            3,
            "three spirals wound into each other: no straight line parts them",
            Data("spiral", 300, 0.2, seed=1, validation=0.2),
        ),
        _classes(
            "moons",
            2,
            "two half moons, one in the other's mouth: the boundary has to bend twice",
            Data("moons", 200, 0.15, seed=1, validation=0.2),
        ),
        _classes(
            "circles",
            2,
            "one class around the other: the boundary has to close",
            Data("circles", 200, 0.08, seed=1, validation=0.2),
        ),
        _classes(
            "xor",
            2,
            "four quarters, the opposite ones alike: each input alone says nothing",
            Data("xor", 200, 0.05, seed=1, validation=0.2),
        ),
        _classes(
            "blobs",
            3,
            "three round clouds that touch: lines part them, but for the noise",
            Data("blobs", 240, 0.35, seed=1, validation=0.2),
            lr=0.01,
        ),
        _classes(
            "linear",
            2,
            "two classes that one line parts: no hidden layer is needed",
            Data("linear", 200, 0.05, seed=1, validation=0.2),
            lr=0.01,
        ),
        Experiment(
            mlp((1, 16, 16, 1), "tanh", SquaredError(), name="cubic", description="y = x³ with noise: a curve to fit"),
            Data("cubic", 100, 0.1, seed=1, validation=0.2),
            optimiser=Adam(),
            lr=0.01,
            batch=16,
        ),
    )
}

# -- the practicum's four runs: one thing at a time

PRACTICUM_SEEDS = (
    2,
    3,
    4,
    5,
    6,
)  # of the init; among twenty, seed 1 takes the third run to 62 %, all others stay below


def _practicum(activation: str, optimiser: SGD | Adam) -> Experiment:
    """1,000 full-batch epochs decide. PyTorch's weight_decay of 1e-5 is α = 5e-6, and acts on biases too."""
    kind = "linear" if activation == NONE else "ReLU"
    about = f"the practicum's spirals, 2-100-3 {kind} with {optimiser.kind}: one of four runs"
    net = mlp((2, 100, 3), activation, name=f"{kind}-{optimiser.kind}".lower(), description=about)
    data, seed = Data("spiral", 3000, 0.2), PRACTICUM_SEEDS[0]
    return Experiment(net, data, seed, optimiser=optimiser, lr=1e-3, batch=3000, l2=5e-6, decay_biases=True)


PRACTICUM: dict[str, Experiment] = {
    experiment.net.name: experiment
    for activation in (NONE, "relu")
    for experiment in (_practicum(activation, SGD()), _practicum(activation, Adam()))
}

# -- descend: models with few parameters, on a few samples

_LINE = Data("line", 32, 0.45, seed=469)
_CUBIC = Data("cubic", 32, 0.1, seed=1)


def _unit(name: str, about: str, *, bias: bool = True) -> Net:
    """One linear unit on one input, and a squared error."""
    net = Net(name, about).input("x", 1).add("m0", Linear(1, bias), "x", "ybar")
    return net.target("y", 1).add("cost", SquaredError(), "ybar y", "C")


def _bent(name: str, about: str, h: Pointwise) -> Net:
    """One linear unit with a non-linearity behind it, and a squared error."""
    net = Net(name, about).input("x", 1).add("m0", Linear(1), "x", "s").add("h", h, "s", "ybar")
    return net.target("y", 1).add("cost", SquaredError(), "ybar y", "C")


_LOGISTIC = (
    Net("logistic", "logistic regression, two weights: a valley that flattens out where the answers are right")
    .input("x", 2)
    .add("m0", Linear(1, bias=False), "x", "s")
    .target("y", 1)
    .add("cost", BinaryCrossEntropy(), "s y", "C")
)


def _wb(w: float, b: float) -> tuple[tuple[str, Nested], ...]:
    return ("m0.weight", ((w,),)), ("m0.bias", (b,))


def _landscape(name: str, about: str, start: Point, lr: float) -> Experiment:
    """A landscape under a point: the input is 1, so the weights of `position` are the point θ."""
    net = Net(name, about).input("x", 1).add("position", Linear(2, bias=False), "x", "theta")
    net = net.add(name, LANDSCAPES[name], "theta", "f")
    weights: Nested = tuple((entry,) for entry in start)
    return Experiment(net, Data("given", given=(("x", ((1.0,),)),)), parameters=(("position.weight", weights),), lr=lr)


DESCEND: dict[str, Experiment] = {
    experiment.net.name: experiment
    for experiment in (
        Experiment(
            _unit("line", "linear regression, ȳ = w·x + b: tilted ellipses"),
            _LINE,
            parameters=_wb(-1.35, 0.85),
            lr=0.05,
            batch=4,
        ),
        Experiment(
            _LOGISTIC,
            Data("linear", 32, 0.5, seed=2),
            parameters=(("m0.weight", ((-3.0, 3.0),)),),
            lr=0.5,
            batch=4,
        ),
        Experiment(
            _bent("relu-unit", "one ReLU unit: beyond the kinks a plain where it is dead for every sample", ReLU()),
            _LINE,
            parameters=_wb(0.4, -0.5),
            lr=0.05,
            batch=4,
        ),
        Experiment(
            _bent("tanh-unit", "one tanh unit: plains where it saturates, and a gorge between", Tanh()),
            _CUBIC,
            parameters=_wb(-1.5, 1.5),
            lr=0.1,
            batch=4,
        ),
        Experiment(
            mlp(
                (1, 2, 1),
                "tanh",
                SquaredError(),
                name="two-layer",
                description="1-2-1 tanh: a slice of seven dimensions",
            ),
            _CUBIC,
            seed=1,
            lr=0.1,
            batch=4,
        ),
        Experiment(
            _unit("slope", "one parameter, ȳ = w·x: the curve J(w) and its tangent", bias=False),
            _LINE,
            parameters=(("m0.weight", ((-1.35,),)),),
            lr=0.05,
            batch=4,
        ),
        _landscape("rosenbrock", "a bent valley with a nearly level floor", (-1.2, 1.0), 0.001),
        _landscape("himmelblau", "four minima, equally deep", (-0.5, -0.5), 0.01),
        _landscape("beale", "a wide plain between steep corners", (1.0, 1.2), 0.01),
        _landscape("valley", "a long valley, 25 times as steep across as along", (-3.5, 1.0), 0.07),
        _landscape("saddle", "level at (0, 0), and yet no minimum", (1.5, 0.01), 0.1),
        _landscape("staircase", "level stairs: no gradient to go by", (2.6, -1.7), 0.1),
        Experiment(
            _unit("redundancy", "100 samples, each there 100 times: full batch pays 100 times for the same step"),
            Data("line", 100, 0.45, seed=3, repeat=100),
            parameters=_wb(-1.35, 0.85),
            lr=0.02,
        ),
    )
}


PRACTICUM_NAME = "practicum"  # all four runs, side by side


def lab_names() -> dict[str, dict[str, str]]:
    """What each lab opens, by name, and what it is for in one line."""
    about = {
        place: {name: experiment.net.description for name, experiment in labs.items()}
        for place, labs in (("descend", DESCEND), ("train", TRAIN))
    }
    about["train"][PRACTICUM_NAME] = "four runs side by side: linear or ReLU, SGD or Adam"
    return about


T = TypeVar("T")


def lab(labs: Mapping[str, T], name: str) -> T:
    """One of these by its name, in any case. Raises UnknownNetError, with the nearest name."""
    known = meant(name, labs)
    if known is None:
        near = suggestion(name, labs)
        raise UnknownNetError(f"unknown name {name!r}; {near}{near and ' '}there are {', '.join(labs)}")
    return labs[known]
