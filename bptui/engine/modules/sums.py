"""A sum over the entries of each sample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bptui.engine.buffers import Array, new_like
from bptui.engine.module import Entry, Module, Seen, ShapeError, Show, Spec, Term, register, subscript
from bptui.engine.site import Site, spread


@register
@dataclass(frozen=True)
class Sum(Module):
    """y = Σ x over some axes of each sample (all, if none is named); PyTorch's `x.sum(dim)`.

    `axes` count from 0 without the batch. Where none is left, the output is one number, (1,).

    Shape:
        input (*), output (* without the axes,), or (1,).
    """

    axes: tuple[int, ...] = ()

    kind = "Sum"

    def specs(self, *inputs: Spec) -> tuple[Spec, ...]:
        (x,) = inputs
        if not x.batched:
            raise ShapeError(f"got {x} without a sample axis, wants a value for each sample")
        if any(axis not in range(len(x.shape)) for axis in self.axes):
            raise ShapeError(f"got {x}, which has no axis {max(self.axes)}")
        over = self._over(len(x.shape))
        return (Spec(tuple(n for k, n in enumerate(x.shape) if k not in over) or (1,)),)

    def _over(self, rank: int) -> tuple[int, ...]:
        return self.axes or tuple(range(rank))

    forward_equation = "{y} = Σ {x}"
    forward_label = "Σ{x}"
    forward_story = "Sum added up entries of {x}, each sample by itself: that is {y}."

    def forward(self, at: Site) -> None:
        over = self._over(at.x.ndim - 1)
        shape = at.y.shape if len(over) < at.x.ndim - 1 else at.y.shape[:1]
        at.call(np.add.reduce, at.x, tuple(axis + 1 for axis in over), None, out=at.y.reshape(shape))

    backward_equations = ("d{x} = d{y} in each entry",)
    backward_label = "copy"
    backward_story = "Sum copied d{y} to every entry that it had added."

    def backward(self, at: Site) -> None:
        if at.dx is not None:
            over = self._over(at.x.ndim - 1)
            wide = [1 if k - 1 in over else n for k, n in enumerate(at.x.shape)]
            values: Array = at.dy.reshape(wide)
            copy = new_like(at.dx, at.dx.dtype)
            at.call(spread, values, out=copy)
            at.call(np.positive, copy, out=at.dx)

    torch = "{x}{summed}"
    numpy_forward = ("{y} = {x}{added}",)
    numpy_backward = ("{dx} = np.zeros_like({x}) + {copied}",)

    def own_names(self, names: Mapping[str, str]) -> dict[str, str]:
        rank = int(names["rank"])
        over = tuple(axis + 1 for axis in self._over(rank))
        axes = str(over if len(over) > 1 else over[0] if over else "")
        if len(over) < rank:
            return {
                "summed": f".sum(dim={axes})",
                "added": f".sum(axis={axes})",
                "copied": f"np.expand_dims({names['dy']}, {axes})",
            }
        flat = f".reshape(len({names['x']}), -1)" if rank != 1 else ""
        return {
            "summed": f"{flat}.sum(dim=1, keepdim=True)",
            "added": f"{flat}.sum(axis=1, keepdims=True)",
            "copied": f"{names['dy']}.reshape({', '.join(['-1'] + ['1'] * rank)})",
        }

    about = (
        "Sum adds entries of each sample. A change of one of them changes the sum by just as much, so backwards each "
        "receives the same gradient, unchanged."
    )

    def entry(self, seen: Seen, output: int, index: tuple[int, ...], show: Show) -> Entry:
        over, n = self._over(seen.x.ndim), seen.names
        kept = iter(index if len(over) < seen.x.ndim else ())
        place = tuple(slice(None) if k in over else next(kept) for k in range(seen.x.ndim))
        addends = np.ndenumerate(seen.x[place])
        terms = tuple(Term("1", 1.0, n["x"] + subscript(_whole(place, i)), float(v)) for i, v in addends)
        return Entry(n["y"] + subscript(index), f"{n['y']}{subscript(index)} = Σ {n['x']}", float(seen.y[index]), terms)

    def partial_name(self, names: Mapping[str, str], input: int, i: tuple[int, ...], j: tuple[int, ...]) -> str:
        return "1"


def _whole(place: tuple[int | slice, ...], inner: tuple[int, ...]) -> tuple[int, ...]:
    """The index in the whole array of an entry of a part of it."""
    rest = iter(inner)
    return tuple(next(rest) if isinstance(p, slice) else p for p in place)
