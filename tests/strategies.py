"""Random modules, nets, knobs and settings, and random numbers to put into them."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from bptui.engine.buffers import Array, Shape
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
    Shift,
    Sigmoid,
    SoftMax,
    Softplus,
    SquaredError,
    Sum,
    Tanh,
)
from bptui.engine.modules.costs import Cost
from bptui.engine.modules.landscapes import LANDSCAPES, Valley
from bptui.engine.net import Net
from bptui.engine.optimisers import OPTIMISERS, Optimiser
from bptui.engine.rewire import Wiring
from bptui.engine.schedules import Constant, Cosine, Exponential, Inverse, Schedule, Step
from bptui.engine.state import State

seeds = st.integers(0, 2**32 - 1)
batches = st.integers(1, 5)
widths = st.integers(1, 5)
shapes = st.lists(st.integers(1, 4), min_size=1, max_size=3).map(tuple)
pointwise: st.SearchStrategy[Module] = st.one_of(
    st.sampled_from([ReLU(), Sigmoid(), Tanh(), Softplus()]), st.floats(0.0, 0.9).map(LeakyReLU)
)
optimisers: st.SearchStrategy[Optimiser] = st.sampled_from([cls() for cls in OPTIMISERS.values()])
schedules: st.SearchStrategy[Schedule] = st.sampled_from(
    [Constant(), Step(2, 0.5), Exponential(0.9), Cosine(4), Inverse(3.0)]
)


landscapes: st.SearchStrategy[tuple[Module, tuple[Shape, ...]]] = st.one_of(
    st.sampled_from(list(LANDSCAPES.values())), st.floats(1.0, 100.0).map(Valley)
).map(lambda landscape: (landscape, ((2,),)))


@st.composite
def modules(draw: st.DrawFn) -> tuple[Module, tuple[Shape, ...]]:
    """A module that is no cost, with the shapes of inputs that it takes."""
    width, shape, many = draw(widths), draw(shapes), draw(st.integers(2, 4))
    choices: list[tuple[Module, tuple[Shape, ...]]] = [
        (Linear(draw(widths), bias=draw(st.booleans())), ((width,),)),
        (draw(pointwise), (shape,)),
        (draw(pointwise), (shape,)),
        (Duplicate(many), (shape,)),
        (Add(), (shape,) * many),
        (Multiply(), (shape,) * 2),
        (Max(), (shape,) * 2),
        (Concatenate(), tuple((draw(widths),) for _ in range(many))),
        (Flatten(), (shape,)),
        (Scale(draw(st.floats(-2.0, 2.0))), (shape,)),
        (Shift(draw(st.floats(-2.0, 2.0))), (shape,)),
        (Sum(tuple(draw(st.sets(st.integers(0, len(shape) - 1))))), (shape,)),
        (SoftMax(), ((width,),)),
        (LogSoftMax(), ((width,),)),
        (Dropout(draw(st.floats(0.0, 0.9))), (shape,)),
    ]
    return draw(st.sampled_from(choices))


@st.composite
def costs(draw: st.DrawFn) -> tuple[Cost, Shape]:
    """A cost, with a shape of predictions that it takes."""
    cost = draw(
        st.sampled_from(
            [SquaredError(), AbsoluteError(), NegativeLogLikelihood(), CrossEntropy(), BinaryCrossEntropy()]
        )
    )
    return cost, (draw(widths),) if cost.classes else draw(shapes)


class _Draft:
    """A net under construction: its vectors so far, by name, with their lengths."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw, self.net, self.vectors, self.count = draw, Net("random"), dict[str, int](), 0
        self.linear: list[tuple[str, int, int, bool]] = []  # name, inputs, outputs, bias

    def add(self, module: Module, inputs: tuple[str, ...], width: int, **keywords: Any) -> str:
        """Append a module with one output, and return the output's name."""
        self.count += 1
        name = f"v{self.count}"
        self.net = self.net.add(f"n{self.count}", module, inputs, (name,), **keywords)
        self.vectors[name] = width
        return name

    def any_vector(self) -> str:
        return self.draw(st.sampled_from(sorted(self.vectors)))

    def add_linear(self, x: str, width: int) -> str:
        bias = self.draw(st.booleans())
        name = self.add(Linear(width, bias), (x,), width)
        self.linear.append((f"n{self.count}", self.vectors[x], width, bias))
        return name

    def add_any(self) -> None:
        """Append a random module that fits."""
        draw, x = self.draw, self.any_vector()
        width = self.vectors[x]
        partners = sorted(name for name, other in self.vectors.items() if other == width)
        sharers = [owner for owner in self.linear if owner[1] == width]
        which = draw(
            st.sampled_from(
                ["pointwise", "pointwise", "join", "join", "linear", "share", "soft", "concatenate", "other", "dup"]
            )
        )
        if which == "linear" or (which == "share" and not sharers):
            self.add_linear(x, draw(widths))
        elif which == "share":
            owner, _, out, bias = draw(st.sampled_from(sharers))
            self.add(Linear(out, bias), (x,), out, shares=owner)
        elif which == "pointwise":
            self.add(draw(pointwise), (x,), width)
        elif which == "join":
            partner = draw(st.sampled_from(partners))
            self.add(draw(st.sampled_from([Add(), Multiply(), Max()])), (x, partner), width)
        elif which == "concatenate":
            other = self.any_vector()
            if width + self.vectors[other] <= 8:
                self.add(Concatenate(), (x, other), width + self.vectors[other])
        elif which == "soft":
            self.add(draw(st.sampled_from([SoftMax(), LogSoftMax()])), (x,), width)
        elif which == "dup":
            self.count += 1
            copies = (f"v{self.count}a", f"v{self.count}b")
            self.net = self.net.add(f"n{self.count}", Duplicate(2), (x,), copies)
            self.vectors |= dict.fromkeys(copies, width)
        else:
            self.add(draw(st.sampled_from([Dropout(0.3), Scale(-0.7)])), (x,), width)


