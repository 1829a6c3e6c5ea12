"""Toy data: where the points lie, how many there are of each class, and what a change of noise leaves alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bptui.data.samples import Data
from bptui.data.toys import TOYS
from bptui.engine.modules import BinaryCrossEntropy, CrossEntropy, Linear, SquaredError
from bptui.engine.net import Net

CLASSED = [name for name, toy in TOYS.items() if toy.classes]
COUNTED = [name for name in CLASSED if name != "spiral"]  # the practicum's formula has as many points in each arm


def fitting(kind: str, classes: int = 2) -> Net:
    """The smallest net that a toy fits."""
    toy = TOYS[kind]
    if toy.classes is None:
        net = Net("one-number").input("x", toy.inputs).add("m0", Linear(1), "x", "ybar").target("y", 1)
        return net.add("cost", SquaredError(), "ybar y", "C")
    net = Net("classes").input("x", toy.inputs).add("m0", Linear(classes), "x", "s")
    return net.target("y", classes, classes=True).add("cost", CrossEntropy(), "s y", "C")


counts, noises, seeds = st.integers(1, 200), st.floats(0.0, 2.0), st.integers(0, 2**32)


@pytest.mark.parametrize("kind", COUNTED)
@given(counts, noises, seeds, st.data())
def test_classes_stand_in_order_and_are_equally_many(
    kind: str, count: int, noise: float, seed: int, data: st.DataObject
) -> None:
    classes = data.draw(st.integers(*TOYS[kind].classes))
    samples = Data(kind, count, noise, seed).samples(fitting(kind, classes))
    numbers = samples["y"].argmax(axis=1)
    assert samples["x"].shape == (count, 2)
    assert (np.diff(numbers) >= 0).all()
    each = np.bincount(numbers, minlength=classes)
    assert each.max() - each.min() <= 1


@pytest.mark.parametrize("kind", TOYS)
@given(st.integers(2, 50), seeds)
def test_noise_moves_every_point_along_one_way(kind: str, count: int, seed: int) -> None:
    bare, little, much = (Data(kind, count, noise, seed).samples(fitting(kind)) for noise in (0.0, 0.1, 0.3))
    if kind == "spiral":  # its noise is in the angle
        radii = [np.hypot(*samples["x"].T) for samples in (bare, much)]
        assert np.allclose(*radii)
        return
    moved = "y" if TOYS[kind].classes is None else "x"
    assert np.allclose(3 * (little[moved] - bare[moved]), much[moved] - bare[moved], atol=1e-12)


@pytest.mark.parametrize("kind", TOYS)
def test_another_seed_is_other_data(kind: str) -> None:
    one, other = (Data(kind, 20, 0.1, seed).samples(fitting(kind)) for seed in (0, 1))
    assert any((one[name] != other[name]).any() for name in one)


def bare(kind: str, classes: int = 2, count: int = 60) -> tuple[np.ndarray, np.ndarray]:
    samples = Data(kind, count, 0.0, seed=3).samples(fitting(kind, classes))
    return samples["x"], samples["y"].argmax(axis=1)


def test_moons_are_half_circles_of_radius_one() -> None:
    points, numbers = bare("moons")
    for k, (centre, side) in enumerate((((-0.5, -0.25), 1), ((0.5, 0.25), -1))):
        off = points[numbers == k] - centre
        assert np.allclose(np.hypot(*off.T), 1.0)
        assert (side * off[:, 1] >= -1e-12).all()


def test_circles_have_their_radii_and_no_point_twice() -> None:
    points, numbers = bare("circles", 3)
    assert np.allclose(np.hypot(*points.T), (numbers + 1) / 3)
    assert len(np.unique(points.round(9), axis=0)) == len(points)


def test_xor_is_the_product_of_signs() -> None:
    points, numbers = bare("xor")
    assert (np.sign(points.prod(axis=1)) == 1 - 2 * numbers).all()
    assert (np.abs(points) >= 0.1).all()
    assert len({tuple(signs) for signs in np.sign(points)}) == 4


def test_blobs_sit_on_a_circle() -> None:
    points, numbers = bare("blobs", 4)
    assert np.allclose(np.hypot(*points.T), 1.0)
    assert len(np.unique(points.round(9), axis=0)) == 4
    assert len(np.unique(numbers)) == 4


@given(seeds)
def test_a_line_through_the_middle_parts_linear_points(seed: int) -> None:
    samples = Data("linear", 40, 0.0, seed).samples(fitting("linear"))
    points, side = samples["x"], 2 * samples["y"][:, 1] - 1
    w = points.T @ side  # of the perceptron's rule: it parts what a line parts, given turns enough
    for _ in range(10_000):
        wrong = np.flatnonzero(side * (points @ w) <= 0)
        if not len(wrong):
            break
        w = w + side[wrong[0]] * points[wrong[0]]
    assert (side * (points @ w) > 0).all()


def test_curves_follow_their_formula() -> None:
    for kind, curve in (("cubic", lambda x: x**3), ("line", lambda x: 1.4 * x + 0.35)):
        samples = Data(kind, 30, 0.0).samples(fitting(kind))
        assert np.allclose(samples["y"], curve(samples["x"]))
        noisy = Data(kind, 2000, 0.4).samples(fitting(kind))
        assert np.std(noisy["y"] - curve(noisy["x"])) == pytest.approx(0.4, rel=0.1)


def test_one_logit_can_tell_two_classes() -> None:
    net = Net("logit").input("x", 2).add("m0", Linear(1), "x", "s").target("y", 1)
    net = net.add("cost", BinaryCrossEntropy(), "s y", "C")
    for kind in CLASSED:
        samples = Data(kind, 10).samples(net)
        assert samples["y"].tolist() == [[0.0]] * 5 + [[1.0]] * 5


@pytest.mark.parametrize(
    ("kind", "other", "classes", "words"),
    [
        ("moons", "moons", 3, "moons: wants a net with two inputs and 2 classes as target"),
        ("spiral", "spiral", 6, "spiral: wants a net with two inputs and 2 to 5 classes as target"),
        ("blobs", "cubic", 1, "blobs: wants a net with two inputs"),
        ("cubic", "blobs", 2, "cubic: wants a net with one input and one number as target"),
    ],
)
def test_a_net_that_does_not_fit_is_told_what_would(kind: str, other: str, classes: int, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Data(kind).samples(fitting(other, classes))
