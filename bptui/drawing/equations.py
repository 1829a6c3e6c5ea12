"""Scalar equations with their numbers: one entry of a value or of a gradient, and the addends that make it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from bptui.drawing.canvas import Ink, cells
from bptui.drawing.lines import BOLD, MUTED, NOW, SOFT, TEXT, Piece, length, wrap
from bptui.drawing.numbers import MINUS, adds_up, brief, factor
from bptui.engine.buffers import Array, Shape
from bptui.engine.graph import Node, Phase
from bptui.engine.jacobian import JacobianError, local_jacobian
from bptui.engine.module import Entry, Seen, Term, subscript
from bptui.engine.modules.linear import Linear
from bptui.engine.notation import gradient_symbol, symbol
from bptui.engine.reading import Reading

Index = tuple[int, ...]


def operand(reading: Reading, name: str) -> Array | None:
    """A value as forward and backward of this step saw it: parameters as they were before the update."""
    original = reading.graph.copy_of.get(name, name)
    moved = reading.graph.stop.get(("update", original))
    if moved is not None and moved <= reading.cursor:
        return reading.before(original)
    return reading.value(original)


def happened(reading: Reading, node: Node, *, backward: bool) -> bool:
    """Whether a node's forward or backward step is done."""
    phases: tuple[Phase, ...] = ("backward",) if backward else ("forward", "cost")
    return any(reading.graph.stop.get((phase, node.name), reading.cursor + 1) <= reading.cursor for phase in phases)


def fitting(entry: Index | None, shape: Shape) -> Index | None:
    """An entry's index if a tensor of this shape has it, else None."""
    if entry is None or len(entry) != len(shape):
        return None
    return entry if all(0 <= i < size for i, size in zip(entry, shape, strict=True)) else None


def seen(reading: Reading, node: Node) -> Seen | None:
    """What a node's module saw and made for this sample; None before it has run."""
    inputs = [operand(reading, name) for name in node.inputs]
    outputs = [reading.value(name) for name in node.outputs]
    parameters = {local: operand(reading, name) for local, name in node.parameters.items()}
    known = [value for value in (*inputs, *outputs, *parameters.values()) if value is not None]
    if len(known) < len(inputs) + len(outputs) + len(parameters):
        return None
    arrays = {local: value for local, value in parameters.items() if value is not None}
    ins, outs = tuple(known[: len(inputs)]), tuple(known[len(inputs) :][: len(outputs)])
    return Seen(reading.graph.names(node), ins, outs, arrays, reading.batch, reading.drawn(node.name))


@np.errstate(all="ignore")  # a run that explodes is shown, not warned about
def forward_entry(reading: Reading, node: Node, output: int, index: Index) -> Entry | None:
    """How one entry of an output came about; None before it has."""
    what = seen(reading, node)
    return None if what is None else node.module.entry(what, output, index, brief)


def backward_entry(reading: Reading, node: Node, name: str, index: Index) -> Entry | None:
    """How one entry of the gradient of an input or a parameter came about; None before it has.

    A parameter's gradient is a sum over the samples of the batch, an input's one over the entries of the outputs:
    Σᵢ ∂yᵢ/∂xⱼ · dyᵢ.
    """
    gradient = reading.gradient(name)
    arriving = [reading.gradient(output) for output in node.outputs]
    if not happened(reading, node, backward=True) or gradient is None:
        return None
    title = gradient_symbol(name) + subscript(index)
    result = float(gradient[index])
    if isinstance(node.module, Linear):
        return _linear(reading, node, name, index, Entry(title, "", result))
    terms = []
    names = reading.graph.names(node)
    whole = Entry(title, "; ".join(node.module.backward_texts(names)), result)
    own_parameter = name not in node.inputs
    if own_parameter and reading.batch > 1:  # a sum over the samples, of which one is in view
        return whole
    try:
        for number, (output, dy) in enumerate(zip(node.outputs, arriving, strict=True)):
            assert dy is not None
            partials = partial_column(reading, node, name, number, index)
            own = {**names, "y": symbol(output)}
            for i in np.ndindex(dy.shape):
                partial = float(partials[i])
                if partial != 0 or i == index:
                    if own_parameter:
                        left = f"∂{symbol(output)}{subscript(i)}/∂{symbol(name)}{subscript(index)}"
                    else:
                        left = node.module.partial_name(own, node.inputs.index(name), i, index)
                    terms.append(Term(left, partial, gradient_symbol(output) + subscript(i), float(dy[i])))
    except JacobianError:
        return whole
    formula = f"{title} = " + " + ".join(f"{term.left}·{term.right}" for term in terms[:2])
    if len(terms) > 2:
        formula = f"{title} = Σᵢ ∂{names['y']}[i]/∂{symbol(name)}{subscript(index)} · d{names['y']}[i]"
    return Entry(title, formula, result, tuple(terms))


