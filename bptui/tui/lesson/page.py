"""The text of a step, its question, and what became of it: one canvas, and a short one where the text is away."""

from __future__ import annotations

from dataclasses import dataclass

from bptui.course.grade import option_names
from bptui.course.lesson import Choice, Do, Pick, Predict
from bptui.course.player import Player, PlayError
from bptui.course.progress import Done
from bptui.drawing.canvas import Canvas, Ink, Region, cells
from bptui.drawing.lines import BOLD, MUTED, NOW, SOFT, TEXT, Piece, length, parted, rule, write
from bptui.drawing.markdown import markdown

RIGHT, WRONG = Ink("good", bold=True), Ink("bad", bold=True)
CARET = "▏"
_UNDONE = "○ to be done on the stage"

Line = list[Piece]


@dataclass(frozen=True)
class Answer:
    """The learner's answer: what is typed or selected now, and why the last key could not be obeyed."""

    typed: str = ""
    problem: str = ""


@dataclass(frozen=True)
class Page:
    """A step as it is to be read. `focus` is the row that must be in sight: the answer, or what followed it."""

    canvas: Canvas
    focus: int


def page(player: Player, answer: Answer, width: int, height: int) -> Page:
    """The whole of a step, at least `height` high."""
    inner = max(10, width - 5)
    lines: list[Line] = []
    regions: list[tuple[int, int, str]] = []
    problem = answer.problem
    try:
        lines += markdown(player.text, inner)
        focus = len(lines)
        if player.step.ask is not None:
            lines.append([])
            lines += markdown(player.ask, inner, NOW if not player.state.over else BOLD)
            first = len(lines) + 1
            options = _options(player, answer, inner)
            for k, option in enumerate(options):
                regions.append((first + sum(map(len, options[:k])), len(option), f"option:{_names(player)[k]}"))
            lines += [[], *(line for option in options for line in option)] if options else []
            focus = len(lines)
            lines += [[], *_given(player, answer, inner)]
            lines += _followed(player, inner)
            focus = len(lines) - 1 if player.state.over or player.state.verdict else focus + 1
    except PlayError as error:
        problem, focus = str(error), len(lines)
    if problem:
        lines += [[], *_plain(problem, inner)]
        focus = len(lines) - 1
    if player.progress.notice:
        lines += [[], *_plain(player.progress.notice, inner)]
    foot = _foot(player)
    rows = len(lines) + 2
    canvas = Canvas(width, max(height, rows + (2 if foot else 0)))
    canvas.paste(rule(width, player.step.title, accent=BOLD), 0, 0)
    for y, line in enumerate(lines, 2):
        write(canvas, 3, y, line)
    for y, tall, target in regions:
        canvas.regions.append(Region(0, y + 2, width, tall, target))
    write(canvas, 3, canvas.height - 1, foot)
    return Page(canvas, focus + 2)


def question(player: Player, answer: Answer, width: int, height: int) -> Canvas:
    """The question in a few rows, where the text is a drawer that is closed."""
    canvas = Canvas(width, height)
    canvas.fill(0, 0, width, height, "panel")
    for y in range(height):
        canvas.put(0, y, "┃", NOW)
    opens: Piece = ("l opens the text", MUTED)
    room = width - length([opens]) - 5
    head: Line = [(player.step.title, BOLD)]
    try:
        ask = player.step.ask
        if isinstance(ask, Predict):
            head = [(f"{_label(player)} ", SOFT), (_typed(player, answer), BOLD)]
        elif ask is not None:
            head = [(_UNDONE, SOFT)] if not player.state.over else head
        said = answer.problem or next(iter(_told(player)), player.ask)
    except PlayError as error:
        said = str(error)
    write(canvas, 2, 0, parted(head, room)[0])
    write(canvas, max(2, width - length([opens]) - 1), 0, [opens])
    mark = _mark(player)
    lines = parted([*([mark, ("  ", TEXT)] if mark[0] else []), (said, TEXT)], width - 3)
    if len(lines) >= height > 1:
        lines[height - 2 :] = parted([*lines[height - 2], (" …", TEXT)], width - 3)[:1]
    for y, line in enumerate(lines[: height - 1], 1):
        write(canvas, 2, y, line)
    return canvas


def _told(player: Player) -> list[str]:
    """What follows an answer, in short: remarks where it is wrong, else what is explained."""
    verdict = player.state.verdict
    if player.state.over:
        return [player.explain] if player.explain else []
    return list(verdict.remarks) if verdict else []


# -- the parts of the page


