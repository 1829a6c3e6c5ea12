"""A module's equation with tensors in the place of symbols: which ones, in which order, with which signs between."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bptui.drawing.equations import happened, operand
from bptui.drawing.numbers import shape_text
from bptui.drawing.tensors import Tensor
from bptui.engine.graph import Node
from bptui.engine.jacobian import response
from bptui.engine.modules.linear import Linear
from bptui.engine.modules.pointwise import Pointwise
from bptui.engine.notation import gradient_symbol, symbol
from bptui.engine.reading import Reading


@dataclass(frozen=True)
class Group:
    """Tensors that belong together, under the equations that they stand for; each with its shapes."""

    equations: tuple[tuple[str, str], ...]
    items: tuple[Tensor | str, ...]


def value_tensor(reading: Reading, name: str, accent: str = "text") -> Tensor:
    """A variable's value for drawing."""
    variable = reading.graph.variables[name]
    target = f"{'param' if variable.role == 'parameter' else 'var'}:{name}"
    return Tensor(symbol(name), variable.shape, operand(reading, name), accent, target=target)


def gradient_tensor(reading: Reading, name: str, accent: str = "gradient") -> Tensor:
    """A variable's gradient for drawing; a parameter's is looked at with the parameter."""
    variable = reading.graph.variables[name]
    target = f"{'param' if variable.role == 'parameter' else 'grad'}:{name}"
    return Tensor(gradient_symbol(name), variable.shape, reading.gradient(name), accent, target=target)


def forward_groups(reading: Reading, node: Node, *, now: bool) -> list[Group]:
    """The forward equation of a node; what it makes is in the cursor's colour if that is just happening."""
    made = "cursor" if now else "text"
    inputs = [value_tensor(reading, name) for name in node.inputs]
    outputs = [value_tensor(reading, name, made) for name in node.outputs]
    equation = node.module.forward_texts(reading.graph.names(node))
    if isinstance(node.module, Linear):
        w = value_tensor(reading, node.parameters["weight"])
        items: list[Tensor | str] = [w, "·", inputs[0]]
        shapes = f"[{_s(outputs[0])}] = [{_s(w)}][{_s(inputs[0])}]"
        if "bias" in node.parameters:
            b = value_tensor(reading, node.parameters["bias"])
            items += ["+", b]
            shapes += f" + [{_s(b)}]"
        return [Group(((equation, shapes),), (*items, "=", outputs[0]))]
    drawn = _drawn(reading, node)
    if drawn:
        return [Group(((equation, f"[{_s(inputs[0])}]"),), (inputs[0], "⊙", *drawn, "=", *outputs))]
    sign, items = node.module.sign, []
    read = [*inputs, *(value_tensor(reading, name) for name in node.parameters.values())]
    for k, x in enumerate(read):
        items += [sign, x] if k and sign else [x]
    shapes = ", ".join(f"[{_s(x)}]" for x in read) + " → " + ", ".join(f"[{_s(y)}]" for y in outputs)
    return [Group(((equation, shapes),), (*items, "=" if sign else "→", *outputs))]


def backward_groups(reading: Reading, node: Node, *, now: bool) -> list[Group]:
    """The backward equations of a node."""
    made = "cursor" if now else "gradient"
    names = reading.graph.names(node)
    texts = node.module.backward_texts(names)
    arriving = [gradient_tensor(reading, name) for name in node.outputs]
    done = happened(reading, node, backward=True)

    def given_back(name: str) -> Tensor:
        return gradient_tensor(reading, name, made) if done else replace(gradient_tensor(reading, name), values=None)

    returned = [given_back(name) for name in node.inputs if name in reading.graph.differentiable]
    if isinstance(node.module, Linear):
        w = value_tensor(reading, node.parameters["weight"])
        transposed = Tensor(w.symbol + "ᵀ", w.shape[::-1], None if w.values is None else w.values.T)
        dw = given_back(node.parameters["weight"])
        (dx,), (dy,) = returned, arriving
        own: list[Tensor | str] = [dw]
        summed = [text.replace(" = ", " = Σₚ ", 1) if reading.batch > 1 else text for text in texts]
        equations = [(summed[1], f"[{_s(dw)}] = [{_s(dy)}][{_s(dx)}]ᵀ")]
        if "bias" in node.parameters:
            own.append(given_back(node.parameters["bias"]))
            equations.append((summed[2], ""))
        to_left = Group(((texts[0], f"[{_s(dx)}] = [{_s(transposed)}][{_s(dy)}]"),), (transposed, "·", dy, "=", dx))
        return [to_left, Group(tuple(equations), tuple(own))]
    if isinstance(node.module, Pointwise):
        x = operand(reading, node.inputs[0])
        slope = Tensor(f"h′({names['x']})", arriving[0].shape, None if x is None else response(node.module, x)[1])
        return [Group(((texts[0], f"[{_s(returned[0])}]"),), (arriving[0], "⊙", slope, "=", returned[0]))]
    drawn = _drawn(reading, node)
    if drawn:
        return [Group(((texts[0], f"[{_s(returned[0])}]"),), (*arriving, "⊙", *drawn, "=", *returned))]
    saved = _saved(reading, node)
    returned += [given_back(name) for name in node.parameters.values()]
    shapes = ", ".join(f"[{_s(dy)}]" for dy in arriving) + " → " + ", ".join(f"[{_s(dx)}]" for dx in returned)
    if node.module.kind == "Duplicate":
        items: list[Tensor | str] = [arriving[0]]
        for dy in arriving[1:]:
            items += ["+", dy]
        return [Group(((texts[0], shapes),), (*items, "=", *returned))]
    equations = [(text, shapes if k == 0 else "") for k, text in enumerate(texts)]
    return [Group(tuple(equations), (*saved, *arriving, "→", *returned))]


def _drawn(reading: Reading, node: Node) -> list[Tensor]:
    """Dropout's mask, with the factor that it carries; known once forward has drawn it."""
    masks = reading.drawn(node.name) if happened(reading, node, backward=False) else ()
    return [Tensor("mask/(1−p)", mask.shape, mask) for mask in masks]


def _saved(reading: Reading, node: Node) -> list[Tensor]:
    """What a module keeps for its backward step: its inputs, its outputs, or nothing."""
    saves, penalty = node.module.saves, node.module.role == "penalty"
    inputs = node.inputs if "{x" in saves or penalty else ()
    return [value_tensor(reading, name) for name in (*inputs, *(node.outputs if "{y" in saves else ()))]


def _s(tensor: Tensor) -> str:
    return shape_text(tensor.shape)
