"""The lines of NumPy that each module has, against the module itself: values and gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import batches, off_zero, seeds, shapes, target_like, widths

from bptui.engine.buffers import Array, Shape, new_like
from bptui.engine.graph import Graph, Node, Variable
from bptui.engine.module import REGISTRY, Module, Spec
from bptui.engine.modules import (
    AbsoluteError,
    Add,
    Average,
    BinaryCrossEntropy,
    Concatenate,
    CrossEntropy,
    Dropout,
    Duplicate,
    Flatten,
    L1Penalty,
    L2Penalty,
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
    Valley,
)
from bptui.engine.modules.costs import Cost
from bptui.engine.modules.landscapes import LANDSCAPES
from bptui.engine.site import Site
from bptui.export.text import Identifiers, places

Case = tuple[Module, tuple[Shape, ...]]  # a module, and shapes of inputs that it takes


def of_shape(module: st.SearchStrategy[Module], inputs: int = 1) -> st.SearchStrategy[Case]:
    return st.tuples(module, shapes.map(lambda shape: (shape,) * inputs))


def of_vector(module: Module, inputs: int = 1) -> st.SearchStrategy[Case]:
    return widths.map(lambda width: (module, ((width,),) * inputs))


def of_parameters(kind: type[L1Penalty | L2Penalty]) -> st.SearchStrategy[Case]:
    rates = st.lists(st.floats(0.01, 2.0), min_size=1, max_size=3).map(tuple)
    return rates.map(lambda found: (kind(found), ((2, 3),) * len(found)))


slopes, factors, counts = st.floats(0.0, 0.9), st.floats(-2.0, 2.0), st.integers(1, 4)
CASES: dict[str, st.SearchStrategy[Case]] = {
    **{cls.kind: of_shape(st.just(cls())) for cls in (ReLU, Sigmoid, Tanh, Softplus, Flatten)},
    **{cls.kind: of_vector(cls()) for cls in (SoftMax, LogSoftMax)},
    **{
        cls.kind: of_shape(st.just(cls()), 2)
        for cls in (Multiply, Max, SquaredError, AbsoluteError, BinaryCrossEntropy)
    },
    **{cls.kind: of_vector(cls(), 2) for cls in (NegativeLogLikelihood, CrossEntropy)},
    **{kind.kind: st.just((kind, ((2,),))) for kind in LANDSCAPES.values()},
    **{cls.kind: of_parameters(cls) for cls in (L1Penalty, L2Penalty)},
    "Valley": st.floats(1.0, 100.0).map(lambda steepness: (Valley(steepness), ((2,),))),
    "LeakyReLU": of_shape(slopes.map(LeakyReLU)),
    "Scale": of_shape(factors.map(Scale)),
    "Shift": of_shape(factors.map(Shift)),
    "Sum": shapes.flatmap(
        lambda shape: st.tuples(
            st.lists(st.integers(0, len(shape) - 1), unique=True).map(lambda axes: Sum(tuple(sorted(axes)))),
            st.just((shape,)),
        )
    ),
    "Dropout": of_shape(slopes.map(Dropout)),
    "Average": st.tuples(st.builds(Average, factors, counts), st.just(((),))),
    "Duplicate": of_shape(st.integers(2, 4).map(Duplicate)),
    "Add": st.integers(2, 4).flatmap(lambda inputs: of_shape(st.just(Add()), inputs)),
    "Concatenate": st.lists(widths.map(lambda width: (width,)), min_size=1).map(
        lambda found: (Concatenate(), tuple(found))
    ),
    "Linear": st.tuples(st.builds(Linear, widths, st.booleans()), widths.map(lambda width: ((width,),))),
}


def at_work(
    module: Module, xs: list[Array], dys: list[Array], parameters: dict[str, Array], batch: int
) -> dict[str, Array]:
    """What the module itself makes of its inputs: outputs, gradients, and the mask that it drew."""
    view = module.alias(xs[0])
    ys = [np.zeros_like(dy) for dy in dys] if view is None else [view]
    site = Site("m", batch, np.dtype(float), xs, ys, parameters=parameters)
    site.grad_outputs = tuple(dys)
    site.grad_inputs = tuple(np.zeros_like(x) for x in xs) if view is None else (dys[0].reshape(xs[0].shape),)
    site.grad_parameters = {local: new_like(value, float) for local, value in parameters.items()}
    module.forward(site)
    module.backward(site)
    for draw, _ in site.draws:
        draw(0)
    for call in site.calls:
        call.bound()()
    found = {f"y{k}": y for k, y in enumerate(ys)} | {f"dx{k}": dx for k, dx in enumerate(site.grad_inputs)}
    found |= {f"d{local}": value for local, value in site.grad_parameters.items()}
    return found | ({"mask": site.draws[0][1]} if site.draws else {})


@pytest.mark.some(3)
@pytest.mark.parametrize("kind", [kind for kind in REGISTRY if kind != "Halt"])  # where nothing is computed
@given(st.data(), st.booleans(), st.booleans(), batches, seeds)
def test_lines_of_numpy_are_the_module(
    kind: str, data: st.DataObject, otherwise: bool, kinks: bool, batch: int, seed: int
) -> None:
    case = data.draw(CASES[kind])
    module = case[0].otherwise() if otherwise else case[0]
    rng = np.random.default_rng(seed)
    whole = isinstance(module, L1Penalty | L2Penalty | Average)  # one input for the batch
    specs = [Spec(shape, batched=not whole) for shape in case[1]]
    xs = [np.array(off_zero(rng, spec.shape if whole else (batch, *spec.shape))) for spec in specs]
    if kinks:  # among them ties, of a Max
        xs = [np.where(rng.random(x.shape) < 0.3, 0.0, x) for x in xs]
    if isinstance(module, Cost):
        xs[1] = target_like(module, xs[0], rng)
    made = module.specs(*specs)
    dys = [np.array(rng.normal(size=(batch, *spec.shape) if spec.batched else spec.shape)) for spec in made]
    parameters = {local: rng.normal(size=shape) for local, shape in module.parameters(*specs).items()}
    wanted = at_work(module, xs, dys, parameters, batch)
    found = run_lines(module, specs, xs, dys, parameters, batch, wanted.get("mask"))
    for name in wanted.keys() - {"mask"} - ({"dx1"} if isinstance(module, Cost) else set()):
        np.testing.assert_allclose(found[name], wanted[name], rtol=1e-12, atol=1e-13, err_msg=f"{module.kind}: {name}")


def run_lines(
    module: Module,
    specs: list[Spec],
    xs: list[Array],
    dys: list[Array],
    parameters: dict[str, Array],
    batch: int,
    mask: Array | None,
) -> dict[str, Any]:
    """What the module's templates make of the same numbers."""
    inputs, outputs = ([f"{letter}{k}" for k in range(len(side))] for letter, side in (("x", xs), ("y", dys)))
    variables = {name: Variable(name, spec.shape, "input") for name, spec in zip(inputs, specs, strict=True)}
    node = Node("m", module, tuple(inputs), tuple(outputs), {local: local for local in parameters})
    names = {name: name for name in (*inputs, *outputs, *parameters)}
    gradients = {name: f"d{name}" for name in names}
    more = {"B": str(batch)} | ({"mask": "mask"} if isinstance(module, Dropout) else {})
    table = places(Graph("g", variables, (node,), "y0"), node, names, gradients, Identifiers(()), np="np", **more)
    values: dict[str, Any] = {"np": np, "mask": mask} | dict(zip(inputs, xs, strict=True)) | parameters
    values |= {f"d{name}": dy for name, dy in zip(outputs, dys, strict=True)}
    lines = (*module.numpy_forward_texts(table), *module.numpy_backward_texts(table))
    exec("\n".join(lines), values)
    return values
