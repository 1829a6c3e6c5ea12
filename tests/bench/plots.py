"""One frame of a loss surface with a trajectory: our half-blocks against plotext's own heatmap, as Markdown.

    python -m tests.bench.plots

Both draw the same losses, two a cell, and the same path of 128 single-sample steps, with axes, from arrays to what a
terminal shows: ours to Textual's strips, plotext's to its string with colours. plotext can't show two values in a
cell, so it is measured with half of the losses, too. Rounds alternate; a ratio is the median of the rounds' ratios.
Time is the process's own.
"""

from __future__ import annotations

import platform
from collections.abc import Callable
from datetime import date
from statistics import median
from time import process_time

import numpy as np
from rich.segment import Segment
from textual.strip import Strip

from bptui.drawing.axes import Frame, x_axis, y_axis
from bptui.drawing.canvas import Canvas
from bptui.drawing.markers import Trail, draw_trails
from bptui.drawing.plot import load
from bptui.drawing.scale import Scale
from bptui.drawing.surface import draw_surface, levels_of
from bptui.engine.buffers import Array
from bptui.tui.theme import Paint

SIZES = ((80, 24), (160, 48))
ROUNDS, GOAL = 15, 0.1
LEFT = 5  # columns for the labels


def regression() -> tuple[Array, Array]:
    rng = np.random.default_rng(5)
    x = rng.normal(0.4, 1.0, 32)
    return x, 1.4 * x + 0.5 + rng.normal(0.0, 0.45, 32)


def path(x: Array, y: Array) -> Array:
    points = [np.array([-1.35, 0.85])]
    for k in range(128):
        w, b = points[-1]
        error = w * x[k % 32] + b - y[k % 32]
        points.append(points[-1] - 0.04 * np.array([error * x[k % 32], error]))
    return np.array(points)


def ours(width: int, height: int) -> Callable[[], object]:
    x, y = regression()
    frame = Frame(LEFT, 0, width - LEFT, height - 1, Scale(-2.1, 3.5), Scale(-1.0, 2.4))
    w, b = frame.x.middles(frame.width), frame.y.middles(2 * frame.height)[::-1]
    losses = ((w[None, :, None] * x + b[:, None, None] - y) ** 2).mean(axis=-1)
    levels, trail, paint = levels_of(losses), Trail(2, path(x, y)), Paint()

    def draw() -> object:
        canvas = Canvas(width, height)
        draw_surface(canvas, frame, losses, levels)
        draw_trails(canvas, frame, [trail])
        x_axis(canvas, frame, "w")
        y_axis(canvas, frame, "b")
        styles = paint.styles("surface")
        return [Strip([Segment(text, styles[ink]) for text, ink in canvas.runs(y)], width) for y in range(height)]

    return draw


def plotexts(width: int, height: int, a_cell: int) -> Callable[[], object]:
    x, y = regression()
    columns, rows = width - LEFT - 1, a_cell * (height - 3)  # its frame takes the rest
    w, b = Scale(-2.1, 3.5).middles(columns), Scale(-1.0, 2.4).middles(rows)[::-1]
    losses = ((w[None, :, None] * x + b[:, None, None] - y) ** 2).mean(axis=-1)
    shown = np.log(losses).tolist()
    places = (path(x, y) - (w[0], b[-1])) / (w[1] - w[0], b[0] - b[1])

    def draw() -> object:
        figure = load()()
        figure.plot_size(width, height)
        figure.draw(figure.heatmap(shown))
        figure.draw(figure.signal(*places.T.tolist(), marker="braille").lines(True))
        return figure.build().string()

    return draw


def seconds(draw: Callable[[], object], times: int) -> float:
    start = process_time()
    for _ in range(times):
        draw()
    return (process_time() - start) / times


def main() -> None:
    print(f"{date.today()}, {platform.machine()}, Python {platform.python_version()}, NumPy {np.__version__}\n")
    print("| a frame | ours | plotext, the same losses | ratio (goal) | plotext, half of them | ratio |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for size in SIZES:
        draws = [ours(*size), plotexts(*size, 2), plotexts(*size, 1)]
        for draw in draws:
            draw()
        rounds = [[seconds(draw, times) for draw, times in zip(draws, (5, 1, 1), strict=True)] for _ in range(ROUNDS)]
        ms = [f"{1000 * median(column):.1f} ms" for column in zip(*rounds, strict=True)]
        whole, half = (median(round[0] / round[k] for round in rounds) for k in (1, 2))
        shown = f"{whole:.3f}" if whole <= GOAL else f"**{whole:.3f}**"
        print(f"| {size[0]}×{size[1]} | {ms[0]} | {ms[1]} | {shown} (≤ {GOAL}) | {ms[2]} | {half:.3f} |")


if __name__ == "__main__":
    main()