def partial_column(reading: Reading, node: Node, name: str, output: int, index: Index) -> Array:
    """∂(every entry of an output)/∂(one entry of an input), in the output's shape. Raises JacobianError."""
    shape = reading.graph.variables[node.outputs[output]].shape
    jacobian = local_jacobian(reading, node.name, name, output)
    flat = int(np.ravel_multi_index(index, reading.graph.variables[name].shape)) if index else 0
    column: Array = jacobian[:, flat].reshape(shape)
    return column


def _linear(reading: Reading, node: Node, name: str, index: Index, entry: Entry) -> Entry | None:
    """The gradients of a linear module, with the weights' own names."""
    x, y = node.inputs[0], node.outputs[0]
    dy, n = gradient_symbol(y), reading.graph.names(node)
    if name == x:
        w, arriving = operand(reading, node.parameters["weight"]), reading.gradient(y)
        assert w is not None and arriving is not None
        (j,) = index
        terms = [
            Term(f"{n['W']}[{i},{j}]", float(w[i, j]), f"{dy}[{i}]", float(arriving[i])) for i in range(len(arriving))
        ]
        return Entry(entry.name, f"{entry.name} = Σᵢ {n['W']}[i,{j}]·{dy}[i]", entry.result, tuple(terms))
    rows, samples = reading.batch_gradient(y), reading.batch_value(x)
    if rows is None or samples is None:
        return None
    i, which = index[0], "⁽ᵖ⁾" if reading.batch > 1 else ""
    total = "Σₚ " if reading.batch > 1 else ""
    marks = [f"⁽{_raised(p)}⁾" if reading.batch > 1 else "" for p in range(len(rows))]
    left = [f"{dy}{mark}[{i}]" for mark in marks]
    if name == node.parameters["weight"]:
        j = index[1]
        terms = [
            Term(left[p], float(rows[p, i]), f"{symbol(x)}{marks[p]}[{j}]", float(samples[p, j]))
            for p in range(len(rows))
        ]
        formula = f"{entry.name} = {total}{dy}{which}[{i}]·{symbol(x)}{which}[{j}]"
    else:
        terms = [Term("1", 1.0, left[p], float(rows[p, i])) for p in range(len(rows))]
        formula = f"{entry.name} = {total}{dy}{which}[{i}]"
    return Entry(entry.name, formula, entry.result, tuple(terms))


def _raised(number: int) -> str:
    return str(number).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))


# -- as text


def sign_ink(value: float) -> Ink:
    """The colour of a number's sign."""
    return Ink("positive") if value > 0 else Ink("negative") if value < 0 else TEXT


def decimals_for(entry: Entry) -> int:
    """3 decimals, or 4 where the addends as shown would not make the result as shown."""
    addends = [round(term.left_value, 3) * round(term.right_value, 3) for term in entry.terms]
    addends += [round(entry.bias[1], 3)] if entry.bias else []
    return 3 if not addends or adds_up(addends, entry.result, 3) else 4


