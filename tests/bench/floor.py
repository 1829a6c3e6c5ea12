"""The floors: NumPy written by hand for exactly these two nets.

Row-major, every buffer allocated once, `np.dot` into them, one flat vector of parameters, the loss at every step: that
is `plain_floor`. The others are tuned call by call on top: sums as dot products, arguments by position, scalars as 0-d
arrays, every name local, and the larger of two logits taken column by column.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tests.bench.tasks import RATE, Array, Indices, Task

Step = Callable[[Indices], float]


def flat_parameters(task: Task) -> tuple[Array, Array, list[Array], list[Array]]:
    """Parameters and gradients as flat vectors, and their views layer by layer: weight, bias, weight, bias, …"""
    parameters = task.flat(task.weights)
    gradients = np.empty_like(parameters)
    views: tuple[list[Array], list[Array]] = ([], [])
    start = 0
    for pair in task.weights:
        for part in pair:
            for vector, parts in zip((parameters, gradients), views, strict=True):
                parts.append(vector[start : start + part.size].reshape(part.shape))
            start += part.size
    return parameters, gradients, *views


def plain_floor(task: Task) -> tuple[Step, Callable[[], Array]]:
    """One training step of either net with NumPy's own reductions, and the parameters."""
    w, g, (w0, b0, w1, b1, w2, b2), (dw0, db0, dw1, db1, dw2, db2) = flat_parameters(task)
    n, (n0, n1, n2, n3) = task.batch, task.sizes
    x, y = np.empty((n, n0)), np.empty((n, n3))
    z1, z2, s = np.empty((n, n1)), np.empty((n, n2)), np.empty((n, n3))
    dz1, dz2, ds = np.empty((n, n1)), np.empty((n, n2)), np.empty((n, n3))
    top, total, update, exponentials = np.empty((n, 1)), np.empty((n, 1)), np.empty_like(w), np.empty((n, n3))
    kind, logs = (float if task.activation == "tanh" else bool), np.empty((n, 1))
    slope1, slope2 = np.empty((n, n1), kind), np.empty((n, n2), kind)

    def bend(z: Array) -> None:
        if task.activation == "tanh":
            np.tanh(z, out=z)
        else:
            np.maximum(z, 0.0, out=z)

    def unbend(z: Array, slope: Array, dz: Array) -> None:
        if task.activation == "tanh":
            np.multiply(z, z, out=slope)
            np.subtract(1.0, slope, out=slope)
            np.multiply(dz, slope, out=dz)
        else:
            np.greater(z, 0.0, out=slope)
            np.multiply(dz, slope, out=dz)

    def step(indices: Indices) -> float:
        np.take(task.inputs, indices, axis=0, out=x, mode="clip")
        np.take(task.one_hot, indices, axis=0, out=y, mode="clip")
        np.dot(x, w0.T, out=z1)
        np.add(z1, b0, out=z1)
        bend(z1)
        np.dot(z1, w1.T, out=z2)
        np.add(z2, b1, out=z2)
        bend(z2)
        np.dot(z2, w2.T, out=s)
        np.add(s, b2, out=s)
        np.max(s, axis=1, keepdims=True, out=top)
        np.subtract(s, top, out=s)
        np.exp(s, out=exponentials)
        np.sum(exponentials, axis=1, keepdims=True, out=total)
        np.log(total, out=logs)
        loss = (np.sum(logs) - np.vdot(s, y)) / n
        np.divide(exponentials, total, out=ds)
        np.subtract(ds, y, out=ds)
        np.divide(ds, n, out=ds)
        np.dot(ds, w2, out=dz2)
        np.dot(ds.T, z2, out=dw2)
        np.sum(ds, axis=0, out=db2)
        unbend(z2, slope2, dz2)
        np.dot(dz2, w1, out=dz1)
        np.dot(dz2.T, z1, out=dw1)
        np.sum(dz2, axis=0, out=db1)
        unbend(z1, slope1, dz1)
        np.dot(dz1.T, x, out=dw0)
        np.sum(dz1, axis=0, out=db0)
        np.multiply(g, RATE, out=update)
        np.subtract(w, update, out=w)
        return float(loss)

    return step, w.copy


