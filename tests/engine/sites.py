"""One module at work by itself, on given numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from bptui.engine.buffers import Array
from bptui.engine.module import Module, Spec
from bptui.engine.site import Site


class Worked(NamedTuple):
    outputs: tuple[Array, ...]
    grad_inputs: tuple[Array, ...]
    grad_parameters: dict[str, Array]


def work(
    module: Module,
    inputs: Sequence[Any],
    grad_outputs: Sequence[Any] | None = None,
    parameters: Mapping[str, Array] | None = None,
    *,
    step: int = 0,
    dtype: Any = np.float64,
) -> Worked:
    """Forward and backward of a module on inputs (B, *shape). Output gradients are 1 if none are given."""
    xs = [np.array(x, dtype) for x in inputs]
    batch = len(xs[0])
    specs = module.specs(*(Spec(x.shape[1:]) for x in xs))
    view = module.alias(xs[0])
    ys = [np.zeros((batch, *s.shape) if s.batched else s.shape, dtype) for s in specs] if view is None else [view]
    site = Site("m", batch, np.dtype(dtype), xs, ys, parameters=parameters)
    given = grad_outputs if grad_outputs is not None else [np.ones_like(y) for y in ys]
    site.grad_outputs = tuple(np.array(dy, dtype) for dy in given)
    site.grad_inputs = tuple(np.full_like(x, np.nan) for x in xs)
    site.grad_parameters = {name: np.full_like(value, np.nan) for name, value in site.parameters.items()}
    if view is not None:
        site.grad_inputs = (site.grad_outputs[0].reshape(xs[0].shape),)
    module.forward(site)
    module.backward(site)
    for draw, _ in site.draws:
        draw(step)
    for call in site.calls:
        call.bound()()
    return Worked(tuple(ys), tuple(dx for dx in site.grad_inputs if dx is not None), site.grad_parameters)
