"""What the labs start from: it learns, it says what it is, and it works wherever a net does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bptui.cli import main
from bptui.engine.modules.landscapes import LANDSCAPES
from bptui.session.actions import Forward, RunToEnd
from bptui.session.experiment import Experiment
from bptui.session.knobs import KNOBS, KnobError, cost_name, turned
from bptui.session.mlp import as_mlp
from bptui.session.runner import Runner
from bptui.session.session import Session
from bptui.session.toml import from_toml, to_toml
from bptui.session.train.predict import Predictor
from bptui.sources.labs import DESCEND, PRACTICUM, PRACTICUM_SEEDS, TRAIN, lab
from bptui.sources.presets import UnknownNetError
from bptui.sources.trace import stops

ALL = {**{f"train-{k}": e for k, e in TRAIN.items()}, **PRACTICUM, **{f"descend-{k}": e for k, e in DESCEND.items()}}


def trained(experiment: Experiment, epochs: int) -> Runner:
    runner = Runner(experiment)
    runner.restore(runner.beginning())
    while runner.clock.epoch < epochs:
        runner.train()
    return runner


def accuracy(runner: Runner, samples: dict[str, np.ndarray]) -> float:
    scores = Predictor(runner.experiment).scores(runner.state.parameters, {"x": samples["x"]})
    return float((scores.argmax(axis=1) == samples["y"].argmax(axis=1)).mean())


@pytest.mark.parametrize("name", ALL)
def test_it_can_be_written_down_and_says_what_it_is(name: str) -> None:
    experiment = ALL[name].validated()
    assert from_toml(to_toml(experiment)) == experiment
    assert 10 < len(experiment.net.description) < 100
    assert name.removeprefix("train-").removeprefix("descend-") == experiment.net.name


@pytest.mark.parametrize("name", TRAIN)
def test_it_learns_in_sixty_epochs(name: str) -> None:
    experiment = TRAIN[name]
    runner = trained(experiment, 60)
    assert as_mlp(experiment.net) is not None
    assert len(experiment.held_out["x"]) >= 20
    if name == "cubic":
        scores = Predictor(experiment).scores(runner.state.parameters, {"x": experiment.held_out["x"]})
        assert np.mean((scores - experiment.held_out["y"]) ** 2) < 3 * experiment.data.noise**2
    else:
        assert accuracy(runner, experiment.samples) > 0.95
        assert accuracy(runner, experiment.held_out) > 0.9


@pytest.mark.slow
@pytest.mark.parametrize("noise", [0.1, 0.2])
@pytest.mark.parametrize("name", PRACTICUM)
def test_only_a_non_linearity_and_adam_together_part_the_spirals(name: str, noise: float) -> None:
    experiment = PRACTICUM[name]
    experiment = experiment.changed(data=replace(experiment.data, noise=noise))
    for seed in PRACTICUM_SEEDS:
        share = accuracy(trained(experiment.changed(seed=seed), 1000), experiment.samples)
        assert share >= 0.9 if name == "relu-adam" else 0.47 <= share <= 0.57


def test_the_practicums_runs_differ_in_one_thing_at_a_time() -> None:
    one, two, three, four = PRACTICUM.values()
    assert one.changed(optimiser=two.optimiser, net=two.net) == two
    assert three.changed(optimiser=four.optimiser, net=four.net) == four
    assert [type(layer.module).__name__ for layer in one.net.layers] == ["Linear", "Linear", "CrossEntropy"]
    assert turned(one, "activation", "relu").net.layers == three.net.layers
    assert np.array_equal(one.initial()["m0.weight"], four.initial()["m0.weight"])
    assert one.settings(1).rate == 1e-3
    assert one.count == one.batch == 3000


def test_the_line_is_the_look_books() -> None:
    experiment = DESCEND["line"]
    x, y = experiment.samples["x"], experiment.samples["y"]
    inputs = np.hstack([x, np.ones_like(x)])
    hessian = 2 * inputs.T @ inputs / len(x)
    least = np.linalg.solve(inputs.T @ inputs, inputs.T @ y)
    assert len(x) == 32
    assert 2 / np.linalg.eigvalsh(hessian)[-1] == pytest.approx(0.57, abs=0.01)
    assert np.mean((inputs @ least - y) ** 2) == pytest.approx(0.2, abs=0.01)
    assert hessian[0, 1] > 0.5  # tilted
    start = experiment.initial()
    assert (start["m0.weight"].item(), start["m0.bias"].item()) == (-1.35, 0.85)


def test_the_redundant_set_is_a_hundred_samples_a_hundred_times() -> None:
    x = DESCEND["redundancy"].samples["x"]
    assert x.shape == (10_000, 1)
    assert len(np.unique(x)) == 100
    assert (x[:100] == x[100:200]).all()


@pytest.mark.parametrize("name", LANDSCAPES)
def test_a_landscape_descends_from_its_start_unless_it_is_level(name: str) -> None:
    experiment = DESCEND[name]
    runner = Runner(experiment)
    runner.restore(runner.beginning())
    heights = [runner.train() for _ in range(100)]
    if name == "staircase":
        assert set(heights) == {3.0}
        assert runner.state.parameters["position.weight"].ravel().tolist() == [2.6, -1.7]
    else:
        assert heights[-1] < heights[0]
        assert np.isfinite(heights).all()
    (left, right), (low, high) = LANDSCAPES[name].window
    a, b = experiment.initial()["position.weight"].ravel()
    assert left < a < right
    assert low < b < high


@pytest.mark.parametrize("name", LANDSCAPES)
def test_a_landscape_can_be_walked_event_by_event(name: str) -> None:
    experiment = DESCEND[name]
    walk = list(stops(experiment, 2))
    assert [stop.event.node for stop in walk if stop.event.phase == "cost"] == [name, name]
    session = Session(experiment)
    for _ in range(3 * len(experiment.graph.events)):
        session.apply(Forward())
    session.apply(RunToEnd("epoch"))
    assert session.moment().loss is not None


@pytest.mark.parametrize("name", LANDSCAPES)
def test_the_cost_of_a_landscape_is_itself_and_no_knob(name: str) -> None:
    experiment = DESCEND[name]
    assert cost_name(experiment).lower() == name
    assert not KNOBS["cost"].applies(experiment)
    with pytest.raises(KnobError, match="cost: decides nothing"):
        turned(experiment, "cost", "squared")
    assert turned(experiment, "l2", "0.1").graph.loss != experiment.graph.loss


@pytest.mark.parametrize("name", DESCEND)
def test_every_gradient_of_a_descent_is_right(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "net.toml"
    path.write_text(to_toml(DESCEND[name].changed(batch=1)), encoding="utf-8")
    assert main(["check", str(path)]) == 0
    assert "are right to 1e-05" in capsys.readouterr().out


def test_a_lab_is_found_by_name() -> None:
    assert lab(DESCEND, "Rosenbrock") is DESCEND["rosenbrock"]
    with pytest.raises(UnknownNetError, match=r"'spiral'; did you mean 'spirals'\? there are spirals, moons"):
        lab(TRAIN, "spiral")
