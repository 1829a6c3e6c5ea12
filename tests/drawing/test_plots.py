"""Surfaces, curves, histograms, boundaries: pictures as text, and what must hold of any of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bptui.drawing.ascii import heat_to_signs, to_ascii
from bptui.drawing.axes import Frame, grid, x_axis, y_axis
from bptui.drawing.boundary import (
    Samples,
    class_legend,
    confusion,
    draw_fit,
    draw_points,
    draw_regions,
    draw_samples,
    draw_spread,
    square,
)
from bptui.drawing.canvas import BANDS, Canvas, Ink, cells
from bptui.drawing.curves import Curve, curve_plot, draw_loss_line, racing, stairs, thin, training, validation
from bptui.drawing.histogram import counts_of, histogram, layer_bars
from bptui.drawing.markers import MINIMUM, PLAIN, START, Trail, arrow, draw_arrow, draw_trails
from bptui.drawing.scale import Scale, covering, equal_units
from bptui.drawing.surface import Levels, draw_surface, levels_of, scale_strip
from bptui.engine.buffers import Array

GOLDEN = Path(__file__).parent / "golden" / "plots"
HESSIAN = np.array([[3.0, 1.0], [1.0, 1.5]])


def bowl(points: Array) -> Array:
    """A tilted quadratic with its minimum 0.2 at (1.2, 0.5); points (…, 2)."""
    away = points - (1.2, 0.5)
    return np.asarray(0.2 + np.einsum("...i,ij,...j->...", away, HESSIAN, away))


def descent(rate: float, steps: int, noise: float = 0.0) -> Array:
    points, random = [np.array([-1.35, 0.9])], np.random.default_rng(0)
    for _ in range(steps):
        slope = 2 * HESSIAN @ (points[-1] - (1.2, 0.5))
        points.append(points[-1] - rate * (slope + noise * random.normal(size=2)))
    return np.array(points)


def surface() -> Canvas:
    canvas = Canvas(60, 18)
    x, y = equal_units(Scale(-2.1, 3.4), Scale(-0.8, 1.8), 54, 15)
    frame = Frame(5, 0, 54, 15, x, y)
    points = np.stack(np.meshgrid(x.middles(54), y.middles(30)[::-1]), axis=-1)
    levels = levels_of(bowl(points))
    draw_surface(canvas, frame, bowl(points), levels)
    draw_trails(canvas, frame, [Trail(k, p) for k, p in enumerate((descent(0.2, 6), descent(0.02, 60, 4.0)))])
    canvas.put(*frame.cell(-1.35, 0.9) or (0, 0), START, PLAIN)
    canvas.put(*frame.cell(1.2, 0.5) or (0, 0), MINIMUM, PLAIN)
    draw_arrow(canvas, frame, np.array([1.0, 0.2]), np.array([1.9, -0.7]))
    x_axis(canvas, frame, "w")
    y_axis(canvas, frame, "b")
    scale_strip(canvas, 5, 17, 26, levels)
    return canvas


def race() -> Canvas:
    slow, fast = bowl(descent(0.2, 4)), bowl(descent(0.02, 60, 4.0))
    curves = [racing(0, *stairs(np.arange(5) * 32, slow)), racing(1, np.arange(61) * 2, fast)]
    return curve_plot(50, 8, curves, x=Scale(0, 256), cursor=128, marks=[0, 64, 128, 192, 256])


def losses() -> Canvas:
    epochs = np.arange(61)
    wave = 1 + 0.3 * np.sin(epochs * 1.7)
    train, held_out = 1.1 * np.exp(-epochs / 5) + 0.04 * wave, 1.2 * np.exp(-epochs / 6) + 0.07 * wave
    curves = [training(epochs, train), validation(epochs, held_out)]
    return curve_plot(56, 9, curves, x=Scale(0, 100), cursor=60, findings=[10])


def one_parameter() -> Canvas:
    theta = np.linspace(-1, 3, 200)
    frame = Frame(4, 0, 44, 10, Scale(-1, 3), covering((theta - 1.2) ** 2, 0.05))
    canvas = Canvas(50, 11)
    grid(canvas, frame)
    path = np.array([-0.5, 0.3, 0.75, 0.95])
    trail = Trail(0, np.stack([path, (path - 1.2) ** 2], axis=1))
    draw_loss_line(canvas, frame, theta, (theta - 1.2) ** 2, at=(-0.5, 2.89, -3.4), trails=[trail])
    x_axis(canvas, frame, "w")
    y_axis(canvas, frame, "J")
    return canvas


def boundary() -> Canvas:
    width, height = square(46, 20)
    frame = Frame(1, 0, width, height, Scale(-1.1, 1.1), Scale(-1.1, 1.1))
    x, y = np.meshgrid(frame.x.middles(width), frame.y.middles(2 * height)[::-1])
    scores = np.stack([np.exp(4 * (x * np.cos(a) + y * np.sin(a))) for a in (0.3, 2.4, 4.5)], axis=-1)
    canvas = Canvas(48, 21)
    draw_regions(canvas, frame, scores / scores.sum(axis=-1, keepdims=True))
    angles = np.arange(36) * 0.175
    points = 0.85 * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    classes = np.repeat([0, 1, 2], 12)
    wrong = np.zeros(36, bool)
    wrong[[11, 12]] = True
    draw_samples(canvas, frame, Samples(points, classes, np.arange(36) % 4 == 0, wrong))
    class_legend(canvas, 1, 20, 3, width, wrong=2)
    return canvas


def fit() -> Canvas:
    x = np.linspace(-4, 4, 120)
    curves = np.array([x**3 / 4 + k * x**4 / 40 for k in (0.0, 0.5, -0.5, 1.0, -1.0)])
    points = np.stack([np.linspace(-2, 2, 12), np.linspace(-2, 2, 12) ** 3 / 4 + 0.3], axis=1)
    frame = Frame(4, 0, 52, 12, Scale(-4, 4), Scale(-6, 6))
    canvas = Canvas(56, 13)
    draw_spread(canvas, frame, x, curves, (-2.0, 2.0))
    draw_points(canvas, frame, points, np.arange(12) % 3 == 0)
    draw_fit(canvas, frame, x, curves[0])
    x_axis(canvas, frame, "x")
    y_axis(canvas, frame, "y")
    return canvas


def weights() -> Canvas:
    values = np.concatenate([np.linspace(-2, 2.6, 40), np.linspace(-0.3, 0.9, 60), [np.nan]])
    return histogram(31, 4, values, 3.0, "W₁", "16×16")


PICTURES: dict[str, Callable[[], Canvas]] = {
    "surface": surface,
    "race": race,
    "losses": losses,
    "one-parameter": one_parameter,
    "boundary": boundary,
    "fit": fit,
    "weights": weights,
    "confusion": lambda: confusion(np.array([[80, 0, 0], [1, 79, 0], [0, 12, 68]])),
    "layers": lambda: layer_bars(44, [("z₁", 0.31), ("z₂", 0.027), ("z₃", 0.0), ("z₄", np.inf), ("z₅", 2.3)]),
}


@pytest.mark.parametrize("name", PICTURES)
def test_pictures(name: str) -> None:
    """Plain-text pictures; to renew them after a wanted change, run with RENEW_GOLDEN=1 and look at the difference."""
    text, path = PICTURES[name]().text() + "\n", GOLDEN / f"{name}.txt"
    if os.environ.get("RENEW_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PICTURES)
def test_in_ascii_and_without_colours_nothing_is_lost(name: str) -> None:
    canvas, plain = PICTURES[name](), PICTURES[name]()
    heat_to_signs(plain)
    assert plain.text() == canvas.text()  # contours, markers, bars stay as they are
    to_ascii(canvas)
    assert canvas.text().isascii() and "?" not in canvas.text()


# -- surfaces


def painted(losses: list[list[float]], levels: Levels) -> Canvas:
    values = np.array(losses)
    canvas = Canvas(values.shape[1], len(values) // 2)
    draw_surface(canvas, Frame(0, 0, *values.shape[::-1], Scale(0, 1), Scale(0, 1)), values, levels)
    return canvas


def test_bands_meet_at_levels_spread_by_logarithms() -> None:
    levels = Levels(0.1, 100.0)
    assert np.diff(np.log10(levels.edges)) == pytest.approx([3 / 13] * 11)
    canvas = painted([[0.05, 0.1, 60.0, 1000.0], [0.05, 0.101, 99.0, 0.1]], levels)
    assert canvas.text() == "   ▀"  # halves within one band make a blank
    assert canvas.inks[0] == [Ink(b, c) for b, c in (("band0",) * 2, ("band0",) * 2, (BANDS[-1],) * 2)] + [
        Ink(BANDS[-1], "band0")
    ]


def test_levels_of_losses_that_are_not_positive() -> None:
    levels = levels_of(np.array([-4.0, 1.0, np.nan, np.inf]))
    assert (levels.low, levels.high) == (-4.0, 1.0)
    assert (np.diff(levels.edges) > 0).all() and -4 < levels.edges[0] < levels.edges[-1] < 1
    assert levels_of(np.array([0.0, 50.0])).low == pytest.approx(0.005)
    assert levels_of(np.array([np.nan])) == Levels(0.0, 1.0)
    assert levels_of(np.array([2.0, 2.0])).low < levels_of(np.array([2.0, 2.0])).high


@given(st.lists(st.floats(), min_size=1, max_size=20))
def test_any_losses_have_levels(values: list[float]) -> None:
    losses = np.array([values, values])
    with np.errstate(all="ignore"):
        levels = levels_of(losses)
        assert painted(losses.tolist(), levels).text() == ""
    assert levels.low < levels.high


def test_what_is_no_number_has_a_look_of_its_own() -> None:
    canvas = painted([[np.nan, np.inf, 1.0], [np.nan, 1.0, 1.0]], Levels(0.1, 10.0))
    assert canvas.text() == " ▀"
    assert canvas.inks[0][0] == Ink("panel", "panel") and canvas.inks[0][1].fg == "panel"


def test_a_right_angle_looks_right() -> None:
    x, y = equal_units(Scale(-2, 2), Scale(0, 1), 40, 16)
    frame = Frame(0, 0, 40, 16, x, y)
    here = np.array([0.0, 0.5])
    for angle in np.linspace(0, 6, 13):
        one, other = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
        dots = [
            np.array([float(frame.x.share((here + v)[0])) * 80, float(frame.y.share((here + v)[1])) * 64])
            - [float(frame.x.share(here[0])) * 80, float(frame.y.share(here[1])) * 64]
            for v in (one, other)
        ]
        assert float(dots[0] @ dots[1]) == pytest.approx(0, abs=1e-9)


# -- paths and curves


@pytest.mark.parametrize("k", range(8))
def test_arrows_point_where_they_should(k: int) -> None:
    angle = k * np.pi / 4
    for off in (-0.3, 0.3):
        assert arrow(np.cos(angle + off), np.sin(angle + off)) == "→↗↑↖←↙↓↘"[k]


def test_a_path_that_leaves_the_view_says_where() -> None:
    frame = Frame(0, 0, 20, 10, Scale(0, 1), Scale(0, 1))
    canvas = Canvas(20, 10)
    gone = [np.array([[0.5, 0.5], [0.5, 40.0]]), np.array([[0.5, 0.5], [-9.0, 0.5], [np.nan, np.inf]])]
    trails = [Trail(0, gone[0]), Trail(1, gone[1]), Trail(2, np.array([[0.2, 0.2], [0.9, 0.9]]))]
    assert draw_trails(canvas, frame, trails) == ["↑", "←", None]
    assert canvas.characters[0][10] == "↑" and canvas.characters[4][0] == "←" and canvas.characters[0][18] == "▲"


def test_heads_lie_over_lines_and_the_densest_path_lies_lowest() -> None:
    frame = Frame(0, 0, 20, 10, Scale(0, 1), Scale(0, 1))
    canvas = Canvas(20, 10)
    dense = np.stack([np.linspace(0.1, 0.9, 50), np.full(50, 0.5)], axis=1)
    assert draw_trails(canvas, frame, [Trail(0, dense[[0, 49]]), Trail(1, dense)]) == [None, None]
    assert {ink.fg for ink in canvas.inks[4][3:17]} == {"series1"}


def test_spikes_survive_thinning() -> None:
    x, y = np.arange(100_000.0), np.ones(100_000)
    y[31_337], y[77_777], y[5_000:9_000] = 9.0, 0.01, np.nan
    thin_x, thin_y = thin(x, y, Scale(0, 100_000), 120)
    assert len(thin_x) <= 4 * 122 and (np.diff(thin_x) > 0).all()
    assert {9.0, 0.01} <= set(thin_y.tolist()) and np.isnan(thin_y).any()
    assert (thin_x[0], thin_x[-1]) == (0, 99_999)
    assert len(thin(x[:100], y[:100], Scale(0, 100), 120)[0]) == 100


@given(
    st.integers(1, 90),
    st.integers(1, 20),
    st.lists(st.floats(), max_size=30),
    st.floats(),
    st.lists(st.floats(), max_size=2),
    st.booleans(),
)
def test_any_curve_at_any_size(
    width: int, height: int, values: list[float], cursor: float, findings: list[float], log: bool
) -> None:
    curve = Curve(np.arange(float(len(values))), np.array(values))
    canvas = curve_plot(width, height, [curve], x=Scale(0, 30), cursor=cursor, findings=findings, log=log, letter="L")
    assert all(cells("".join(row)) == width for row in canvas.characters) and canvas.height == height


@given(st.integers(3, 90), st.floats(-1e9, 1e9), st.floats(1e-6, 1e9), st.floats(0, 1))
def test_labels_below_a_plot_keep_apart(width: int, low: float, span: float, at: float) -> None:
    canvas = Canvas(width + 12, 2)
    frame = Frame(6, 0, width, 1, Scale(low, low + span), Scale(0, 1))
    x_axis(canvas, frame, "w", cursor=frame.x.value(at), findings=[low + span / 3])
    words = "".join(canvas.characters[1]).split()
    inks = [ink for y in canvas.inks for ink in y]
    assert sum(word == "w" for word in words) == 1
    assert sum(ink == Ink("bad", bold=True) for ink in inks) <= 1
    runs = [text.strip() for text, _ in canvas.runs(1)]
    assert sorted(" ".join(runs).split()) == sorted(words)  # no label runs into another


# -- boundaries and histograms


def test_a_class_colours_its_region_by_confidence() -> None:
    sure = np.linspace(1 / 3, 1, 9)[None].repeat(2, axis=0)
    probabilities = np.stack([(1 - sure) / 2, sure, (1 - sure) / 2], axis=-1)
    probabilities[:, 0] = np.nan
    canvas = Canvas(9, 1)
    draw_regions(canvas, Frame(0, 0, 9, 1, Scale(0, 1), Scale(0, 1)), probabilities)
    assert [ink.bg for ink in canvas.inks[0]] == ["surface", *(f"class2~{t}" for t in (5, 10, 10, 15, 15, 20, 20, 20))]


def test_wrong_samples_lie_over_all_others() -> None:
    frame, canvas = Frame(0, 0, 4, 1, Scale(0, 4), Scale(0, 1)), Canvas(4, 1)
    points = np.array([[0.5, 0.5], [0.5, 0.5], [1.5, 0.5], [2.5, 0.5], [99.0, 0.5]])
    wrong, held_out = np.array([True, False, False, False, False]), np.array([False, True, True, False, False])
    draw_samples(canvas, frame, Samples(points, np.array([0, 0, 1, 2, 0]), held_out, wrong))
    assert canvas.text() == "✕△◆"


def test_a_map_is_twice_as_wide_as_high() -> None:
    assert square(56, 25) == (50, 25) and square(31, 40) == (30, 15) and square(1, 1) == (2, 1)


@given(st.lists(st.floats(-5, 5), max_size=60), st.sampled_from([7, 17, 31]))
def test_histograms_count_every_value_once_with_0_in_the_middle(values: list[float], bins: int) -> None:
    counts = counts_of(np.array(values), 3.0, bins)
    assert counts.sum() == len(values) and len(counts) == bins
    mirrored = counts_of(-np.array(values), 3.0, bins)
    assert counts[::-1].tolist() == mirrored.tolist()
    assert counts_of(np.zeros(5), 3.0, bins)[bins // 2] == 5


@pytest.mark.parametrize("values", [[], [np.nan], [1e308, -1e308], [0.0]])
def test_odd_weights(values: list[float]) -> None:
    assert "┴" in histogram(17, 3, np.array(values), 1.0).text()


@pytest.mark.parametrize("reach", [1.0, 0.004, 1e-10, 6e-10, 2e-7])
def test_the_ends_of_a_histogram_are_numbers_of_their_own(reach: float) -> None:
    ends = histogram(13, 3, np.zeros(3), reach).text().splitlines()[-1].split()
    low, high = (float(end.replace("−", "-")) for end in (ends[0], ends[-1]))
    assert (low, high) == (-reach, reach) and ends[1:-1] in ([], ["0"])
