"""Races: paths of real runs, against PyTorch and the workbench; where they went; updates taken apart."""

from __future__ import annotations

import json
import sys
from pathlib import Path as File
from typing import Any

import numpy as np
import pytest
from descents import SAMPLES, landscape, line, slope, two_layer, unit
from hypothesis import given
from hypothesis import strategies as st
from strategies import nets, optimisers, samples_for, schedules, seeds

from bptui.data.samples import given_samples
from bptui.engine.modules import Tanh
from bptui.engine.modules.landscapes import Staircase, Valley
from bptui.engine.optimisers import SGD, Adam, AdamW, ProximalSGD
from bptui.engine.rewire import Wiring, rewire
from bptui.engine.schedules import Exponential
from bptui.session.descend.objective import Objective
from bptui.session.descend.plane import random_plane, usual_plane
from bptui.session.descend.pulls import Explainer
from bptui.session.descend.race import Path, Racer, race
from bptui.session.descend.redundancy import spending
from bptui.session.descend.spectrum import spectrum
from bptui.session.descend.whereabouts import Away, View, away
from bptui.session.experiment import Experiment
from bptui.session.runner import Runner
from bptui.sources.labs import DESCEND

GOLDEN = File(__file__).parents[2] / "golden"
sys.path.insert(0, str(GOLDEN))

import trajectories  # noqa: E402

WANTED: dict[str, list[list[float]]] = json.loads((GOLDEN / "trajectories.json").read_text(encoding="utf-8"))
DESCENTS = {descent.name: descent for descent in trajectories.descents()}


def raced(*experiments: Experiment, start: Any = None) -> tuple[Path, ...]:
    """Paths of experiments on the first one's surface."""
    objective = Objective(experiments[0])
    start = objective.start if start is None else np.array(start)
    plane = usual_plane(objective.graph, start)
    return race(tuple(Racer(str(k), e) for k, e in enumerate(experiments)), start, objective, plane)


# -- against PyTorch


def followed(descent: trajectories.Descent) -> list[list[float]]:
    experiment = line(
        optimiser=descent.optimiser,
        schedule=descent.schedule,
        lr=trajectories.RATE,
        batch=trajectories.BATCH,
        shuffle=False,
        l1=descent.l1,
    ).changed(data=given_samples(trajectories.samples()))
    (path,) = raced(experiment, start=trajectories.START)
    path.extend(trajectories.UPDATES)
    places: list[list[float]] = path.positions[list(trajectories.KEPT)].tolist()
    return places


def test_every_optimiser_with_every_schedule_has_a_trajectory() -> None:
    assert list(WANTED) == list(DESCENTS)


@pytest.mark.parametrize("name", DESCENTS)
def test_trajectories_are_pytorchs(name: str) -> None:
    np.testing.assert_allclose(followed(DESCENTS[name]), WANTED[name], rtol=1e-9, atol=1e-9)


@pytest.mark.some(3)
@pytest.mark.parametrize("name", DESCENTS)
def test_trajectories_are_pytorchs_live(name: str) -> None:
    pytest.importorskip("torch")
    from make_trajectories import run

    np.testing.assert_allclose(followed(DESCENTS[name]), run(DESCENTS[name]), rtol=1e-9, atol=1e-9)


# -- paths are runs


@pytest.mark.parametrize("batch", [1, 5, SAMPLES])
def test_a_path_is_the_workbenchs_run_of_the_same_experiment(batch: int) -> None:
    experiment = two_layer(batch=batch, optimiser=Adam(), schedule=Exponential(0.9), shuffle=True)
    (path,) = raced(experiment)
    path.extend(7)
    path.extend(20)
    session = path.open(13)
    assert (session.address.step, session.address.event) == (13, 0)
    record = session.moment().record
    np.testing.assert_array_equal(record.indices, path.indices(13))
    before = record.before[: path.objective.size]
    np.testing.assert_allclose(path.positions[13], path.plane.project(before), rtol=1e-12, atol=1e-15)
    np.testing.assert_array_equal(path.vector(13), before)
    assert path.losses[13] == path.objective.value(before)
    spent = np.cumsum([0, *(len(path.indices(k)) for k in range(path.updates))])
    np.testing.assert_array_equal(path.evaluations, spent)


def test_all_racers_start_together_and_take_the_same_time_to_the_same_place() -> None:
    full, single = raced(line(batch=SAMPLES), line(batch=1, lr=0.02), start=[-1.35, 0.85])
    assert tuple(full.positions[0]) == tuple(single.positions[0]) == (-1.35, 0.85)
    assert full.losses[0] == single.losses[0]
    for path in (full, single):
        path.extend_to(2 * SAMPLES)
    assert (full.updates, single.updates) == (2, 2 * SAMPLES)
    assert [full.place_at(e) for e in (0, SAMPLES - 1, SAMPLES, 99)] == [0, 0, 1, 2]
    assert [single.place_at(e) for e in (0, SAMPLES - 1, SAMPLES, 99)] == [0, SAMPLES - 1, SAMPLES, 2 * SAMPLES]


