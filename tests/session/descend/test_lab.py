"""The descend lab's state: racers, the instant, what it says; against the engine's own runs."""

from __future__ import annotations

import numpy as np
import pytest
from descents import line, two_layer
from hypothesis import given
from hypothesis import strategies as st

from bptui.engine.modules.landscapes import Landscape
from bptui.engine.optimisers import Adam
from bptui.session.descend.ground import Ground
from bptui.session.descend.lab import Descent
from bptui.session.descend.lineup import called, nearest_rate, next_batch, next_rate, rates, usual_racers
from bptui.session.descend.plane import entry_plane
from bptui.session.descend.race import evaluations_after
from bptui.session.descend.remarks import above_bound, remarks
from bptui.session.descend.surface import Surface
from bptui.session.descend.whereabouts import View
from bptui.session.descend.window import window
from bptui.session.runner import Runner
from bptui.sources.labs import DESCEND


def run_alone(descent: Descent, number: int, updates: int) -> np.ndarray:
    """A racer's parameters after some updates, by a runner that knows nothing of the lab."""
    runner = Runner(descent.paths[number].racer.experiment)
    runner.restore(runner.beginning())
    for _ in range(updates):
        runner.train()
    return np.array(runner.state.flat["parameters"])


@pytest.mark.parametrize("name", DESCEND)
def test_every_model_opens_and_its_window_holds_the_start(name: str) -> None:
    descent = Descent(DESCEND[name])
    position = descent.plane.project(descent.start)
    for (low, high), value in zip(window(descent), position, strict=True):
        assert low < value < high
    assert len({called(racer) for racer in descent.racers}) == len(descent.racers)


def test_full_batch_minibatch_and_single_sample_race_from_one_start() -> None:
    descent = Descent(DESCEND["line"])
    descent.work(None)
    assert [called(racer) for racer in descent.racers] == ["full batch", "minibatch 4", "single sample"]
    assert {tuple(path.positions[0]) for path in descent.paths} == {(-1.35, 0.85)}
    descent.go_to(128)
    assert [descent.place(k) for k in range(3)] == [4, 32, 128]
    for k in range(3):
        np.testing.assert_array_equal(descent.positions(k)[-1], run_alone(descent, k, descent.place(k)))


@given(at=st.integers(0, 500), batch=st.integers(1, 12))
def test_the_instant_of_a_place_and_the_place_of_an_instant_agree(at: int, batch: int) -> None:
    experiment = line(batch=batch)
    descent = Descent(experiment, [experiment])
    descent.at = at
    place = descent._updates(0, at)
    spent = [evaluations_after(n, batch, experiment.count) for n in (place, place + 1)]
    assert spent[0] <= at < spent[1]
    assert descent.instant(0, place) == spent[0]


def test_a_step_is_an_update_of_the_chosen_racer_and_the_horizon_moves_on() -> None:
    descent = Descent(line(batch=4))
    descent.chosen = 0
    descent.step(1)
    assert descent.at == descent.experiment.count
    descent.step(99)
    assert descent.at == 100 * descent.experiment.count <= descent.horizon
    descent.step(-1000)
    assert descent.at == 0


def test_counting_otherwise_leaves_the_chosen_racer_where_it_is() -> None:
    descent = Descent(DESCEND["line"])
    descent.work(None)
    descent.go_to(40)
    place = descent.place(descent.chosen)
    descent.count_by("updates")
    assert descent.at == place == 10
    assert {descent.place(k) for k in range(3)} <= {10, descent.paths[0].updates}
    descent.count_by("evaluations")
    assert descent.at == 40


def test_work_in_slices_ends_where_work_at_once_does() -> None:
    whole, sliced = Descent(line(batch=4)), Descent(line(batch=4))
    assert whole.work(None)
    calls = 0
    while not sliced.work(1e-9):
        calls += 1
    assert calls > 2
    for one, other in zip(whole.paths, sliced.paths, strict=True):
        np.testing.assert_array_equal(one.positions, other.positions)


def test_what_is_reached_is_known_of_all_racers() -> None:
    descent = Descent(line(batch=4))
    assert descent.reached == 0
    descent.paths[0].extend(3)
    descent.paths[1].extend(2)
    descent.paths[2].extend(1)
    assert descent.reached == 1
    descent.paths[2].extend(30)
    assert descent.reached == 11  # the minibatch's third update comes with the twelfth evaluation
    descent.work(None)
    assert descent.reached == descent.horizon


def test_a_changed_racer_runs_anew_and_no_other() -> None:
    descent = Descent(DESCEND["line"])
    descent.work(None)
    others = descent.paths[1:]
    descent.set_racer(0, descent.racers[0].changed(optimiser=Adam(), lr=0.1))
    descent.work(None)
    assert descent.paths[1:] == others
    np.testing.assert_array_equal(descent.paths[0].positions[3], run_alone(descent, 0, 3))


def test_there_are_one_to_four_racers() -> None:
    descent = Descent(line(batch=4))
    descent.add()
    assert len(descent.racers) == len(descent.paths) == 4 and descent.chosen == 3
    with pytest.raises(ValueError, match="as many as there are markers"):
        descent.add()
    for _ in range(3):
        descent.remove()
    with pytest.raises(ValueError, match="one racer must stay"):
        descent.remove()


