"""What there is to notice at a module, in words: silent columns, kinks, dead and saturated units, numbers gone bad."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import islice

import numpy as np

from bptui.drawing.equations import backward_entry, forward_entry, happened, operand
from bptui.drawing.numbers import brief
from bptui.engine.buffers import Array
from bptui.engine.graph import Node
from bptui.engine.jacobian import response
from bptui.engine.module import Entry, subscript
from bptui.engine.modules.costs import Cost
from bptui.engine.modules.linear import Linear
from bptui.engine.modules.pointwise import Pointwise
from bptui.engine.notation import gradient_symbol, symbol
from bptui.engine.reading import Reading

SATURATED = 0.01  # a slope below this is called flat
ALMOST_0 = 1e-12  # a sum smaller than this is looked at: its terms may have cancelled


def forward_remarks(reading: Reading, node: Node) -> list[str]:
    """Sentences on what the forward step of a node shows, the most telling first."""
    inputs, outputs = [operand(reading, n) for n in node.inputs], [reading.value(n) for n in node.outputs]
    if any(value is None for value in outputs):
        return ["Not computed yet."]
    remarks = _not_finite(dict(zip(map(symbol, node.outputs), outputs, strict=True)))
    remarks += _at_kink(node, inputs)
    x, y = inputs[0], outputs[0]
    assert x is not None and y is not None
    remarks += _rounding(symbol(node.outputs[0]), y, partial(forward_entry, reading, node, 0))
    if isinstance(node.module, Linear):
        remarks += _silent(reading, node, x)
    if isinstance(node.module, Pointwise):
        flat = _saturated(node, x) if ("slope", node.name) not in reading.hidden else []
        remarks += [*_switched_off(reading, node, x), *flat]
    if isinstance(node.module, Cost):
        remarks += _cost(reading, node, node.module, x)
    return remarks


def backward_remarks(reading: Reading, node: Node) -> list[str]:
    """Sentences on what the backward step of a node shows."""
    wanted = [name for name in (*node.inputs, *node.parameters.values()) if name in reading.graph.differentiable]
    gradients = {name: reading.gradient(name) for name in wanted}
    if not happened(reading, node, backward=True):
        return ["Backward has not reached it yet."]
    remarks = _not_finite({gradient_symbol(name): gradient for name, gradient in gradients.items()})
    remarks += _at_kink(node, [operand(reading, name) for name in node.inputs])
    for name, gradient in gradients.items():
        if gradient is not None:
            remarks += _rounding(gradient_symbol(name), gradient, partial(backward_entry, reading, node, name))
    if isinstance(node.module, Linear):
        remarks += _silent_gradient(reading, node)
        if reading.batch > 1:
            own = " and ".join(gradient_symbol(name) for name in node.parameters.values())
            remarks.append(f"{own} {'is' if len(node.parameters) == 1 else 'are'} summed over {reading.batch} samples.")
        remarks.append("The same weights, used backwards.")
    x = operand(reading, node.inputs[0])
    if isinstance(node.module, Pointwise) and x is not None:
        closed = _where(_closed(node, x))
        if closed:
            where = _entries(symbol(node.inputs[0]), closed)
            remarks.append(f"The slope at {where} is 0: no gradient comes back there.")
        remarks += _saturated(node, x)
    return remarks


def _where(mask: Array) -> list[tuple[int, ...]]:
    return [tuple(map(int, index)) for index in np.argwhere(mask)]


def _entries(name: str, indices: Sequence[tuple[int, ...]]) -> str:
    """Entries by name: up to three one by one, more by their number."""
    if len(indices) > 3:
        return f"{len(indices)} entries of {name}"
    texts = [name + subscript(index) for index in indices]
    return ", ".join(texts[:-1]) + (" and " if len(texts) > 1 else "") + texts[-1]


def _not_finite(values: Mapping[str, Array | None]) -> list[str]:
    remarks = []
    for name, value in values.items():
        if value is not None and not np.isfinite(value).all():
            remarks.append(f"{name} holds {'NaN' if np.isnan(value).any() else '∞'}.")
    return remarks


def _rounding(name: str, values: Array, entry: Callable[[tuple[int, ...]], Entry | None]) -> list[str]:
    """Sums that would be 0 if they were not rounded: what is left is no larger than the last bits of their terms."""
    small = _where((values != 0) & (np.abs(values) < ALMOST_0))
    cancelled = []
    for index in islice(small, 20):
        found = entry(index)
        products = [] if found is None else [abs(term.product) for term in found.terms]
        bias = abs(found.bias[1]) if found is not None and found.bias else 0.0
        if abs(float(values[index])) <= 4 * np.finfo(values.dtype).eps * (sum(products) + bias) and len(products) > 1:
            cancelled.append(index)
    if not cancelled:
        return []
    return [f"The terms of {_entries(name, cancelled)} cancel: what is left there is rounding."]


def _at_kink(node: Node, inputs: Sequence[Array | None]) -> list[str]:
    known = [value for value in inputs if value is not None]
    if len(known) < len(inputs) or not node.module.convention():
        return []
    side = node.module.switch(known)
    return [node.module.convention()] if side is not None and bool((side == 0).any()) else []


def _silent(reading: Reading, node: Node, x: Array) -> list[str]:
    """Columns of a weight that meet a 0, and who made it 0."""
    silent = _where(x == 0)
    if not silent or len(silent) == x.size:
        return []
    name = node.inputs[0]
    maker = reading.graph.node.get(reading.graph.variables[name].maker or "")
    count = len(silent)
    which = f"column {silent[0][0]} is" if count == 1 else f"{count} of {x.size} columns are"
    if count in (2, 3):
        which = "columns " + " and ".join(str(index[0]) for index in silent) + " are"
    if maker is not None and (isinstance(maker.module, Pointwise) or reading.drawn(maker.name)):
        return [f"{which} silent: {maker.module.kind} made {_entries(symbol(name), silent)} 0."]
    return [f"{which} silent: {_entries(symbol(name), silent)} {'is' if count == 1 else 'are'} 0."]


def _silent_gradient(reading: Reading, node: Node) -> list[str]:
    """Columns of a weight's gradient that are 0 because the input was, in every sample."""
    x = reading.batch_value(node.inputs[0])
    if x is None:
        return []
    silent = _where((x == 0).all(axis=0))
    dw, name = gradient_symbol(node.parameters["weight"]), symbol(node.inputs[0])
    if not silent or len(silent) == x.shape[1]:
        return []
    everywhere = " in every sample" if len(x) > 1 else ""
    if len(silent) == 1:
        return [f"column {silent[0][0]} of {dw} is 0 because {_entries(name, silent)} is 0{everywhere}."]
    return [f"{len(silent)} columns of {dw} are 0 because {_entries(name, silent)} are 0{everywhere}."]