@given(st.integers(1, 12), st.integers(0, 200))
def test_enough_updates_are_run_for_any_budget_and_no_more_than_needed(batch: int, budget: int) -> None:
    (path,) = raced(line(batch=batch, lr=0.01))
    path.extend_to(budget)
    assert path.evaluations[-1] >= budget
    assert path.updates == 0 or path.evaluations[-2] < budget


def test_losses_on_a_quadratic_are_the_models_own() -> None:
    (path,) = raced(line(batch=1, lr=0.1))
    path.extend(100)
    direct = [path.objective.value(theta) for theta in path.plane.at(path.positions)]
    np.testing.assert_allclose(path.losses, direct, rtol=1e-12)


def test_a_path_beyond_its_rate_ends_where_it_is_no_number() -> None:
    objective = Objective(line())
    rate = 3.0 * spectrum(objective, objective.start).largest_rate
    (path,) = raced(line(batch=SAMPLES, lr=rate))
    path.extend(10_000)
    assert path.ended
    assert path.updates < 10_000
    assert np.isfinite(path.positions[:-1]).all()
    assert not np.isfinite(path.positions[-1]).all()
    gone = away(path.positions, View((-3.0, -3.0), (3.0, 3.0)))
    assert gone is not None
    assert (gone.since, gone.through) == (path.updates, None)
    before = path.updates
    path.extend(20_000)
    assert path.updates == before


def test_nothing_moves_where_the_gradient_is_zero() -> None:
    (path,) = raced(landscape(Staircase(), lr=0.5), start=[0.3, 0.4])
    assert not path.still
    path.extend(30)
    assert path.still
    (valley,) = raced(landscape(Valley(), lr=0.01), start=[0.3, 0.4])
    valley.extend(1)
    assert not valley.still


def test_edits_in_the_workbench_leave_the_path_alone() -> None:
    from bptui.session.actions import SetKnob

    (path,) = raced(line(batch=2))
    path.extend(30)
    session, wanted = path.open(10), path.vector(20)
    session.apply(SetKnob("lr", "0.001"))
    assert path.open(20) is session
    assert session.address.branch == 0
    np.testing.assert_array_equal(path.vector(20), wanted)


# -- in and out of view

VIEW = View((0.0, 0.0), (10.0, 2.0))


@pytest.mark.parametrize(
    ("positions", "wanted"),
    [
        ([(5, 1)], None),
        ([(5, 1), (5, 3), (5, 1)], None),
        ([(5, 1), (5, 3)], Away(1, "top", (5.0, 3.0))),
        ([(5, 1), (6, 1), (7, -9), (50, 1)], Away(2, "bottom", (50.0, 1.0))),
        ([(5, 1), (5, 3), (5, 1), (-1, 1), (-2, 1)], Away(3, "left", (-2.0, 1.0))),
        ([(9, 1), (19, 3)], Away(1, "right", (19.0, 3.0))),  # through the right at a tenth, the top at half of the way
        ([(5, 1.9), (30, 12)], Away(1, "top", (30.0, 12.0))),
        ([(12, 1), (13, 1)], Away(0, "right", (13.0, 1.0))),
    ],
)
def test_a_path_that_leaves_the_view_says_where_it_went(positions: Any, wanted: Away | None) -> None:
    assert away(np.array(positions, float), VIEW) == wanted


def test_a_curve_has_two_sides() -> None:
    positions = np.array([[0.5], [1.5]])
    assert away(positions, View((0.0,), (1.0,))) == Away(1, "right", (1.5,))


def test_what_is_no_number_has_left_through_no_side() -> None:
    gone = away(np.array([[5.0, 1.0], [5.0, 9.0], [np.inf, np.nan], [np.nan, np.nan]]), VIEW)
    assert gone is not None
    assert (gone.since, gone.through) == (2, None)


# -- updates taken apart


@st.composite
def runs(draw: st.DrawFn) -> Experiment:
    """A random net with samples, knobs and an optimiser."""
    net = draw(nets())
    count = draw(st.integers(1, 5))
    samples = samples_for(rewire(net, Wiring()), count, np.random.default_rng(draw(seeds)))
    return Experiment(
        net,
        given_samples(samples),
        reduction=draw(st.sampled_from(["sum", "batch", "elements"])),
        optimiser=draw(optimisers),
        schedule=draw(schedules),
        lr=0.01,
        batch=draw(st.integers(1, count)),
        l1=draw(st.sampled_from([0.0, 0.1])),
        l2=draw(st.sampled_from([0.0, 0.2])),
        zero_gradients=draw(st.booleans()),
    )


