"""The inspector: one node, variable, parameter or event, with its equation, its tensors, and the numbers put in."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import numpy as np

from bptui.drawing.canvas import Canvas, Ink, cells
from bptui.drawing.equations import Index, backward_entry, fitting, forward_entry, worked
from bptui.drawing.events import Panel, Step, chosen, event_panel, largest_index, update_panel
from bptui.drawing.expression import Group, backward_groups, forward_groups, gradient_tensor, value_tensor
from bptui.drawing.large import large
from bptui.drawing.lines import BOLD, MUTED, Piece, fold, inset, length, rule, stack, wrap, write
from bptui.drawing.numbers import shape_text
from bptui.drawing.remarks import backward_remarks, forward_remarks
from bptui.drawing.tensors import Tensor, flow, row, summary
from bptui.engine.buffers import Array
from bptui.engine.graph import Node
from bptui.engine.module import Entry
from bptui.engine.modules.linear import Linear
from bptui.engine.notation import gradient_symbol, symbol
from bptui.engine.reading import Reading

HIDDEN = "Hidden until you answer."
MOST_ROWS, MOST_COLUMNS = 12, 12  # a larger tensor is drawn as a picture
GAP = 3  # between groups


def inspect(
    reading: Reading,
    target: str,
    width: int,
    height: int,
    *,
    entry: Index | None = None,
    step: Step | None = None,
    headed: bool = True,
) -> Canvas:
    """A picture of one thing at one instant, `width` wide and at least `height` high (the pane scrolls if higher).

    `target` is `node:m0` (forward), `back:m0` (backward), `var:s1`, `grad:s1`, `param:m0.weight`, or `event:7`.
    `entry` is the entry to work out; without it, the first ones or the largest. `headed` puts a titled rule on top.
    Raises KeyError for a target that the graph does not have.
    """
    kind, _, name = target.partition(":")
    if kind == "event":
        event = reading.graph.events[int(name)]
        if event.node is None:
            return _draw(event_panel(reading, event, step, entry), reading, width, height, headed)
        kind, name = ("back" if event.phase == "backward" else "node"), event.node
    if kind == "param":
        return _draw(update_panel(reading, name, step, entry), reading, width, height, headed)
    if kind in ("var", "grad"):
        return _draw(_variable(reading, name, entry, gradient=kind == "grad"), reading, width, height, headed)
    panel, asked = _node(reading, reading.graph.node[name], entry, backward=kind == "back")
    return _draw(panel, reading, width, height, headed, asked)


def node_title(node: Node) -> str:
    """A node's kind and name; the kind alone where the name says no more."""
    title = node.module.title or node.module.kind
    plain = {title.lower()} | ({"cost", "loss"} if node.module.role == "cost" else set())
    told = plain & {node.name.lower(), node.name.rstrip("0123456789").lower()}
    return title if told else f"{title} {node.name}"


def _node(reading: Reading, node: Node, entry: Index | None, *, backward: bool) -> tuple[Panel, tuple[Entry, ...]]:
    if node.module.role == "halt":
        return _halt(reading, node), ()
    event = reading.graph.events[reading.cursor]
    now = event.node == node.name and (event.phase == "backward") == backward
    if backward:
        groups = backward_groups(reading, node, now=now)
        entries = _backward_entries(reading, node, entry)
        words = backward_remarks(reading, node)
    else:
        groups = forward_groups(reading, node, now=now)
        entries = _forward_entries(reading, node, entry)
        words = forward_remarks(reading, node)
    panel = Panel(node_title(node), "backward" if backward else "forward", tuple(groups), remarks=tuple(words))
    return panel, entries


def _halt(reading: Reading, node: Node) -> Panel:
    """Where a program stops: what PyTorch says, and what had come in."""
    items = tuple(value_tensor(reading, name) for name in node.inputs)
    groups = (Group(((node.module.forward_texts({}), ""),), items),)
    hint = str(node.module.settings().get("hint", ""))
    return Panel(f"{node.name} stops", "forward", groups, remarks=(*((hint + ".",) if hint else ()), node.module.about))


def _forward_entries(reading: Reading, node: Node, entry: Index | None) -> tuple[Entry, ...]:
    y = reading.value(node.outputs[0])
    if y is None:
        return ()
    asked = fitting(entry, y.shape)
    indices = [asked] if asked else _first(y)
    found = [forward_entry(reading, node, 0, index) for index in indices]
    return tuple(e for e in found if e is not None)


