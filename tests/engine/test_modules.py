"""Backward of every module and cost: against central differences, and against HIPS autograd."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import make_vjp
from hypothesis import given
from hypothesis import strategies as st
from sites import work
from strategies import batches, costs, landscapes, modules, off_zero, seeds, target_like

from bptui.engine.buffers import Array, Shape
from bptui.engine.module import REGISTRY, Module, ShapeError, Spec
from bptui.engine.modules import CrossEntropy, Dropout, Flatten, Linear, LogSoftMax, Max, SoftMax
from bptui.engine.modules.costs import Cost

H = 1e-6


def inputs_for(module: Module, shapes: tuple[Shape, ...], batch: int, rng: np.random.Generator) -> list[Array]:
    """Inputs that keep away from the module's kinks."""
    xs = [off_zero(rng, (batch, *shape)) for shape in shapes]
    if isinstance(module, Max):
        xs[1] = xs[0] + off_zero(rng, xs[0].shape)
    return xs


def parameters_for(module: Module, shapes: tuple[Shape, ...], rng: np.random.Generator) -> dict[str, Array]:
    return {name: rng.normal(size=shape) for name, shape in module.parameters(*map(Spec, shapes)).items()}


@given(st.one_of(modules(), landscapes), batches, seeds)
def test_vjp_of_a_module_is_its_slope_along_a_random_direction(
    case: tuple[Module, tuple[Shape, ...]], batch: int, seed: int
) -> None:
    module, shapes = case
    rng = np.random.default_rng(seed)
    xs, parameters = inputs_for(module, shapes, batch, rng), parameters_for(module, shapes, rng)
    dys = [rng.normal(size=y.shape) for y in work(module, xs, None, parameters).outputs]
    done = work(module, xs, dys, parameters)
    along = [rng.normal(size=x.shape) for x in xs]
    along_parameters = {name: rng.normal(size=value.shape) for name, value in parameters.items()}

    def projected(h: float) -> float:
        moved = [x + h * v for x, v in zip(xs, along, strict=True)]
        moved_parameters = {name: value + h * along_parameters[name] for name, value in parameters.items()}
        ys = work(module, moved, dys, moved_parameters).outputs
        return sum(float(np.sum(y * dy)) for y, dy in zip(ys, dys, strict=True))

    slope = sum(float(np.sum(dx * v)) for dx, v in zip(done.grad_inputs, along, strict=True))
    slope += sum(float(np.sum(done.grad_parameters[name] * v)) for name, v in along_parameters.items())
    assert slope == pytest.approx((projected(H) - projected(-H)) / (2 * H), rel=1e-6, abs=1e-7)


@given(costs(), batches, seeds)
def test_vjp_of_a_cost_is_its_slope_along_a_random_direction(case: tuple[Cost, Shape], batch: int, seed: int) -> None:
    cost, shape = case
    rng = np.random.default_rng(seed)
    x, dy = off_zero(rng, (batch, *shape)), rng.normal()
    t, v = target_like(cost, x, rng), rng.normal(size=x.shape)
    above, below = (float(work(cost, [x + h * v, t]).outputs[0]) for h in (H, -H))
    slope = float(np.sum(work(cost, [x, t], [dy]).grad_inputs[0] * v))
    assert slope == pytest.approx(dy * (above - below) / (2 * H), rel=1e-6, abs=1e-7)


# the same functions in the other library's words; a list of inputs, the parameters, and the module's own numbers
Reference = Callable[[Any, dict[str, Any], Any], Any]


def _plane(function: Callable[[Any, Any], Any]) -> Reference:
    """A landscape from its function of two numbers."""
    return lambda xs, p, m: anp.sum(function(xs[0][:, 0], xs[0][:, 1]))


def _log_sum(x: Any) -> Any:
    return anp.log(anp.sum(anp.exp(x), axis=1, keepdims=True))


