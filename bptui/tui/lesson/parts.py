"""The parts of a step as lines: its question, the place to answer it, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass

from bptui.course.grade import option_names
from bptui.course.lesson import Choice, Do, Pick, Predict
from bptui.course.player import Player
from bptui.course.progress import Done
from bptui.drawing.canvas import Ink, cells
from bptui.drawing.lines import BOLD, MUTED, NOW, SOFT, TEXT, Piece, length, parted
from bptui.drawing.markdown import markdown

RIGHT, WRONG = Ink("good", bold=True), Ink("bad", bold=True)
CARET = "▏"
UNDONE = "○ to be done on the stage"
RECALLED = "One moment: the numbers that were reached are being worked out."

Line = list[Piece]


@dataclass(frozen=True)
class Answer:
    """What is typed now, why the last key could not be obeyed, and what is to be known besides."""

    typed: str = ""
    problem: str = ""
    note: str = ""


def names(player: Player) -> tuple[str, ...]:
    """What the options are chosen by."""
    options, ask = player.options, player.step.ask
    if isinstance(ask, Predict) and isinstance(ask.question, Choice):
        return option_names(options)
    return tuple(str(k + 1) for k in range(len(options)))


def options(player: Player, answer: Answer, width: int) -> list[list[Line]]:
    """Each option in its lines; the one that is typed is marked."""
    lines = []
    for name, option in zip(names(player), player.options, strict=True):
        here = answer.typed.strip() == name
        ink = NOW if here else TEXT
        folded = parted([(option, ink)], width - cells(name) - 4)
        first: Piece = (f" {name}) ", NOW if here else SOFT)
        lines.append([[first if k == 0 else (" " * cells(first[0]), TEXT), *line] for k, line in enumerate(folded)])
    return lines


def packed(player: Player, answer: Answer, width: int) -> list[Line]:
    """The options one after the other, as many in a line as it holds."""
    lines: list[Line] = []
    full = True  # whether the next one begins a line: after one that took several
    for name, option in zip(names(player), player.options, strict=True):
        here = answer.typed.strip() == name
        chunk: Line = [(f"{name}) ", NOW if here else SOFT), (option, NOW if here else TEXT)]
        if not full and length([*lines[-1], *chunk]) + 3 <= width:
            lines[-1] += [("   ", TEXT), *chunk]
        else:
            lines += (more := parted(chunk, width))
            full = len(more) > 1
    return lines


def label(player: Player) -> str:
    """What stands before the place to answer."""
    ask = player.step.ask
    pick = isinstance(ask, Predict) and isinstance(ask.question, Pick)
    return player.label or ("the box:" if pick else "answer:")


def typed(player: Player, answer: Answer) -> str:
    """What stands where the answer is typed."""
    state = player.state
    if answer.typed:
        return answer.typed + CARET
    if state.over:
        return player.solved
    if state.verdict and not state.verdict.right:
        return state.verdict.said
    pick = isinstance(player.step.ask, Predict) and isinstance(player.step.ask.question, Pick)
    return "select it, then ↵" if pick else CARET


def given(player: Player, answer: Answer, width: int) -> list[Line]:
    """The line to answer on, with its verdict; for something to be done, whether it is."""
    ask, state = player.step.ask, player.state
    verdict = mark(player)
    if isinstance(ask, Do):
        return [[verdict] if verdict[0] else [(UNDONE, MUTED)]]
    assert isinstance(ask, Predict)
    text = typed(player, answer)
    body = parted([(f"{label(player)} ", SOFT), (text, BOLD if state.over or answer.typed else TEXT)], width - 2)
    if verdict[0] and not answer.typed and length(body[-1]) + length([verdict]) + 6 <= width:
        body[-1] = [*body[-1], (" " * (width - 2 - length(body[-1]) - length([verdict])), TEXT), verdict]
    elif verdict[0] and not answer.typed:
        body.append([verdict])
    return [[("┃ ", NOW), *line] for line in body]


def mark(player: Player) -> Piece:
    """What came of the last answer, in a word or two."""
    state = player.state
    if state.over and isinstance(player.step.ask, Do):
        return ("done for you", MUTED) if state.done is Done.SHOWN else ("✓ Done.", RIGHT)
    if state.over:
        return ("✓ Right.", RIGHT) if state.verdict is not None and state.verdict.right else ("answer told", MUTED)
    if state.verdict is not None:
        return ("Nearly.", NOW) if state.verdict.nearly else ("✕ Not yet.", WRONG)
    return "", TEXT


def followed(player: Player, width: int) -> dict[str, list[Line]]:
    """Hints, remarks, and the explanation with its corrections, each in lines of its own."""
    state = player.state
    found: dict[str, list[Line]] = {}
    for k, hint in enumerate(player.hints if not state.over else ()):
        found[f"hint {k + 1}"] = _barred(hint, width, Ink("cursor"))
    for k, remark in enumerate(state.verdict.remarks if state.verdict and not state.over else ()):
        found[f"remark {k + 1}"] = _barred(remark, width, Ink("bad"))
    if player.explain or player.forgotten:
        found["explain"] = markdown(player.explain or RECALLED, width)
    for k, note in enumerate(player.notes):
        lines: list[Line] = [[("It is often said", MUTED)], *_barred(f"“{note.said}”", width, Ink("muted"), SOFT)]
        lines += [*_barred(note.where, width, Ink("muted"), MUTED), [], *markdown(note.instead, width)]
        found[f"note {k + 1}"] = lines
    return found


def told(player: Player) -> list[str]:
    """What follows an answer, in short: remarks where it is wrong, else what is explained."""
    verdict = player.state.verdict
    if player.state.over:
        return [player.explain] if player.explain else []
    return list(verdict.remarks) if verdict else []


def foot(player: Player) -> str:
    """Attempts and hints."""
    ask, state = player.step.ask, player.state
    if player.testing:
        return "the lesson's question: one try, no hints"
    if ask is None:
        return ""
    attempt = state.attempts + (not state.over)
    words = [f"attempt {attempt}"] if isinstance(ask, Predict) and attempt else []
    words += [f"hints used {state.hints} of {len(ask.hints)}"] if ask.hints else []
    return "   ".join(words)


def plain(text: str, width: int, bar: str = "bad") -> list[Line]:
    """Words of our own, in which nothing is Markdown, such as a path, beside a line of that colour."""
    return _beside(parted([(text, TEXT)], width - 2), Ink(bar))


def said(answer: Answer, width: int) -> list[Line]:
    """What is to be known now, and why the last key could not be obeyed."""
    problem = plain(answer.problem, width) if answer.problem else []
    return problem or (plain(answer.note, width, "cursor") if answer.note else [])


def _barred(text: str, width: int, bar: Ink, ink: Ink = TEXT) -> list[Line]:
    """Markdown beside a thin line."""
    return _beside(markdown(text, width - 2, ink), bar)


def _beside(lines: list[Line], bar: Ink) -> list[Line]:
    return [[("│ ", bar), *line] for line in lines]
