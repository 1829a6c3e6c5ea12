"""Boxes: the outline of each kind of part, and how it looks in each state."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from bptui.drawing.canvas import Canvas, Ink, cells
from bptui.drawing.parts import Look

State = Literal["done", "now", "made", "ahead"]

# top left, top and bottom, top right, left, right, bottom left, bottom right
_OUTLINES: dict[Look, str] = {
    "variable": "╭─╮││╰╯",
    "observed": "╭━╮┃┃╰╯",
    "function": "▗─╮▐│▝╯",
    "cost": "┏━┓┃┃┗┛",
    "gradient": "╭─╮││╰╯",
    "twin": "╭─▖│▌╰▘",
    "seed": "╭━╮┃┃╰╯",
}
_DASHES = str.maketrans("─│━┃", "╌╎╍╏")
_ENDS: dict[Look, str] = {
    "variable": "()",
    "observed": "()",
    "function": "[)",
    "cost": "[]",
    "gradient": "()",
    "twin": "(]",
    "seed": "()",
}
ROLES: dict[Look, str] = {
    "variable": "computed",
    "observed": "observed",
    "function": "function",
    "cost": "cost",
    "gradient": "gradient",
    "twin": "gradient",
    "seed": "gradient",
}
GROUNDS: dict[Look, str] = {"observed": "observed-fill", "cost": "cost-fill", "seed": "observed-fill"}
_LOW_GROUNDS: dict[Look, str] = {
    "variable": "panel",
    "function": "panel",
    "gradient": "gradient-fill",
    "twin": "gradient-fill",
}
DIM = 42


def dim(role: str) -> str:
    """A role as it looks on things to come."""
    return f"{role}~{DIM}"


def state_of(event: int, cursor: int, *, acts: bool) -> State:
    """What a part looks like when `cursor` has just happened; `acts` tells what works from what is made."""
    if event == cursor:
        return "now" if acts else "made"
    return "done" if event < cursor else "ahead"


def draw_box(
    canvas: Canvas, box: tuple[int, int, int, int], look: Look, text: str, state: State, ground: str | None
) -> None:
    """Draw one box of three rows or one; `ground` overrides its fill."""
    left, top, width, height = box
    line, label = _inks(look, state, ground, height == 1)
    if height == 1:
        ends = _ENDS[look]
        canvas.put(left, top, ends[0] + " " * (width - 2) + ends[1], line._replace(bold=state != "ahead"))
        canvas.put(left + 1 + (width - 2 - cells(text)) // 2, top, text, label)
        return
    outline = _OUTLINES["gradient" if look == "seed" and state == "ahead" else look]
    if state == "ahead":
        outline = outline.translate(_DASHES)
    inner = width - 2
    canvas.put(left, top, outline[0] + outline[1] * inner + outline[2], line)
    canvas.put(left, top + 1, outline[3] + " " * inner + outline[4], line)
    canvas.put(left, top + 2, outline[5] + outline[1] * inner + outline[6], line)
    canvas.put(left + 1 + (inner - cells(text)) // 2, top + 1, text, label)


@lru_cache(maxsize=256)
def _inks(look: Look, state: State, ground: str | None, low: bool) -> tuple[Ink, Ink]:
    """Of a box's outline and of its text."""
    role = ROLES[look]
    fill = GROUNDS.get(look) or (_LOW_GROUNDS.get(look) if low else None)
    if state == "now":
        line = label = Ink("ink", "cursor", bold=True)
    elif state == "made":
        line, label = Ink("cursor", fill), Ink("cursor", fill, bold=True)
    elif state == "ahead":
        fill = dim(fill) if fill else None
        line, label = Ink(dim(role), fill), Ink(dim("text"), fill)
    else:
        line, label = Ink(role, fill), Ink("text", fill)
    if ground is not None and state != "now":
        line, label = line._replace(bg=ground), label._replace(bg=ground)
    return line, label


def point_at(canvas: Canvas, box: tuple[int, int, int, int]) -> None:
    """Mark a box as the selected one by two pointers beside its text: its ground alone says it too softly, and is not
    there without colours.
    """
    left, top, width, height = box
    y, ends = top + height // 2, (left, left + width - 1)
    inside = (left + 1, left + width - 2)
    free = height > 1 and all(canvas.characters[y][x] == " " for x in inside)
    for x, pointer in (
        zip(inside, "▸◂", strict=True) if free else zip(ends, "«»", strict=True)
    ):  # no arrowhead at a wire
        canvas.put(x, y, pointer, Ink("cursor", canvas.inks[y][x].bg, bold=True))
