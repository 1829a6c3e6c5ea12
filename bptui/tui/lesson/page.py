"""The text of a step, its question, and what became of it: one canvas, and a short one where the text is away.

Where a step is longer than its page, the question and its verdict stand still at the foot, and the text scrolls above
them: whatever the terminal's size, one sees what is asked and what came of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bptui.course.lesson import Predict
from bptui.course.player import Player, PlayError
from bptui.drawing.canvas import Canvas, Region
from bptui.drawing.lines import BOLD, MUTED, NOW, SOFT, Piece, length, parted, rule, write
from bptui.drawing.markdown import markdown
from bptui.tui.lesson import parts
from bptui.tui.lesson.parts import UNDONE, Answer, Line

LEAST = 4  # rows of text above a question that stands still
MOST = 7  # rows of a question where the text is away
UP, DOWN = "▲ pgup", "▼ pgdn"


@dataclass(frozen=True)
class Page:
    """A step as it is to be read, from row `top` of its text on, so many `rows`; `above` and `below` say whether
    there is more.
    """

    canvas: Canvas
    top: int = 0
    rows: int = 0
    above: bool = False
    below: bool = False


@dataclass
class _Sheet:
    """A step in lines. `listed` are the options of its question, `options` each as (row of them, rows, target)."""

    over: bool
    text: list[Line] = field(default_factory=list)
    asked: list[Line] = field(default_factory=list)
    listed: list[Line] = field(default_factory=list)
    options: list[tuple[int, int, str]] = field(default_factory=list)
    given: list[Line] = field(default_factory=list)
    problem: list[Line] = field(default_factory=list)
    followed: dict[str, list[Line]] = field(default_factory=dict)
    notice: list[Line] = field(default_factory=list)

    @property
    def told(self) -> list[Line]:
        """What followed the answer."""
        lines = [line for part in self.followed.values() for line in ([], *part)]
        return lines + ([[], *self.notice] if self.notice else [])

    @property
    def still(self) -> list[Line]:
        """What stands still at the foot of a page that is too short for all."""
        return [*self.asked, *([] if self.over else self.listed), *self.given, *self.problem]

    def row_of(self, part: str) -> int:
        """Where one of `followed` begins in the text that scrolls; where it does not, the end of what is told."""
        at = len(self.text) + 1
        for name, lines in self.followed.items():
            if name == part:
                return at
            at += len(lines) + 1
        return at if self.followed else 0


def page(player: Player, answer: Answer, width: int, height: int, top: int = 0, news: str = "") -> Page:
    """A step in so many rows. It is scrolled to `top`, or to what has just followed: `news` names it, as in
    `parts.followed`.
    """
    inner = max(10, width - 5)
    sheet = _sheet(player, answer, inner)
    if _whole(player, sheet) <= height:
        return Page(_all(player, sheet, width, height))
    if height >= _least(sheet):
        return _split(player, sheet, width, height, sheet.row_of(news) if news else top)
    return _scrolled(player, sheet, width, height, len(sheet.text) + 1 if news else top)


def rows_wanted(player: Player, answer: Answer, width: int) -> tuple[int, int]:
    """The rows of the whole step, and the fewest of a page with its question in view."""
    sheet = _sheet(player, answer, max(10, width - 5))
    return _whole(player, sheet), _least(sheet)


def _sheet(player: Player, answer: Answer, width: int) -> _Sheet:
    sheet = _Sheet(player.state.over)
    try:
        sheet.text = markdown(player.text, width)
        if player.step.ask is not None:
            sheet.asked = markdown(player.ask, width, BOLD if sheet.over else NOW)
            for name, lines in zip(parts.names(player), parts.options(player, answer, width), strict=True):
                sheet.listed += [] if sheet.listed else [[]]
                sheet.options.append((len(sheet.listed), len(lines), f"option:{name}"))
                sheet.listed += lines
            sheet.given = parts.given(player, answer, width)
            sheet.followed = parts.followed(player, width)
    except PlayError as error:
        answer = Answer(problem=str(error))
    sheet.problem = parts.said(answer, width)
    sheet.notice = parts.plain(player.progress.notice, width) if player.progress.notice else []
    return sheet


def _whole(player: Player, sheet: _Sheet) -> int:
    return 2 + len(_in_order(sheet)[0]) + (2 if parts.foot(player) else 0)


def _least(sheet: _Sheet) -> int:
    return 2 + min(LEAST, len(sheet.text) + len(sheet.told)) + len(sheet.still)


def _in_order(sheet: _Sheet) -> tuple[list[Line], int]:
    """All lines below each other, and the row of the options."""
    lines = [*sheet.text]
    listed = len(lines) + 1 + len(sheet.asked)
    if sheet.asked:
        lines += [[], *sheet.asked, *sheet.listed, []]
        bar: list[Line] = [[("┃ ", NOW)]] if sheet.given and sheet.given[0][0] == ("┃ ", NOW) else []
        lines += [*bar, *sheet.given, *bar]
    lines += [[], *sheet.problem] if sheet.problem else []
    return lines + sheet.told, listed


def _all(player: Player, sheet: _Sheet, width: int, height: int) -> Canvas:
    canvas = Canvas(width, height)
    canvas.paste(rule(width, player.step.title, accent=BOLD), 0, 0)
    lines, listed = _in_order(sheet)
    _put(canvas, lines, 2)
    _mark_options(canvas, sheet, 2 + listed)
    write(canvas, 3, height - 1, [_foot(player)])
    return canvas


def _split(player: Player, sheet: _Sheet, width: int, height: int, top: int) -> Page:
    """The text scrolls; below it the question stands still."""
    canvas = Canvas(width, height)
    lines = [*sheet.text, *sheet.told]
    room = height - 2 - len(sheet.still)
    top, above, below = _window(canvas, lines, room, top)
    canvas.paste(_head(player, width, above=above), 0, 0)
    canvas.paste(_foot_rule(player, width, below=below), 0, 1 + room)
    _put(canvas, sheet.still, 2 + room)
    if not sheet.over:
        _mark_options(canvas, sheet, 2 + room + len(sheet.asked))
    return Page(canvas, top, room, above, below)


def _scrolled(player: Player, sheet: _Sheet, width: int, height: int, top: int) -> Page:
    """A question that is itself too long scrolls with the text."""
    canvas = Canvas(width, height)
    lines, listed = _in_order(sheet)
    top, above, below = _window(canvas, lines, height - 2, top)
    canvas.paste(_head(player, width, above=above), 0, 0)
    canvas.paste(_foot_rule(player, width, below=below), 0, height - 1)
    _mark_options(canvas, sheet, 1 + listed - top)
    return Page(canvas, top, height - 2, above, below)


def _window(canvas: Canvas, lines: list[Line], rows: int, top: int) -> tuple[int, bool, bool]:
    """Put as many lines as there are rows below the head; returns the first, and whether some are above and below."""
    top = max(0, min(top, len(lines) - rows))
    _put(canvas, lines[top : top + rows], 1)
    return top, top > 0, top + rows < len(lines)


def _head(player: Player, width: int, *, above: bool) -> Canvas:
    return rule(width, player.step.title, right=UP if above else "", accent=BOLD)


def _foot(player: Player) -> Piece:
    return parts.foot(player), NOW if player.testing else MUTED


def _foot_rule(player: Player, width: int, *, below: bool) -> Canvas:
    words, ink = _foot(player)
    return rule(width, words or "…", right=DOWN if below else "", accent=ink)


def _put(canvas: Canvas, lines: list[Line], y: int) -> None:
    for k, line in enumerate(lines):
        if y + k < canvas.height:
            write(canvas, 3, y + k, line)


def _mark_options(canvas: Canvas, sheet: _Sheet, y: int) -> None:
    for row, tall, target in sheet.options:
        if 0 < y + row < canvas.height - 1:
            canvas.regions.append(Region(0, y + row, canvas.width, tall, target))


# -- where the text is away


def rows_away(player: Player, width: int) -> int:
    """The rows of the question where the text is away."""
    if player.step.ask is None:
        return 1
    try:
        asked = [line for line in markdown(player.ask, width - 3) if line]
        listed = parts.packed(player, Answer(), width - 3)
    except PlayError:
        return 4
    return max(4, min(MOST, 1 + len(asked) + len(listed)))


def question(player: Player, answer: Answer, width: int, height: int, *, opens: bool = True) -> Canvas:
    """The question in a few rows, where the text is a drawer that is closed. `opens` says that there a key opens it."""
    canvas = Canvas(width, height)
    canvas.fill(0, 0, width, height, "panel")
    for y in range(height):
        canvas.put(0, y, "┃", NOW)
    hint: Piece = ("l opens the text" if opens else "", MUTED)
    room = width - length([hint]) - 5
    head: Line = [(player.step.title, BOLD)]
    try:
        ask, verdict = player.step.ask, parts.mark(player)
        if isinstance(ask, Predict):
            head = [(f"{parts.label(player)} ", SOFT), (parts.typed(player, answer), BOLD)]
        elif ask is not None and not player.state.over:
            head = [(UNDONE, SOFT)]
        elif ask is not None:
            head = []
        head = [verdict, ("   " if head else "", SOFT), *head] if verdict[0] and not answer.typed else head
        lines = _short(player, answer, width - 3)
    except PlayError as error:
        lines = parted([(str(error), SOFT)], width - 3)
    write(canvas, 2, 0, (parted(head, room) or [[]])[0])
    write(canvas, max(2, width - length([hint]) - 1), 0, [hint])
    for y, line in enumerate(_cut(lines, height - 1, width - 3), 1):
        write(canvas, 2, y, line)
    return canvas


def _cut(lines: list[Line], rows: int, width: int) -> list[Line]:
    """So many lines; the last one says by … that there are more."""
    if len(lines) <= rows or rows < 1:
        return lines[: max(0, rows)]
    *kept, last = lines[:rows]
    while last and length(last) + 2 > width:
        text, ink = last[-1]
        last = [*last[:-1], (text.rpartition(" ")[0], ink)] if " " in text else last[:-1]
    return [*kept, [*last, (" …", SOFT)]]


def told_in_short(player: Player, width: int, height: int) -> bool:
    """Whether all that followed an answer is read where the text is away."""
    if player.notes:
        return False
    return len(_short(player, Answer(), width - 3)) < height


def _short(player: Player, answer: Answer, width: int) -> list[Line]:
    """The question with its options, below what was wrong with an answer; or what came of it. Without blank lines."""
    told = [line for text in parts.told(player) for line in markdown(text, width) if line]
    asked = [line for line in markdown(player.ask, width) if line]
    if player.state.over:
        return parts.said(answer, width) + (told or asked)
    return [*parts.said(answer, width), *told, *asked, *parts.packed(player, answer, width)]
