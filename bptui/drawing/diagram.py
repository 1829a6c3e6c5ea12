"""The block diagram: a graph and its derivative network, laid out once and painted at every step."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import groupby

from bptui.drawing.ascii import to_ascii
from bptui.drawing.bars import draw_bars, short_number
from bptui.drawing.boxes import State, dim, draw_box, point_at, state_of
from bptui.drawing.canvas import Canvas, Ink, Lazy, Region, cells
from bptui.drawing.layers import Ranks, deeper
from bptui.drawing.lines import NOW
from bptui.drawing.notes import Notes, Slot, note
from bptui.drawing.parts import Link, Part, Sketch, sketch
from bptui.drawing.place import Networks, Placer, Placing
from bptui.drawing.sizes import BARE, COMPACT, LOW, ROOMY, SNUG, TIGHT, UPWARD, WIDE, Size
from bptui.drawing.stack import Stack, Tower, Widths
from bptui.drawing.window import LARGE, part
from bptui.drawing.wires import DASHED, HEAVY, THIN, Cell, Wire, tangled
from bptui.engine.buffers import Array
from bptui.engine.graph import Event, Graph
from bptui.engine.reading import Reading

WIDE_ENOUGH = 176  # columns from which gaps grow
NORMAL = 116  # columns below which boxes shrink to one row
_ORDER = {"ahead": 0, "done": 1, "made": 2, "now": 3}


@dataclass(frozen=True, eq=False)
class Layout:
    """Where everything stands. It depends on the graph and the room alone, so stepping never moves anything."""

    graph: Graph
    sketch: Sketch
    placing: Placing
    notes: Notes

    @property
    def width(self) -> int:
        return self.notes.width

    @property
    def height(self) -> int:
        return self.notes.height

    @property
    def size(self) -> Size:
        return self.placing.size

    def box(self, key: str) -> Region:
        """The cells of a part, by its target: `node:m0`, `var:s1`, `back:m0`, `grad:s1`, `param:m0.weight`."""
        left, top, width, height = self.placing.boxes[key]
        return Region(left, top, width, height, key)

    def without_shapes(self) -> Layout:
        """The same without the shapes of variables, where those are asked for."""
        labels = [label for label in self.notes.labels if not label.shape]
        return replace(self, notes=replace(self.notes, labels=labels))

    @cached_property
    def crossings(self) -> dict[Cell, list[tuple[int, int]]]:
        """The wires of each cell, as (number, bits)."""
        found: dict[Cell, list[tuple[int, int]]] = {}
        for number, wire in enumerate(self.placing.wires):
            for cell, bits in wire.cells.items():
                found.setdefault(cell, []).append((number, bits))
        return found


@lru_cache(maxsize=8)  # one of 2,000 modules takes 13 MB
def lay_out(
    graph: Graph,
    width: int,
    height: int,
    *,
    upward: bool | None = None,
    large: bool = False,
    aside: int | None = None,
) -> Layout:
    """The layout of a graph in `width` columns and `height` rows; it may take more, to be scrolled.

    Boxes have three rows where they fit, else one. What is too wide for one row goes bottom-up, and so does a chain
    too wide for three, and what would not come out clear sideways. `upward` forces one or the other; with `large`,
    boxes of three rows are tried at any width. What goes bottom-up has `aside` columns, if those are others.
    """
    drawn, upright = sketch(graph), width if aside is None else aside
    placer = None if upward else _placer(drawn, width, height, sideways=upward is False, large=large)
    if placer is not None:
        placer.draw()
        if not tangled(placer.placing.wires):
            return Layout(graph, drawn, placer.placing, note(graph, placer, width))
    stack = _stack(drawn, upright)  # where it is tangled: one odd net in thousands
    stack.draw()
    return Layout(graph, drawn, stack.placing, note(graph, stack, upright))


def _placer(drawn: Sketch, width: int, height: int, *, sideways: bool, large: bool) -> Placer | None:
    """The first size that fits; if none does, one that asks for little scrolling, or any, if it must go `sideways`."""
    if not sideways and deeper(drawn.links, width // 4):  # hopeless
        return None
    ranks = Ranks(drawn)
    hopeless = 4 * (1 + max(ranks.rank.values())) > width  # a box of three and a gap of one for each rank
    if hopeless and not sideways:
        return None
    networks = Networks(drawn, ranks)
    lows = [Placer(networks, size, width) for size in (LOW[-1:] if hopeless else (COMPACT, *LOW))]
    low = next((placer for placer in lows if placer.fits(width, height)), lows[-1])
    sizes = [] if hopeless else _normal(width, chain=low.chain, large=large)
    normal = (Placer(networks, size, width) for size in sizes)
    level = next((placer for placer in normal if placer.fits(width, height)), None)
    if level or sideways:
        return level or low
    scrolled = width >= NORMAL and low.placing.width <= width  # parallel lanes are worth it
    chain = low.line and width >= NORMAL
    return low if not chain and (low.fits(width, height) or scrolled) else None


def _stack(drawn: Sketch, width: int) -> Stack:
    """The diagram bottom-up, as roomy as it fits."""
    tower = Tower(drawn)
    for _, sizes in groupby(UPWARD, lambda size: size.spaced):
        alike = [*sizes]
        widths = Widths(tower, alike[0])
        for size in alike:
            stack = Stack(tower, widths, size)
            if stack.placing.width <= width:
                return stack
    return stack


def _normal(width: int, *, chain: bool, large: bool) -> list[Size]:
    """The sizes with boxes of three rows to try in so many columns, the best first: rows are dearer than columns.

    A chain rather goes bottom-up than have its boxes close together.
    """
    if width < NORMAL and not large:
        return []
    sizes = [WIDE if width >= WIDE_ENOUGH else ROOMY, TIGHT, *([] if chain and not large else [SNUG])]
    return [*sizes, *(lower for level in zip(*(size.lower for size in sizes), strict=True) for lower in level)]


def cursor_box(layout: Layout, event: Event) -> Region:
    """The box at which an event happens, for scrolling."""
    sketch = layout.sketch
    if event.phase in ("forward", "cost"):
        return layout.box(f"node:{event.node}")
    if event.phase == "backward":
        return layout.box(f"back:{event.node}")
    if event.phase == "update":
        return layout.box(f"node:{layout.notes.owner[str(event.parameter)]}")
    if event.phase == "batch":
        return layout.box(next(key for key, part in sketch.parts.items() if part.look == "observed"))
    return layout.box(sketch.seed or sketch.end)


def paint(
    layout: Layout,
    reading: Reading,
    *,
    selected: str | None = None,
    breakpoints: Collection[str] = (),
    ascii: bool = False,
) -> Canvas:
    """The diagram at one instant. `selected` and `breakpoints` are targets, as in the canvas's regions."""
    canvas = Canvas(layout.width, layout.height)
    canvas.paste(_without_values(layout, reading.cursor, selected, frozenset(breakpoints)), 0, 0)
    _caption(canvas, layout, reading)
    _values(canvas, layout, reading, _states(layout, reading.cursor))
    if ascii:
        to_ascii(canvas)
    return canvas