def test_the_update_in_view_leads_to_the_instant() -> None:
    descent = Descent(DESCEND["line"])
    descent.work(None)
    first = descent.update()
    assert first is not None and first.number == 0
    descent.go_to(128)
    assert descent.caught_up(None)
    update = descent.update()
    assert update is not None and update.number == 31
    np.testing.assert_allclose(update.before + update.step, update.after, rtol=0, atol=1e-15)
    np.testing.assert_array_equal(update.after, descent.positions(1)[-1])
    np.testing.assert_allclose(update.pulls.mean(axis=0), update.gradient, rtol=1e-12)
    session = descent.open()
    assert session.address.step == 31
    np.testing.assert_array_equal(session.moment().record.indices, update.indices)


def test_a_slice_goes_through_the_chosen_racer() -> None:
    descent = Descent(two_layer(batch=4))
    descent.work(None)
    descent.go_to(24)
    theta = run_alone(descent, descent.chosen, descent.place(descent.chosen))
    np.testing.assert_allclose(descent.vector(), theta, rtol=1e-12)
    plane = descent.slice()
    np.testing.assert_allclose(plane.at(plane.project(theta)), theta, rtol=1e-9, atol=1e-12)


def test_begin_at_moves_the_start_of_all_and_other_directions_show_the_same_run() -> None:
    descent = Descent(two_layer(batch=4))
    graph = descent.objective.graph
    descent.look_along(entry_plane(graph, descent.start, "m0.weight[0,0]", "m0.weight[1,1]"))
    descent.begin_at(np.array([0.5, -0.25]))
    descent.work(None)
    for path in descent.paths:
        np.testing.assert_allclose(path.positions[0], [0.5, -0.25])
    assert descent.objective.value(descent.start) == pytest.approx(float(descent.paths[0].losses[0]))


def test_a_rate_over_two_over_lambda_max_is_named_and_diverges() -> None:
    descent = Descent(DESCEND["line"])
    view = View((-3.0, -3.0), (4.0, 4.0))
    assert remarks(descent, view) == []
    descent.set_racer(0, descent.racers[0].changed(lr=1.1 * descent.spectrum().largest_rate))  # type: ignore[union-attr]
    assert above_bound(descent, 0) and not above_bound(descent, 1)
    descent.go_to(60 * 32)
    descent.work(None)
    (remark,) = remarks(descent, view)
    assert remark.racer == 0
    assert "over 2/λmax 0.567: diverges" in remark.text
    assert "left at the" in remark.text
    descent.go_to(30_000 * 32)
    descent.paths[0].extend(30_000)
    assert descent.paths[0].ended
    assert f"not finite since update {descent.paths[0].updates}" in remarks(descent, view)[0].text


def test_on_the_staircase_nothing_moves() -> None:
    descent = Descent(DESCEND["staircase"])
    descent.work(None)
    descent.go_to(20)
    found = remarks(descent, View((-9.0, -9.0), (9.0, 9.0)))
    assert [remark.text for remark in found] == ["the gradient is 0: nothing moves"] * 3


def test_repeated_samples_cost_the_full_batch_their_number() -> None:
    descent = Descent(DESCEND["redundancy"])
    descent.paths[0].extend(20)
    descent.paths[1].extend(2000)
    found = descent.spending()
    assert found is not None
    full, small, spent = found
    assert (descent.racers[full].batch, descent.racers[small].batch) == (10_000, 1)
    assert spent.ratio == spent.evaluations[0] / spent.evaluations[1] > 100
    bottom = descent.spectrum().minimum_loss  # type: ignore[union-attr]
    assert spent.loss == pytest.approx(bottom + 0.01 * (float(descent.paths[0].losses[0]) - bottom))  # type: ignore[operator]


def test_ground_keeps_what_stands_until_the_next_is_done() -> None:
    descent = Descent(two_layer(batch=4))
    axes = np.linspace(-1, 1, 30), np.linspace(-1, 1, 20)
    ground = Ground()
    ground.ask("one", lambda: Surface(descent.objective, descent.plane, axes))
    assert not ground.work(1e-9) and ground.surface is None
    assert ground.work(None) and ground.key == "one"
    first = ground.surface
    ground.ask("two", lambda: Surface(descent.objective, descent.plane, axes))
    assert not ground.work(1e-9) and ground.surface is first
    ground.ask("three", lambda: Surface(descent.objective, descent.plane, axes))
    assert ground.work(None) and ground.key == "three" and ground.surface is not first
    ground.ask("three", lambda: Surface(descent.objective, descent.plane, axes))
    assert ground.surface is not None and ground.work(0.0)


def test_rates_go_up_and_down_a_ladder() -> None:
    assert list(rates()) == sorted(rates())
    for rate in rates()[1:-1]:
        assert next_rate(next_rate(rate, 1), -1) == rate
    assert nearest_rate(0.34) == 0.33
    assert next_rate(rates()[-1], 1) == rates()[-1]


def test_batches_go_round_by_powers_of_two() -> None:
    experiment, seen = line(batch=1), []
    for _ in range(5):
        seen.append(experiment.batch)
        experiment = experiment.changed(batch=next_batch(experiment))
    assert seen == [1, 2, 4, 8, 12] and experiment.batch == 1


def test_one_sample_alone_is_raced_by_three_optimisers() -> None:
    experiment = DESCEND["beale"]
    assert any(isinstance(layer.module, Landscape) for layer in experiment.net.layers)
    racers = usual_racers(experiment, Descent(experiment).objective)
    assert [racer.optimiser.kind for racer in racers] == ["SGD", "momentum", "Adam"]
