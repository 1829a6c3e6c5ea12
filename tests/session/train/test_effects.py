"""What a knob is said to do is what the engine's own runs do."""

from __future__ import annotations

import numpy as np
import pytest

from bptui.session.actions import Jump
from bptui.session.descend.objective import Objective
from bptui.session.descend.spectrum import spectrum
from bptui.session.knobs import turned
from bptui.session.runner import Runner
from bptui.session.session import Session
from bptui.session.train.effects import EFFECTS, Effect, effect
from bptui.session.train.trainer import Trainer
from bptui.session.train.training import Training
from bptui.sources.labs import PRACTICUM, TRAIN
from bptui.sources.presets import PRESETS
from tests.bench.doctor import trained


def measured(knob: str, training: Training) -> Effect:
    found = effect(knob, training)
    assert found is not None and found.rows and found.says
    return found


def test_biases_over_the_epoch_are_the_runs_own() -> None:
    training = trained(turned(TRAIN["spirals"], "shuffle", "off"), 3)
    rows = measured("shuffle", training).rows
    session = Session(training.experiment)
    for step in range(30, 46):
        session.apply(Jump(step, 0))
        bias = session.history.parameters(0, step)[1]["m2.bias"]
        assert [row.numbers[step - 30] for row in rows] == bias.tolist()


def test_measuring_leaves_the_run_as_it_is() -> None:
    training, alone = trained(TRAIN["moons"], 4), trained(TRAIN["moons"], 4)
    for knob in EFFECTS:
        effect(knob, training)
    for run in (training, alone):
        run.advance(7)
    assert training.step == alone.step
    mine, other = training.look(), alone.look()
    assert all(np.array_equal(mine.parameters[name], values) for name, values in other.parameters.items())
    assert training.session.history.branches == training.session.history.branches[:1]


def test_the_gradient_of_a_minibatch_is_as_far_off_as_the_tape_says() -> None:
    training = trained(TRAIN["blobs"], 5)
    noise = {row.label: row.numbers[0] for row in measured("batch", training).rows}
    assert noise["B = 192"] == 0.0 and noise["B = 1"] > noise["B = 16"] > 0.0
    whole = Objective(training.experiment).gradient(
        np.concatenate([values.ravel() for values in training.look().parameters.values()])
    )[1]
    off = []
    runner = Runner(training.experiment)
    for step in range(training.step, training.step + 12):  # the epoch's minibatches, all at the cursor's parameters
        runner.clock = training.session.history.record(0, step).clock
        for name, values in training.look().parameters.items():
            runner.state.parameters[name][...] = values
        runner.record()
        off.append(np.sum((runner.state.flat["gradients"] - whole) ** 2))
    assert noise["B = 16"] == pytest.approx(np.sqrt(np.mean(off)) / np.linalg.norm(whole), rel=1e-9)


def test_curvature_before_and_after_normalising() -> None:
    experiment = TRAIN["cubic"]
    found = [row.numbers[0] for row in measured("normalise", Training(Session(experiment))).rows]
    objectives = [Objective(turned(experiment, "normalise", setting)) for setting in ("off", "on")]
    wanted = [spectrum(objective, objective.start).highest for objective in objectives]
    assert found == pytest.approx(wanted, rel=1e-2)


def test_the_signal_by_layer_is_the_forward_passes() -> None:
    experiment = turned(TRAIN["spirals"], "init", "kaiming")
    rows = {row.label: row.numbers for row in measured("init", Training(Session(experiment))).rows}
    start, z = experiment.initial(), experiment.samples["x"]
    for k, square in enumerate(rows["E[z²], kaiming"]):
        z = np.maximum(0.0, z @ start[f"m{k}.weight"].T + start[f"m{k}.bias"])
        assert square == pytest.approx(np.mean(z**2), rel=1e-12)


def test_squared_error_behind_a_softmax_loses_the_gradient_at_a_confidently_wrong_sample() -> None:
    training = trained(TRAIN["blobs"], 100)
    squared, fused = (np.array(row.numbers) for row in measured("cost", training).rows)
    look = training.look()
    z = training.experiment.samples["x"]
    for k in range(2):
        z = np.maximum(0.0, z @ look.parameters[f"m{k}.weight"].T + look.parameters[f"m{k}.bias"])
    scores = z @ look.parameters["m2.weight"].T + look.parameters["m2.bias"]
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    y = training.experiment.samples["y"]
    worst = int((p * y).sum(axis=1).argmin())
    p, y = p[worst], y[worst]
    assert np.allclose(fused, p - y, atol=1e-12)
    assert np.allclose(squared, p * (2 * (p - y) - np.sum(2 * (p - y) * p)), atol=1e-12)
    assert np.linalg.norm(squared) < np.linalg.norm(fused)


def test_a_tenth_of_the_rate_is_what_the_run_itself_would_do() -> None:
    training = trained(TRAIN["moons"], 10)
    present, tenth = (row.numbers for row in measured("schedule", training).rows)
    assert present[0] == tenth[0] == pytest.approx(training.look().probe.train.loss, rel=1e-12)
    training.advance(10)
    training.advance(5)  # 240 steps in 16 parts
    assert present[1] == pytest.approx(training.look().probe.train.loss, rel=1e-12)
    assert present[1:] != tenth[1:]


@pytest.mark.some(5)
@pytest.mark.parametrize("name", [*PRESETS, *PRACTICUM])
def test_every_knob_of_every_net_says_something_or_nothing(name: str) -> None:
    training = Training(Session(PRESETS.get(name) or PRACTICUM[name]))
    for knob in [*EFFECTS, "seed"]:
        found = effect(knob, training)
        assert found is None or all(row.numbers for row in found.rows)
    assert effect("seed", training) is None


def test_the_worker_measures_what_was_asked_for_last() -> None:
    trainer = Trainer(Training(Session(TRAIN["moons"])))
    trainer.measure("activation")
    trainer.wait()
    name, found = trainer.snapshot.measured
    assert name == "activation" and found == effect("activation", Training(Session(TRAIN["moons"])))
    trainer.epoch()
    trainer.wait()
    assert trainer.snapshot.measured[1] != found
    trainer.measure("")
    trainer.wait()
    trainer.close()
    assert trainer.snapshot.measured == ("", None)
