"""A question as the class sees it, on the stages and on the projector: never whose answer is which."""

from __future__ import annotations

from collections.abc import Sequence

from bptui.classroom.polls import Group, Poll, groups
from bptui.course.grade import option_names
from bptui.drawing.canvas import Canvas, Ink, cells
from bptui.drawing.lines import BOLD, LINE, MUTED, SOFT, TEXT, Piece, clipped, rule, wrap, write

BAR = 40  # cells of the longest bar at most
GROUPS = 5  # of answers that are shown; the rest is one
MARKS: dict[str, tuple[str, Ink]] = {
    "right": ("✓", Ink("good")),
    "mistake": ("✕", Ink("bad")),
    "unknown": ("?", Ink("muted")),
}
BARS = {"right": Ink("good"), "mistake": Ink("computed"), "unknown": Ink("soft")}


def pane(poll: Poll, here: int, width: int, most: int, left: str = "") -> Canvas:
    """The question with how many of those here have answered, and once it is revealed, what they did.

    At most so many rows high. `left` is the time that is left, as text.
    """
    room = max(1, width - 6)
    count = f"{len(poll.answers)} of {max(here, len(poll.answers))} answered"
    title = rule(width, "Poll", right=", ".join(part for part in (count, left and f"{left} left") if part))
    asked = wrap(poll.ask, room)
    lines: list[list[Piece]] = [[(line, BOLD)] for line in asked]
    if not poll.revealed:
        names = option_names(poll.options) if poll.form == "choice" else [str(k + 1) for k in range(len(poll.options))]
        for name, option in zip(names, poll.options, strict=True):
            for k, line in enumerate(wrap(option, room - 4)):
                lines.append([(f"{name:>2}  " if k == 0 else "    ", SOFT), (line, TEXT)])
        bar = _progress(len(poll.answers), max(here, len(poll.answers)), min(BAR, room - 24))
        end: list[Piece] = [*bar, ("   shown when revealed", MUTED)]
        roomy = len(lines) + 4 <= most
        lines += [[], end] if roomy else [end]
    else:
        lines += bars(groups(poll), room, most - len(lines) - 2)
    lines = lines[: most - 1]
    canvas = Canvas(width, min(most, len(lines) + 2))
    canvas.paste(title, 0, 0)
    for y, pieces in enumerate(lines, 1):
        write(canvas, 3, y, pieces)
    return canvas


def _progress(done: int, of: int, width: int) -> list[Piece]:
    filled = width * done // of if of else 0
    return [("━" * filled, Ink("good")), ("━" * (max(0, width) - filled), LINE)]


def bars(found: Sequence[Group], width: int, most: int) -> list[list[Piece]]:
    """A line a group: its answers, a bar as long as it has people, how many, and the mistake."""
    shown = list(found[: max(1, min(GROUPS, most))])
    rest = sum(len(group.people) for group in found[len(shown) :])
    said = [clipped(", ".join(group.said), max(22, width // 2)) for group in shown]
    column = max(map(cells, said), default=0)
    largest = max((len(group.people) for group in found), default=1)
    words = [group.mistake if group.mistake not in group.said else "" for group in shown]
    words = [
        "right" if g.verdict == "right" else w or "no known mistake" * (g.verdict == "unknown")
        for g, w in zip(shown, words, strict=True)
    ]
    room = max(4, min(BAR, width - column - 8 - len(str(largest)) - max(map(cells, words), default=0)))
    lines: list[list[Piece]] = []
    for group, text, word in zip(shown, said, words, strict=True):
        many = len(group.people)
        line: list[Piece] = [MARKS[group.verdict], (f" {text}{' ' * (column - cells(text))}  ", BOLD)]
        bar = "▀" * max(1, round(room * many / largest))
        line += [(bar, BARS[group.verdict]), (f" {many}", BOLD), (f"   {word}", SOFT)]
        lines.append(line)
    if rest and lines:
        lines[-1].append((f"   and {rest} more", MUTED))
    return lines