def worked(entry: Entry, width: int) -> list[list[Piece]]:
    """The entry's equation with its numbers, on one line where it fits, on two where it is long.

    A sum that is too long gives its four largest terms, and says in words what it leaves out.
    """
    if entry.steps:
        return [line for step in entry.steps for line in _step(step, width)]
    if not entry.terms:
        return [[(entry.name, BOLD), (" = ", MUTED), (brief(entry.result), NOW)]]
    decimals = decimals_for(entry)
    head: list[Piece] = [(entry.name, BOLD), (" = ", MUTED)]
    end: list[Piece] = [(" = ", MUTED), (brief(entry.result, decimals), NOW)]
    bias = _addend(entry.bias[1], [], decimals, first=False) if entry.bias else []
    if len(entry.terms) == 1 and entry.terms[0].left == "1":
        return [[*head, (entry.terms[0].right, SOFT), *end]]
    if len(entry.terms) <= 12:
        whole = [*_sum(entry.terms, decimals), *bias]
        alive = [*_sum([term for term in entry.terms if term.product != 0] or entry.terms[:1], decimals), *bias]
        for sum_of in ([*_names(entry), *whole], whole, alive):
            if length([*head, *sum_of, *end]) <= width:
                return [[*head, *sum_of, *end]]
        for sum_of in (whole, alive):
            if length([*head, *sum_of]) <= width:
                return [[*head, *sum_of], [(" " * max(0, length(head) - 3), TEXT), *end]]
    return _shortened(entry, head, [(" = ", MUTED), (brief(entry.result), NOW)], width)


def _shortened(entry: Entry, head: list[Piece], end: list[Piece], width: int) -> list[list[Piece]]:
    alive = [term for term in entry.terms if term.product != 0]
    largest = sorted(alive, key=lambda term: -abs(term.product) if math.isfinite(term.product) else -math.inf)
    count = 4
    first = [*head, *_sum(largest[:count], 3), (" + …", MUTED)]
    while count > 1 and length(first) > width:
        count -= 1
        first = [*head, *_sum(largest[:count], 3), (" + …", MUTED)]
    if not largest:
        first = [*head, ("0", TEXT)]
    elif count >= len(largest):
        first.pop()
    left_out = []
    if len(largest) > count:
        more = len(largest) - count
        left_out.append(f"{more} more term{'s' * (more > 1)}")
    if len(entry.terms) > len(alive):
        none = len(entry.terms) - len(alive)
        left_out.append(f"{none} that {'is' if none == 1 else 'are'} 0")
    if entry.bias:
        left_out.append(entry.bias[0])
    words = "with " + ", ".join(left_out[:-1]) + (" and " if left_out[:-1] else "") + left_out[-1] if left_out else ""
    second: list[Piece] = [(" " * max(0, length(head) - 3), TEXT), *end]
    if length(second) + 3 + cells(words) <= width:
        return [first, [*second, ("   " + words, MUTED)]]
    return [first, second, *[[(line, MUTED)] for line in wrap(words, width)]]


def _names(entry: Entry) -> list[Piece]:
    """A single product in symbols, before its numbers."""
    if len(entry.terms) != 1 or entry.terms[0].left == "1" or entry.bias:
        return []
    (term,) = entry.terms
    return [(f"{term.left}·{term.right}", SOFT), (" = ", MUTED)]


def _sum(terms: Sequence[Term], decimals: int) -> list[Piece]:
    pieces: list[Piece] = []
    for k, term in enumerate(terms):
        other = "" if term.left == "1" else factor(term.right_value, decimals)
        value = term.right_value if term.left == "1" else term.left_value
        pieces += _addend(value, [("·", MUTED), (other, TEXT)] if other else [], decimals, first=k == 0)
    return pieces


def _addend(value: float, partner: list[Piece], decimals: int, *, first: bool) -> list[Piece]:
    """One addend with its sign before it; only the weight is coloured."""
    text, ink = brief(value, decimals), sign_ink(value)
    if first:
        return [(text, ink), *partner]
    if text.startswith(MINUS):
        return [(f" {MINUS} ", MUTED), (text[1:], ink), *partner]
    return [(" + ", MUTED), (text, ink), *partner]


def _step(step: str, width: int) -> list[list[Piece]]:
    """A formula with numbers: name, working, result; the result on a row of its own where it must."""
    name, _, rest = step.partition(" = ")
    working, equals, result = rest.rpartition(" = ")
    head: list[Piece] = [(name, BOLD), (" = ", MUTED)]
    if not equals:
        return [[*head, (rest, NOW)]]
    first: list[Piece] = [*head, (working, SOFT)]
    end: list[Piece] = [(" = ", MUTED), (result, NOW)]
    if length([*first, *end]) <= width:
        return [[*first, *end]]
    return [first, [(" " * max(0, length(head) - 3), TEXT), *end]]
