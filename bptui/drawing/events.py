"""The inspector where no module is at work: the minibatch, the zeroed gradients, the seed, an update."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bptui.drawing.equations import Index, fitting, sign_ink
from bptui.drawing.expression import Group, gradient_tensor, value_tensor
from bptui.drawing.lines import BOLD, MUTED, NOW, SOFT, TEXT, Piece
from bptui.drawing.numbers import adds_up, brief, factor, number, shape_text
from bptui.drawing.tensors import Tensor
from bptui.engine.buffers import Array
from bptui.engine.graph import Event
from bptui.engine.module import subscript
from bptui.engine.notation import gradient_symbol, symbol
from bptui.engine.optimisers import SGD, Optimiser
from bptui.engine.reading import Reading


@dataclass(frozen=True)
class Step:
    """What the experiment decides of this training step, beside the values.

    `samples` are the numbers of the minibatch's samples among `count`; `rate` is the learning rate η of this step.
    """

    samples: tuple[int, ...] = ()
    count: int = 0
    optimiser: Optimiser | None = None
    rate: float = 0.0


@dataclass(frozen=True)
class Panel:
    """What the inspector shows: a title and a note, equations with tensors, worked lines, words."""

    title: str
    note: str
    groups: tuple[Group, ...]
    lines: tuple[tuple[Piece, ...], ...] = ()
    remarks: tuple[str, ...] = ()


def event_panel(reading: Reading, event: Event, step: Step | None, entry: Index | None) -> Panel:
    """The panel of an event without a module."""
    if event.phase == "update":
        return update_panel(reading, str(event.parameter), step, entry)
    if event.phase == "batch":
        return _batch(reading, step)
    if event.phase == "seed":
        return _seed(reading)
    return _zero(reading)


def _batch(reading: Reading, step: Step | None) -> Panel:
    given = [*reading.graph.inputs, *reading.graph.targets]
    items = tuple(value_tensor(reading, v.name, "cursor") for v in given)
    remarks = []
    if step is not None and step.samples:
        listed = ", ".join(str(k + 1) for k in step.samples[:12]) + (", …" if len(step.samples) > 12 else "")
        some = "sample" if len(step.samples) == 1 else "samples"
        remarks.append(f"{some} {listed} of {step.count}.")
    for v in reading.graph.targets:
        value = reading.value(v.name)
        if v.classes and value is not None:
            remarks.append(f"{symbol(v.name)} is class {int(np.argmax(value))}, written with a single 1.")
    if reading.batch > 1:
        remarks.append(f"This is sample {reading.sample + 1} of the {reading.batch} of the batch.")
    picked = "one sample" if reading.batch == 1 else f"{reading.batch} samples"
    equation = ", ".join(symbol(v.name) for v in given) + f" ← {picked}"
    return Panel("minibatch", "picked", (Group(((equation, ""),), items),), remarks=tuple(remarks))


def _zero(reading: Reading) -> Panel:
    items = tuple(gradient_tensor(reading, p.name, "cursor") for p in reading.graph.parameters)
    kept = any(t.values is not None and t.values.any() for t in items)
    words = (
        "The old gradients stay, and backward will add to them: this is what a forgotten zero_grad() does."
        if kept
        else "Backward adds to a parameter's gradient. What the last step left there must go first."
    )
    left = " = ".join(t.symbol for t in items[:4]) + (" = …" if len(items) > 4 else "")
    equation = "gradients not zeroed" if kept else f"{left} = 0"
    return Panel("zero the gradients", "", (Group(((equation, ""),), items),), remarks=(words,))


def _seed(reading: Reading) -> Panel:
    loss = reading.graph.loss
    s = symbol(loss)
    seed = gradient_tensor(reading, loss, "cursor")
    words = (
        f"The derivative network starts here, with how {s} changes when {s} changes: by just as much.",
        "Each module multiplies what comes in by its own derivative and hands it on.",
    )
    cost = Tensor(s, (), reading.value(loss))
    return Panel("seed", f"d{s}", (Group(((f"∂{s}/∂{s} = 1", "[1]"),), (cost, "→", seed)),), remarks=words)


def update_panel(reading: Reading, name: str, step: Step | None, entry: Index | None) -> Panel:
    """A parameter's update: before, gradient, what the optimiser keeps, after."""
    variable, w = reading.graph.variables[name], symbol(name)
    before, gradient, after = reading.before(name), reading.gradient(name), reading.value(name)
    moved = next((e.index for e in reading.graph.events if e.parameter == name), len(reading.graph.events))
    done = reading.cursor >= moved
    items: list[Tensor | str] = [Tensor(f"{w} before" if done else w, variable.shape, before, target=f"param:{name}")]
    items.append(gradient_tensor(reading, name))
    slots = reading.slots(name)
    items += [Tensor(slot, variable.shape, values) for slot, values in slots.items()]
    if done:
        items += ["→", Tensor(w, variable.shape, after, "cursor", target=f"param:{name}")]
    optimiser = step.optimiser if step else None
    equations: tuple[tuple[str, str], ...] = ((w, f"[{shape_text(variable.shape)}]"),)
    if optimiser is not None:
        equations = tuple((text.replace("{W}", w), "") for text in optimiser.equations)
    lines: list[tuple[Piece, ...]] = []
    remarks: list[str] = []
    if done and gradient is not None and after is not None:
        index = fitting(entry, variable.shape) or largest_index(gradient)
        old, dw, new = float(before[index]), float(gradient[index]), float(after[index])
        lines.append(tuple(_moved(w + subscript(index), old, dw, new, step)))
        kept = [f"{slot}{subscript(index)} = {brief(float(values[index]))}" for slot, values in slots.items()]
        if kept:
            lines.append((("   ".join([f"{gradient_symbol(name)}{subscript(index)} = {brief(dw)}", *kept]), SOFT),))
        change = after - before
        largest = number(float(np.abs(change).max(initial=0.0)))
        remarks.append(f"The largest step of an entry is {largest}; the norm of the step is {_norm(change)}.")
    elif not done:
        remarks.append("Not moved yet in this training step.")
        lines += chosen(value_tensor(reading, name), entry)
    if optimiser is not None:
        remarks.append(optimiser.about)
    note = f"update by {optimiser.kind}" if optimiser is not None else "update"
    return Panel(f"{w}  {name}", note, (Group(equations, tuple(items)),), tuple(lines), tuple(remarks))


