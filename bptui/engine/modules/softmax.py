"""SoftMax and its logarithm."""

from __future__ import annotations

import numpy as np

from bptui.engine.buffers import Array, aligned
from bptui.engine.module import Entry, Module, Seen, ShapeError, Show, Spec, bracketed, register
from bptui.engine.site import MANY, Site, spread

FEW = 4  # entries that are faster taken one after the other, for all samples at once


def vector_spec(x: Spec) -> Spec:
    """The spec itself, if it is one vector a sample. Raises ShapeError if not."""
    if len(x.shape) != 1 or not x.batched:
        raise ShapeError(f"got {x}, wants a vector [n] for each sample")
    return x


def shifted_exponentials(at: Site, x: Array, shifted: Array, exponentials: Array) -> Array:
    """Bind shifted = x − max x, exponentials = e^shifted, each sample by itself; their sums (B, 1) are returned.

    The shift changes no quotient and keeps every exponential at most 1.
    """
    top, total = at.buffer("top", (1,)), at.buffer("total", (1,))
    over_entries(at, np.fmax, x, top)
    with_each_samples(at, np.subtract, x, top, out=shifted)
    at.call(np.exp, shifted, out=exponentials)
    over_entries(at, np.add, exponentials, total)
    return total


def over_entries(at: Site, function: np.ufunc, values: Array, result: Array) -> None:
    """Bind result (B, 1) = the sum (`np.add`) or the largest (`np.fmax`) of each sample's entries.

    NumPy reduces short rows slowly: a few entries are taken one after the other for all samples at once, a sum of
    many is a dot product with ones, and the largest of many is taken along long rows, one of each entry.
    """
    out, entries = result[:, 0], values.shape[1]
    if 2 <= entries <= FEW:
        at.call(function, values[:, 0], values[:, 1], out=out)
        for k in range(2, entries):
            at.call(function, out, values[:, k], out=out)
    elif function is np.add:
        ones = at.buffer(f"ones{entries}", (entries,), batched=False)
        ones.fill(1.0)
        at.call(np.dot, values, ones, out=out)
    elif at.batch > entries and values.flags.c_contiguous:
        rows = aligned((entries, at.batch), values.dtype)
        at.call(spread, values.T, out=rows)
        at.call(function.reduce, rows, 0, None, out=out)
    else:
        at.call(function.reduce, values, 1, None, out=out)


def with_each_samples(at: Site, function: np.ufunc, values: Array, number: Array, out: Array) -> None:
    """Bind out = function(values, number), where each sample has one number for all its entries, (B, 1).

    Of many samples, a few entries are taken one after the other for all samples at once.
    """
    entries = values.shape[1]
    if entries > FEW or at.batch < MANY:
        at.call(function, values, number, out=out)
        return
    for k in range(entries):
        column = out[:, k]
        at.call(function, column if values is out else values[:, k], number[:, 0], out=column)


