"""The file that a net was read from: the line of the module at work is marked, forward ▶ and backward ◀."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import NamedTuple

from bptui.drawing.canvas import Canvas, Ink, Region, cells
from bptui.drawing.lines import BOLD, MUTED, SOFT, TEXT, rule
from bptui.session.moment import Moment
from bptui.session.source import Source

TAB = 4  # cells
NARROW = 60  # columns below which an indent is drawn half as wide


class Reading(NamedTuple):
    """How the file is looked at: so many lines below the one at work, and why it is not as it stands on the disk."""

    offset: int = 0
    stale: str = ""


AT_WORK = Reading()


def nodes_at(source: Source, line: int) -> list[str]:
    """The nodes that a line calls, in the order in which they are wired."""
    return [node for node, at in source.lines.items() if at == line]


def headed(
    source: Source,
    moment: Moment,
    breakpoints: Collection[str],
    selected: str | None,
    width: int,
    height: int,
    reading: Reading = AT_WORK,
) -> Canvas:
    """The part of the file round the line at work, under its rule; `selected` is a node of the net."""
    rows = _rows(source.text, narrow=width < NARROW)
    room, gap = max(0, height - 1 - bool(reading.stale)), len(str(len(rows))) + 2
    at = _line(source, moment)
    centre = line_of(source, moment) + reading.offset
    top = max(0, min(centre - 1 - room // 2, len(rows) - room))
    canvas = Canvas(width, height)
    below = max(0, len(rows) - room - top)
    hidden = ", ".join(f"{count} {where}" for count, where in ((top, "above"), (below, "below")) if count)
    canvas.paste(rule(width, "source", right=hidden), 0, 0)
    if reading.stale:
        canvas.put(1, height - 1, _cut(reading.stale, width - 1), Ink("bad", bold=True))
    called, stops = source.called, {source.lines[n] for n in breakpoints if n in source.lines}
    for y, row in enumerate(rows[top : top + room], start=1):
        number = top + y
        now = number == at
        if now:
            canvas.fill(0, y, width, 1, "selection")
            mark = "◀" if moment.event.phase in ("seed", "backward") else "▶"
            canvas.put(0, y, mark, Ink("gradient" if mark == "◀" else "cursor", bold=True))
        elif number in stops:
            canvas.put(0, y, "■", Ink("cost"))
        canvas.put(1, y, f"{number:>{gap - 1}}", Ink("muted~70"))
        chosen = selected is not None and source.lines.get(selected) == number
        ink = BOLD if now or chosen else TEXT if number in called else SOFT if row.strip() else MUTED
        canvas.put(gap + 1, y, _cut(row, width - gap - 1), ink)
        if number in called:
            canvas.regions.append(Region(0, y, width, 1, f"line:{number}"))
            canvas.regions.append(Region(0, y, gap, 1, f"stop:{number}"))
    return canvas


def line_of(source: Source, moment: Moment) -> int:
    """The line at work, or the last one that was; the first one that is called, if there was none."""
    at = _line(source, moment)
    return at if at is not None else _last(source, moment)


def _line(source: Source, moment: Moment) -> int | None:
    """The line at work: of the module, or of the loop; at an update without one, of the module with the parameter."""
    event = moment.event
    if event.node is not None:
        return source.lines.get(event.node)
    owner = event.parameter.rpartition(".")[0] if event.parameter else ""
    return source.phases.get(event.phase, source.lines.get(owner))


def _last(source: Source, moment: Moment) -> int:
    """The line that was at work before; the first one that is called, if there was none."""
    events = moment.graph.events[: moment.cursor + 1]
    lines = [source.lines[event.node] for event in events if event.node and event.node in source.lines]
    return lines[-1] if lines else min(source.lines.values(), default=1)


@lru_cache(maxsize=4)
def _rows(text: str, *, narrow: bool) -> list[str]:
    """The lines of a text without anything that a terminal would act on."""
    rows = [row if row.isprintable() else _printable(row) for row in text.expandtabs(TAB).splitlines()]
    indents = [len(row) - len(row.lstrip()) for row in rows]
    return [row[indent // 2 if narrow else 0 :].rstrip() for row, indent in zip(rows, indents, strict=True)]


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else "·" for c in text)


def _cut(text: str, width: int) -> str:
    kept = taken = 0
    for count, character in enumerate(text, start=1):
        taken += cells(character)
        if taken > width:
            return text[:kept] + "…"
        if taken < width:
            kept = count
    return text