def _backward_entries(reading: Reading, node: Node, entry: Index | None) -> tuple[Entry, ...]:
    """One entry of each gradient: the asked one of the first input, the first or the largest one of the others."""
    wanted = [n for n in (*node.inputs, *node.parameters.values()) if n in reading.graph.differentiable]
    if isinstance(node.module, Linear):
        wanted = wanted[:2]  # the bias's gradient needs no working
    found = []
    for k, name in enumerate(wanted):
        gradient = reading.gradient(name)
        if gradient is not None and gradient.size:
            first = _first(gradient) if len(wanted) == 1 else _first(gradient)[:1]
            asked = fitting(entry, gradient.shape) if k == 0 else None
            indices = [asked] if asked else first
            found += [backward_entry(reading, node, name, index) for index in indices]
    return tuple(e for e in found if e is not None)


def _first(values: Array) -> list[Index]:
    """The first entries of a small tensor, in order; of a large one only the largest."""
    if max(values.shape, default=1) > MOST_ROWS:
        return [largest_index(values)]
    return [tuple(map(int, index)) for index in islice(np.ndindex(values.shape), 4)]


def _variable(reading: Reading, name: str, entry: Index | None, *, gradient: bool) -> Panel:
    graph = reading.graph
    variable, s = graph.variables[name], symbol(name)
    reader = graph.reader.get(name)
    shape = f"[{shape_text(variable.shape)}]"
    if gradient:
        tensor = gradient_tensor(reading, name)
        words = [f"How much {symbol(graph.loss)} changes for a small change of each entry of {s}."]
        if ("grad", name) in reading.hidden:
            words = [HIDDEN]
        elif tensor.values is None:
            known = name in graph.differentiable
            words = ["Backward has not reached it yet." if known else f"No gradient goes to {s}: it is observed."]
        elif reader is not None:
            words.append(f"Made by the backward step of {node_title(reader)}.")
        lines = chosen(tensor, entry)
        equation = f"{gradient_symbol(name)} = ∂{symbol(graph.loss)}/∂{s}"
        return Panel(tensor.symbol, "gradient", (Group(((equation, shape),), (tensor,)),), lines, tuple(words))
    tensor = value_tensor(reading, name)
    maker = graph.node.get(variable.maker or "")
    equation = maker.module.forward_texts(graph.names(maker)) if maker else s
    words = [HIDDEN] if ("value", name) in reading.hidden else ["Not computed yet."] * (tensor.values is None)
    words.append(f"Made by {node_title(maker)}." if maker else f"Given: {variable.role}.")
    if reader is not None:
        words.append(f"Read by {node_title(reader)}.")
    if variable.batched and reading.batch > 1:
        words.append(f"Shown for sample {reading.sample + 1} of {reading.batch}.")
    return Panel(s, "value", (Group(((equation, shape),), (tensor,)),), chosen(tensor, entry), tuple(words))


# -- layout


def _draw(
    panel: Panel, reading: Reading, width: int, height: int, headed: bool, entries: Sequence[Entry] = ()
) -> Canvas:
    """The panel, without the last column where the pane scrolls: its scroll bar stands there."""
    whole = _arranged(panel, reading, width, height, headed, entries, inner=width - 1)
    if whole.height <= height:
        return whole
    return _arranged(panel, reading, width, height, headed, entries, inner=width - 2)


def _arranged(
    panel: Panel, reading: Reading, width: int, height: int, headed: bool, entries: Sequence[Entry], *, inner: int
) -> Canvas:
    sections: list[Canvas] = []
    if headed:
        which = f"sample {reading.sample + 1} of {reading.batch}" if reading.batch > 1 else ""
        sections.append(rule(width, panel.title, panel.note, which))
    tensors = [item for group in panel.groups for item in group.items if isinstance(item, Tensor)]
    small = all(t.rows <= MOST_ROWS and t.columns <= MOST_COLUMNS for t in tensors)
    body = _side_by_side(panel.groups, inner) or _stacked(panel.groups, inner) if small else None
    lines: list[list[Piece]] = [list(line) for line in panel.lines]
    if body is not None:
        used = sum(s.height for s in (*sections, *body))
        for entry in entries:
            new = worked(entry, inner)
            if len(lines) < 2 or used + len(lines) + len(new) <= height - 1:
                lines += new
        last = _worked(lines, panel.remarks, inner, height - used)
        if len(tensors) == 1 and not entries and not panel.lines:
            body.append(summary(tensors, inner))
    else:
        for entry in entries[:2]:
            lines += worked(entry, inner)
        last = _worked(lines, panel.remarks, inner, height)
        room = height - sum(s.height for s in (*sections, *last))
        row_asked = _row_of(entries)
        *pictures, table = large(panel.groups, tensors, row_asked, inner, room)
        body = [*pictures, *last[:1], table, *last[1:]]
        last = []
    body += last
    return stack(width, [*sections, *(inset(section, width) for section in body)], height)


