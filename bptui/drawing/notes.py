"""What stands round the boxes: titles, bars of values, shapes, labels, and what is saved for backward."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import repeat
from math import prod
from typing import NamedTuple

from bptui.drawing.canvas import cells
from bptui.drawing.place import Placer
from bptui.drawing.stack import Stack
from bptui.drawing.taken import Taken
from bptui.drawing.wires import Cell
from bptui.engine.graph import Graph, Variable
from bptui.engine.notation import gradient_symbol

BARS = 10  # columns of bars beside a box of one row
NUMBER = 10  # columns of the longest number
INNER = 20  # columns between the networks of an upward diagram that say what is saved
CAPTION = "derivative network"
LONG_CAPTION = (
    "derivative network   waits for the cost; it will start at the right with 1 and use what each module saved."
)


class Label(NamedTuple):
    """A text, coloured by the state of the part `key`. With `late`, it shows once backward has started.

    `shape` says that it is, or has in it, a shape.
    """

    left: int
    top: int
    text: str
    key: str
    target: str = ""
    late: bool = False
    shape: bool = False


class Slot(NamedTuple):
    """Room for a value: as bars, as the name of a class, or as a number."""

    left: int
    top: int
    width: int
    name: str
    key: str
    target: str
    gradient: bool = False
    classes: bool = False


class Saved(NamedTuple):
    """The dotted link from a module to its twin, with the room for what it says."""

    node: str
    text: str
    cells: tuple[Cell, ...]
    left: int
    top: int
    width: int


@dataclass
class Notes:
    """All that stands round the boxes, and the whole diagram's width and height with it."""

    width: int
    height: int
    titles: list[Label] = field(default_factory=list)
    values: list[Slot] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    saved: list[Saved] = field(default_factory=list)
    caption: Label | None = None
    owner: dict[str, str] = field(default_factory=dict)
    cost_twins: frozenset[str] = frozenset()


def note(graph: Graph, placer: Placer | Stack, room: int) -> Notes:
    """The notes of a placed diagram."""
    return _Writer(graph, placer, room).notes


def _class_width(variable: Variable) -> int:
    """The columns of the longest name of a class."""
    return len(f"class {prod(variable.shape) - 1}")