def tanh_floor(task: Task) -> tuple[Step, Callable[[], Array]]:
    """The 2-16-16-2 net with tanh: one training step, and the parameters."""
    w, g, (w0, b0, w1, b1, w2, b2), (dw0, db0, dw1, db1, dw2, db2) = flat_parameters(task)
    n, (n0, n1, n2, n3) = task.batch, task.sizes
    b0, b1, b2 = b0[None], b1[None], b2[None]
    data, targets = task.inputs, task.one_hot
    x, y = np.empty((n, n0)), np.empty((n, n3))
    z1, z2, s = np.empty((n, n1)), np.empty((n, n2)), np.empty((n, n3))
    dz1, dz2, ds = np.empty((n, n1)), np.empty((n, n2)), np.empty((n, n3))
    slope1, slope2 = np.empty((n, n1)), np.empty((n, n2))
    top, total, log, update = np.empty(n), np.empty(n), np.empty(n), np.empty_like(w)
    exponentials, ones = np.empty((n, n3)), np.ones(n)
    one, rate, share = np.array(1.0), np.array(RATE), np.array(1.0 / n)
    w0t, w1t, w2t, dz1t, dz2t, dst = w0.T, w1.T, w2.T, dz1.T, dz2.T, ds.T
    first, second, e_first, e_second = s[:, 0], s[:, 1], exponentials[:, 0], exponentials[:, 1]
    top_column, total_column = _column(top), _column(total)
    s_flat, y_flat = s.ravel(), y.ravel()
    take_x, take_y = data.take, targets.take
    dot, add, subtract, multiply, divide = np.dot, np.add, np.subtract, np.multiply, np.divide
    tanh, exp, logarithm, maximum = np.tanh, np.exp, np.log, np.maximum

    def step(indices: Indices) -> float:
        take_x(indices, 0, x, "clip")
        take_y(indices, 0, y, "clip")
        dot(x, w0t, z1)
        add(z1, b0, z1)
        tanh(z1, z1)
        dot(z1, w1t, z2)
        add(z2, b1, z2)
        tanh(z2, z2)
        dot(z2, w2t, s)
        add(s, b2, s)
        maximum(first, second, out=top)
        subtract(s, top_column, s)
        exp(s, exponentials)
        add(e_first, e_second, total)
        logarithm(total, log)
        loss = (dot(log, ones) - dot(s_flat, y_flat)) / n
        divide(exponentials, total_column, ds)
        subtract(ds, y, ds)
        multiply(ds, share, ds)
        dot(ds, w2, dz2)
        dot(dst, z2, dw2)
        dot(ones, ds, db2)
        multiply(z2, z2, slope2)
        subtract(one, slope2, slope2)
        multiply(dz2, slope2, dz2)
        dot(dz2, w1, dz1)
        dot(dz2t, z1, dw1)
        dot(ones, dz2, db1)
        multiply(z1, z1, slope1)
        subtract(one, slope1, slope1)
        multiply(dz1, slope1, dz1)
        dot(dz1t, x, dw0)
        dot(ones, dz1, db0)
        multiply(g, rate, update)
        subtract(w, update, w)
        return float(loss)

    return step, w.copy


def relu_floor(task: Task) -> tuple[Step, Callable[[], Array]]:
    """The 600-60-40-10 net with ReLU: one training step, and the parameters."""
    w, g, (w0, b0, w1, b1, w2, b2), (dw0, db0, dw1, db1, dw2, db2) = flat_parameters(task)
    n, (n0, n1, n2, n3) = task.batch, task.sizes
    b0, b1, b2 = b0[None], b1[None], b2[None]
    data, targets = task.inputs, task.one_hot
    x, y = np.empty((n, n0)), np.empty((n, n3))
    z1, z2, s = np.empty((n, n1)), np.empty((n, n2)), np.empty((n, n3))
    dz1, dz2, ds = np.empty((n, n1)), np.empty((n, n2)), np.empty((n, n3))
    on1, on2 = np.empty((n, n1), bool), np.empty((n, n2), bool)
    top, total, log, update = np.empty(n), np.empty(n), np.empty(n), np.empty_like(w)
    exponentials, ones, ones3 = np.empty((n, n3)), np.ones(n), np.ones(n3)
    zero, rate, share = np.array(0.0), np.array(RATE), np.array(1.0 / n)
    w0t, w1t, w2t, dz1t, dz2t, dst = w0.T, w1.T, w2.T, dz1.T, dz2.T, ds.T
    top_column, total_column = _column(top), _column(total)
    s_flat, y_flat = s.ravel(), y.ravel()
    take_x, take_y, largest = data.take, targets.take, np.maximum.reduce
    dot, add, subtract, multiply, divide = np.dot, np.add, np.subtract, np.multiply, np.divide
    exp, logarithm, maximum, greater = np.exp, np.log, np.maximum, np.greater

    def step(indices: Indices) -> float:
        take_x(indices, 0, x, "clip")
        take_y(indices, 0, y, "clip")
        dot(x, w0t, z1)
        add(z1, b0, z1)
        maximum(z1, zero, out=z1)
        dot(z1, w1t, z2)
        add(z2, b1, z2)
        maximum(z2, zero, out=z2)
        dot(z2, w2t, s)
        add(s, b2, s)
        largest(s, 1, None, top)
        subtract(s, top_column, s)
        exp(s, exponentials)
        dot(exponentials, ones3, total)
        logarithm(total, log)
        loss = (dot(log, ones) - dot(s_flat, y_flat)) / n
        divide(exponentials, total_column, ds)
        subtract(ds, y, ds)
        multiply(ds, share, ds)
        dot(ds, w2, dz2)
        dot(dst, z2, dw2)
        dot(ones, ds, db2)
        greater(z2, zero, on2)
        multiply(dz2, on2, dz2)
        dot(dz2, w1, dz1)
        dot(dz2t, z1, dw1)
        dot(ones, dz2, db1)
        greater(z1, zero, on1)
        multiply(dz1, on1, dz1)
        dot(dz1t, x, dw0)
        dot(ones, dz1, db0)
        multiply(g, rate, update)
        subtract(w, update, w)
        return float(loss)

    return step, w.copy


def _column(vector: Array) -> Array:
    """One number a sample, to broadcast; for one sample a scalar, which NumPy handles faster."""
    return vector[:, None] if len(vector) > 1 else vector.reshape(())