def picture(
    layout: Layout, reading: Reading, *, selected: str | None = None, breakpoints: Collection[str] = ()
) -> Canvas:
    """The diagram at one instant, as `paint`; a large one is painted where it is looked at, while the instant lasts."""
    if layout.width * layout.height < LARGE:
        return paint(layout, reading, selected=selected, breakpoints=breakpoints)

    def painter(canvas: Canvas, window: Region) -> None:
        near = part(layout, window)
        _draw(canvas, near, reading.cursor, selected, frozenset(breakpoints))
        _caption(canvas, near, reading)
        _values(canvas, near, reading, _states(near, reading.cursor))

    return Lazy(layout.width, layout.height, painter)


def outline(graph: Graph, width: int, height: int) -> Canvas | None:
    """Boxes and wires alone, all of them done; None where even boxes of one row take more room."""
    drawn = sketch(graph)
    networks = Networks(drawn, Ranks(drawn))
    placers = (Placer(networks, size, width) for size in BARE)
    placer = next((placer for placer in placers if placer.fits(width, height)), None)
    if placer is None:
        return None
    placer.draw()
    layout = Layout(graph, drawn, placer.placing, note(graph, placer, width))
    canvas = Canvas(placer.placing.width, placer.placing.height)
    _wires(canvas, layout, len(graph.events))
    for key, box in placer.placing.boxes.items():
        part = drawn.parts[key]
        ground = "gradient-fill" if key in layout.notes.cost_twins else None
        draw_box(canvas, box, part.look, placer.size.text(part), "done", ground)
    for title in layout.notes.titles:
        canvas.put(title.left, title.top, title.text, Ink("muted"))
    return canvas


