"""What stands round the boxes: titles, bars of values, shapes, labels, and what is saved for backward."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod

from bptui.drawing.canvas import cells
from bptui.drawing.layers import MAIN
from bptui.drawing.parts import label_names
from bptui.drawing.place import Placer
from bptui.drawing.wires import Cell
from bptui.engine.graph import Graph, Variable
from bptui.engine.notation import gradient_symbol

BARS = 10  # columns of bars beside a box of one row
CLASS = 7  # columns of "class 1"
INNER = 20  # columns between the networks of an upward diagram that say what is saved
CAPTION = "derivative network"
LONG_CAPTION = (
    "derivative network   waits for the cost; it will start at the right with 1 and use what each module saved."
)


@dataclass(frozen=True)
class Label:
    """A text, coloured by the state of the part `key`. With `late`, it shows once backward has started."""

    left: int
    top: int
    text: str
    key: str
    target: str = ""
    late: bool = False


@dataclass(frozen=True)
class Slot:
    """Room for a value, as bars or as a number."""

    left: int
    top: int
    width: int
    name: str
    key: str
    target: str
    gradient: bool = False
    classes: bool = False


@dataclass(frozen=True)
class Saved:
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
    wire_roles: list[str] = field(default_factory=list)


def note(graph: Graph, placer: Placer, room: int) -> Notes:
    """The notes of a placed diagram."""
    return _Writer(graph, placer, room).notes


def _cells_of(left: int, top: int, width: int, height: int) -> set[Cell]:
    return {(x, y) for x in range(left, left + width) for y in range(top, top + height)}


class _Writer:
    def __init__(self, graph: Graph, placer: Placer, room: int) -> None:
        self.graph, self.placer, self.placing = graph, placer, placer.placing
        self.size, self.boxes, self.parts = placer.size, placer.placing.boxes, placer.sketch.parts
        self.notes = Notes(self.placing.width, self.placing.height)
        self.taken = {cell for wire in self.placing.wires for cell in wire.cells}
        for box in self.boxes.values():
            self.taken |= _cells_of(*box)
        self.room = room
        self._roles()
        if self.size.upward:
            self._upward()
        else:
            self._titles()
            self._under()
            self._links()
            self._caption()
        right = [box[0] + box[2] for box in self.boxes.values()]
        right += [label.left + cells(label.text) for label in (*self.notes.titles, *self.notes.labels)]
        right += [slot.left + slot.width for slot in self.notes.values]
        self.notes.width = max(self.notes.width, *right)

    def _roles(self) -> None:
        graph, notes = self.graph, self.notes
        for node in graph.nodes:
            for name in node.parameters.values():
                notes.owner.setdefault(graph.copy_of.get(name, name), node.name)
            if node.module.role != "function":
                notes.cost_twins |= {f"back:{node.name}"}
        for wire in self.placing.wires:
            kind, _, name = wire.link.source.partition(":")
            look = self.parts[wire.link.source].look
            if kind in ("back", "grad", "sum"):
                role = "gradient"
            elif wire.link.parameter is not None:
                role = "function"
            else:
                role = {"observed": "observed", "cost": "cost"}.get(look, "computed")
            if kind == "var" and graph.variables[name].role == "input":
                role = "computed"
            notes.wire_roles.append(role)

    # -- left to right

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
                place = {(column, top - 1) for column in range(x - 1, x + cells(text) + 1)}
                if x >= 0 and top >= 1 and not place & self.taken:
                    self.notes.titles.append(Label(x, top - 1, text, key, key))
                    self.taken |= place
                    break

    def _under(self) -> None:
        """Bars and shapes under variables, gradients and parameters' gradients under their modules."""
        rows = self.size.bars
        for key, (left, top, width, height) in list(self.boxes.items()):
            kind, _, name = key.partition(":")
            under, low = top + height, self.size.rows == 1
            labelled = not low and self.size.labels
            if kind in ("var", "grad"):
                variable = self.graph.variables[name]
                if kind == "var":
                    self._variable(key, variable, left, under, width)
                    continue
                if self.parts[key].look == "seed":
                    if labelled and self._blank(left, under, width, rows + 1):
                        self.notes.labels.append(Label(left + 1, under + rows, "start", key, key, True))
                    continue
                bars = self._bars_width(variable.shape, width)
                x = left + (width - bars) // 2 if not low else left
                if self._blank(x, under, bars, rows):
                    self.notes.values.append(Slot(max(0, x), under, bars, name, key, key, gradient=True))
                if labelled:
                    text = f"{gradient_symbol(name)} {variable.spec}" if variable.shape else gradient_symbol(name)
                    if self._blank(left, under + rows, cells(text), 1):
                        self.notes.labels.append(Label(left, under + rows, text, key, key, True))
            elif kind == "node":
                node = self.graph.node[name]
                if node.module.role == "cost" and not low and node.outputs[0] != self.graph.loss:
                    self.notes.values.append(Slot(left, under, width, node.outputs[0], key, f"var:{node.outputs[0]}"))
            elif kind == "back" and labelled:
                self._parameters(key, name, left, under, width)

    def _variable(self, key: str, variable: Variable, left: int, under: int, width: int) -> None:
        low, rows = self.size.rows == 1, self.size.bars
        cost = next((cost for cost, target in self.placer.sketch.attached.items() if target == key), None)
        if cost is not None and not self.placer.beside(cost):  # above its cost: what it holds stands at its right
            x, y = left + width + 1, under - (self.boxes[key][3] + 1) // 2
            if variable.classes and self._blank(x, y, CLASS, 1):
                self.notes.values.append(Slot(x, y, CLASS, variable.name, key, key, classes=True))
            elif not low and self._blank(x, y, cells(str(variable.spec)), 1):
                self.notes.labels.append(Label(x, y, str(variable.spec), key, key))
            return
        bars = self._bars_width(variable.shape, width)
        x = left + (width - bars) // 2 if not low else left
        row = under + rows if variable.classes and not low else under
        if variable.classes:
            x, bars = max(0, left + width - CLASS) if low else left + (width - CLASS) // 2, CLASS
        if self._blank(x, row, bars, 1):
            self.notes.values.append(Slot(max(0, x), row, bars, variable.name, key, key, classes=variable.classes))
        if low or variable.classes or not variable.shape:
            return
        text = str(variable.spec)
        x = left + (width - cells(text)) // 2
        if self._blank(x, under + rows, cells(text), 1):
            self.notes.labels.append(Label(max(0, x), under + rows, text, key, key))

    def _bars_width(self, shape: tuple[int, ...], width: int) -> int:
        """How many columns the bars of a value take: wider than the box only where there are that many entries."""
        return max(width, min(prod(shape), BARS))

    def _parameters(self, key: str, name: str, left: int, under: int, width: int) -> None:
        """The gradients of a module's parameters, under its twin: the weight's at the left, the bias's at the right."""
        node, rows = self.graph.node[name], self.size.bars
        second = 4 if len(node.parameters) > 1 else 0
        x, room = left, width - second - 1 if second else width
        for parameter in node.parameters.values():
            root = self.graph.copy_of.get(parameter, parameter)
            if f"param:{root}" not in self.parts and self._blank(x, under + rows, room, 1):
                target = f"param:{root}"
                self.notes.values.append(Slot(x, under, room, parameter, key, target, gradient=True))
                text = gradient_symbol(parameter)
                self.notes.labels.append(Label(x, under + rows, text, key, target, True))
            x, room = left + width - second, second

    def _blank(self, left: int, top: int, width: int, height: int) -> bool:
        if top + height > self.notes.height:
            return False
        return not self.taken & _cells_of(left, top, width, height)

    def _links(self) -> None:
        """Straight dotted links down to the twins, unless a box stands between."""
        filled = {cell for box in self.boxes.values() for cell in _cells_of(*box)}
        occupied = [(label.left, label.top, cells(label.text)) for label in self.notes.labels if not label.late]
        for node in self.graph.nodes:
            here, there = self.boxes.get(f"node:{node.name}"), self.boxes.get(f"back:{node.name}")
            if here is None or there is None or not node.module.saves:
                continue
            x, start = there[0] + min(here[2], there[2]) // 2, here[1] + here[3]
            x = next((near for near in (x, x + 1, x - 1) if (near, start) not in self.taken), x)
            column = [(x, y) for y in range(here[1] + here[3], there[1])]
            if set(column) & filled:
                continue
            column = [cell for cell in column if cell not in self.taken]
            text = node.module.saves.format_map(label_names(self.graph, node))
            values = {(s.left + k, s.top) for s in self.notes.values for k in range(s.width)} if here[3] == 3 else set()
            column = [cell for cell in column if cell not in values]
            top = there[1] - 1 if self.placer.chain else here[1] + here[3] + self.size.bars
            room = 0
            if self.size.rows == 3:
                blocked = self.taken | {(left + k - 1, y) for left, y, w in occupied for k in range(w + 1)} | values
                while room < 24 and (x + 2 + room, top) not in blocked and x + 2 + room < self.placing.width:
                    room += 1
                room -= (x + 2 + room, top) in blocked  # a blank before what stands there
            self.notes.saved.append(Saved(node.name, text, tuple(column), x + 2, top, room))

    def _caption(self) -> None:
        twins = [box for key, box in self.boxes.items() if key.startswith(("back:", "grad:"))]
        bottom = max(top + height for _, top, _, height in twins)
        row = bottom + (self.size.bars if self.size.rows == 3 else 0)
        text = LONG_CAPTION if cells(LONG_CAPTION) <= self.placing.width and self.size.rows == 3 else CAPTION
        for shown in (text, CAPTION):
            if self._blank(0, row, cells(shown), 1):
                self.notes.caption = Label(0, row, shown, "")
                break

    # -- bottom-up

    def _upward(self) -> None:
        boxes, lanes = self.boxes, self.placer.forward.lane
        edge = self.placer.across[0][MAIN] + self.placer.lane_extent[0][MAIN]
        for key, (left, top, width, _) in boxes.items():
            kind, _, name = key.partition(":")
            if kind == "var" and lanes.get(key) == MAIN:
                variable = self.graph.variables[name]
                text = "×".join(map(str, variable.shape))
                if text:
                    self.notes.labels.append(Label(edge + 2, top, text, key, key))
                x = edge + (10 if text else 2)
                if x + BARS > edge + self.size.aside:
                    continue
                self.notes.values.append(Slot(x, top, BARS, name, key, key))
            elif key in self.placer.sketch.attached.values() and self._clear(left + width + 2, top, 8):
                variable = self.graph.variables[name]
                self.notes.values.append(Slot(left + width + 2, top, 8, name, key, key, classes=variable.classes))
            elif kind == "node" and (there := boxes.get(f"back:{name}")):
                node = self.graph.node[name]
                if node.module.saves and lanes[key] == MAIN and node.module.role != "cost":
                    text = node.module.saves.format_map(label_names(self.graph, node))
                    column = [(x, top) for x in range(edge + 1, there[0] - 1) if (x, top) not in self.taken]
                    self.notes.saved.append(
                        Saved(name, text, tuple(column), edge + 2, top, min(INNER, there[0] - edge - 3))
                    )
        self._upward_header()
        self._upward_gradients()

    def _clear(self, left: int, top: int, width: int) -> bool:
        return not any((x, top) in self.taken for x in range(left - 1, left + width))

    def _upward_header(self) -> None:
        left = self.boxes[self.placer.sketch.end][0]
        seed = self.boxes[self.placer.sketch.seed]
        if self._clear(left, 0, 9):
            self.notes.titles.append(Label(left, 0, "forward ▲", self.placer.sketch.end))
        if self._clear(seed[0] - 13, 0, 12):
            self.notes.titles.append(Label(seed[0] - 13, 0, "▼ backward", self.placer.sketch.seed))

    def _upward_gradients(self) -> None:
        """Bars of gradients right of the derivative network, where the room allows."""
        left = self.placing.width + 1
        if left + BARS > self.room:
            return
        for key, (_, top, _, _) in self.boxes.items():
            kind, _, name = key.partition(":")
            if self.placer.backward.lane.get(key) != MAIN:
                continue
            if kind == "grad" and self.parts[key].look == "gradient":
                self.notes.values.append(Slot(left, top, BARS, name, key, key, gradient=True))
