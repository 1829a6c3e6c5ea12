"""What is measured of a run is what the tape computes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bptui.data.minibatches import Clock
from bptui.engine.modules import LeakyReLU, ReLU, Sigmoid, Softplus, Tanh
from bptui.session.actions import Jump
from bptui.session.experiment import Experiment
from bptui.session.session import Session
from bptui.session.train.predict import Predictor
from bptui.session.train.probe import Prober
from bptui.sources.labs import TRAIN
from bptui.sources.presets import PRESETS

NETS = [name for name in PRESETS if name != "average"]


@pytest.mark.parametrize("name", NETS)
def test_a_probe_is_a_full_batch_on_the_tape(name: str) -> None:
    experiment = PRESETS[name]
    full = experiment.changed(batch=experiment.count, shuffle=False, dropout=0.0, training=False)
    session = Session(full)
    session.apply(Jump(0, max(e.index for e in full.graph.events if e.phase == "backward")))
    moment = session.moment()
    prober = Prober(experiment)
    probe = prober.probe(Clock(), experiment.initial())
    assert probe.train.loss == pytest.approx(moment.loss, rel=1e-12)
    for parameter, gradient in prober.gradients.items():
        assert np.allclose(gradient, moment.batch_gradient(parameter), rtol=1e-10, atol=1e-15)


@pytest.mark.parametrize("name", NETS)
def test_predictions_are_the_tapes(name: str) -> None:
    experiment = PRESETS[name]
    session = Session(experiment.changed(batch=experiment.count, shuffle=False, dropout=0.0, training=False))
    session.apply(Jump(0, max(e.index for e in session.graph.events if e.phase == "cost")))
    cost = next(node for node in session.graph.nodes if node.module.role == "cost")
    wanted = session.moment().batch_value(cost.inputs[0])
    inputs = {g.name: experiment.samples[g.name] for g in experiment.net.given if not g.target}
    scores = Predictor(experiment).scores(experiment.initial(), inputs)
    assert wanted is not None and np.allclose(scores, wanted, rtol=1e-12, atol=1e-14)


def planted(kind: type, shift: float) -> Experiment:
    """Two-layer with another non-linearity, and a bias that puts unit 1 far to one side."""
    experiment = PRESETS["two-layer"]
    layers = tuple(
        layer.__class__(
            layer.name, kind() if isinstance(layer.module, ReLU) else layer.module, layer.inputs, layer.outputs
        )
        for layer in experiment.net.layers
    )
    given = tuple((name, (0.1, shift, 0.1) if name == "m0.bias" else values) for name, values in experiment.parameters)
    return experiment.changed(net=replace(experiment.net, layers=layers), parameters=given)


@pytest.mark.parametrize(("kind", "dead"), [(ReLU, (1,)), (LeakyReLU, ()), (Softplus, ())])
def test_dead_units_are_named(kind: type, dead: tuple[int, ...]) -> None:
    experiment = planted(kind, -100.0)
    (units,) = Prober(experiment).probe(Clock(), experiment.initial()).units
    assert units.dead == dead


@pytest.mark.parametrize("kind", [Sigmoid, Tanh])
@pytest.mark.parametrize("shift", [-50.0, 50.0])
def test_saturated_units_are_counted(kind: type, shift: float) -> None:
    plain, off = (Prober(e).probe(Clock(), e.initial()).units[0] for e in (planted(kind, 0.0), planted(kind, shift)))
    assert plain.saturated == 0.0 and off.saturated == pytest.approx(1 / 3)


def test_zeros_and_norms() -> None:
    experiment = PRESETS["two-layer"]
    parameters = experiment.initial()
    parameters["m0.weight"][0, :2] = 0.0
    probe = Prober(experiment).probe(Clock(), parameters)
    assert probe.weights[0].zeros == 2 and probe.weights[0].size == 18
    squares = sum(float((values**2).sum()) for name, values in parameters.items() if name.endswith("weight"))
    assert probe.squares == pytest.approx(squares, rel=1e-12)


def test_a_leaning_prediction_and_one_that_is_the_same_for_all() -> None:
    experiment = TRAIN["blobs"]
    start = {name: np.zeros_like(values) for name, values in experiment.initial().items()}
    start["m2.bias"] = np.log([0.7, 0.2, 0.1])
    probe = Prober(experiment).probe(Clock(), start)
    assert probe.facts.shares == tuple(experiment.samples["y"].mean(axis=0))
    assert np.allclose(probe.lean, np.array([0.7, 0.2, 0.1]) - probe.facts.shares, atol=1e-12)
    assert probe.spread == 0.0
    start["m2.bias"] += 1.0
    start["m0.weight"][0], start["m1.weight"][0, 0], start["m2.weight"][1, 0] = [1.0, 0.0], 1.0, 1.0
    x = np.maximum(experiment.samples["x"][:, 0], 0.0)
    assert Prober(experiment).probe(Clock(), start).spread == np.abs(x - x[0]).max()


def test_what_is_known_of_a_run_before_it_runs() -> None:
    known = Prober(TRAIN["spirals"].changed(batch=80, shuffle=False)).facts
    x = TRAIN["spirals"].samples["x"]
    assert [f.name for f in known.features] == ["x[0]", "x[1]"]
    assert [(f.mean, f.std) for f in known.features] == list(zip(x.mean(axis=0), x.std(axis=0), strict=True))
    classes = TRAIN["spirals"].samples["y"].argmax(axis=1)
    assert known.pure == np.mean([np.bincount(part).max() / 80 for part in classes.reshape(3, 80)])
    assert known.last_bias == "m2.bias" and not known.penalised
    assert Prober(TRAIN["spirals"].changed(l2=0.1)).facts.penalised
