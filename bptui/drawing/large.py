"""Tensors too large for numbers: a heat map with bars beside it, strips of bars, and a table that sums them up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bptui.drawing.canvas import Canvas, Ink, Region, cells
from bptui.drawing.expression import Group
from bptui.drawing.lines import BOLD, MUTED, NOW, length, wrap, write
from bptui.drawing.numbers import shape_text
from bptui.drawing.tensors import Tensor, bars, bin_of, heat, legend, matrix, side_bars, summary
from bptui.engine.buffers import Array

BESIDE = 9  # cells for the bars beside a heat map


def large(groups: Sequence[Group], tensors: Sequence[Tensor], asked: int | None, width: int, room: int) -> list[Canvas]:
    """Equations, pictures and a summary of tensors that are too large for numbers, in about `room` rows.

    `asked` is the row of the matrix that is worked out below.
    """
    heading = _heading(groups, width)
    table = summary(tensors, width)
    left = room - heading.height - table.height
    matrices = [t for t in tensors if len(t.shape) == 2 and min(t.shape) > 1]
    if not matrices:
        strips = [_strip(tensor, width, max(4, left - 2)) for tensor in tensors if tensor.shape]
        return [heading, *strips, table]
    chosen = matrices[-1]  # forward has but one; backward's last is the gradient of the weights
    beside = next((t for t in reversed(tensors) if t.shape == chosen.shape[:1]), None)
    return [heading, _map(chosen, beside, asked, width, max(4, left)), table]


def _heading(groups: Sequence[Group], width: int) -> Canvas:
    lines: list[list[tuple[str, Ink]]] = [[]]
    for equation, shape in (pair for group in groups for pair in group.equations):
        pieces = [(equation, BOLD), ("   " + shape if shape else "", MUTED)]
        if lines[-1] and length([*lines[-1], *pieces]) + 4 <= width:
            lines[-1] += [("    ", MUTED), *pieces]
        elif not lines[-1] and length(pieces) <= width:
            lines[-1] = pieces
        elif length(pieces) <= width:
            lines.append(pieces)
        else:
            lines += [[(text, BOLD)] for text in wrap(equation, width)] + [
                [(text, MUTED)] for text in wrap(shape, width)
            ]
    lines = [line for line in lines if line]
    canvas = Canvas(width, len(lines))
    for y, line in enumerate(lines):
        write(canvas, 0, y, line)
    return canvas


def _map(tensor: Tensor, beside: Tensor | None, asked: int | None, width: int, height: int) -> Canvas:
    """A matrix as a heat map between two arrows at the row that is worked out, and a vector as bars beside it."""
    side = BESIDE + 1 if beside is not None and width >= 40 else 0
    canvas = Canvas(width, 1)
    x = canvas.put(
        canvas.put(0, 0, tensor.symbol, Ink(tensor.accent, bold=True)) + 1, 0, shape_text(tensor.shape), MUTED
    )
    if tensor.values is None:
        canvas.put(x + 3, 0, "not known yet", MUTED)
        return canvas
    picture = heat(tensor.values, width - side - 2, height - 1)
    whole = Canvas(width, picture.height + 1)
    whole.paste(canvas, 0, 0)
    whole.paste(picture, 1, 1)
    if tensor.target:
        whole.regions.append(Region(1, 1, picture.width, picture.height, f"shade:{tensor.target}"))
    x = legend(whole, x + 3, 0)
    rows = tensor.shape[0]
    if asked is not None and asked < rows:
        y = 1 + bin_of(asked, rows, 2 * (height - 1)) // 2
        whole.put(0, y, "▶", NOW)
        whole.put(picture.width + 1, y, "◀", NOW)
        note = f"▶ row {asked}, worked out below"
        if x + 3 + cells(note) <= picture.width + 1:
            whole.put(x + 3, 0, note, MUTED)
    if side and beside is not None:
        left = max(picture.width, x) + 3  # the legend may be wider than a narrow picture
        whole.put(left, 0, beside.symbol, Ink(beside.accent, bold=True))
        if beside.values is not None:
            whole.paste(side_bars(beside.values, BESIDE, picture.height), left, 1)
    return whole


def _strip(tensor: Tensor, width: int, height: int) -> Canvas:
    """A vector as a strip of bars, an image as a heat map for each channel, anything small as numbers."""
    label = f"{tensor.symbol} {shape_text(tensor.shape)}"
    if len(tensor.shape) == 3 and tensor.values is not None:
        return _channels(tensor, tensor.values, width, height)
    left = max(12, cells(label) + 2)
    picture = None if tensor.values is None else bars(np.asarray(tensor.values), max(1, width - left))
    if picture is None and tensor.columns * tensor.rows <= 12:
        return matrix(tensor)
    canvas = Canvas(width, 2)
    x = canvas.put(0, 0, tensor.symbol, Ink(tensor.accent, bold=True))
    canvas.put(x + 1, 0, shape_text(tensor.shape), MUTED)
    if picture is None:
        canvas.put(left, 0, "not known yet", MUTED)
    else:
        canvas.paste(picture, left, 0)
    return canvas


def _channels(tensor: Tensor, values: Array, width: int, height: int) -> Canvas:
    """The channels of an image side by side."""
    count = values.shape[0]
    each = max(1, (width - 2 * (count - 1)) // count)
    pictures = [heat(channel, each, max(1, height - 1)) for channel in values[: max(1, width // 3)]]
    canvas = Canvas(width, 1 + pictures[0].height)
    x = canvas.put(0, 0, tensor.symbol, Ink(tensor.accent, bold=True))
    x = canvas.put(x + 1, 0, shape_text(tensor.shape), MUTED)
    legend(canvas, x + 3, 0)
    x = 0
    for picture in pictures:
        canvas.paste(picture, x, 1)
        x += picture.width + 2
    return canvas
