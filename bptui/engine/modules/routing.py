"""Modules that route and join values: their derivatives are copies and sums."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bptui.engine.buffers import Array
from bptui.engine.module import Entry, Module, Seen, ShapeError, Show, Spec, Term, copied, register, subscript
from bptui.engine.site import Site


def same_specs(inputs: tuple[Spec, ...]) -> Spec:
    """The common shape of all inputs. Raises ShapeError if they differ."""
    if any(spec != inputs[0] for spec in inputs):
        raise ShapeError(f"got {' and '.join(map(str, inputs))}, wants equal shapes")
    return inputs[0]


@register
@dataclass(frozen=True)
class Duplicate(Module):
    """y₁ = x, y₂ = x, …: a variable that is used more than once.

    Shape:
        input (*), outputs (*), the same shape each.

    Source: NYU DL week 2, basic modules.
    """

    copies: int = 2

    kind = "Duplicate"
    short = "Dup"

    def specs(self, *inputs: Spec) -> tuple[Spec, ...]:
        if self.copies < 2:
            raise ShapeError(f"got {self.copies} for the number of copies, wants at least 2")
        return inputs * self.copies

    forward_equation = "{ys} = {x}"
    forward_label = "Dup"
    forward_story = "Duplicate sent the same {x} along each of its outgoing wires."

    def forward(self, at: Site) -> None:
        for y in at.outputs:
            at.call(np.positive, at.x, out=y)

    backward_equations = ("d{x} = {sum_dy}",)
    backward_label = "+"
    backward_story = "{x} went more than one way, so more than one gradient came back: Duplicate added them."

    def backward(self, at: Site) -> None:
        if at.dx is not None:
            at.call(np.add, at.grad_outputs[0], at.grad_outputs[1], out=at.dx)
            for dy in at.grad_outputs[2:]:
                at.call(np.add, at.dx, dy, out=at.dx)

    torch = "{each}"
    numpy_forward = ("{ys} = {x}",)
    numpy_backward = ("{dx} = {sum_dy}",)

    def own_names(self, names: Mapping[str, str]) -> dict[str, str]:
        return {"each": ", ".join([names["x"]] * self.copies)}

    about = (
        "A value that is used twice goes through a Duplicate: forwards it copies, backwards it adds. A small change "
        "of the value changes the cost along every way that it takes, so the gradients of all ways are summed."
    )

    def entry(self, seen: Seen, output: int, index: tuple[int, ...], show: Show) -> Entry:
        at = subscript(index)
        return copied(seen.names[f"y{output + 1}"] + at, seen.names["x"] + at, float(seen.x[index]))

    def partial_name(self, names: Mapping[str, str], input: int, i: tuple[int, ...], j: tuple[int, ...]) -> str:
        return "1"


@register
class Add(Module):
    """y = x₁ + x₂ + ….

    Shape:
        inputs (*), the same shape each; output (*).

    Source: NYU DL week 2, basic modules.
    """

    kind = "Add"
    inputs = None
    sign = "+"

    def specs(self, *inputs: Spec) -> tuple[Spec, ...]:
        if len(inputs) < 2:
            raise ShapeError("got 1 input, wants at least 2")
        return (same_specs(inputs),)

    forward_equation = "{y} = {sum_x}"
    forward_label = "+"
    forward_story = "Add summed {sum_x}: that is {y}."

    def forward(self, at: Site) -> None:
        at.call(np.add, at.inputs[0], at.inputs[1], out=at.y)
        for x in at.inputs[2:]:
            at.call(np.add, at.y, x, out=at.y)

    backward_equations = ("{dxs} = d{y}",)
    backward_label = "copy"
    backward_story = "Add copied d{y} to each of its inputs, unchanged."

    def backward(self, at: Site) -> None:
        for dx in at.grad_inputs:
            if dx is not None:
                at.call(np.positive, at.dy, out=dx)

    torch = "{sum_x}"
    numpy_forward = ("{y} = {sum_x}",)
    numpy_backward = ("{dxs} = {dy}",)

    about = (
        "Add sums its inputs. A change of one of them changes the sum by just as much, so backwards every input "
        "receives the same gradient, unchanged. Add and Duplicate are each other's mirror."
    )

    def entry(self, seen: Seen, output: int, index: tuple[int, ...], show: Show) -> Entry:
        at = subscript(index)
        terms = tuple(Term("1", 1.0, seen.names[f"x{k + 1}"] + at, float(x[index])) for k, x in enumerate(seen.inputs))
        formula = f"{seen.names['y']}{at} = " + " + ".join(term.right for term in terms)
        return Entry(seen.names["y"] + at, formula, float(seen.y[index]), terms)

    def partial_name(self, names: Mapping[str, str], input: int, i: tuple[int, ...], j: tuple[int, ...]) -> str:
        return "1"


@register
class Concatenate(Module):
    """y = (x₁, x₂, …), one vector after the other.

    Shape:
        inputs (n₁,), (n₂,), …; output (n₁ + n₂ + …,).
    """

    kind = "Concatenate"
    short = "Cat"
    inputs = None

    def specs(self, *inputs: Spec) -> tuple[Spec, ...]:
        if any(len(spec.shape) != 1 or not spec.batched for spec in inputs):
            raise ShapeError(f"got {' and '.join(map(str, inputs))}, wants vectors [n]")
        return (Spec((sum(spec.shape[0] for spec in inputs),)),)

    forward_equation = "{y} = ({xs})"
    forward_label = "concat"
    forward_story = "Concatenate wrote {xs} one after the other: that is {y}."

    def forward(self, at: Site) -> None:
        start = 0
        for x in at.inputs:
            at.call(np.positive, x, out=at.y[:, start : start + x.shape[1]])
            start += x.shape[1]

    backward_equations = ("({dxs_list}) = d{y}",)
    backward_label = "split"
    backward_story = "Concatenate cut d{y} where its inputs had met, and gave each input its own piece."

    def backward(self, at: Site) -> None:
        start = 0
        for x, dx in zip(at.inputs, at.grad_inputs, strict=True):
            if dx is not None:
                at.call(np.positive, at.dy[:, start : start + x.shape[1]], out=dx)
            start += x.shape[1]

    torch = "torch.cat([{xs}], dim=1)"
    numpy_forward = ("{y} = np.concatenate([{xs}], axis=1)",)

    def numpy_backward_texts(self, names: Mapping[str, str]) -> tuple[str, ...]:
        ends = np.cumsum([int(names[f"n{k + 1}"]) for k in range(len(names["xs"].split(", ")))])
        pieces = zip((0, *ends[:-1]), ends, strict=True)
        return tuple(f"{names[f'dx{k}']} = {names['dy']}[:, {i}:{j}]" for k, (i, j) in enumerate(pieces, 1))

    about = "Concatenate puts vectors end to end. Backwards each input gets back its own piece of the gradient."

    def entry(self, seen: Seen, output: int, index: tuple[int, ...], show: Show) -> Entry:
        sources = [f"{seen.names[f'x{k + 1}']}[{i}]" for k, x in enumerate(seen.inputs) for i in range(len(x))]
        return copied(seen.names["y"] + subscript(index), sources[index[0]], float(seen.y[index]))


@register
class Flatten(Module):
    """The same entries as one vector, in row-major order; PyTorch's `nn.Flatten`.

    Shape:
        input (*), output (product of *,).
    """

    kind = "Flatten"
    short = "flat"

    def specs(self, *inputs: Spec) -> tuple[Spec, ...]:
        (x,) = inputs
        if not x.batched:
            raise ShapeError(f"got {x} without a sample axis, wants a value for each sample")
        return (Spec((int(np.prod(x.shape)),)),)

    forward_equation = "{y} = flatten {x}"
    forward_label = "flatten"
    forward_story = "Flatten wrote the entries of {x} in one row: that is {y}. No number changed."

    def forward(self, at: Site) -> None:
        """Nothing to do: the output is a view of the input."""

    backward_equations = ("d{x} = unflatten d{y}",)
    backward_label = "unflatten"
    backward_story = "Flatten put the entries of d{y} back into the shape of {x}."

    def backward(self, at: Site) -> None:
        """Nothing to do: the input's gradient is a view of the output's."""

    torch = "nn.Flatten()"
    numpy_forward = ("{y} = {x}.reshape(len({x}), -1)",)
    numpy_backward = ("{dx} = {dy}.reshape({x}.shape)",)

    def torch_text(self, names: Mapping[str, str]) -> str:
        return (
            self.torch if names["n"] else "{x}.reshape(len({x}), -1)".format_map(names)
        )  # of a single number a sample

    about = "Flatten only renames entries: an image becomes one long vector. Backwards the gradient gets its old shape."

    def entry(self, seen: Seen, output: int, index: tuple[int, ...], show: Show) -> Entry:
        source = tuple(map(int, np.unravel_index(index[0], seen.x.shape)))
        return copied(seen.names["y"] + subscript(index), seen.names["x"] + subscript(source), float(seen.y[index]))

    def alias(self, x: Array) -> Array | None:
        if x.flags.c_contiguous:
            return x.reshape(x.shape[0], -1)
        return np.moveaxis(x, 0, -1).reshape(-1, x.shape[0]).T