@st.composite
def nets(draw: st.DrawFn) -> Net:
    """A random DAG: several inputs, skip connections, Duplicates, shared parameters, dead ends, one or two costs."""
    draft = _Draft(draw)
    for k in range(draw(st.integers(1, 3))):
        if draw(st.booleans()):
            width = draw(widths)
            draft.net = draft.net.input(f"x{k}", width)
            draft.vectors[f"x{k}"] = width
        else:
            draft.net = draft.net.input(f"x{k}", (2, 1, 2))
            draft.add(Flatten(), (f"x{k}",), 4)
    draft.add_linear(draft.any_vector(), draw(widths))
    for _ in range(draw(st.integers(0, 8))):
        draft.add_any()
    for k in range(draw(st.integers(1, 2))):
        cost, _ = draw(costs())
        ybar = draft.any_vector()
        if k == 0:  # one prediction depends on a parameter for sure
            ybar = draft.add_linear(ybar, draw(widths))
        draft.net = draft.net.target(f"y{k}", draft.vectors[ybar], classes=cost.classes)
        draft.net = draft.net.add(f"cost{k}", cost, (ybar, f"y{k}"), (f"C{k}",))
    return draft.net


@st.composite
def wirings(draw: st.DrawFn, net: Net) -> Wiring:
    """Knobs for a net: batch size, reduction, choice at kinks, penalties on some of its parameters."""
    owners = [layer for layer in net.layers if isinstance(layer.module, Linear) and layer.shares is None]
    rates = st.dictionaries(st.sampled_from([f"{layer.name}.weight" for layer in owners]), st.floats(0.01, 0.5))
    return Wiring(
        batch=draw(batches),
        reduction=draw(st.sampled_from(["sum", "batch", "elements"])),
        kink=draw(st.sampled_from(["torch", "other"])),
        l1=draw(rates),
        l2=draw(rates),
    )


def off_zero(rng: np.random.Generator, shape: Shape) -> Array:
    """Numbers of both signs that keep 0.1 away from 0, where the kinks are."""
    return rng.uniform(0.1, 2.0, shape) * rng.choice([-1.0, 1.0], shape)


def target_like(cost: Cost, prediction: Array, rng: np.random.Generator) -> Array:
    """Targets for a batch of predictions, away from the cost's kink."""
    if cost.classes:
        return np.eye(prediction.shape[1])[rng.integers(0, prediction.shape[1], len(prediction))]
    if isinstance(cost, BinaryCrossEntropy):
        return rng.uniform(0.0, 1.0, prediction.shape)
    return prediction + off_zero(rng, prediction.shape)


def samples_for(graph: Graph, count: int, rng: np.random.Generator, dtype: Any = np.float64) -> dict[str, Array]:
    """Random samples for every input and target of a graph."""
    samples = {v.name: off_zero(rng, (count, *v.shape)) for v in graph.inputs}
    for v in graph.targets:
        one_hot = np.eye(*v.shape)[rng.integers(0, v.shape[0], count)] if v.classes else None
        samples[v.name] = rng.uniform(0.0, 1.0, (count, *v.shape)) if one_hot is None else one_hot
    return {name: values.astype(dtype) for name, values in samples.items()}


def fill_parameters(state: State, rng: np.random.Generator) -> None:
    """Random parameters of moderate size."""
    state.flat["parameters"][:] = rng.uniform(-1.0, 1.0, state.size)