def _sum(x: Any, axes: tuple[int, ...]) -> Any:
    """Over axes of each sample; over all of them it stays a vector of one."""
    over = tuple(axis + 1 for axis in axes) or tuple(range(1, x.ndim))
    return anp.reshape(
        anp.sum(x, axis=over), (len(x), *([n for k, n in enumerate(x.shape[1:], 1) if k not in over] or [1]))
    )


REFERENCES: dict[str, Reference] = {
    "Linear": lambda xs, p, m: anp.dot(xs[0], p["weight"].T) + p.get("bias", 0.0),
    "ReLU": lambda xs, p, m: anp.where(xs[0] > 0, xs[0], 0.0),
    "LeakyReLU": lambda xs, p, m: anp.where(xs[0] > 0, xs[0], m.slope * xs[0]),
    "Sigmoid": lambda xs, p, m: 1 / (1 + anp.exp(-xs[0])),
    "Tanh": lambda xs, p, m: anp.tanh(xs[0]),
    "Softplus": lambda xs, p, m: anp.log(1 + anp.exp(xs[0])),
    "SoftMax": lambda xs, p, m: anp.exp(xs[0]) / anp.sum(anp.exp(xs[0]), axis=1, keepdims=True),
    "LogSoftMax": lambda xs, p, m: xs[0] - _log_sum(xs[0]),
    "Add": lambda xs, p, m: sum(xs[1:], xs[0]),
    "Multiply": lambda xs, p, m: xs[0] * xs[1],
    "Max": lambda xs, p, m: anp.maximum(xs[0], xs[1]),
    "Concatenate": lambda xs, p, m: anp.concatenate(xs, axis=1),
    "Flatten": lambda xs, p, m: anp.reshape(xs[0], (len(xs[0]), -1)),
    "Scale": lambda xs, p, m: m.factor * xs[0],
    "Shift": lambda xs, p, m: xs[0] + m.by,
    "Sum": lambda xs, p, m: _sum(xs[0], m.axes),
    "SquaredError": lambda xs, p, m: anp.sum((xs[0] - xs[1]) ** 2),
    "AbsoluteError": lambda xs, p, m: anp.sum(anp.abs(xs[0] - xs[1])),
    "NegativeLogLikelihood": lambda xs, p, m: -anp.sum(xs[0] * xs[1]),
    "CrossEntropy": lambda xs, p, m: -anp.sum((xs[0] - _log_sum(xs[0])) * xs[1]),
    "Rosenbrock": _plane(lambda a, b: (1 - a) ** 2 + 100 * (b - a**2) ** 2),
    "Himmelblau": _plane(lambda a, b: (a**2 + b - 11) ** 2 + (a + b**2 - 7) ** 2),
    "Beale": _plane(lambda a, b: (1.5 - a + a * b) ** 2 + (2.25 - a + a * b**2) ** 2 + (2.625 - a + a * b**3) ** 2),
    "Valley": lambda xs, p, m: anp.sum(xs[0] ** 2 * anp.array([1.0, m.steepness])) / 2,
    "Saddle": _plane(lambda a, b: (a**2 - b**2) / 2),
    "Staircase": _plane(lambda a, b: anp.floor(anp.abs(a)) + anp.floor(anp.abs(b)) + 0 * a),
    "BinaryCrossEntropy": lambda xs, p, m: anp.sum(anp.log(1 + anp.exp(xs[0])) - xs[0] * xs[1]),
}


def test_every_deterministic_module_has_a_reference() -> None:
    apart = {"Dropout", "Duplicate", "Average", "L1", "L2", "Halt"}  # each with a test of its own
    assert set(REFERENCES) | apart == set(REGISTRY)