def chosen(tensor: Tensor, entry: Index | None) -> tuple[tuple[Piece, ...], ...]:
    """The entry of a tensor that was chosen, as a line."""
    index = fitting(entry, tensor.shape)
    if index is None or tensor.values is None or not index:
        return ()
    value = float(np.asarray(tensor.values)[index])
    return (((tensor.symbol + subscript(index), BOLD), (" = ", MUTED), (number(value, 6), NOW)),)


def largest_index(values: Array) -> Index:
    """Where the entry largest in size stands."""
    if not values.size:
        return ()
    sizes = np.nan_to_num(np.abs(values), nan=0.0)
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(sizes)), values.shape))


def _norm(values: Array) -> str:
    return number(float(np.sqrt(np.sum(values * values))))


def _moved(name: str, old: float, gradient: float, new: float, step: Step | None) -> list[Piece]:
    """One entry's update with numbers: in full for plain descent, else the distance that it moved."""
    plain = step is not None and type(step.optimiser) is SGD
    rate = step.rate if step is not None and plain else 0.0
    decimals = 4  # steps are small beside what they move
    while decimals < 6:
        move = -rate * round(gradient, decimals) if plain else round(new - old, decimals)
        if adds_up([round(old, decimals), move], new, decimals):
            break
        decimals += 1
    head: list[Piece] = [(name, BOLD), (" ← ", MUTED), (brief(old, decimals), sign_ink(old))]
    end: list[Piece] = [(" = ", MUTED), (brief(new, decimals), NOW)]
    if plain:
        factors: list[Piece] = [(brief(rate, 6), TEXT), ("·", MUTED), (factor(gradient, decimals), TEXT)]
        return [*head, (" − ", MUTED), *factors, *end]
    return [*head, (" + " if new >= old else " − ", MUTED), (brief(abs(new - old), decimals), TEXT), *end]
