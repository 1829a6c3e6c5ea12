"""What the learner keeps an eye on: watched numbers, what stops a run, and the branches that edits made."""

from __future__ import annotations

from dataclasses import dataclass

from bptui.drawing.canvas import Canvas, Ink, Region
from bptui.drawing.lines import BOLD, MUTED, NOW, SOFT, TEXT, Piece, fold, rule, wrap, write
from bptui.drawing.numbers import brief, number, shape_text
from bptui.engine.buffers import Array, Shape
from bptui.engine.module import subscript
from bptui.engine.notation import gradient_symbol, symbol
from bptui.session.actions import Action, AddWatch, RemoveCondition, RemoveWatch, SwitchBranch, ToggleBreakpoint
from bptui.session.moment import Moment
from bptui.session.session import Session
from bptui.session.source import Source


@dataclass(frozen=True)
class Row:
    """One row of the pane. `remove` is all that the delete key does to it, `go` what the enter key does."""

    pieces: tuple[Piece, ...]
    remove: tuple[Action, ...] = ()
    go: Action | None = None


def count(session: Session, source: Source | None) -> int:
    """How many rows the pane has."""
    branches = len(session.branches) if len(session.branches) > 1 else 0
    return len(session.watches) + len(_stops(session, source)) + len(session.conditions) + branches


def _stops(session: Session, source: Source | None) -> list[tuple[str, ...]]:
    """The modules at which the run stops; those of one line of a file, as in a loop, are one stop."""
    found: dict[int | str, list[str]] = {}
    for node in sorted(session.breakpoints):
        found.setdefault(source.lines.get(node, node) if source is not None else node, []).append(node)
    return [tuple(nodes) for nodes in found.values()]


def rows(session: Session, moment: Moment, source: Source | None) -> list[Row]:
    """All rows that can be chosen, in order. `source` is the file that the net was read from, if it was."""
    found = [Row(tuple(_watched(moment, watch)), (RemoveWatch(watch),)) for watch in session.watches]
    for nodes in _stops(session, source):
        title, more = nodes[0], "  breakpoint"
        if source is not None and len(nodes) > 1:
            title, more = f"line {source.lines[nodes[0]]}", f"  breakpoint, {len(nodes)} modules"
        pieces = (("■ ", Ink("cost")), (title, TEXT), (more, MUTED))
        found.append(Row(pieces, tuple(map(ToggleBreakpoint, nodes))))
    for condition in session.conditions:
        found.append(Row((("◇ ", Ink("cost")), (str(condition), TEXT)), (RemoveCondition(condition),)))
    if len(session.branches) > 1:
        for branch in session.branches:
            here = branch.number == session.address.branch
            mark: Piece = ("◉ ", NOW) if here else ("○ ", MUTED)
            place = f"  from step {branch.start + 1}" if branch.made_at else ""
            text: Piece = (f"{branch.number} {branch.edit or 'the beginning'}", BOLD if here else TEXT)
            found.append(Row((mark, text, (place, MUTED)), go=SwitchBranch(branch.number)))
    return found


def panel(
    session: Session,
    moment: Moment,
    source: Source | None,
    width: int,
    height: int,
    chosen: int | None,
    *,
    title: bool = True,
    note: str = "",
) -> Canvas:
    """Watches, stops and branches; `note` compares two branches."""
    found = rows(session, moment, source)
    if not found:
        return _nothing(width, height, title=title)
    head, inner = int(title), width - 2
    lines = [fold([[piece] for piece in row.pieces], inner) for row in found]
    notes = wrap(note, inner)
    canvas = Canvas(width, max(height, head + sum(map(len, lines)) + len(notes) + bool(notes)))
    if title:
        canvas.paste(rule(width, "watches"), 0, 0)
    y = head
    for k, row in enumerate(lines):
        if k == chosen:
            canvas.fill(0, y, width, len(row), "selection")
        canvas.regions.append(Region(0, y, width, len(row), f"row:{k}"))
        for line in row:
            write(canvas, 1, y, line)
            y += 1
    for k, text in enumerate(notes):
        canvas.put(1, y + 1 + k, text, MUTED)
    return canvas


def _nothing(width: int, height: int, *, title: bool) -> Canvas:
    """The keys that would put something here."""
    hints = (("w", "watches the selected entry"), ("b", "stops at the selected module"), ("B", "stops on a condition"))
    lines: list[list[Piece]] = []
    for key, does in hints:
        first, *others = wrap(does, width - 4)
        lines += [[(key + " ", SOFT), (first, MUTED)], *([("  " + line, MUTED)] for line in others)]
    canvas = Canvas(width, max(height, title + len(lines)))
    if title:
        canvas.paste(rule(width, "watches"), 0, 0)
    for y, line in enumerate(lines, title):
        write(canvas, 1, y, line)
    return canvas


def _watched(moment: Moment, watch: AddWatch) -> list[Piece]:
    gradient = watch.of == "gradient"
    known = watch.name in moment.graph.variables and _inside(watch.index, moment.graph.variables[watch.name].shape)
    values = (moment.gradient if gradient else moment.value)(watch.name) if known else None
    name = gradient_symbol(watch.name) if gradient else symbol(watch.name)
    pieces: list[Piece] = [(name + subscript(watch.index or ()), BOLD), ("  ", TEXT)]
    if {("shape", watch.name), ("grad" if gradient else "value", watch.name)} & moment.hidden:
        return [*pieces, ("hidden until you answer", MUTED)]
    if values is None:
        return [*pieces, ("not computed yet" if known else "not in this net", MUTED)]
    if watch.index is not None:
        return [*pieces, (number(float(values[watch.index]), 6), _sign(float(values[watch.index])))]
    return [*pieces, *_whole(values)]


def _inside(index: tuple[int, ...] | None, shape: Shape) -> bool:
    """Whether a watched entry is there; a knob may have given the variable another shape since."""
    return index is None or (len(index) == len(shape) and all(i < n for i, n in zip(index, shape, strict=True)))


def _whole(values: Array) -> list[Piece]:
    if values.size <= 4:
        return [(brief(float(v)) + "  ", _sign(float(v))) for v in values.ravel()]
    low, high = float(values.min()), float(values.max())
    return [(f"[{shape_text(values.shape)}]  ", MUTED), (f"{brief(low)} to {brief(high)}", TEXT)]


def _sign(value: float) -> Ink:
    return Ink("positive" if value > 0 else "negative" if value < 0 else "text")
