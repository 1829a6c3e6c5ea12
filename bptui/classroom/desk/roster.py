"""The roster: a row for each of the class."""

from __future__ import annotations

from collections.abc import Sequence

from bptui.classroom.own_line import MARKS
from bptui.classroom.roster import Entry
from bptui.drawing.canvas import Canvas, Ink, Region, cells
from bptui.drawing.lines import BOLD, MUTED, NOW, SOFT, TEXT, clipped, rule, write

_NAME = 4  # the column at which names begin
_SHORT, _LONG = 9, 20  # cells of a name; for longer ones, the state's word gives way
_WORD = 11  # cells of that


def pane(entries: Sequence[Entry], row: int, width: int, height: int, *, here: bool, said: str) -> Canvas:
    """The entries, `row` the chosen one, in a canvas that is higher where there are many.

    `here` says that one chooses among them now; `said` how they are ordered and sifted.
    """
    canvas = Canvas(width, max(height, len(entries) + 2))
    canvas.paste(rule(width, "Roster", said, right=counts(entries), accent=BOLD), 0, 0)
    wide = width >= 60
    answer, wrong, right_end = width - 2, width - 13, width - 20
    longest = max((cells(entry.name) for entry in entries), default=0)
    spare = max(0, width - 62)  # beyond what all of it takes
    named = min(longest, _LONG) if longest > _SHORT else _SHORT
    worded = named <= _SHORT + spare
    state = _NAME + named + 1
    at = state + 2 + (_WORD if worded else 0)
    canvas.put(_NAME, 1, "name", MUTED)
    if worded:
        canvas.put(state + 2, 1, "state", MUTED)
    canvas.put(at, 1, "at", MUTED)
    if wide:
        canvas.put(right_end - 5, 1, "right", MUTED)
        canvas.put(wrong - 5, 1, "wrong", MUTED)
    canvas.put(answer - 6, 1, "answer", MUTED)
    for k, entry in enumerate(entries):
        y, now = k + 2, here and k == row
        if now:
            canvas.fill(1, y, width - 2, 1, "selection")
        faint = entry.state == "idle"
        if entry.hand is not None:
            canvas.put(2, y, "!", NOW)
        name = NOW if now else MUTED if faint else TEXT
        canvas.put(_NAME, y, clipped(entry.name, named), name)
        mark, ink = MARKS[entry.state]
        word = f" {entry.state}" if worded else ""
        write(canvas, state, y, [(mark, ink), (word, SOFT if entry.state == "following" else ink)])
        room = (right_end - 4 if wide else answer - 14) - at
        canvas.put(at, y, clipped(entry.at, room), MUTED if faint or entry.at == "with you" else SOFT)
        if wide:
            for end, number in ((right_end, entry.right), (wrong, entry.wrong)):
                canvas.put(end - len(str(number)), y, str(number), SOFT)
        _answer(canvas, y, answer, entry)
        canvas.regions.append(Region(1, y, width - 2, 1, f"row:{k}"))
    if not entries:
        canvas.put(_NAME, 2, "nobody is here yet", MUTED)
    return canvas


def counts(entries: Sequence[Entry]) -> str:
    """How many do what, and how many hands are up."""
    states = (("follow", "following"), ("roam", "roaming"), ("idle", "idle"))
    said = [f"{sum(entry.state == state for entry in entries)} {word}" for word, state in states]
    hands = sum(entry.hand is not None for entry in entries)
    return "   ".join([*said, f"{hands} hand{'s' * (hands != 1)}"])


def _answer(canvas: Canvas, y: int, end: int, entry: Entry) -> None:
    if entry.answer is None:
        canvas.put(end - 1, y, "…", MUTED)
        return
    said = clipped(entry.answer.said, 10)
    mark, ink = ("✓", Ink("good")) if entry.answer.right else ("✕", Ink("bad"))
    canvas.put(end - 1, y, mark, ink)
    canvas.put(end - 2 - cells(said), y, said, SOFT)
