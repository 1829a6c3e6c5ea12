"""The linear (affine) module."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bptui.engine.buffers import Shape
from bptui.engine.module import Entry, Module, Seen, ShapeError, Show, Spec, Term, register, subscript
from bptui.engine.site import Site


@register
@dataclass(frozen=True)
class Linear(Module):
    """y = W x + b, an affine map; PyTorch's `nn.Linear`.

    Shape:
        input (in,), output (out,), weight (out, in), bias (out,), each sample of the batch on its own.

    Source: NYU DL week 2, basic modules.
    """

    features: int
    bias: bool = True

    kind = "Linear"

    def __post_init__(self) -> None:
        if not self.bias:  # the texts that speak of it
            object.__setattr__(self, "forward_story", self.forward_story.replace(" plus a bias", ""))
            object.__setattr__(self, "backward_story", self.backward_story.replace(" and d{b}", ""))
            object.__setattr__(self, "torch", self.torch.replace(")", ", bias=False)"))
            object.__setattr__(self, "numpy_forward", ("{y} = {x} @ {W}.T",))
            object.__setattr__(self, "numpy_backward", self.numpy_backward[:2])

    def specs(self, *inputs: Spec) -> tuple[Spec, ...]:
        (x,) = inputs
        if len(x.shape) != 1 or not x.batched:
            raise ShapeError(f"got {x}, wants a vector [n] for each sample; put a Flatten before it")
        return (Spec((self.features,)),)

    def parameters(self, *inputs: Spec) -> dict[str, Shape]:
        weight: dict[str, Shape] = {"weight": (self.features, inputs[0].shape[0])}
        return weight | {"bias": (self.features,)} if self.bias else weight

    forward_equation = "{y} = {W} {x} + {b}"
    forward_label = "{W}{x}+{b}"
    saves = "{x}"
    forward_story = "{m} made {y} from {x}: each entry of {y} is a weighted sum of {x} plus a bias."

    def forward(self, at: Site) -> None:
        at.dot(at.x, at.parameters["weight"].T, out=at.y)
        if self.bias:
            at.add_to_each_sample(at.parameters["bias"], out=at.y)

    backward_equations = ("d{x} = {W}ᵀ d{y}", "d{W} = d{y} {x}ᵀ", "d{b} = d{y}")
    backward_label = "{W}ᵀ d{y}"
    backward_story = "{m} hands the gradient back: d{x} to the left, d{W} and d{b} to its own parameters."

    def backward(self, at: Site) -> None:
        if at.dx is not None:
            at.dot(at.dy, at.parameters["weight"], out=at.dx)
        at.dot(at.dy.T, at.x, out=at.grad_parameters["weight"])
        if self.bias:
            at.sum_over_batch(at.dy, out=at.grad_parameters["bias"])

    torch = "nn.Linear({n}, {features})"
    numpy_forward = ("{y} = {x} @ {W}.T + {b}",)
    numpy_backward = ("{dx} = {dy} @ {W}", "{dW} = {dy}.T @ {x}", "{db} = {dy}.sum(axis=0)")

    about = (
        "A linear module mixes its inputs: every output is a weighted sum of all inputs, plus a bias. Backwards the "
        "same weights carry the gradient the other way, transposed; the gradient of a weight is the gradient at its "
        "output times the input that it multiplied, summed over the batch."
    )

    def forward_texts(self, names: Mapping[str, str]) -> str:
        text = super().forward_texts({"b": "", **names})
        return text if self.bias else text.removesuffix(" + ")

    def backward_texts(self, names: Mapping[str, str]) -> tuple[str, ...]:
        texts = self.backward_equations if self.bias else self.backward_equations[:2]
        return tuple(text.format_map(names) for text in texts)

    def entry(self, seen: Seen, output: int, index: tuple[int, ...], show: Show) -> Entry:
        (i,), w, n = index, seen.parameters["weight"], seen.names
        terms = tuple(
            Term(f"{n['W']}[{i},{j}]", float(w[i, j]), f"{n['x']}[{j}]", float(seen.x[j])) for j in range(w.shape[1])
        )
        formula = f"{n['y']}[{i}] = Σⱼ {n['W']}[{i},j]·{n['x']}[j]"
        if not self.bias:
            return Entry(n["y"] + subscript(index), formula, float(seen.y[i]), terms)
        bias = (f"{n['b']}[{i}]", float(seen.parameters["bias"][i]))
        return Entry(n["y"] + subscript(index), f"{formula} + {bias[0]}", float(seen.y[i]), terms, bias)

    def partial_name(self, names: Mapping[str, str], input: int, i: tuple[int, ...], j: tuple[int, ...]) -> str:
        return f"{names['W']}[{i[0]},{j[0]}]"
