"""Conventions exactly at kinks, and numbers at their extremes: finite, right, and without a warning."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from sites import work

from bptui.engine.module import REGISTRY, Module
from bptui.engine.modules import (
    AbsoluteError,
    BinaryCrossEntropy,
    CrossEntropy,
    L1Penalty,
    LeakyReLU,
    Linear,
    LogSoftMax,
    Max,
    ReLU,
    Sigmoid,
    SoftMax,
    Softplus,
    Tanh,
)
from bptui.engine.net import Net
from bptui.engine.plan import Plan
from bptui.engine.program import Settings
from bptui.engine.rewire import Wiring, rewire


@pytest.fixture(autouse=True)
def no_warnings() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def slope(module: Module, x: float, dtype: Any = np.float64) -> float:
    return float(work(module, [[[x]]], dtype=dtype).grad_inputs[0][0, 0])


@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_slopes_at_zero(zero: float) -> None:
    assert slope(ReLU(), zero) == 0.0
    assert slope(LeakyReLU(0.3), zero) == 0.3
    tied = work(Max(), [[[zero, 2.0]], [[0.0, 1.0]]])
    assert tied.grad_inputs[0].tolist() == [[0.5, 1.0]]
    assert tied.grad_inputs[1].tolist() == [[0.5, 0.0]]
    assert work(AbsoluteError(), [[[1.0, 2.0]], [[1.0, 3.0]]]).grad_inputs[0].tolist() == [[0.0, -1.0]]
    l1 = work(L1Penalty((0.5,)), [[zero, -3.0]])
    assert l1.grad_inputs[0].tolist() == [0.0, -0.5]


@pytest.mark.parametrize("zero", [0.0, -0.0])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_other_choice_at_zero_and_at_a_tie(zero: float, dtype: Any) -> None:
    assert slope(ReLU().otherwise(), zero, dtype) == 1.0
    assert slope(LeakyReLU(0.3).otherwise(), zero, dtype) == 1.0
    tied = work(Max().otherwise(), [[[zero, 2.0, 1.0]], [[0.0, 1.0, 2.0]]], [[[3.0, 5.0, 7.0]]], dtype=dtype)
    assert tied.grad_inputs[0].tolist() == [[3.0, 5.0, 0.0]]
    assert tied.grad_inputs[1].tolist() == [[0.0, 0.0, 7.0]]


INF, NAN = math.inf, math.nan
BROKEN = (1.0, INF, -INF, NAN, 0.0)  # gradients that come in
# x, and what PyTorch 2.13 hands on of each of them; ReLU passes all or nothing, and nothing is 0 even of NaN
ALL, NOTHING, HALF = list(BROKEN), [0.0] * 5, [0.5, INF, -INF, NAN, 0.0]
FROM_TORCH: dict[str, tuple[Module, dict[float, list[float]]]] = {
    "ReLU": (ReLU(), {-2.0: NOTHING, -0.0: NOTHING, 3.0: ALL, INF: ALL, -INF: NOTHING, NAN: ALL}),
    "LeakyReLU": (LeakyReLU(0.5), {-2.0: HALF, -0.0: HALF, 3.0: ALL, INF: ALL, -INF: HALF, NAN: HALF}),
    "LeakyReLU, slope 0": (LeakyReLU(0.0), {-2.0: [0.0, NAN, NAN, NAN, 0.0], 3.0: ALL}),
    "Softplus": (Softplus(), {0.0: HALF, INF: ALL, -INF: [0.0, NAN, NAN, NAN, 0.0], NAN: [NAN] * 5}),
}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("copies", [1, 300])  # one entry, and as many as wide vector instructions like
@pytest.mark.parametrize("name", FROM_TORCH)
def test_gradients_that_are_not_finite_go_on_as_in_pytorch(name: str, copies: int, dtype: Any) -> None:
    module, expected = FROM_TORCH[name]
    for x, wanted in expected.items():
        with np.errstate(invalid="ignore"):  # ∞·0 where PyTorch multiplies too
            (dx,) = work(module, [[[x] * 5] * copies], [[BROKEN] * copies], dtype=dtype).grad_inputs
        np.testing.assert_array_equal(dx, np.array([wanted] * copies, dtype), err_msg=f"x = {x}")


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_relu_knows_a_nan_of_either_sign(dtype: Any) -> None:
    for x in (math.copysign(NAN, 1.0), math.copysign(NAN, -1.0)):
        done = work(ReLU(), [[[x] * 5]], [[BROKEN]], dtype=dtype)
        assert np.isnan(done.outputs[0]).all()
        np.testing.assert_array_equal(done.grad_inputs[0], [BROKEN])


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(
    ("pair", "first", "second"),
    [
        ((2.0, 1.0), ALL, NOTHING),
        ((-INF, INF), NOTHING, ALL),
        ((1.0, 1.0), HALF, HALF),
        ((-0.0, 0.0), HALF, HALF),
        ((INF, INF), HALF, HALF),
        ((NAN, 1.0), ALL, ALL),  # neither is below the other
        ((1.0, NAN), ALL, ALL),
        ((NAN, NAN), ALL, ALL),
    ],
)
def test_max_hands_on_as_torch_maximum(
    pair: tuple[float, float], first: list[float], second: list[float], dtype: Any
) -> None:
    done = work(Max(), [[[x] * 5] for x in pair], [[BROKEN]], dtype=dtype)
    np.testing.assert_array_equal(done.grad_inputs, np.array([[first], [second]], dtype))


OFF_KINK = (-2.0, 3.0, INF, -INF, NAN)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("module", [ReLU(), LeakyReLU(0.5), Max()])
def test_off_the_kink_the_other_choice_changes_no_bit(module: Module, dtype: Any) -> None:
    pairs = [(a, b) for a in OFF_KINK for b in OFF_KINK if a != b]
    for given in pairs if isinstance(module, Max) else zip(OFF_KINK):
        with np.errstate(invalid="ignore"):
            one, other = (
                work(m, [[[x] * 5] for x in given], [[BROKEN]], dtype=dtype) for m in (module, module.otherwise())
            )
        np.testing.assert_array_equal(one.outputs, other.outputs)
        np.testing.assert_array_equal(one.grad_inputs, other.grad_inputs, err_msg=f"inputs {given}")


def test_leaky_relu_is_exactly_the_identity_above_zero() -> None:
    rng = np.random.default_rng(0)
    for leak in rng.uniform(0.0, 1.0, 200):
        assert slope(LeakyReLU(float(leak)), 1.0) == 1.0


def test_softplus_at_its_threshold() -> None:
    above = math.nextafter(20.0, 21.0)
    assert work(Softplus(), [[[20.0, above]]]).outputs[0].tolist() == [[math.log1p(math.exp(20.0)), above]]
    assert slope(Softplus(), 20.0) == pytest.approx(1 / (1 + math.exp(-20.0)), rel=1e-15)
    assert slope(Softplus(), 20.0) < 1.0
    assert slope(Softplus(), above) == 1.0


@pytest.mark.parametrize("module", [ReLU(), LeakyReLU(), Max(), AbsoluteError(), Softplus(), L1Penalty()])
def test_what_has_a_kink_says_what_is_done_there(module: Module) -> None:
    assert module.convention()


@pytest.mark.parametrize("module", [ReLU(), LeakyReLU(0.3), Max()])
def test_the_other_choice_says_so(module: Module) -> None:
    other = module.otherwise()
    assert "unlike" in other.convention() and "unlike" not in module.convention()
    assert other.settings() == module.settings() and other.kind == module.kind
    assert other.forward_equation == module.forward_equation
    assert "≥" in other.backward_equations[0] and "≥" not in module.backward_equations[0]


def test_what_has_no_kink_has_no_convention() -> None:
    kinked = {"ReLU", "LeakyReLU", "Max", "AbsoluteError", "Softplus", "L1", "Staircase"}
    assert {kind for kind, cls in REGISTRY.items() if cls.convention is not Module.convention} == kinked
    assert {kind for kind, cls in REGISTRY.items() if cls.switch is not Module.switch} == kinked


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_far_from_zero(dtype: Any) -> None:
    far = [[-1000.0, 0.0, 1000.0]]
    expected: list[tuple[Module, list[float], list[float]]] = [
        (Sigmoid(), [0.0, 0.5, 1.0], [0.0, 0.25, 0.0]),
        (Tanh(), [-1.0, 0.0, 1.0], [0.0, 1.0, 0.0]),
        (Softplus(), [0.0, math.log(2.0), 1000.0], [0.0, 0.5, 1.0]),
    ]
    for module, ys, slopes in expected:
        done = work(module, [far], dtype=dtype)
        np.testing.assert_allclose(done.outputs[0][0], np.array(ys), rtol=1e-6)
        np.testing.assert_allclose(done.grad_inputs[0][0], np.array(slopes), rtol=1e-6)


def test_small_tails_keep_their_digits() -> None:
    for x in (-30.0, -300.0, -700.0):
        tail = math.exp(x)  # σ(x), softplus(x) and the slopes of both: e^x to 13 digits at least
        for value in (work(Sigmoid(), [[[x]]]).outputs[0], work(Softplus(), [[[x]]]).outputs[0]):
            assert value[0, 0] == pytest.approx(tail, rel=1e-12)
        assert slope(Sigmoid(), x) == pytest.approx(tail, rel=1e-12)
        assert slope(Softplus(), x) == pytest.approx(tail, rel=1e-12)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_logit_gap_of_1000(dtype: Any) -> None:
    logits, wrong = [[0.0, 1000.0]], [[1.0, 0.0]]
    done = work(CrossEntropy(), [logits, wrong], dtype=dtype)
    assert float(done.outputs[0]) == 1000.0
    assert done.grad_inputs[0].tolist() == [[-1.0, 1.0]]
    logs = work(LogSoftMax(), [logits], [wrong], dtype=dtype)
    assert logs.outputs[0].tolist() == [[-1000.0, 0.0]]
    assert logs.grad_inputs[0].tolist() == [[1.0, -1.0]]
    flat = work(SoftMax(), [logits], [wrong], dtype=dtype)
    assert flat.outputs[0].tolist() == [[0.0, 1.0]]
    assert flat.grad_inputs[0].tolist() == [[0.0, 0.0]]  # confidently wrong, and no gradient at all


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_binary_cross_entropy_far_off(dtype: Any) -> None:
    done = work(BinaryCrossEntropy(), [[[1000.0], [-1000.0], [1000.0]], [[0.0], [1.0], [1.0]]], dtype=dtype)
    assert float(done.outputs[0]) == 2000.0
    assert done.grad_inputs[0].tolist() == [[1.0], [-1.0], [0.0]]


def test_training_at_extremes_is_silent() -> None:
    net = Net("far").input("x", 2).add("m0", Linear(2), "x", "s").add("h", Softplus(), "s", "z")
    net = net.target("y", 2, classes=True).add("cost", CrossEntropy(), "z y", "C")
    plan = Plan(rewire(net, Wiring(batch=2)), Settings(batch=2))
    plan.state.flat["parameters"][:] = 1000.0
    samples = {"x": np.array([[1.0, -1.0], [2.0, 3.0]]), "y": np.eye(2)}
    assert all(math.isfinite(plan.step(samples, np.arange(2), step)) for step in range(3))
