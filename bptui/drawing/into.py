"""Stepping into a module: one entry, the row and the column that make it, and its sum term by term."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from bptui.drawing.canvas import Canvas, cells
from bptui.drawing.equations import Index, backward_entry, fitting, forward_entry, worked
from bptui.drawing.expression import Group, backward_groups, forward_groups, gradient_tensor, value_tensor
from bptui.drawing.inspector import MOST_COLUMNS, MOST_ROWS, inspect
from bptui.drawing.lines import BOLD, MUTED, NOW, TEXT, Piece, fold, inset, length, rule, stack, wrap, written
from bptui.drawing.meaning import meaning
from bptui.drawing.sums import table
from bptui.drawing.tensors import Tensor, flow
from bptui.engine.graph import Graph, Node
from bptui.engine.module import Entry, subscript
from bptui.engine.modules.linear import Linear
from bptui.engine.notation import gradient_symbol, symbol
from bptui.engine.reading import Reading

SIDE = 32  # columns of the words beside the table, where there is room


class Place(NamedTuple):
    """What one steps into: the module at work, and the variable whose value or gradient it makes."""

    node: Node
    name: str
    backward: bool


def place_of(graph: Graph, target: str) -> Place | None:
    """The module behind a target; None where nothing computes it (an input, the seed, zeroing, a halt)."""
    kind, _, name = target.partition(":")
    if kind == "event":
        event = graph.events[int(name)]
        if event.node is None:
            return None
        kind, name = "back" if event.phase == "backward" else "node", event.node
    if kind == "node":
        node = graph.node[name]
        return Place(node, node.outputs[0], False) if node.module.role != "halt" else None
    if kind == "back":
        node = graph.node[name]
        wanted = [n for n in (*node.inputs, *node.parameters.values()) if n in graph.differentiable]
        return Place(node, wanted[0], True) if wanted else None
    if kind == "var":
        maker = graph.variables[name].maker
        return Place(graph.node[maker], name, False) if maker and graph.node[maker].module.role != "halt" else None
    reader = graph.reader.get(name)
    return Place(reader, name, True) if reader and name in graph.differentiable and not reader.collapsed else None


def into(reading: Reading, target: str, entry: Index, width: int, height: int, *, scroll: int = 0) -> Canvas:
    """One entry of what a target makes, worked out, on a canvas at least `height` high; `scroll` skips terms of a sum.

    `target` is as in `inspect`; `param:` goes into the parameter's gradient. What no module computes is inspected.
    """
    place = place_of(reading.graph, target)
    if place is None:
        return inspect(reading, target, width, height, entry=entry)
    node, name, backward = place
    shape = reading.graph.variables[name].shape
    entry = fitting(entry, shape) or (0,) * len(shape)
    if backward:
        found = backward_entry(reading, node, name, entry)
    else:
        found = forward_entry(reading, node, node.outputs.index(name), entry)
    title = (gradient_symbol(name) if backward else symbol(name)) + subscript(entry)
    note = f"{'backward' if backward else 'forward'} › {title}"
    above = [rule(width, f"into {node.name}", note, "↑↓ entry")]
    if found is None:
        return stack(width, [*above, written([[("Not computed yet: step on to get here.", MUTED)]], width)], height)
    one = not backward and isinstance(node.module, Linear)
    above.append(_formula(found, width, height > 14, "one number, from one row and one column" if one else ""))
    words = meaning(reading, node, name, entry, found, backward=backward)
    picture = _tensors(reading, place, entry, found, width)
    rows = len(found.terms) + (found.bias is not None) + 2 if found.terms else 1
    taken = sum(section.height for section in above)
    if picture is not None and taken + picture.height + 1 + min(rows, 6) <= height:
        airy = taken + picture.height + 1 + rows <= height
        above.append(inset(picture, width, picture.height + airy))
        taken += picture.height + airy
    if not found.terms:
        body = _plain(found, words, width)
    elif width >= 76 + SIDE:
        body = _beside(found, words, width, height - taken, scroll, backward=backward)
    else:
        body = _below(found, words, width, height - taken, scroll, backward=backward)
    y, canvas = 0, Canvas(width, max(height, taken + body.height))
    for section in (*above, body):
        canvas.paste(section, 0, y)
        y += section.height
    return canvas


def _formula(entry: Entry, width: int, airy: bool, note: str) -> Canvas:
    """The formula in symbols, with a note behind it where there is room, between blank rows where it is `airy`."""
    lines: list[list[Piece]] = [[(line, BOLD)] for line in wrap(entry.formula, width - 2)]
    if lines and length(lines[-1]) + 6 + cells(note) <= width - 1:
        lines[-1] += [("      ", MUTED), (note, MUTED)]
    return written([[], *lines, []] if airy else lines, width)


def _plain(entry: Entry, words: Sequence[str], width: int) -> Canvas:
    """An entry that is no sum: its working, then what it means."""
    lines = [part for line in worked(entry, width - 2) for part in fold([[piece] for piece in line], width - 2)]
    for text in words:
        lines += [[], *([(line, MUTED)] for line in wrap(text, width - 2))]
    return written(lines, width)


def _beside(found: Entry, words: Sequence[str], width: int, room: int, scroll: int, *, backward: bool) -> Canvas:
    """The sum as a table, with what it means beside it."""
    drawn = table(found, width - SIDE - 4, max(3, room), scroll, "i" if backward else "j")
    lines: list[list[Piece]] = []
    for k, text in enumerate(words):
        lines += [[], *([(line, TEXT if k == 0 else MUTED)] for line in wrap(text, SIDE - 1))]
    if 1 + len(lines) > room:
        lines = [line for line in lines if line]
    canvas = Canvas(width, max(drawn.height, 1 + len(lines)))
    canvas.paste(drawn, 1, 0)
    canvas.paste(rule(SIDE, "what it means"), width - SIDE, 0)
    canvas.paste(written(lines, SIDE), width - SIDE, 1)
    return canvas


def _below(found: Entry, words: Sequence[str], width: int, room: int, scroll: int, *, backward: bool) -> Canvas:
    """The sum as a table, with what it means below, as many whole sentences as there is room for."""
    told: list[list[Piece]] = []
    for text in words:
        lines: list[list[Piece]] = [[(line, MUTED)] for line in wrap(text, width - 2)]
        if len(told) + len(lines) + 5 <= room:
            told += lines
    drawn = table(found, width - 2, max(3, room - len(told)), scroll, "i" if backward else "j")
    gap = bool(told) and drawn.height + len(told) < room
    canvas = Canvas(width, drawn.height + gap + len(told))
    canvas.paste(drawn, 1, 0)
    canvas.paste(written(told, width), 0, drawn.height + gap)
    return canvas


# -- the tensors, with what is in use lit


def _tensors(reading: Reading, place: Place, entry: Index, found: Entry, width: int) -> Canvas | None:
    """The tensors of the equation, lit where they take part; None if they are too large for numbers."""
    items = _lit_items(reading, place, entry, found)
    tensors = [item for item in items if isinstance(item, Tensor)]
    if any(t.rows > MOST_ROWS or t.columns > MOST_COLUMNS for t in tensors):
        return None
    picture = flow(items, width - 2)
    last = tensors[-1]
    if picture is None or picture.height != 1 + max(t.rows for t in tensors) or last.columns > 1:
        return picture
    mark = f" ◀ {(gradient_symbol if place.backward else symbol)(place.name)}{subscript(entry)}"
    if picture.width + cells(mark) > width - 1:
        return picture
    wider = Canvas(picture.width + cells(mark), picture.height)
    wider.paste(picture, 0, 0)
    wider.put(picture.width, 1 + (entry[0] if len(entry) == 1 else 0), mark, NOW)
    return wider


def _lit_items(reading: Reading, place: Place, entry: Index, found: Entry) -> Sequence[Tensor | str]:
    node, name, backward = place
    if backward and isinstance(node.module, Linear):
        return _linear_backward(reading, node, name, entry)
    groups = backward_groups(reading, node, now=True) if backward else forward_groups(reading, node, now=True)
    group: Group = groups[0]
    made = gradient_symbol(name) if backward else symbol(name)
    if isinstance(node.module, Linear):
        w, dot, x, *rest = group.items
        assert isinstance(w, Tensor) and isinstance(x, Tensor)
        others = [replace(t, lit=(entry[0], None)) if isinstance(t, Tensor) else t for t in rest]
        return [replace(w, lit=(entry[0], None)), dot, replace(x, lit=(None, None)), *others]
    shape, pointwise = reading.graph.variables[name].shape, len(found.terms) < 2 or node.module.sign != ""
    lit: list[Tensor | str] = []
    for item in group.items:
        if isinstance(item, Tensor):
            same = item.shape == shape and (pointwise or item.symbol == made or node.module.kind == "Duplicate")
            item = replace(item, lit=_cell(item, entry) if same else (None, None))
        lit.append(item)
    return lit


def _linear_backward(reading: Reading, node: Node, name: str, entry: Index) -> Sequence[Tensor | str]:
    first, second = backward_groups(reading, node, now=True)
    if name == node.inputs[0]:
        w, dot, dy, equals, dx = first.items
        assert isinstance(w, Tensor) and isinstance(dy, Tensor) and isinstance(dx, Tensor)
        row = (entry[0], None)
        return [replace(w, lit=row), dot, replace(dy, lit=(None, None)), equals, replace(dx, lit=row)]
    dy = gradient_tensor(reading, node.outputs[0])
    lit_dy = replace(dy, lit=(entry[0], None))
    if name != node.parameters["weight"]:
        return [lit_dy, "=" if reading.batch == 1 else "→", replace(_of(second, 1), lit=(entry[0], None))]
    x = value_tensor(reading, node.inputs[0])
    across = Tensor(x.symbol + "ᵀ", (1, *x.shape), x.values, lit=(None, entry[1]))
    relation = "=" if reading.batch == 1 else "→ Σₚ"
    return [lit_dy, "·", across, relation, replace(_of(second, 0), lit=(entry[0], entry[1]))]


def _of(group: Group, number: int) -> Tensor:
    item = group.items[number]
    assert isinstance(item, Tensor)
    return item


def _cell(tensor: Tensor, entry: Index) -> tuple[int | None, int | None]:
    """An entry as row and column of the tensor as it is drawn."""
    if not entry:
        return None, None
    flat = int(np.ravel_multi_index(entry, tensor.shape))
    return flat // tensor.columns, flat % tensor.columns