@given(st.one_of(modules(), landscapes, costs().map(lambda c: (c[0], (c[1], c[1])))), batches, seeds)
def test_values_and_gradients_are_autograds(case: tuple[Module, tuple[Shape, ...]], batch: int, seed: int) -> None:
    module, shapes = case
    if module.kind not in REFERENCES:
        return
    rng = np.random.default_rng(seed)
    xs, parameters = inputs_for(module, shapes, batch, rng), parameters_for(module, shapes, rng)
    if isinstance(module, Cost):
        xs[1] = target_like(module, xs[0], rng)
    reference = REFERENCES[module.kind]
    y = np.asarray(reference(xs, parameters, module))
    dy = rng.normal(size=y.shape)
    done = work(module, xs, [dy], parameters)
    np.testing.assert_allclose(done.outputs[0], y, rtol=1e-12, atol=1e-12)
    for k, dx in enumerate(done.grad_inputs[:1] if isinstance(module, Cost) else done.grad_inputs):
        vjp, _ = make_vjp(lambda x, k=k: reference([*xs[:k], x, *xs[k + 1 :]], parameters, module))(xs[k])
        np.testing.assert_allclose(dx, vjp(dy), rtol=1e-11, atol=1e-12)
    for name, dp in done.grad_parameters.items():
        vjp, _ = make_vjp(lambda p, name=name: reference(xs, {**parameters, name: p}, module))(parameters[name])
        np.testing.assert_allclose(dp, vjp(dy), rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("batch", [240, 211])  # 211 is prime
@pytest.mark.parametrize("entries", [2, 4, 5])
@pytest.mark.parametrize("module", [Linear(2), Linear(7), SoftMax(), LogSoftMax(), CrossEntropy()])
def test_of_many_samples_each_is_as_among_few(module: Module, entries: int, batch: int) -> None:
    rng = np.random.default_rng(entries)
    xs = [rng.normal(size=(batch, entries))]
    if isinstance(module, CrossEntropy):
        xs.append(np.eye(entries)[rng.integers(0, entries, batch)])
    parameters = parameters_for(module, ((entries,),), rng)
    dy = rng.normal(size=work(module, xs, None, parameters).outputs[0].shape)
    many = work(module, xs, [dy], parameters)
    cuts = [slice(k, k + 1) for k in range(batch)]
    few = [work(module, [x[cut] for x in xs], [dy[cut] if dy.ndim else dy], parameters) for cut in cuts]
    together = np.concatenate if dy.ndim else np.sum
    np.testing.assert_allclose(many.outputs[0], together([done.outputs[0] for done in few]), rtol=1e-12, atol=1e-14)
    dx = np.concatenate([done.grad_inputs[0] for done in few])
    np.testing.assert_allclose(many.grad_inputs[0], dx, rtol=1e-12, atol=1e-14)


@given(st.floats(0.0, 0.95), batches, seeds)
def test_dropout_keeps_or_drops_and_scales(p: float, batch: int, seed: int) -> None:
    x = off_zero(np.random.default_rng(seed), (batch, 4))
    done = work(Dropout(p), [x])
    kept = done.outputs[0] != 0
    np.testing.assert_allclose(done.outputs[0], np.where(kept, x / (1 - p), 0.0), rtol=1e-14)
    np.testing.assert_allclose(done.grad_inputs[0], kept / (1 - p), rtol=1e-14)


def test_dropout_drops_about_p_of_all() -> None:
    kept = work(Dropout(0.3), [np.ones((100, 1000))]).outputs[0] != 0
    assert kept.mean() == pytest.approx(0.7, abs=0.01)


def test_dropouts_p_is_a_probability() -> None:
    with pytest.raises(ValueError, match="below 1"):
        Dropout(1.0)


def test_shape_errors_say_what_came_and_what_is_wanted() -> None:
    with pytest.raises(ShapeError, match=r"got \[2×3\], wants a vector \[n\].*Flatten"):
        Linear(2).specs(Spec((2, 3)))
    with pytest.raises(ShapeError, match=r"got \[2\] and \[3\], wants equal shapes"):
        Max().specs(Spec((2,)), Spec((3,)))
    with pytest.raises(ShapeError, match="sample axis"):
        Flatten().specs(Spec((), batched=False))
