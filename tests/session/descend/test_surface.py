"""Loss surfaces: planes, and losses on a grid by every method, against direct evaluation."""

from __future__ import annotations

import numpy as np
import pytest
from descents import landscape, line, logistic, points, product, slope, two_layer, unit
from hypothesis import given
from hypothesis import strategies as st
from strategies import nets, samples_for, seeds

from bptui.data.samples import given_samples
from bptui.engine.modules import Linear, ReLU, SquaredError, Tanh
from bptui.engine.modules.landscapes import Beale, Landscape, Rosenbrock, Saddle, Staircase, Valley
from bptui.engine.net import Net
from bptui.engine.optimisers import ProximalSGD
from bptui.engine.rewire import Wiring, rewire
from bptui.session.descend.objective import Objective, begun_at
from bptui.session.descend.plane import Plane, PlaneError, entry_plane, parameter_entries, random_plane, usual_plane
from bptui.session.descend.spectrum import is_quadratic, spectrum
from bptui.session.descend.surface import Surface, best_method
from bptui.session.experiment import Experiment
from bptui.session.runner import Runner
from bptui.sources.labs import DESCEND

KNOWN = {
    "line": (line(), "closed form"),
    "one parameter": (slope(), "closed form"),
    "line, L2": (line(l2=0.3), "closed form"),
    "line, L1": (line(l1=0.3), "by rows"),
    "ReLU unit": (unit(ReLU()), "by rows"),
    "tanh unit": (unit(Tanh()), "by rows"),
    "tanh unit, L1 and L2": (unit(Tanh(), l1=0.2, l2=0.1), "by rows"),
    "tanh unit, sum": (unit(Tanh(), reduction="sum"), "by rows"),
    "logistic": (logistic(), "by rows"),
    "two layers": (two_layer(), "cell by cell"),
    "product": (product(), "by rows"),
    "valley": (landscape(Valley()), "closed form"),
    "saddle": (landscape(Saddle()), "closed form"),
    "Rosenbrock": (landscape(Rosenbrock()), "by rows"),
    "Beale": (landscape(Beale()), "by rows"),
    "staircase": (landscape(Staircase()), "by rows"),
}


def agree(objective: Objective, plane: Plane, axes: tuple[np.ndarray, ...]) -> None:
    """Raise AssertionError unless the fastest method gives what direct evaluation gives."""
    fast, direct = Surface(objective, plane, axes), Surface(objective, plane, axes, "cell by cell")
    assert fast.fill()
    assert direct.fill()
    scale = np.abs(direct.losses[np.isfinite(direct.losses)]).max(initial=0.0)
    np.testing.assert_allclose(fast.losses, direct.losses, rtol=1e-12, atol=1e-14 * scale)


@pytest.mark.parametrize("name", KNOWN)
def test_each_surface_is_what_direct_evaluation_gives(name: str) -> None:
    experiment, method = KNOWN[name]
    objective = Objective(experiment)
    plane = usual_plane(objective.graph, objective.start)
    assert best_method(objective, plane) == method
    agree(objective, plane, (np.linspace(-3.0, 2.5, 23), np.linspace(-2.0, 2.2, 7))[: plane.dimensions])


@pytest.mark.parametrize("name", DESCEND)
def test_the_labs_own_surfaces_are_exact(name: str) -> None:
    objective = Objective(DESCEND[name])
    plane = usual_plane(objective.graph, objective.start)
    agree(objective, plane, (np.linspace(-2.9, 3.1, 11), np.linspace(-2.0, 2.2, 5))[: plane.dimensions])


@st.composite
def sliced(draw: st.DrawFn) -> tuple[Objective, Plane]:
    """A random net with a few samples and penalties, and a plane through it."""
    net = draw(nets())
    rng = np.random.default_rng(draw(seeds))
    samples = samples_for(rewire(net, Wiring()), draw(st.integers(1, 5)), rng)
    experiment = Experiment(
        net,
        given_samples(samples),
        reduction=draw(st.sampled_from(["sum", "batch", "elements"])),
        l1=draw(st.sampled_from([0.0, 0.1])),
        l2=draw(st.sampled_from([0.0, 0.2])),
    )
    objective = Objective(experiment)
    entries = parameter_entries(objective.graph)
    if len(entries) > 1 and draw(st.booleans()):
        try:
            return objective, random_plane(objective.graph, objective.start, draw(seeds))
        except PlaneError:
            pass
    chosen = draw(st.lists(st.sampled_from(entries), min_size=1, max_size=2, unique=True))
    return objective, entry_plane(objective.graph, objective.start, *chosen)