@lru_cache(maxsize=64)
def _without_values(layout: Layout, cursor: int, selected: str | None, breakpoints: frozenset[str]) -> Canvas:
    """All but the numbers: the same whenever the cursor comes to this event."""
    canvas = Canvas(layout.width, layout.height)
    _draw(canvas, layout, cursor, selected, breakpoints)
    return canvas


def _draw(canvas: Canvas, layout: Layout, cursor: int, selected: str | None, breakpoints: frozenset[str]) -> None:
    event, states = layout.graph.events[cursor], _states(layout, cursor)
    _saved(canvas, layout, states)
    _wires(canvas, layout, cursor)
    for key, (left, top, width, height) in layout.placing.boxes.items():
        part = layout.sketch.parts[key]
        ground = "selection" if key == selected else "gradient-fill" if key in layout.notes.cost_twins else None
        if ground == "gradient-fill" and states[key] == "ahead":
            ground = dim(ground)
        draw_box(canvas, (left, top, width, height), part.look, layout.size.text(part), states[key], ground)
        canvas.regions.append(Region(left, top, width, height, key))
        if key == selected:
            point_at(canvas, (left, top, width, height))
        if key in breakpoints:
            canvas.put(left, top, "■", Ink("bad"))
    _notes(canvas, layout, states, event)


class _States(dict[str, State]):
    """The state of every part, worked out when it is first asked for."""

    def __init__(self, layout: Layout, cursor: int) -> None:
        super().__init__()
        self._parts, self._cursor = layout.sketch.parts, cursor
        event = layout.graph.events[cursor]
        if event.phase == "update":
            self[f"node:{layout.notes.owner[str(event.parameter)]}"] = "made"

    def __missing__(self, key: str) -> State:
        found = self[key] = _state(self._parts[key], self._cursor)
        return found

    def of(self, key: str, other: State) -> State:
        """The state of a part, or the other one for what is none."""
        return self[key] if key in self._parts else other


@lru_cache(maxsize=64)
def _states(layout: Layout, cursor: int) -> _States:
    return _States(layout, cursor)


def _state(box: Part, cursor: int) -> State:
    kind = box.key.partition(":")[0]
    return state_of(box.event, cursor, acts=kind in ("node", "back") or box.look == "seed")


def _wire_state(wire: Wire, cursor: int) -> State:
    if cursor in wire.link.events:
        return "now"
    return "done" if cursor > wire.link.events[0] else "ahead"


def _wires(canvas: Canvas, layout: Layout, cursor: int) -> None:
    wires = layout.placing.wires
    states = [_wire_state(wire, cursor) for wire in wires]
    roles = [_role(layout, wire.link) for wire in wires]
    ranks = [_ORDER[state] for state in states]
    for (x, y), crossing in layout.crossings.items():
        if len(crossing) == 1:
            number, bits = crossing[0]
        else:
            number = max((n for n, _ in crossing), key=ranks.__getitem__)
            bits = 0
            for _, more in crossing:
                bits |= more
        state = states[number]
        glyphs = HEAVY if state == "now" else DASHED if state == "ahead" or wires[number].link.parameter else THIN
        canvas.put(x, y, glyphs[bits], _wire_ink(roles[number], state))
    for number in sorted(range(len(wires)), key=ranks.__getitem__):
        (x, y), glyph = wires[number].head, wires[number].glyph
        canvas.put(x, y, glyph, _wire_ink(roles[number], states[number]))


def _role(layout: Layout, link: Link) -> str:
    """The colour of a wire: of what it carries."""
    kind, _, name = link.source.partition(":")
    if kind in ("back", "grad", "sum"):
        return "gradient"
    if kind == "var" and layout.graph.variables[name].role == "input":
        return "computed"
    if link.parameter is not None:
        return "function"
    return {"observed": "observed", "cost": "cost"}.get(layout.sketch.parts[link.source].look, "computed")


def _wire_ink(role: str, state: State) -> Ink:
    return Ink("cursor", bold=True) if state == "now" else Ink(dim(role) if state == "ahead" else role)


