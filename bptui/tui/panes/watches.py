"""What the learner keeps an eye on: watched numbers, what stops a run, and the branches that edits made."""

from __future__ import annotations

from dataclasses import dataclass

from bptui.drawing.canvas import Canvas, Ink, Region
from bptui.drawing.lines import BOLD, MUTED, NOW, SOFT, TEXT, Piece, rule, wrap, write
from bptui.drawing.numbers import brief, number, shape_text
from bptui.engine.module import Array, subscript
from bptui.engine.notation import gradient_symbol, symbol
from bptui.session.actions import Action, AddWatch, RemoveCondition, RemoveWatch, SwitchBranch, ToggleBreakpoint
from bptui.session.moment import Moment
from bptui.session.session import Session


@dataclass(frozen=True)
class Row:
    """One row of the pane. `remove` is what the delete key does to it, `go` what the enter key does."""

    pieces: tuple[Piece, ...]
    remove: Action | None = None
    go: Action | None = None


def count(session: Session) -> int:
    """How many rows the pane has."""
    branches = len(session.branches) if len(session.branches) > 1 else 0
    return len(session.watches) + len(session.breakpoints) + len(session.conditions) + branches


def rows(session: Session, moment: Moment) -> list[Row]:
    """All rows that can be chosen, in order."""
    found = [Row(tuple(_watched(moment, watch)), RemoveWatch(watch)) for watch in session.watches]
    for node in sorted(session.breakpoints):
        pieces = (("■ ", Ink("cost")), (node, TEXT), ("  breakpoint", MUTED))
        found.append(Row(pieces, ToggleBreakpoint(node)))
    for condition in session.conditions:
        found.append(Row((("◇ ", Ink("cost")), (str(condition), TEXT)), RemoveCondition(condition)))
    if len(session.branches) > 1:
        for branch in session.branches:
            here = branch.number == session.address.branch
            mark: Piece = ("◉ ", NOW) if here else ("○ ", MUTED)
            place = f"  from step {branch.start + 1}" if branch.made_at else ""
            text: Piece = (f"{branch.number} {branch.edit}", BOLD if here else TEXT)
            found.append(Row((mark, text, (place, MUTED)), go=SwitchBranch(branch.number)))
    return found


def panel(
    session: Session, moment: Moment, width: int, height: int, chosen: int | None, *, title: bool = True, note: str = ""
) -> Canvas:
    """Watches, stops and branches; `note` compares two branches."""
    found = rows(session, moment)
    notes = wrap(note, width - 2)
    canvas = Canvas(width, max(height, 1 + len(found) + len(notes) + bool(notes)))
    head = int(title)
    if title:
        canvas.paste(rule(width, "watches"), 0, 0)
    if not found:
        lines = ("w watches the selected entry", "b stops at the selected module", "B stops on a condition")
        for k, line in enumerate(lines):
            canvas.put(1, head + k, line[:2], SOFT)
            canvas.put(3, head + k, line[2:], MUTED)
        return canvas
    for k, row in enumerate(found):
        if k == chosen:
            canvas.fill(0, head + k, width, 1, "selection")
        write(canvas, 1, head + k, row.pieces)
        canvas.regions.append(Region(0, head + k, width, 1, f"row:{k}"))
    for k, line in enumerate(notes):
        canvas.put(1, head + len(found) + 1 + k, line, MUTED)
    return canvas


def _watched(moment: Moment, watch: AddWatch) -> list[Piece]:
    gradient = watch.of == "gradient"
    known = watch.name in moment.graph.variables
    values = (moment.gradient if gradient else moment.value)(watch.name) if known else None
    name = gradient_symbol(watch.name) if gradient else symbol(watch.name)
    pieces: list[Piece] = [(name + subscript(watch.index or ()), BOLD), ("  ", TEXT)]
    if values is None:
        return [*pieces, ("not computed yet" if known else "not in this net", MUTED)]
    if watch.index is not None:
        return [*pieces, (number(float(values[watch.index]), 6), _sign(float(values[watch.index])))]
    return [*pieces, *_whole(values)]


def _whole(values: Array) -> list[Piece]:
    if values.size <= 4:
        return [(brief(float(v)) + "  ", _sign(float(v))) for v in values.ravel()]
    low, high = float(values.min()), float(values.max())
    return [(f"[{shape_text(values.shape)}]  ", MUTED), (f"{brief(low)} to {brief(high)}", TEXT)]


def _sign(value: float) -> Ink:
    return Ink("positive" if value > 0 else "negative" if value < 0 else "text")