@register
class SoftMax(Module):
    """yᵢ = e^xᵢ / Σⱼ e^xⱼ over the entries of each sample.

    Shape:
        input (n,), output (n,), positive and summing to 1.

    Source: NYU DL week 2, basic modules.
    """

    kind = "SoftMax"
    short = "SoftM"

    def specs(self, *inputs: Spec) -> tuple[Spec, ...]:
        return (vector_spec(inputs[0]),)

    forward_equation = "{y}[i] = e^{x}[i] / Σⱼ e^{x}[j]"
    forward_label = "softmax"
    saves = "{y}"
    forward_story = "SoftMax turned {x} into positive numbers that sum to 1: that is {y}."

    def forward(self, at: Site) -> None:
        total = shifted_exponentials(at, at.x, at.y, at.y)
        with_each_samples(at, np.divide, at.y, total, out=at.y)

    backward_equations = ("d{x}[k] = {y}[k] · (d{y}[k] − Σᵢ d{y}[i]·{y}[i])",)
    backward_label = "{y}(d{y}−Σ)"
    backward_story = "SoftMax compared each entry of d{y} with their mean, weighted by {y}: that is d{x}."

    def backward(self, at: Site) -> None:
        if at.dx is not None:
            mean, weighted = at.buffer("mean", (1,)), at.like("weighted", at.y)
            at.call(np.multiply, at.dy, at.y, out=weighted)
            over_entries(at, np.add, weighted, mean)
            with_each_samples(at, np.subtract, at.dy, mean, out=at.dx)
            at.call(np.multiply, at.dx, at.y, out=at.dx)

    torch = "nn.Softmax(dim=1)"
    numpy_forward = (
        "{y} = np.exp({x} - {x}.max(axis=1, keepdims=True))",
        "{y} = {y} / {y}.sum(axis=1, keepdims=True)",
    )
    numpy_backward = ("{dx} = {y} * ({dy} - ({dy} * {y}).sum(axis=1, keepdims=True))",)

    about = (
        "SoftMax turns any numbers into positive ones that sum to 1. Where one of them is almost 1 it is flat: under "
        "a squared error, a confidently wrong answer then gets almost no gradient."
    )

    def entry(self, seen: Seen, output: int, index: tuple[int, ...], show: Show) -> Entry:
        (i,), n = index, seen.names
        total = float(np.exp(seen.x - seen.x.max()).sum())
        line = f"{n['y']}[{i}] = e^({show(float(seen.x[i] - seen.x.max()))}) / {show(total)} = {show(float(seen.y[i]))}"
        return Entry(
            f"{n['y']}[{i}]",
            f"{n['y']}[{i}] = e^({n['x']}[{i}] − max) / Σⱼ e^({n['x']}[j] − max)",
            float(seen.y[i]),
            steps=(line,),
        )


@register
class LogSoftMax(Module):
    """yᵢ = xᵢ − log Σⱼ e^xⱼ over the entries of each sample.

    Shape:
        input (n,), output (n,), never positive.

    Source: NYU DL week 2, basic modules; its backward is the lecture's homework.
    """

    kind = "LogSoftMax"
    short = "LogSM"

    def specs(self, *inputs: Spec) -> tuple[Spec, ...]:
        return (vector_spec(inputs[0]),)

    forward_equation = "{y}[i] = {x}[i] − log Σⱼ e^{x}[j]"
    forward_label = "logsoftmax"
    saves = "e^{y}"
    forward_story = "LogSoftMax subtracted one number, log Σ e^{x}, from each entry of {x}: that is {y}."

    def forward(self, at: Site) -> None:
        exponentials = at.like("exponentials", at.y)
        total = shifted_exponentials(at, at.x, at.y, exponentials)
        logarithm = at.buffer("logarithm", (1,))
        at.call(np.log, total, out=logarithm)
        with_each_samples(at, np.subtract, at.y, logarithm, out=at.y)

    backward_equations = ("d{x}[k] = d{y}[k] − e^{y}[k] · Σᵢ d{y}[i]",)
    backward_label = "d{y}−e^{y}Σ"
    backward_story = "LogSoftMax took from each d{y} its softmax share of their sum: that is d{x}."

    def backward(self, at: Site) -> None:
        if at.dx is not None:
            total, share = at.buffer("sum of dy", (1,)), at.like("share", at.y)
            over_entries(at, np.add, at.dy, total)
            at.call(np.exp, at.y, out=share)
            with_each_samples(at, np.multiply, share, total, out=share)
            at.call(np.subtract, at.dy, share, out=at.dx)

    torch = "nn.LogSoftmax(dim=1)"
    numpy_forward = (
        "{y} = {x} - {x}.max(axis=1, keepdims=True)",
        "{y} = {y} - np.log(np.exp({y}).sum(axis=1, keepdims=True))",
    )
    numpy_backward = ("{dx} = {dy} - np.exp({y}) * {dy}.sum(axis=1, keepdims=True)",)

    about = (
        "LogSoftMax is the logarithm of SoftMax, computed in one go, so nothing overflows. It is flat only where the "
        "answer is already right: a confidently wrong answer keeps its full gradient."
    )

    def entry(self, seen: Seen, output: int, index: tuple[int, ...], show: Show) -> Entry:
        (i,), n = index, seen.names
        x, y = float(seen.x[i]), float(seen.y[i])
        line = f"{n['y']}[{i}] = {show(x)} − {bracketed(x - y, show)} = {show(y)}"
        return Entry(f"{n['y']}[{i}]", f"{n['y']}[{i}] = {n['x']}[{i}] − log Σⱼ e^{n['x']}[j]", y, steps=(line,))