class _Writer:
    def __init__(self, graph: Graph, placer: Placer | Stack, room: int) -> None:
        self.graph, self.placing = graph, placer.placing
        self.size, self.boxes, self.parts = placer.size, placer.placing.boxes, placer.sketch.parts
        self.notes = Notes(self.placing.width, self.placing.height)
        self.room = room
        self._owners()
        if isinstance(placer, Stack):
            self._upward(placer)
        else:
            self.placer = placer
            self._fixed()
            self._titles()
            self._under()
            self._links()
            self._caption()
        right = [left + width for left, _, width, _ in self.boxes.values()]
        right += [label.left + cells(label.text) for label in (*self.notes.titles, *self.notes.labels)]
        right += [slot.left + slot.width for slot in self.notes.values]
        self.notes.width = max(self.notes.width, *right)

    def _owners(self) -> None:
        graph, notes = self.graph, self.notes
        for node in graph.nodes:
            for name in node.parameters.values():
                notes.owner.setdefault(graph.copy_of.get(name, name), node.name)
        notes.cost_twins = frozenset(f"back:{node.name}" for node in graph.nodes if node.module.role != "function")

    # -- left to right

    def _fixed(self) -> None:
        """Where notes cannot stand: on boxes and wires."""
        self.taken = Taken()
        for wire in self.placing.wires:
            self.taken.take_cells(wire.cells)
        for box in self.boxes.values():
            self.taken.take(*box)
        self.fixed = self.taken.copy()

    def _titles(self) -> None:
        """Above each module's box, its name; moved or shortened where there is a wire or another title."""
        if self.size.rows == 1:
            return
        keys = [key for key in self.boxes if self.parts[key].title and not self.placer.penal(key)]
        for key in sorted(keys, key=lambda k: self.boxes[k][0]):
            left, top, _, _ = self.boxes[key]
            part = self.parts[key]
            node = self.graph.node[key.partition(":")[2]]
            short = node.module.short or node.module.kind
            shortest = node.name if node.parameters else short
            tried = [(text, x) for text in (part.title, short, shortest) for x in range(left, left - 4, -1)]
            tried += [(text, x) for text in (part.title, short, shortest) for x in range(left + 1, left + 9)]
            for text, x in tried:
                place = x - 1, top - 1, cells(text) + 2
                if x >= 0 and top >= 1 and not self.taken.touches(*place):
                    self.notes.titles.append(Label(x, top - 1, text, key, key))
                    self.taken.take(*place)
                    break

    def _under(self) -> None:
        """Bars and shapes under variables, gradients and parameters' gradients under their modules."""
        rows, low = self.size.bars, self.size.rows == 1
        for key, (left, top, width, height) in list(self.boxes.items()):
            kind, _, name = key.partition(":")
            under, labelled = top + height, not low and self.size.labels
            if kind == "var":
                self._variable(key, self.graph.variables[name], left, under, width)
            elif kind == "grad" and self.parts[key].look == "seed":
                if labelled:
                    self._label(Label(left + 1, under + rows, "start", key, key, True))
            elif kind == "grad":
                self._value(Slot(left, under, width, name, key, key, gradient=True))
                if labelled and not self.placer.penal(f"var:{name}"):
                    shape = self.graph.variables[name].shape and f" {self.graph.variables[name].spec}"
                    self._label(
                        Label(left, under + rows, f"{gradient_symbol(name)}{shape or ''}", key, key, True, True)
                    )
            elif kind == "node":
                node = self.graph.node[name]
                if node.module.role == "cost" and not low and node.outputs[0] != self.graph.loss:
                    self._value(Slot(left, under, width, node.outputs[0], key, f"var:{node.outputs[0]}"))
            elif kind == "back" and labelled:
                self._parameters(key, name, left, under, width)

    def _variable(self, key: str, variable: Variable, left: int, under: int, width: int) -> None:
        low, rows = self.size.rows == 1, self.size.bars
        cost = next((cost for cost, target in self.placer.sketch.attached.items() if target == key), None)
        if cost is not None and not self.placer.beside(cost):  # above its cost: what it holds stands at its right
            x, y = left + width + 1, under - (self.boxes[key][3] + 1) // 2
            if variable.classes:
                self._slot(Slot(x, y, _class_width(variable), variable.name, key, key, classes=True))
            elif not low:
                self._label(Label(x, y, str(variable.spec), key, key, shape=True))
        elif variable.classes:
            room = _class_width(variable)
            x = max(0, left + width - room) if low else left + (width - room) // 2
            self._slot(Slot(x, under if low else under + rows, room, variable.name, key, key, classes=True))
        else:
            self._value(Slot(left, under, width, variable.name, key, key))
            if not low and variable.shape:
                text = str(variable.spec)
                self._label(Label(max(0, left + (width - cells(text)) // 2), under + rows, text, key, key, shape=True))

    def _value(self, under: Slot) -> None:
        """A value under a box as wide as the slot: bars as wide as needed, or a number in all the room there is."""
        variable, left, width = self.graph.variables[under.name], under.left, under.width
        if variable.shape:
            bars = self._bars_width(variable.shape, width)
            x = left if self.size.rows == 1 else max(0, left + (width - bars) // 2)
            self._slot(under._replace(left=x, width=bars))
            return
        whole = self.placing.width
        centred = [(left + (width - w) // 2, w) for w in range(NUMBER, max(width, NUMBER // 2) - 1, -1)]
        shifted = [(min(max(0, x), whole - w), w) for x, w in centred]
        tried = (under._replace(left=x, width=w) for x, w in (*centred, *shifted))
        any(slot.left >= 0 and slot.left + slot.width <= whole and self._slot(slot) for slot in tried)

    def _bars_width(self, shape: tuple[int, ...], width: int) -> int:
        """How many columns the bars of a value take: wider than the box only where there are that many entries."""
        return max(width, min(prod(shape), BARS))

    def _parameters(self, key: str, name: str, left: int, under: int, width: int) -> None:
        """The gradients of a module's parameters, under its twin: the weight's at the left, the bias's at the right."""
        node, rows = self.graph.node[name], self.size.bars
        second = 4 if len(node.parameters) > 1 else 0
        x, room = left, width - second - 1 if second else width
        for parameter in node.parameters.values():
            target = f"param:{self.graph.copy_of.get(parameter, parameter)}"
            if target not in self.parts and self._slot(Slot(x, under, room, parameter, key, target, gradient=True)):
                self._label(Label(x, under + rows, gradient_symbol(parameter), key, target, True))
            x, room = left + width - second, second

    def _slot(self, slot: Slot) -> bool:
        """Keep room for a value, if nothing else is there."""
        rows = self.size.bars if self.graph.variables[slot.name].shape and not slot.classes else 1
        blank = self._blank(slot.left, slot.top, slot.width, rows)
        if blank:
            self.notes.values.append(slot)
            self.taken.take(slot.left, slot.top, slot.width, rows)
        return blank

    def _label(self, label: Label) -> None:
        """Put a text, if nothing else is there."""
        if self._blank(label.left, label.top, cells(label.text), 1):
            self.notes.labels.append(label)
            self.taken.take(label.left, label.top, cells(label.text))

    def _blank(self, left: int, top: int, width: int, height: int) -> bool:
        return top + height <= self.notes.height and not self.taken.touches(left, top, width, height)

    def _links(self) -> None:
        """Straight dotted links down to the twins, unless a box stands between."""
        filled = Taken()
        for box in self.boxes.values():
            filled.take(*box)
        for node in self.graph.nodes:
            key, there = f"node:{node.name}", self.boxes.get(f"back:{node.name}")
            if key not in self.boxes or there is None or not self.parts[key].saves:
                continue
            here, text, taken = self.boxes[key], self.parts[key].saves, self.taken.touches
            x, start = there[0] + min(here[2], there[2]) // 2, here[1] + here[3]
            x = next((near for near in (x, x + 1, x - 1) if not taken(near, start)), x)
            if filled.touches(x, start, 1, there[1] - start):
                continue
            top = there[1] - 1 if self.placer.chain else start + self.size.bars
            room = 0
            if self.size.rows == 3:
                while room < 24 and not taken(x + 2 + room, top) and x + 2 + room < self.placing.width:
                    room += 1
                room -= taken(x + 2 + room, top)  # a blank before what stands there
            column = tuple((x, y) for y in range(start, there[1]) if not taken(x, y))
            self.notes.saved.append(Saved(node.name, text, column, x + 2, top, room))
            if cells(text) <= room:
                self.taken.take(x + 1, top, room + 1)
            self.taken.take_cells(column)

    def _caption(self) -> None:
        if self.placer.sketch.seed is None:
            return
        twins = [box for key, box in self.boxes.items() if key.startswith(("back:", "grad:"))]
        bottom = max(top + height for _, top, _, height in twins)
        row = bottom + (self.size.bars if self.size.rows == 3 else 0)
        text = LONG_CAPTION if cells(LONG_CAPTION) <= self.placing.width and self.size.rows == 3 else CAPTION
        for shown in (text, CAPTION):
            if row < self.notes.height and not self.fixed.touches(0, row, cells(shown)):
                self.notes.caption = Label(0, row, shown, "")
                break

    # -- bottom-up

    def _upward(self, stack: Stack) -> None:
        """Between the networks, values, shapes and what is saved.

        There is room for all: each stands in a row of its own, and no wire runs there but a target's to its cost.
        """
        boxes, edge, end, notes = self.boxes, stack.edge, stack.twins, self.notes
        targets = set(stack.sketch.attached.values())
        for key, (left, top, width, _) in boxes.items():
            kind, _, name = key.partition(":")
            if key in targets:
                x = left + width + 2
                self._beside(x, top, min(8, end - 1 - x), name, key)
            elif kind == "var":
                text = "×".join(map(str, self.graph.variables[name].shape))
                if text and edge + 2 + cells(text) < end:
                    notes.labels.append(Label(edge + 2, top, text, key, key, shape=True))
                x = edge + (10 if text else 2)
                self._beside(x, top, min(BARS, end - 1 - x), name, key)
            elif kind == "node" and (there := boxes.get(f"back:{name}")):
                part = self.parts[key]
                if part.saves and part.look == "function":
                    row = tuple(zip(range(edge + 1, there[0] - 1), repeat(top)))
                    room = min(INNER, there[0] - edge - 3)
                    notes.saved.append(Saved(name, part.saves, row, edge + 2, top, room))
        self._upward_header(stack)
        self._upward_gradients()

    def _beside(self, left: int, top: int, room: int, name: str, key: str) -> None:
        """The value of a variable, right of its box: bars, or one number."""
        variable = self.graph.variables[name]
        if room >= (_class_width(variable) if variable.classes else NUMBER // 2):
            self.notes.values.append(Slot(left, top, room, name, key, key, classes=variable.classes))

    def _upward_header(self, stack: Stack) -> None:
        """Which way the networks go, in the first row if there is room."""
        first = Taken()
        first.take_cells(cell for wire in self.placing.wires for cell in wire.cells if cell[1] == 0)
        for left, top, width, _ in self.boxes.values():
            if top == 0:
                first.take(left, top, width)
        for slot in self.notes.values:
            if slot.top == 0:
                first.take(slot.left, slot.top, slot.width)
        left = self.boxes[stack.sketch.end][0]
        if not first.touches(left - 1, 0, 10):
            self.notes.titles.append(Label(left, 0, "forward ▲", stack.sketch.end))
        if stack.sketch.seed is None:
            return
        left = self.boxes[stack.sketch.seed][0] - 13
        if not first.touches(left - 1, 0, 13):
            self.notes.titles.append(Label(left, 0, "▼ backward", stack.sketch.seed))

    def _upward_gradients(self) -> None:
        """Bars of gradients right of the derivative network, where the room allows."""
        left = self.placing.width + 1
        if left + BARS <= self.room:
            self.notes.values += [
                Slot(left, top, BARS, key.removeprefix("grad:"), key, key, gradient=True)
                for key, (_, top, _, _) in self.boxes.items()
                if self.parts[key].look == "gradient" and key.startswith("grad:")
            ]