def _names(player: Player) -> tuple[str, ...]:
    options, ask = player.options, player.step.ask
    if isinstance(ask, Predict) and isinstance(ask.question, Choice):
        return option_names(options)
    return tuple(str(k + 1) for k in range(len(options)))


def _options(player: Player, answer: Answer, width: int) -> list[list[Line]]:
    """Each option in its lines; the one that is typed is marked."""
    lines = []
    for name, option in zip(_names(player), player.options, strict=True):
        here = answer.typed.strip() == name
        ink = NOW if here else TEXT
        folded = parted([(option, ink)], width - cells(name) - 3)
        first: Piece = (f" {name} ", NOW if here else SOFT)
        lines.append([[first if k == 0 else (" " * cells(first[0]), TEXT), *line] for k, line in enumerate(folded)])
    return lines


def _label(player: Player) -> str:
    ask = player.step.ask
    pick = isinstance(ask, Predict) and isinstance(ask.question, Pick)
    return player.label or ("the box:" if pick else "answer:")


def _typed(player: Player, answer: Answer) -> str:
    """What stands where the answer is typed."""
    state = player.state
    if answer.typed:
        return answer.typed + CARET
    if state.over:
        return player.solved
    return state.verdict.said if state.verdict and not state.verdict.right else CARET


def _given(player: Player, answer: Answer, width: int) -> list[Line]:
    """The line to answer on, with its verdict; for something to be done, whether it is."""
    ask, state = player.step.ask, player.state
    mark = _mark(player)
    if isinstance(ask, Do):
        return [[mark] if mark[0] else [(_UNDONE, MUTED)]]
    assert isinstance(ask, Predict)
    if isinstance(ask.question, Pick) and not answer.typed and not state.over and state.verdict is None:
        text = "select it, then ↵"
    else:
        text = _typed(player, answer)
    body = parted([(f"{_label(player)} ", SOFT), (text, BOLD if state.over or answer.typed else TEXT)], width - 2)
    if mark[0] and not answer.typed and length(body[-1]) + length([mark]) + 6 <= width:
        body[-1] = [*body[-1], (" " * (width - 2 - length(body[-1]) - length([mark])), TEXT), mark]
    elif mark[0] and not answer.typed:
        body.append([mark])
    return [[("┃ ", NOW), *line] for line in ([], *body, [])]


def _mark(player: Player) -> Piece:
    state = player.state
    if state.over and isinstance(player.step.ask, Do):
        return ("done for you", MUTED) if state.done is Done.SHOWN else ("✓ Done.", RIGHT)
    if state.over:
        return ("✓ Right.", RIGHT) if state.verdict is not None and state.verdict.right else ("answer told", MUTED)
    if state.verdict is not None:
        return ("Nearly.", NOW) if state.verdict.nearly else ("✕ Not yet.", WRONG)
    return "", TEXT


def _followed(player: Player, width: int) -> list[Line]:
    """Remarks, hints, explanation and corrections, each in lines of its own."""
    lines: list[Line] = []
    for hint in player.hints if not player.state.over else ():
        lines += [[], *_barred(hint, width, Ink("cursor"))]
    verdict = player.state.verdict
    if verdict is not None and not player.state.over:
        for remark in verdict.remarks:
            lines += [[], *_barred(remark, width, Ink("bad"))]
    if player.explain:
        lines += [[], *markdown(player.explain, width)]
    for note in player.notes:
        lines += [[], [("It is often said", MUTED)], *_barred(f"“{note.said}”", width, Ink("muted"), SOFT)]
        lines += [*_barred(note.where, width, Ink("muted"), MUTED), [], *markdown(note.instead, width)]
    return lines


def _barred(text: str, width: int, bar: Ink, ink: Ink = TEXT) -> list[Line]:
    """Markdown beside a thin line."""
    return _beside(markdown(text, width - 2, ink), bar)


def _plain(text: str, width: int) -> list[Line]:
    """Words of our own, in which nothing is Markdown, such as a path, beside a red line."""
    return _beside(parted([(text, TEXT)], width - 2), Ink("bad"))


def _beside(lines: list[Line], bar: Ink) -> list[Line]:
    return [[("│ ", bar), *line] for line in lines]


def _foot(player: Player) -> Line:
    """Attempts and hints, in the last row."""
    ask, state = player.step.ask, player.state
    if player.testing:
        return [("the lesson's question: one try, no hints", NOW)]
    if ask is None:
        return []
    words = [f"attempt {state.attempts + (not state.over)}"] if isinstance(ask, Predict) else []
    words += [f"hints used {state.hints} of {len(ask.hints)}"] if ask.hints else []
    return [("   ".join(words), MUTED)]
