"""Data sets from recipes."""

from __future__ import annotations

import numpy as np
import pytest

from bptui.data.samples import Data, given_samples
from bptui.sources.nets import MYNET, PERCEPTRON, SPIRAL, TWO_LAYER
from bptui.sources.presets import PRESETS


@pytest.mark.parametrize("name", PRESETS)
def test_samples_fit_their_net(name: str) -> None:
    experiment = PRESETS[name]
    for given in experiment.net.given:
        rows = experiment.samples[given.name]
        assert rows.shape == (experiment.count, *given.shape)
        assert np.isfinite(rows).all()
        if given.classes:
            assert (rows.sum(axis=1) == 1.0).all()


def test_the_same_recipe_gives_the_same_samples() -> None:
    for net, kind in ((MYNET, "prototypes"), (PERCEPTRON, "teacher"), (SPIRAL, "spiral")):
        one, other = (Data(kind, 12, 0.1, seed=4).samples(net) for _ in range(2))
        assert all((one[name] == other[name]).all() for name in one)
        different = Data(kind, 12, 0.1, seed=5).samples(net)
        assert any((one[name] != different[name]).any() for name in one)


def test_samples_typed_in_come_back_exactly() -> None:
    samples = Data("teacher", 5).samples(PERCEPTRON)
    again = given_samples(samples).samples(PERCEPTRON)
    assert all((again[name] == samples[name]).all() for name in samples)


def test_spirals_lie_where_the_formula_says() -> None:
    points = Data("spiral", 30, 0.0).samples(SPIRAL)["x"].reshape(3, 10, 2)
    t = np.linspace(0.0, 1.0, 10)
    angle = 2 * np.pi / 3 * (2 * t + 1)  # the second arm, k = 2
    assert np.allclose(points[1], t[:, None] * np.stack([np.sin(angle), np.cos(angle)], axis=1))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (Data("nothing"), "unknown data"),
        (Data("given"), "no samples are given for x, y"),
        (Data("given", given=(("x", ((1.0, 2.0),)), ("y", (0.0,)))), "wants"),
        (Data("given", given=(("x", ((1.0,) * 6,)), ("y", (2.0,)))), "class numbers from 0 to 1"),
        (Data("given", given=(("x", ((1.0,) * 6,)), ("y", (0.0, 1.0)))), "as many samples"),
        (Data("spiral"), "two inputs"),
    ],
)
def test_bad_data_is_one_clear_line(data: Data, words: str) -> None:
    with pytest.raises(ValueError, match=words) as error:
        data.samples(TWO_LAYER)
    assert "\n" not in str(error.value)


def test_the_spiral_preset_keeps_its_numbers() -> None:
    expected = [
        [0.003427032456434395, 0.009501886844372193],
        [-0.3850520337158026, -0.32681943636065264],
        [0.8523545479980654, -0.5229643625592605],
    ]
    assert np.allclose(PRESETS["spiral"].samples["x"][[1, 150, 299]], expected, rtol=1e-12, atol=0)