@given(sliced(), seeds)
def test_surfaces_of_random_nets(sliced: tuple[Objective, Plane], seed: int) -> None:
    objective, plane = sliced
    rng = np.random.default_rng(seed)
    agree(objective, plane, (rng.uniform(-2, 2, 5), rng.uniform(-2, 2, 3))[: plane.dimensions])


@given(sliced(), seeds)
def test_the_objective_is_the_loss_that_full_batch_training_sees(sliced: tuple[Objective, Plane], seed: int) -> None:
    objective, plane = sliced
    theta = plane.at(np.random.default_rng(seed).uniform(-1, 1, plane.dimensions))
    experiment = begun_at(objective.experiment, theta).changed(batch=objective.count)
    runner = Runner(experiment)
    runner.restore(runner.beginning())
    record = runner.record()
    value, gradient = objective.gradient(theta)
    assert value == objective.value(theta) == objective.values(theta[None])[0]
    np.testing.assert_allclose(value, float(record.program.values[objective.graph.loss]), rtol=1e-12)
    np.testing.assert_allclose(gradient, runner.state.flat["gradients"], rtol=1e-10, atol=1e-12)


def test_a_mean_is_over_all_samples_even_where_minibatches_have_one() -> None:
    objective = Objective(line(batch=1))
    samples = points()
    w, b = 0.7, -0.2
    assert objective.value(np.array([w, b])) == pytest.approx(np.mean((w * samples["x"] + b - samples["y"]) ** 2))


def test_the_objective_leaves_dropout_out_and_keeps_the_proximal_penalty() -> None:
    plain, dropped = Objective(two_layer()), Objective(two_layer(dropout=0.5))
    assert plain.value(plain.start) == dropped.value(plain.start)
    proximal = Objective(two_layer(optimiser=ProximalSGD(), l1=0.1))
    weights = sum(np.abs(v).sum() for n, v in plain.experiment.initial().items() if n.endswith("weight"))
    assert proximal.value(plain.start) == pytest.approx(plain.value(plain.start) + 0.1 * weights)
    assert proximal.penalty(plain.start) == pytest.approx(0.1 * weights)


def test_a_surface_is_filled_in_slices() -> None:
    objective = Objective(two_layer())
    plane = usual_plane(objective.graph, objective.start)
    surface = Surface(objective, plane, (np.linspace(-1, 1, 9), np.linspace(-1, 1, 5)))
    assert not surface.fill(0.0)
    assert 0 < np.isfinite(surface.losses).sum() < surface.losses.size  # however little time there is, it goes on
    while not surface.fill(1e-5):
        pass
    assert np.isfinite(surface.losses).all()
    whole = Surface(objective, plane, surface.axes)
    whole.fill()
    np.testing.assert_array_equal(whole.losses, surface.losses)


def test_two_surfaces_of_one_objective_may_be_filled_in_turns() -> None:
    objective = Objective(unit(Tanh()))
    plane = usual_plane(objective.graph, objective.start)
    axes = np.linspace(-1, 1, 9), np.linspace(-1, 1, 5)
    one, other = (Surface(objective, p, axes) for p in (plane, plane.through(objective.start)))
    while not (one.fill(1e-6) and other.fill(1e-6)):
        objective.value(np.array([9.0, 9.0]))
    agree(objective, plane, axes)
    np.testing.assert_array_equal(one.losses, other.losses)


def test_what_overflows_is_no_number_and_no_warning() -> None:
    for experiment in (line(), unit(ReLU()), two_layer()):
        objective = Objective(experiment)
        plane = usual_plane(objective.graph, objective.start)
        surface = Surface(objective, plane, (np.array([0.0, 1e300]), np.array([0.0, 1e300])))
        assert surface.fill()
        assert np.isfinite(surface.losses[0, 0])
        assert not np.isfinite(surface.losses[1, 1])


# -- planes


