"""What holds of every layout: nothing lies over anything else, and no two wires are to be taken for one."""

from __future__ import annotations

from itertools import combinations

from bptui.drawing.canvas import cells
from bptui.drawing.diagram import Layout
from bptui.drawing.wires import E, N, S, W

Cell = tuple[int, int]
STEPS = {N: (0, -1), E: (1, 0), S: (0, 1), W: (-1, 0)}
HEADS = dict(zip("▲▶▼◀", (N, E, S, W), strict=True))


def check(layout: Layout) -> None:
    """Everything below."""
    check_boxes(layout)
    check_wires(layout)
    check_tracks(layout)
    check_texts(layout)


def check_boxes(layout: Layout) -> None:
    """Boxes stand apart, inside the diagram."""
    boxes = [(x, y, x + w, y + h) for x, y, w, h in layout.placing.boxes.values()]
    for a, b in combinations(boxes, 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1], "boxes overlap"
    for left, top, right, bottom in boxes:
        assert left >= 0 and top >= 0 and right <= layout.width and bottom <= layout.height


def check_wires(layout: Layout) -> None:
    """Every wire runs from its source to its target, and over no box."""
    filled = {cell: key for key, box in layout.placing.boxes.items() for cell in area(*box)}
    for wire in layout.placing.wires:
        x, y = wire.head
        dx, dy = STEPS[HEADS[wire.glyph]]
        assert filled.get((x + dx, y + dy)) == wire.link.target, f"{wire.link} ends off its box"
        assert not filled.keys() & wire.cells.keys(), f"{wire.link} crosses a box"
        ends = set()
        for (cx, cy), bits in wire.cells.items():
            assert 0 <= cx < layout.width and 0 <= cy < layout.height
            ends |= {(cx + sx, cy + sy) for bit, (sx, sy) in STEPS.items() if bits & bit} - wire.cells.keys()
        assert wire.link.source in {filled.get(end) for end in ends}, f"{wire.link} starts off its box"


def check_tracks(layout: Layout) -> None:
    """Wires that share neither source nor target only cross, at right angles."""
    for cell, crossing in layout.crossings.items():
        for (i, one), (j, other) in combinations(crossing, 2):
            mine, its = layout.placing.wires[i].link, layout.placing.wires[j].link
            related = mine.source == its.source or mine.target == its.target
            assert related or {one, other} == {N | S, E | W}, f"{mine} and {its} share {cell}"


def check_texts(layout: Layout) -> None:
    """No text and no value lies over a wire, over a box, or over another."""
    notes = layout.notes
    taken = {cell for wire in layout.placing.wires for cell in wire.cells}
    taken |= {cell for box in layout.placing.boxes.values() for cell in area(*box)}
    places = [
        (label.text, area(label.left, label.top, cells(label.text), 1)) for label in (*notes.titles, *notes.labels)
    ]
    for slot in notes.values:
        rows = layout.size.bars if layout.graph.variables[slot.name].shape and not slot.classes else 1
        places.append((slot.name, area(slot.left, slot.top, slot.width, rows)))
    for text, place in places:
        assert not place & taken, f"{text!r} lies over something"
        taken |= place
    if notes.caption:
        place = area(notes.caption.left, notes.caption.top, cells(notes.caption.text), 1)
        assert not place & {cell for wire in layout.placing.wires for cell in wire.cells}, (
            "the caption lies over a wire"
        )
    for saved in notes.saved:
        assert not taken & {*saved.cells}, f"{saved.text!r}, dotted, lies over something"
        if cells(saved.text) <= saved.width:
            assert not taken & area(saved.left, saved.top, saved.width, 1), f"{saved.text!r} lies over something"


def area(left: int, top: int, width: int, height: int) -> set[Cell]:
    """The cells of a rectangle."""
    return {(x, y) for x in range(left, left + width) for y in range(top, top + height)}