def _closed(node: Node, x: Array) -> Array:
    """Where a pointwise module gives 0 and has slope 0."""
    y, slope = response(node.module, x)
    return np.asarray((y == 0) & (slope == 0))


def _switched_off(reading: Reading, node: Node, x: Array) -> list[str]:
    closed, name = _where(_closed(node, x)), symbol(node.outputs[0])
    remarks = []
    if closed:
        remarks.append(f"{node.module.kind} set {_entries(name, closed)} to 0: no gradient will come back there.")
    everyone = reading.batch_value(node.inputs[0])
    if closed and everyone is not None and len(everyone) > 1:
        dead = _where(np.asarray(_closed(node, everyone).all(axis=0)))
        if dead:
            verb = "is" if len(dead) == 1 else "are"
            remarks.insert(0, f"{_entries(name, dead)} {verb} 0 for all {len(everyone)} samples: dead in this batch.")
    return remarks


def _saturated(node: Node, x: Array) -> list[str]:
    slope = response(node.module, x)[1]
    flat = _where(np.asarray((np.abs(slope) < SATURATED) & ~_closed(node, x)))
    if not flat:
        return []
    verb = "is" if len(flat) == 1 else "are"
    smallest = brief(min(float(slope[index]) for index in flat))
    return [f"{_entries(symbol(node.outputs[0]), flat)} {verb} saturated: the slope is down to {smallest}."]


def _cost(reading: Reading, node: Node, cost: Cost, x: Array) -> list[str]:
    remarks = []
    target = reading.value(node.inputs[1])
    p = cost.probabilities(x) if np.isfinite(x).all() else None
    if target is not None and p is not None:
        right = int(np.argmax(target))
        remarks.append(f"The right class is {right}; the net gives it {brief(float(p[right]))} of 1.")
    if reading.batch > 1:
        remarks.append(f"{symbol(node.outputs[0])} is summed over the {reading.batch} samples of the batch.")
    return remarks