def test_a_plane_of_entries_holds_their_own_values() -> None:
    objective = Objective(two_layer())
    plane = entry_plane(objective.graph, objective.start, "m0.weight[1, 0]", "m1.bias[0]")
    assert plane.labels == ("m0.weight[1,0]", "m1.bias[0]")
    assert not plane.whole
    here = plane.project(objective.start)
    assert tuple(here) == (objective.start[2], objective.start[-1])
    np.testing.assert_array_equal(plane.at(here), objective.start)
    moved = plane.at(np.array([[5.0, 6.0], [7.0, 8.0]]))
    assert moved.shape == (2, objective.size)
    assert (moved[:, 2].tolist(), moved[:, -1].tolist()) == ([5.0, 7.0], [6.0, 8.0])
    assert (moved != objective.start).any(axis=0).sum() == 2


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        (("m9.weight[0,0]",), "m9.weight: no such parameter; this net has m0.weight, m0.bias, m1.weight, m1.bias"),
        (("m0.weight[3,0]",), "m0.weight has shape [3, 2], no entry [3, 0]"),
        (("m0.weight[0]",), "m0.weight has shape [3, 2], no entry [0]"),
        (("m0.weight",), "'m0.weight' is no entry of a parameter, wants for instance m0.weight[0,0]"),
        (("m0.bias[0]", "m0.bias[0]"), "both axes are m0.bias[0], wants two different entries"),
        ((), "got 0 entries, wants one or two"),
    ],
)
def test_what_is_no_entry_is_refused(entries: tuple[str, ...], message: str) -> None:
    objective = Objective(two_layer())
    with pytest.raises(PlaneError) as caught:
        entry_plane(objective.graph, objective.start, *entries)
    assert str(caught.value) == message


def test_random_directions_are_filter_normalised_and_keyed() -> None:
    objective = Objective(two_layer())
    plane, again, other = (random_plane(objective.graph, objective.start, seed) for seed in (4, 4, 5))
    np.testing.assert_array_equal(plane.directions, again.directions)
    assert (plane.directions != other.directions).any()
    state = objective.program.state
    for name in ("m0.weight", "m1.weight"):
        shape = state.parameters[name].shape
        rows = objective.start[state.place(name)].reshape(shape)
        for direction in plane.directions:
            drawn = direction[state.place(name)].reshape(shape)
            np.testing.assert_allclose(np.linalg.norm(drawn, axis=1), np.linalg.norm(rows, axis=1))
    assert not plane.directions[:, state.place("m0.bias")].any()
    with pytest.raises(PlaneError):
        random_plane(objective.graph, np.zeros(objective.size))
    assert usual_plane(objective.graph, np.zeros(objective.size)).labels == ("m0.weight[0,0]", "m0.weight[0,1]")


@given(seeds)
def test_projection_is_least_squares_and_parallel_planes_agree(seed: int) -> None:
    objective = Objective(two_layer())
    rng = np.random.default_rng(seed)
    plane = random_plane(objective.graph, objective.start, seed)
    position, vector = rng.uniform(-2, 2, 2), rng.normal(size=objective.size)
    np.testing.assert_allclose(plane.project(plane.at(position)), position, atol=1e-12)
    closest = np.linalg.lstsq(plane.directions.T, vector - plane.origin, rcond=None)[0]
    np.testing.assert_allclose(plane.project(vector), closest, atol=1e-12)
    parallel = plane.through(vector)
    np.testing.assert_allclose(parallel.at(parallel.project(vector)), vector, atol=1e-12)
    other = rng.normal(size=objective.size)
    np.testing.assert_allclose(parallel.project(other), plane.project(other), atol=1e-12)


@given(seeds)
def test_partials_are_slopes_along_the_axes(seed: int) -> None:
    objective = Objective(two_layer())
    plane = random_plane(objective.graph, objective.start, seed)
    partials = plane.partials(objective.gradient(objective.start)[1])
    h = 1e-6
    numeric = [(objective.value(plane.at(e)) - objective.value(plane.at(-e))) / (2 * h) for e in h * np.eye(2)]
    np.testing.assert_allclose(partials, numeric, rtol=1e-5, atol=1e-7)


def test_one_and_two_parameters_are_all_in_view() -> None:
    for experiment, dimensions in ((slope(), 1), (line(), 2)):
        objective = Objective(experiment)
        plane = usual_plane(objective.graph, objective.start)
        assert (plane.whole, plane.dimensions) == (True, dimensions)
    assert not usual_plane(Objective(two_layer()).graph, Objective(two_layer()).start).whole


# -- curvature


def test_the_spectrum_of_a_line_is_that_of_its_samples() -> None:
    samples = points()
    design = np.column_stack([samples["x"], np.ones(len(samples["x"]))])
    hessian = 2.0 * design.T @ design / len(design)
    best, residual, *_ = np.linalg.lstsq(design, samples["y"][:, 0], rcond=None)
    found = spectrum(Objective(line()), np.array([3.0, -4.0]))
    assert found.exact
    np.testing.assert_allclose(found.hessian, hessian, rtol=1e-12)
    np.testing.assert_allclose(found.minimum, best, rtol=1e-10)
    assert found.minimum_loss == pytest.approx(residual[0] / len(design), rel=1e-12)
    assert found.largest_rate == pytest.approx(2.0 / np.linalg.eigvalsh(hessian)[-1])


