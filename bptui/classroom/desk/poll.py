"""The poll as the teacher sees it: how the class has answered, though the class does not see it yet."""

from __future__ import annotations

from collections.abc import Sequence

from bptui.classroom.poll_pane import BARS, MARKS
from bptui.classroom.polls import Group, Poll
from bptui.drawing.canvas import Canvas, Region, cells
from bptui.drawing.lines import BOLD, MUTED, NOW, SOFT, Piece, clipped, rule, wrap, write

_SAID = 3  # the column at which answers begin
_MISTAKE = 17
WORDS = {"right": "right", "mistake": "", "unknown": "no known mistake"}


def pane(
    poll: Poll | None, found: Sequence[Group], silent: Sequence[str], row: int, width: int, height: int, *, here: bool
) -> Canvas:
    """The question, its groups of answers with bars, and who is silent; `row` is the chosen group."""
    canvas = Canvas(width, height)
    answered = len(poll.answers) if poll is not None else 0
    count = f"{answered} of {answered + len(silent)} answered" if poll is not None else ""
    canvas.paste(rule(width, "Poll", right=count, accent=BOLD), 0, 0)
    if poll is None:
        _none(canvas)
        return canvas
    y = 2
    state = "shown to the class" if poll.revealed else "hidden from the class"
    lines = wrap(poll.ask, width - 6 - cells(state) - 2)[:2] or [""]
    for line in lines:
        canvas.put(_SAID, y, line, BOLD)
        y += 1
    canvas.put(width - 3 - cells(state), 2, state, MUTED)
    y += 1
    largest = max((len(group.people) for group in found), default=1)
    room = min(40, width - 12)
    bottom = height - 3
    for k, group in enumerate(found):
        if y + 2 > bottom:
            canvas.put(_SAID, y, f"and {len(found) - k} more", MUTED)
            break
        if here and k == row:
            canvas.fill(1, y, width - 2, 2, "selection")
        write(canvas, _SAID, y, [MARKS[group.verdict]])
        said = clipped(", ".join(group.said), max(_MISTAKE - _SAID - 3, width - 40))
        x = canvas.put(_SAID + 2, y, said, NOW if here and k == row else BOLD)
        words = WORDS[group.verdict] or (group.mistake if group.mistake not in group.said else "")
        canvas.put(max(x + 1, _MISTAKE), y, clipped(words, width - 3 - max(x + 1, _MISTAKE)), SOFT)
        x = canvas.put(_SAID + 2, y + 1, "▀" * max(1, round(room * len(group.people) / largest)), BARS[group.verdict])
        canvas.put(x + 1, y + 1, str(len(group.people)), BOLD)
        canvas.regions.append(Region(1, y, width - 2, 2, f"group:{k}"))
        y += 2
    if silent:
        more = len(silent) - 1
        names = ", ".join(silent)
        room = width - 6
        line = f"… {names} {'have' if more else 'has'} not answered"
        if cells(line) > room:
            line = f"… {len(silent)} have not answered"
        canvas.put(_SAID, min(y + 1, height - 3), line, MUTED)
    _keys(canvas, height - 1, poll)
    return canvas


def _none(canvas: Canvas) -> None:
    text = (
        "No question is in front of the class. n asks the one of the lesson's step, or what is selected in the "
        "workbench that you lead with."
    )
    for k, line in enumerate(wrap(text, canvas.width - 6)):
        canvas.put(_SAID, 2 + k, line, SOFT)


def _keys(canvas: Canvas, y: int, poll: Poll) -> None:
    first = [("r", "reveal", "reveal")] if poll.open else []
    x = _SAID
    for key, verb, action in (
        *first, ("g", "message them", "message_group"), ("n", "new poll", "ask"), ("z", "take away", "end")
    ):  # fmt: skip
        start = x
        pieces: list[Piece] = [(key, NOW), (f" {verb}", SOFT)]
        x = write(canvas, x, y, pieces)
        canvas.regions.append(Region(start, y, x - start, 1, f"key:{action}"))
        x += 2