@given(runs(), st.integers(0, 6))
def test_the_pulls_of_the_samples_make_the_minibatchs_gradient(experiment: Experiment, number: int) -> None:
    """Dropout's masks included: a random net may have a Dropout of its own."""
    (path,) = raced_randomly(experiment)
    path.extend(number + 1)
    update = Explainer(path).update(number)
    np.testing.assert_array_equal(update.indices, path.indices(number))
    assert len(update.pulls) == len(update.indices)
    total = update.share * update.pulls.sum(axis=0) + update.penalty
    np.testing.assert_allclose(total, update.gradient, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(update.before + update.step, update.after, rtol=1e-9, atol=1e-11)
    if type(experiment.optimiser) is SGD and experiment.zero_gradients:
        np.testing.assert_allclose(update.step, -update.rate * update.gradient, rtol=1e-9, atol=1e-11)


def raced_randomly(experiment: Experiment) -> tuple[Path, ...]:
    objective = Objective(experiment)
    plane = usual_plane(objective.graph, objective.start)
    return race((Racer("one", experiment),), objective.start, objective, plane)


def test_an_update_of_a_line_in_numbers() -> None:
    experiment = line(batch=4, lr=0.05)
    (path,) = raced(experiment)
    path.extend(3)
    update = Explainer(path).update(2)
    samples, (w, b) = experiment.samples, update.before
    x, y = samples["x"][update.indices, 0], samples["y"][update.indices, 0]
    assert update.residual is not None
    assert update.residual.name == "ȳ − y"
    np.testing.assert_allclose(update.residual.values[:, 0], w * x + b - y)
    np.testing.assert_allclose(update.pulls, 2 * (w * x + b - y)[:, None] * np.column_stack([x, np.ones(4)]))
    np.testing.assert_allclose(update.step, -0.05 * update.pulls.mean(axis=0))
    assert update.losses == (path.losses[2], path.losses[3])
    assert update.rate == 0.05
    few = Explainer(path).update(2, at_most=2)
    np.testing.assert_array_equal(few.pulls, update.pulls[:2])
    np.testing.assert_array_equal(few.gradient, update.gradient)


def test_the_step_is_the_optimisers_not_the_gradients() -> None:
    for optimiser in (Adam(), AdamW(), ProximalSGD()):
        (path,) = raced(unit(Tanh(), optimiser=optimiser, l1=0.3))
        path.extend(4)
        update = Explainer(path).update(3)
        np.testing.assert_allclose(update.step, path.positions[4] - path.positions[3], atol=1e-12)
        assert not np.allclose(update.step, -update.rate * update.gradient)


def test_dropout_masks_are_those_of_the_update() -> None:
    experiment = two_layer(batch=4, dropout=0.5, lr=0.05)
    objective = Objective(experiment)
    plane = random_plane(objective.graph, objective.start)
    (path,) = race((Racer("dropped", experiment),), objective.start, objective, plane)
    path.extend(6)
    explainer = Explainer(path)
    updates = [explainer.update(k) for k in (5, 2, 5)]
    for update in updates:
        np.testing.assert_allclose(update.pulls.mean(axis=0), update.gradient, rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(updates[0].pulls, updates[2].pulls)


def test_one_parameter_has_updates_too() -> None:
    (path,) = raced(slope(batch=3, lr=0.1))
    path.extend(2)
    update = Explainer(path).update(1)
    assert update.pulls.shape == (3, 1)
    np.testing.assert_allclose(update.step, -0.1 * update.pulls.mean(axis=0))


# -- redundancy


def test_repeating_samples_costs_the_full_batch_that_many_times_more() -> None:
    once, hundred = (raced(line(batch=n * SAMPLES, repeat=n, lr=0.1))[0] for n in (1, 100))
    for path in (once, hundred):
        path.extend(40)
    np.testing.assert_allclose(once.losses, hundred.losses, rtol=1e-9)
    found = spending(hundred, once, float(once.losses[20]) * (1.0 + 1e-9))
    assert found is not None
    assert found.ratio == pytest.approx(100.0)


def test_a_single_sample_at_a_time_exploits_the_repetition() -> None:
    full, single = raced(line(batch=100 * SAMPLES, repeat=100, lr=0.1), line(batch=1, repeat=100, lr=0.02))
    full.extend(60)
    single.extend_to(2000)
    found = spending(full, single)
    assert found is not None
    assert found.loss == max(full.losses.min(), single.losses.min())
    assert found.ratio > 20.0
    assert full.evaluations_to(found.loss) == found.evaluations[0]
    assert full.losses[full.place_at(found.evaluations[0])] <= found.loss
    assert spending(full, single, -1.0) is None


def test_the_labs_redundant_samples_are_worth_a_ratio() -> None:
    experiment = DESCEND["redundancy"]
    full, single = raced(experiment.changed(batch=experiment.count, lr=0.1), experiment.changed(batch=1, lr=0.02))
    full.extend(30)
    single.extend_to(1000)
    found = spending(full, single)
    assert found is not None
    assert found.ratio > 50.0


def test_the_runner_alone_makes_the_path() -> None:
    """Positions are the runner's parameters, to the last bit."""
    (path,) = raced(line(batch=4))
    path.extend(25)
    runner = Runner(path.racer.experiment)
    runner.restore(runner.beginning())
    for k in range(25):
        np.testing.assert_array_equal(runner.state.flat["parameters"], path.positions[k])
        runner.train()