def _saved(canvas: Canvas, layout: Layout, states: _States) -> None:
    """The dotted links from modules to their twins, and in words what was saved, or used."""
    for saved in layout.notes.saved:
        state = states[f"node:{saved.node}"]
        ink = Ink(dim("gradient") if state == "ahead" else "cursor" if state == "now" else "gradient")
        if layout.size.upward and saved.cells:  # one stretch of a row
            canvas.put(*saved.cells[0], "┈" * len(saved.cells), ink)
        else:
            for x, y in saved.cells:
                canvas.put(x, y, "┊", ink)
        if saved.width < cells(saved.text):
            continue
        used = states.of(f"back:{saved.node}", "ahead") != "ahead"
        longer = saved.text + ("" if state == "ahead" else " used" if used else " saved")
        text = longer if cells(longer) <= saved.width else saved.text
        if layout.size.upward:
            x = saved.left + (saved.width - cells(text)) // 2
            canvas.put(x - 1, saved.top, f" {text} ", ink)
        else:
            canvas.put(saved.left, saved.top, text, ink if state != "done" else Ink("soft"))


def _notes(canvas: Canvas, layout: Layout, states: _States, event: Event) -> None:
    notes = layout.notes
    for title in notes.titles:
        if layout.size.upward:
            ink = Ink("gradient" if title.key == layout.sketch.seed else "computed", bold=True)
        else:
            ink = Ink("text", bold=True) if states[title.key] == "now" else Ink("muted")
        canvas.put(title.left, title.top, title.text, ink)
    for slot in notes.values:
        canvas.regions.append(Region(slot.left, slot.top, slot.width, layout.size.bars, slot.target))
    started = _started(layout, event.index)
    updated = f"param:{event.parameter}" if event.phase == "update" else None
    for label in notes.labels:
        if label.late and not started:
            continue
        state = states.of(label.key, "done")
        made = label.target == updated or (state in ("now", "made") and label.late)
        ink = Ink("cursor", bold=True) if made else Ink(dim("text") if state == "ahead" else "muted")
        canvas.put(label.left, label.top, label.text, ink)
        if label.late:
            canvas.regions.append(Region(label.left, label.top, cells(label.text), 1, label.target))


def _started(layout: Layout, cursor: int) -> bool:
    """Whether the derivative network has begun."""
    seed = layout.sketch.seed
    return seed is not None and cursor >= layout.sketch.parts[seed].event


def _caption(canvas: Canvas, layout: Layout, reading: Reading) -> None:
    """What waits for the cost, until it starts; not where something that is hidden has its mark."""
    caption, started = layout.notes.caption, _started(layout, reading.cursor)
    marked = {slot.top for slot in layout.notes.values if _hidden(slot, reading)}
    if caption is not None and not started and not reading.graph.halts and caption.top not in marked:
        ink = Ink("muted" if layout.size.rows == 3 else "gradient")
        canvas.put(caption.left, caption.top, caption.text, ink)


def _hidden(slot: Slot, reading: Reading) -> bool:
    return ("grad" if slot.gradient else "value", slot.name) in reading.hidden


def _values(canvas: Canvas, layout: Layout, reading: Reading, states: _States) -> None:
    for slot in layout.notes.values:
        state = states.of(slot.key, "done")
        if _hidden(slot, reading):
            canvas.put(slot.left + (slot.width - 1) // 2, slot.top, "?", NOW)
            continue
        value = reading.gradient(slot.name) if slot.gradient else reading.value(slot.name)
        stale = state == "ahead" and slot.target.startswith("param:")  # what the last step left, or zeroing
        if value is not None and not stale:
            _value(canvas, layout, slot, value, state)


def _value(canvas: Canvas, layout: Layout, slot: Slot, value: Array, state: State) -> None:
    """A value as bars; one number, and a class, in print."""
    if slot.classes and value.any():
        text = f"class {int(value.argmax())}"
    elif value.ndim == 0:
        texts = [short_number(float(value), digits) for digits in (4, 3, 2, 1)]
        text = next((text for text in texts if cells(text) <= slot.width), "…")
    else:
        draw_bars(canvas, slot.left, slot.top, slot.width, value, layout.size.bars)
        return
    ink = Ink("cursor", bold=True) if state in ("now", "made") else Ink("soft")
    canvas.put(slot.left + max(0, slot.width - cells(text)) // 2, slot.top, text, ink)
