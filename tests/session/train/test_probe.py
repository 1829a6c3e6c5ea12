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
