"""What a net says over its inputs: class regions with the samples on them, a fitted curve, a confusion matrix."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bptui.drawing.axes import Frame, draw_series
from bptui.drawing.bands import half_blocks
from bptui.drawing.canvas import Canvas, Ink, cells
from bptui.drawing.markers import KINDS, PLAIN, WRONG
from bptui.drawing.plot import Series
from bptui.engine.buffers import Array

TINTS = (5, 10, 15, 20)  # percent of the class's colour, by confidence: doubt is dark
_REGIONS = (*(f"{role}~{tint}" for role, _, _ in KINDS for tint in TINTS), "surface")
_SPREAD = ("surface", "series2~20")


@dataclass(frozen=True)
class Samples:
    """Points (n, 2) with their classes (n,), which of them are held out, and which the net gets wrong, each (n,)."""

    points: Array
    classes: NDArray[np.int_]
    held_out: NDArray[np.bool_]
    wrong: NDArray[np.bool_]


def square(width: int, height: int) -> tuple[int, int]:
    """The largest map of cells that looks square: twice as many columns as rows."""
    rows = max(1, min(height, width // 2))
    return 2 * rows, rows


def draw_regions(canvas: Canvas, frame: Frame, probabilities: Array) -> None:
    """Paint each half-cell in the colour of its likeliest class; probabilities (2·rows, columns, K), top row first.

    Confidence counts from 1/K, no idea, to 1. From the sixth class on colours repeat.
    """
    kinds = probabilities.shape[-1]
    with np.errstate(invalid="ignore"):
        confidence = (probabilities.max(axis=-1) * kinds - 1) / max(1, kinds - 1)
    known = np.isfinite(probabilities).all(axis=-1)
    tint = np.clip(np.nan_to_num(confidence) * len(TINTS), 0, len(TINTS) - 1).astype(int)
    codes = probabilities.argmax(axis=-1) % len(KINDS) * len(TINTS) + tint
    half_blocks(canvas, frame.left, frame.top, np.where(known, codes, len(_REGIONS) - 1), _REGIONS)


def draw_samples(canvas: Canvas, frame: Frame, samples: Samples) -> None:
    """Samples as their class's marker: filled for training, hollow when held out; wrong ones as ✕, over all others."""
    order = np.argsort(2 * samples.wrong + samples.held_out, kind="stable")
    looks = [(Ink(role), filled, hollow) for role, filled, hollow in KINDS]
    wrong = Ink(PLAIN.fg, bold=True)
    places = frame.cells(samples.points)
    for k in order.tolist():
        at = places[k]
        if at is None:
            continue
        x, y = at
        if samples.wrong[k]:
            canvas.put(x, y, WRONG, wrong)
        else:
            ink, filled, hollow = looks[int(samples.classes[k]) % len(looks)]
            canvas.put(x, y, hollow if samples.held_out[k] else filled, ink)


def class_legend(canvas: Canvas, x: int, y: int, kinds: int, right: int, word: str = "class ", wrong: int = 0) -> None:
    """The classes' markers with their numbers from `x` on, and how many are wrong before `right`.

    Where there is no room, first the word goes, then the gaps, the hollow markers, and the last classes.
    """
    end = f"wrong {wrong}"
    stop = right - cells(end) - 2
    canvas.put(stop, y, WRONG, PLAIN)
    canvas.put(stop + 2, y, end, Ink("muted"))
    for between, each, marks in ((3, word, 2), (3, "", 2), (1, "", 2), (1, "", 1)):
        width = sum(marks + cells(f" {each}{k}") + between for k in range(kinds))
        if x + width <= stop:
            break
    for k in range(kinds):
        role, filled, hollow = KINDS[k % len(KINDS)]
        if x + marks + cells(f" {each}{k}") >= stop:
            return
        mark = (filled + hollow)[:marks]
        x = canvas.put(canvas.put(x, y, mark, Ink(role)), y, f" {each}{k}", Ink("muted")) + between


def draw_spread(canvas: Canvas, frame: Frame, x: Array, curves: Array, data: tuple[float, float]) -> None:
    """Where the fitted curves (members, n) over x (n,) differ: their mean plus and minus one standard deviation.

    Thin lines stand at the ends of the data: beyond them a fit is a guess.
    """
    if len(curves) > 1:
        mean, spread = curves.mean(axis=0), curves.std(axis=0)
        at = frame.x.middles(frame.width)
        low, high = np.interp(at, x, mean - spread), np.interp(at, x, mean + spread)
        rows = frame.y.middles(2 * frame.height)[::-1, None]
        half_blocks(canvas, frame.left, frame.top, ((rows >= low) & (rows <= high)).astype(int), _SPREAD)
    for end in data:
        column = frame.column(end)
        for row in range(frame.top, frame.top + frame.height) if column is not None else ():
            canvas.put(column or 0, row, "┊", Ink("hairline"))
    if len(curves) > 1:
        edges = [Series(x, edge, lined=False) for edge in (mean - spread, mean + spread)]
        draw_series(canvas, frame, edges, [Ink("muted")] * 2)


def draw_fit(canvas: Canvas, frame: Frame, x: Array, curve: Array) -> None:
    """A fitted curve (n,) over x (n,), in front of all else."""
    draw_series(canvas, frame, [Series(x, curve)], [PLAIN])


def draw_points(canvas: Canvas, frame: Frame, points: Array, held_out: NDArray[np.bool_]) -> None:
    """Regression samples (n, 2): ● for training, ○ when held out."""
    role, filled, hollow = KINDS[0]
    for at, away in zip(frame.cells(points), held_out.tolist(), strict=True):
        if at is not None:
            canvas.put(*at, hollow if away else filled, Ink(role))


def confusion(counts: NDArray[np.int_], gap: int = 2) -> Canvas:
    """A confusion matrix, (true class, predicted class), as a table with markers for names; mistakes stand out."""
    kinds = len(counts)
    wide = max(3, *(len(str(count)) + gap for count in counts.ravel().tolist())) if counts.size else 3
    canvas = Canvas(max(8 + wide * kinds, 8 + cells("predicted")), kinds + 2)
    canvas.put(8, 0, "predicted", Ink("muted"))
    canvas.put(0, 1, "true", Ink("muted"))
    for k in range(kinds):
        role, filled, _ = KINDS[k % len(KINDS)]
        canvas.put(7 + wide * (k + 1), 1, filled, Ink(role))
        canvas.put(canvas.put(0, k + 2, filled, Ink(role)), k + 2, f" {k}", Ink("muted"))
        for j, count in enumerate(counts[k].tolist()):
            ink = Ink("text", bold=True) if j == k else Ink("bad" if count else "muted", bold=bool(count))
            text = str(count)
            canvas.put(8 + wide * (j + 1) - len(text), k + 2, text, ink)
    return canvas
