"""The lists of home: lessons by chapter, labs, nets. Every entry is a target that a click or the arrows choose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from bptui.drawing.canvas import Canvas, Ink, Region, cells
from bptui.drawing.lines import BOLD, MUTED, NOW, SOFT, TEXT, Piece, rule, wrap, write
from bptui.tui.catalogue import CHAPTERS, COURSE, LABS, LETTERS, NETS
from bptui.tui.course.marks import mark, said, tally
from bptui.tui.home.boxes import TOLD

if TYPE_CHECKING:
    from bptui.course.overview import Row

_HEADING = Ink("soft", bold=True)
_FAINT = Ink("muted~70")
_SIGNS = 7  # columns of a mark and of what is said behind it


def lessons(width: int, height: int, rows: Mapping[str, Row], chosen: str, *, lettered: bool, roomy: bool) -> Canvas:
    """The course by chapters: number, title, how far one is; where it is tight, mark and title."""
    inset, top, before, behind = (3, 2, 4, 1 + _SIGNS) if roomy else (2, 1, 2, 0)
    first = top + (2 if roomy else 1)
    widths = [before + max(cells(lesson.title) for lesson in chapter.lessons) + behind for chapter in CHAPTERS]
    columns = _spread(widths, width - inset - roomy, 2 if roomy else 1)
    titles = [
        [wrap(lesson.title, room - before - behind) for lesson in chapter.lessons]
        for chapter, (_, room) in zip(CHAPTERS, columns, strict=True)
    ]
    canvas = Canvas(width, max(first + max(sum(map(len, lines)) for lines in titles) + roomy, height))
    canvas.paste(rule(width, "Lessons", right=tally(rows.values(), steps=roomy), accent=BOLD), 0, 0)
    for chapter, (left, room), wanted, lines in zip(CHAPTERS, columns, widths, titles, strict=True):
        canvas.put(inset + left, top, chapter.title, _HEADING)
        x, y, shown = inset + left, first, min(room, wanted)
        for lesson, title in zip(chapter.lessons, lines, strict=True):
            number, row, target = COURSE.index(lesson), rows.get(lesson.id), f"lesson:{lesson.id}"
            here = chosen == target
            if here:
                canvas.fill(x - 1, y, shown + 1, len(title), "selection")
            known = row is not None and (row.finished or row.at > 0)
            for k, line in enumerate(title):
                canvas.put(x + before, y + k, line, NOW if here else TEXT if known else SOFT)
            letter: Piece = (LETTERS[number : number + 1], NOW)
            if roomy:
                write(canvas, x, y, [(" ", TEXT), letter] if lettered else [(f"{number + 1:>2}", MUTED)])
                write(canvas, x + shown - _SIGNS, y, [mark(row, here=here), (" ", TEXT), said(row, here=here)])
            else:
                write(canvas, x, y, [letter if lettered else mark(row, here=here)])
            canvas.regions.append(Region(x - 1, y, room + 1, len(title), target))
            y += len(title)
    return canvas


def _spread(widths: Sequence[int], room: int, gap: int) -> list[tuple[int, int]]:
    """Where columns begin, and how wide they are: all alike, unless they fit only as wide as they have to be."""
    alike, spare = (room - gap * (len(widths) - 1)) // len(widths), room - gap * (len(widths) - 1) - sum(widths)
    fitting = max(widths) > alike and spare >= 0
    found, x = [], 0
    for width in widths:
        wide = width + spare // len(widths) if fitting else alike
        found.append((x, wide))
        x += wide + gap
    return found


def nets(width: int, height: int, chosen: str, *, lettered: bool, files: bool = True) -> Canvas:
    """The nets: letter, name, sizes; in one column, with what each is for, where there is room, else in two."""
    told = width >= TOLD[0] and height >= len(NETS) + 3
    count = 1 if told or width < 60 else 2
    deep, inset = -(-len(NETS) // count), 3 if height > 9 else 2
    first = 2 if height >= deep + 3 else 1
    canvas = Canvas(width, max(height, first + deep))
    canvas.paste(rule(width, "Nets", right=f"{len(NETS)} of them", accent=BOLD), 0, 0)
    wide = (width - 2 * inset + 4) // count - 4
    for k, net in enumerate(NETS):
        x, y = inset + k // deep * (wide + 4), first + k % deep
        here = chosen == f"net:{net.name}"
        if here:
            canvas.fill(x - 1, y, wide + 2, 1, "selection")
        canvas.put(x, y, LETTERS[k], NOW if lettered else _FAINT)
        canvas.put(x + 3, y, net.name, NOW if here else TEXT)
        if told:
            canvas.put(x + 18, y, net.outline, SOFT if here else MUTED)
            canvas.put(x + 33, y, net.about, SOFT if here else MUTED)
        else:
            canvas.put(x + wide - cells(net.outline), y, net.outline, SOFT if here else MUTED)
        canvas.regions.append(Region(x - 1, y, wide + 2, 1, f"net:{net.name}"))
    if files and first + deep + 1 < height:
        x = write(canvas, inset, first + deep + 1, [("o", NOW), ("  open a file", TEXT)])
        x = canvas.put(x + 2, first + deep + 1, "a lesson (.md) or an experiment (.toml)", MUTED)
        canvas.regions.append(Region(inset, first + deep + 1, x - inset, 1, "key:open_file"))
    return canvas


def labs(width: int, height: int, chosen: str) -> Canvas:
    """The labs below each other, each with what it is for."""
    canvas = Canvas(width, height)
    canvas.paste(rule(width, "Labs", accent=BOLD), 0, 0)
    for k, lab in enumerate(LABS):
        y, here = 2 + 3 * k, chosen == f"lab:{lab.place}"
        if here:
            canvas.fill(2, y, width - 4, 2, "selection")
        write(canvas, 3, y, [(lab.key, NOW), (f"  {lab.title}", NOW if here else TEXT)])
        canvas.put(6, y + 1, lab.about, SOFT if here else MUTED)
        canvas.regions.append(Region(2, y, width - 4, 2, f"lab:{lab.place}"))
    return canvas


def places(width: int, chosen: str, *, files: bool = True) -> Canvas:
    """Labs, and the ways to all that is not shown, in two rows."""
    canvas = Canvas(width, 3)
    canvas.paste(rule(width, "Labs and nets", accent=BOLD), 0, 0)
    entries = [(lab.key, lab.title, lab.about, f"lab:{lab.place}") for lab in LABS]
    entries.append(("n", "nets", f"{len(NETS)} of them", "key:letters('nets')"))
    if files:
        entries.append(("o", "open", ".md or .toml", "key:open_file"))
    middle = max(32, width // 2)
    for k, (key, title, about, target) in enumerate(entries):
        x, y = (2, middle)[k // 2], 1 + k % 2
        here = chosen == target
        words: list[Piece] = [(key, NOW), (f" {title}", NOW if here else TEXT)]
        if width >= 76:
            words.append(((10 - cells(title)) * " " + about, SOFT if here else MUTED))
        wide = sum(cells(text) for text, _ in words)
        if here:
            canvas.fill(x - 1, y, wide + 2, 1, "selection")
        write(canvas, x, y, words)
        canvas.regions.append(Region(x - 1, y, wide + 2, 1, target))
    return canvas
