"""The addends of costs, penalties and routing modules, for one sample: what they sum, entry by entry."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from bptui.drawing.numbers import brief
from bptui.engine.module import Array, Entry, Module, Seen, Term, subscript
from bptui.engine.modules.costs import Cost
from bptui.engine.modules.penalties import Penalty
from bptui.engine.modules.routing import Average, Concatenate, Duplicate, Flatten, Scale

Index = tuple[int, ...]


def working(module: Module, seen: Seen, output: int, index: Index, batch: int) -> Entry | None:
    """An output's entry as a sum; None for a module that says it itself.

    A cost is summed over the batch, but its working is that of the sample in view, under a name that says so.
    """
    names = seen.names
    if isinstance(module, Cost) and module.kind in COSTS:
        name = names["y"] if batch == 1 else f"{names['y']} of this sample"
        return COSTS[module.kind](name, names["x"], names["t"], seen)
    if isinstance(module, Penalty):
        return _penalty(module, seen)
    y = names["y"] if len(seen.outputs) == 1 else names[f"y{output + 1}"]
    value, name = float(seen.outputs[output][index]), y + subscript(index)
    if isinstance(module, Scale):
        x = float(seen.x[index])
        left = "1/B" if isinstance(module, Average) else "c"
        constant = value / x if x else module.factor
        formula = f"{name} = {left}·{names['x']}{subscript(index)}"
        return Entry(name, formula, value, (Term(left, constant, names["x"] + subscript(index), x),))
    source = _source(module, seen, index)
    if source is None:
        return None
    return Entry(name, f"{name} = {source}", value, (Term("1", 1.0, source, value),))


def _source(module: Module, seen: Seen, index: Index) -> str | None:
    """The entry of an input that is copied, for a module that only routes."""
    if isinstance(module, Duplicate):
        return seen.names["x"] + subscript(index)
    if isinstance(module, Flatten):
        return seen.names["x"] + subscript(tuple(int(i) for i in np.unravel_index(index[0], seen.x.shape)))
    if isinstance(module, Concatenate):
        start = index[0]
        for k, x in enumerate(seen.inputs):
            if start < len(x):
                return f"{seen.names[f'x{k + 1}']}[{start}]"
            start -= len(x)
    return None


def _penalty(module: Penalty, seen: Seen) -> Entry:
    squared = module.kind == "L2"
    terms = []
    for k, (w, rate) in enumerate(zip(seen.inputs, module.rates, strict=True)):
        name = seen.names[f"x{k + 1}"]
        size = float((w * w).sum() if squared else np.abs(w).sum())
        terms.append(Term("α", rate, f"‖{name}‖²" if squared else f"Σ|{name}|", size))
    return Entry(seen.names["y"], module.forward_texts(seen.names), float(seen.y), tuple(terms))


def _each(x: Array) -> Sequence[Index]:
    return [tuple(map(int, index)) for index in np.ndindex(x.shape)]


def _squared(name: str, x: str, t: str, seen: Seen) -> Entry:
    difference = seen.inputs[0] - seen.inputs[1]
    terms = []
    for i in _each(difference):
        label, value = f"({x} − {t}){subscript(i)}", float(difference[i])
        terms.append(Term(label, value, label, value))
    return Entry(name, f"{name} = Σ ({x}[i] − {t}[i])²", float((difference * difference).sum()), tuple(terms))


def _absolute(name: str, x: str, t: str, seen: Seen) -> Entry:
    sizes = np.abs(seen.inputs[0] - seen.inputs[1])
    terms = tuple(Term("1", 1.0, f"|{x} − {t}|{subscript(i)}", float(sizes[i])) for i in _each(sizes))
    return Entry(name, f"{name} = Σ |{x}[i] − {t}[i]|", float(sizes.sum()), terms)


def _likelihood(name: str, x: str, t: str, seen: Seen) -> Entry:
    right = int(np.argmax(seen.inputs[1]))
    value = float(seen.inputs[0][right])
    return Entry(name, f"{name} = −{x}[{right}]", -value, (Term("−1", -1.0, f"{x}[{right}]", value),))


def _cross_entropy(name: str, x: str, t: str, seen: Seen) -> Entry:
    logits, right = seen.inputs[0], int(np.argmax(seen.inputs[1]))
    top = float(logits.max())
    logarithm = top + float(np.log(np.exp(logits - top).sum()))
    value = float(logits[right])
    number = f"({brief(value)})" if value < 0 else brief(value)
    step = f"{name} = {brief(logarithm)} − {number} = {brief(logarithm - value)}"
    formula = f"{name} = log Σⱼ e^{x}[j] − {x}[{right}]"
    return Entry(name, formula, logarithm - value, steps=(step,))


def _binary(name: str, x: str, t: str, seen: Seen) -> Entry:
    logits, target = seen.inputs
    shares = np.logaddexp(0.0, logits) - target * logits
    terms = tuple(Term("1", 1.0, f"ℓ{subscript(i)}", float(shares[i])) for i in _each(shares))
    return Entry(name, f"{name} = Σ ℓ[i], ℓ = log(1 + e^{x}) − {t}·{x}", float(shares.sum()), terms)


COSTS: dict[str, Callable[[str, str, str, Seen], Entry]] = {
    "SquaredError": _squared,
    "AbsoluteError": _absolute,
    "NegativeLogLikelihood": _likelihood,
    "CrossEntropy": _cross_entropy,
    "BinaryCrossEntropy": _binary,
}