@pytest.mark.parametrize("factor", [0.95, 1.05])
def test_full_batch_descent_diverges_just_where_the_spectrum_says(factor: float) -> None:
    objective = Objective(line())
    found = spectrum(objective, objective.start)
    rate = factor * found.largest_rate
    runner = Runner(line(batch=objective.count, lr=rate))
    runner.restore(runner.beginning())
    losses = [runner.train() for _ in range(300)]
    assert found.diverges(rate) == (losses[-1] > losses[0]) == (factor > 1.0)


def test_a_saddle_has_no_minimum_and_no_safe_rate() -> None:
    found = spectrum(Objective(landscape(Saddle())), np.zeros(2))
    assert found.exact
    assert found.lowest < 0.0 < found.highest
    assert found.minimum is None
    assert found.diverges(1e-6)


def test_a_valley_of_minima_gives_the_closest_one() -> None:
    """More parameters than samples can tell apart: the Hessian is singular, and nothing is lost by it."""
    samples = {"x": np.array([[1.0, 1.0]]), "y": np.array([[3.0]])}
    net = Net("flat").input("x", 2).target("y", 1).add("m0", Linear(1), "x", "s")
    net = net.add("cost", SquaredError(), "s y", "C")
    objective = Objective(Experiment(net, given_samples(samples)))
    found = spectrum(objective, np.zeros(objective.size))
    assert found.minimum_loss == pytest.approx(0.0, abs=1e-20)
    np.testing.assert_allclose(found.minimum, [1.0, 1.0, 1.0], rtol=1e-9)


@pytest.mark.parametrize("function", [Rosenbrock(), Beale()])
def test_elsewhere_the_spectrum_is_local(function: Landscape) -> None:
    objective = Objective(landscape(function))
    at = np.array([0.3, -0.4])
    found = spectrum(objective, at)
    assert not found.exact
    assert found.minimum is None
    h = 1e-4
    numeric = np.array(
        [
            [
                sum(s * t * objective.value(at + h * (s * a + t * b)) for s in (1, -1) for t in (1, -1)) / (4 * h * h)
                for b in np.eye(2)
            ]
            for a in np.eye(2)
        ]
    )
    np.testing.assert_allclose(found.hessian, numeric, rtol=1e-5, atol=1e-5)


def test_what_is_quadratic_is_read_off_the_graph() -> None:
    for experiment, wanted in ((line(), True), (line(l2=0.1), True), (line(l1=0.1), False), (logistic(), False)):
        assert is_quadratic(Objective(experiment)) is wanted
    objective = Objective(two_layer())
    assert not is_quadratic(objective)
    assert best_method(objective, entry_plane(objective.graph, objective.start, "m1.weight[0,1]", "m1.bias[0]")) == (
        "closed form"
    )
    assert best_method(objective, entry_plane(objective.graph, objective.start, "m0.weight[1,0]", "m0.bias[2]")) == (
        "by rows"
    )


def test_nearly_the_same_inputs_make_a_closed_form_no_less_exact() -> None:
    """The Hessian's eigenvalues are eleven powers of ten apart: the minimum lies far away, known to few digits."""
    samples = {"x": 1.0 + 1e-6 * points()["x"], "y": points()["y"]}
    objective = Objective(line().changed(data=given_samples(samples)))
    plane = usual_plane(objective.graph, objective.start)
    assert best_method(objective, plane) == "closed form"
    agree(objective, plane, (np.linspace(-2.0, 2.0, 9), np.linspace(-3.0, 3.0, 7)))


def test_samples_too_large_to_square_are_no_error() -> None:
    experiment = line().changed(data=given_samples({"x": np.array([[1e200]]), "y": np.array([[1.0]])}), batch=1)
    objective = Objective(experiment)
    plane = usual_plane(objective.graph, objective.start)
    surface = Surface(objective, plane, (np.linspace(-1, 1, 3), np.linspace(-1, 1, 3)))
    assert surface.fill()
    assert surface.method == "cell by cell"
    assert surface.losses[1, 1] == 1.0
    with pytest.raises(ValueError, match="not finite"):
        spectrum(objective, objective.start)
