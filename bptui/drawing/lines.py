"""Lines of text on a canvas: pieces of different ink, wrapping by words, and the rule that heads a pane."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bptui.drawing.canvas import Canvas, Ink, cells

TEXT, SOFT, MUTED = Ink("text"), Ink("soft"), Ink("muted")
BOLD, NOW, LINE = Ink("text", bold=True), Ink("cursor", bold=True), Ink("hairline")

Piece = tuple[str, Ink]


def write(canvas: Canvas, x: int, y: int, pieces: Iterable[Piece]) -> int:
    """Write pieces one after the other and return the column after the last."""
    for text, ink in pieces:
        x = canvas.put(x, y, text, ink)
    return x


def length(pieces: Iterable[Piece]) -> int:
    """How many cells the pieces take."""
    return sum(cells(text) for text, _ in pieces)


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width` cells, broken between words; a word that is longer than a line is broken."""
    lines, line = [], ""
    for word in text.split():
        while cells(word) > width > 0:
            if line:
                lines.append(line)
                line = ""
            lines.append(word[:width])
            word = word[width:]
        longer = f"{line} {word}" if line else word
        if cells(longer) <= width:
            line = longer
        else:
            lines.append(line)
            line = word
    return [*lines, line] if line else lines


def fold(chunks: Iterable[Sequence[Piece]], width: int, indent: int = 2) -> list[list[Piece]]:
    """Chunks one after the other on lines of at most `width` cells; a line after the first begins with `indent` blanks.

    A chunk is never broken between lines, unless it alone is longer than one: then it is broken between its words.
    """
    lines: list[list[Piece]] = [[]]
    for chunk in chunks:
        if length(lines[-1]) > indent and length([*lines[-1], *chunk]) > width:
            lines.append([(" " * indent, TEXT)])
        if length([*lines[-1], *chunk]) <= width:
            lines[-1] += chunk
            continue
        for text, ink in chunk:
            room = width - length(lines[-1])
            if cells(text) <= room:
                lines[-1].append((text, ink))
                continue
            for part in wrap(text, width - indent):
                if length(lines[-1]) > indent:
                    lines.append([(" " * indent, TEXT)])
                lines[-1].append((part, ink))
    return lines


def rule(width: int, title: str, note: str = "", right: str = "", accent: Ink | None = None) -> Canvas:
    """A hairline with a title at its left; a note behind it and a word at its right where there is room."""
    canvas = Canvas(width, 1)
    canvas.put(0, 0, "─" * width, LINE)
    x = canvas.put(1, 0, f" {title} ", accent or Ink("soft", bold=True))
    if note and x + cells(note) + 2 <= width:
        x = canvas.put(x, 0, f" {note} ", MUTED)
    if right and x + cells(right) + 5 <= width:
        canvas.put(width - cells(right) - 3, 0, f" {right} ", MUTED)
    return canvas


def written(lines: Sequence[Sequence[Piece]], width: int) -> Canvas:
    """Lines below each other, one cell from the left."""
    canvas = Canvas(width, len(lines))
    for y, line in enumerate(lines):
        write(canvas, 1, y, line)
    return canvas


def inset(section: Canvas, width: int, height: int | None = None) -> Canvas:
    """A canvas one cell from the left, on a wider one; as high as before if no height is given."""
    canvas = Canvas(width, section.height if height is None else height)
    canvas.paste(section, 1, 0)
    return canvas


def stack(width: int, sections: Sequence[Canvas], height: int) -> Canvas:
    """Canvases below each other, with blank rows between as far as the height allows: the first gaps go last.

    The result is at least `height` high, and higher if the sections are.
    """
    spare = max(0, height - sum(section.height for section in sections))
    canvas = Canvas(width, max(height, sum(section.height for section in sections)))
    y = 0
    for k, section in enumerate(sections):
        if k and spare:
            y, spare = y + 1, spare - 1
        canvas.paste(section, 0, y)
        y += section.height
    return canvas