def _row_of(entries: Sequence[Entry]) -> int | None:
    """The row that the first worked entry stands for, read off its name's index."""
    if not entries or "[" not in entries[0].name:
        return None
    first = entries[0].name.rpartition("[")[2].rstrip("]").split(",")[0]
    return int(first)


def _heads(group: Group) -> list[list[Piece]]:
    """A group's heading from the fullest form to the shortest."""

    def joined(equations: Sequence[tuple[str, str]], shapes: bool) -> list[Piece]:
        pieces: list[Piece] = []
        for k, (equation, shape) in enumerate(equations):
            pieces += [("    ", MUTED)] * (k > 0) + [(equation, BOLD)]
            pieces += [("    " + shape, MUTED)] if shape and shapes else []
        return pieces

    some = group.equations
    return [joined(some, True), joined(some[:1], True), joined(some, False), joined(some[:1], False)]


def _side_by_side(groups: Sequence[Group], width: int) -> list[Canvas] | None:
    """All groups in one row, headings above; None where there is no room."""
    for tight in (False, True):
        bodies = [row(group.items, tight=tight) for group in groups]
        for form in range(4):
            heads = [_heads(group)[form] for group in groups]
            wide = [max(length(head), body.width + 1) for head, body in zip(heads, bodies, strict=True)]
            if sum(wide) + GAP * (len(groups) - 1) > width:
                continue
            top, below = Canvas(width, 1), Canvas(width, max(body.height for body in bodies))
            x = 0
            for head, body, w in zip(heads, bodies, wide, strict=True):
                write(top, x, 0, head)
                below.paste(body, x, 0)
                x += w + GAP
            return [top, below]
    return None


def _stacked(groups: Sequence[Group], width: int) -> list[Canvas] | None:
    """The groups below each other; None where a tensor is wider than the space."""
    sections = []
    for group in groups:
        body = flow(group.items, width)
        if body is None:
            return None
        sections += [*headings(group, width), body]
    return sections


def headings(group: Group, width: int) -> list[Canvas]:
    """A group's equations on as few lines as they need."""
    head = _heads(group)[0]
    if length(head) <= width:
        canvas = Canvas(width, 1)
        write(canvas, 0, 0, head)
        return [canvas]
    lines: list[tuple[str, Ink]] = []
    for equation, shape in group.equations:
        lines += [(line, BOLD) for line in wrap(equation, width)] + [(line, MUTED) for line in wrap(shape, width)]
    canvas = Canvas(width, len(lines))
    for y, (text, ink) in enumerate(lines):
        canvas.put(0, y, text, ink)
    return [canvas]


def _worked(lines: Sequence[Sequence[Piece]], remarks: Sequence[str], width: int, room: int) -> list[Canvas]:
    """Worked lines with the remarks beside them, or below where that has too little room.

    If there are too few rows below, those remarks stand beside the lines for which there is room, and no others.
    """
    lines = [part for line in lines for part in fold([[piece] for piece in line], width)]
    taken = max((length(line) for line in lines), default=0)
    beside = width - taken - 3
    below = [text for remark in remarks for text in wrap(remark, width)]
    words: list[str] = []
    if lines and beside >= 18:
        for remark in remarks:
            longer = [*words, *wrap(remark, beside)]
            words = longer if len(longer) <= max(2, len(lines)) else words
    everything = sum(len(wrap(remark, beside)) for remark in remarks) == len(words) if words else False
    shown = bool(words) and (everything or len(lines) + len(below) + 2 > room)
    drawn = Canvas(width, max(len(lines), len(words)) if shown else len(lines))
    for y, line in enumerate(lines):
        write(drawn, 0, y, line)
    if shown:
        x = max(taken + 3, min(width - max(map(cells, words)), 55))
        for y, text in enumerate(words):
            drawn.put(x, y, text, MUTED)
        return [drawn]
    notes = Canvas(width, len(below))
    for y, text in enumerate(below):
        notes.put(0, y, text, MUTED)
    return [canvas for canvas in (drawn, notes) if canvas.height]
