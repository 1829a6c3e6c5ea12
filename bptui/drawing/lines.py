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
            head = _head(word, width)
            lines.append(head)
            word = word[len(head) :]
        longer = f"{line} {word}" if line else word
        if cells(longer) <= width:
            line = longer
        else:
            lines.append(line)
            line = word
    return [*lines, line] if line else lines


def _head(word: str, width: int) -> str:
    """As much of a word as so many cells hold, at least one character."""
    taken = 0
    for count, character in enumerate(word):
        taken += cells(character)
        if taken > width and count:
            return word[:count]
    return word


def parted(pieces: Iterable[Piece], width: int) -> list[list[Piece]]:
    """Pieces in lines of at most `width` cells, broken at blanks between words; what is longer than a line is broken.

    >>> [[text for text, _ in line] for line in parted([("a b", TEXT), ("c d", BOLD)], 4)]
    [['a b', 'c'], ['d']]
    """
    lines: list[list[Piece]] = [[]]
    width = max(2, width)  # room for a wide character
    for word in _words(pieces):
        blank = bool(lines[-1])
        if blank and length(lines[-1]) + 1 + length(word) > width:
            lines.append([])
            blank = False
        for text, ink in word:
            while length(lines[-1]) + blank + cells(text) > width:
                head = _head(text, width - length(lines[-1]))
                if length(lines[-1]) + cells(head) <= width:
                    _append(lines[-1], head, ink)
                    text = text[len(head) :]
                lines.append([])
            _append(lines[-1], " " * blank + text, ink)
            blank = False
    return [line for line in lines if line]


def _words(pieces: Iterable[Piece]) -> list[list[Piece]]:
    """What stands between blanks; a word may have pieces of different ink."""
    words: list[list[Piece]] = [[]]
    for text, ink in pieces:
        for k, part in enumerate(text.split(" ")):
            if k:
                words.append([])
            if part:
                words[-1].append((part, ink))
    return [word for word in words if word]


def _append(line: list[Piece], text: str, ink: Ink) -> None:
    """Write on in a line; what has the ink of the piece before becomes a part of it."""
    if line and line[-1][1] == ink:
        line[-1] = line[-1][0] + text, ink
    elif text:
        line.append((text, ink))


def clipped(text: str, width: int) -> str:
    """The text, or its beginning with an ellipsis where it is longer than so many cells.

    >>> clipped("another entry", 8), clipped("other", 8)
    ('another…', 'other')
    """
    return text if cells(text) <= width else _head(text, width - 1) + "…" if width > 1 else "…"[:width]


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
