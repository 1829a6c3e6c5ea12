"""The screen of an app as cells, and the bytes that turn what a terminal shows into another frame.

An app's output is never passed on: it is taken apart into cells here, and what a terminal is sent is made from cells
alone. So nothing that anybody typed, pasted or is called reaches a terminal as anything but printable text; a frame
can be left out, or be shown to another terminal, at any time; and a step costs the bytes of the cells that differ.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from rich.cells import cell_len, get_character_cell_size
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate

GAP = 5  # cells that are alike, between others, which cost less to write again than to go round
CLEARED = b"\x1b[0m\x1b[1;1H\x1b[J"  # how the difference to nothing begins
MARKS = 2  # combining marks that a cell holds


class Row:
    """One row: a text and the SGR parameters of its look for every cell. The right half of a wide character is ""."""

    __slots__ = ("looks", "texts")

    def __init__(self, texts: list[str], looks: list[str]) -> None:
        self.texts, self.looks = texts, looks

    def copy(self) -> Row:
        return Row(self.texts[:], self.looks[:])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Row) and self.texts == other.texts and self.looks == other.looks

    __hash__ = None  # type: ignore[assignment]

    def put(self, x: int, text: str, look: str) -> int:
        """Write from a column on, as far as the row goes; return the column behind it."""
        end = len(self.texts)
        if text.isascii() and text.isprintable():
            shown = text[: max(0, end - x)]
            self._part(x, x + len(shown))
            self.texts[x : x + len(shown)] = shown
            self.looks[x : x + len(shown)] = [look] * len(shown)
            return x + len(text)
        for character in text:
            x = self._put(x, _printable(character), look)
        return x

    def _put(self, x: int, character: str, look: str) -> int:
        wide = get_character_cell_size(character)
        if wide == 0:
            at = x - 1 if 0 < x <= len(self.texts) and self.texts[x - 1] else x - 2
            if 0 <= at < len(self.texts) and len(self.texts[at]) <= MARKS:
                self.texts[at] += character
            return x
        if x + wide <= len(self.texts):
            self._part(x, x + wide)
            self.texts[x : x + wide] = [character, ""][:wide]
            self.looks[x : x + wide] = [look] * wide
        return x + wide

    def _part(self, left: int, right: int) -> None:
        """Blank what is left of wide characters that are cut in two."""
        if 0 < left < len(self.texts) and self.texts[left] == "":
            self.texts[left - 1] = " "
        if right < len(self.texts) and self.texts[right] == "":
            self.texts[right] = " "


def blank(width: int) -> Row:
    """A row of spaces."""
    return Row([" "] * width, [""] * width)


def line(text: str, width: int, look: str = "") -> Row:
    """A row with one text in one look."""
    row = Row([" "] * width, [look] * width)
    row.put(0, text, look)
    return row


class Frame:
    """What a terminal is to show, at one moment. Its rows never change; what is the same is shared."""

    __slots__ = ("_before", "_whole", "height", "rows", "width")

    def __init__(self, width: int, rows: tuple[Row, ...]) -> None:
        self.width, self.height, self.rows = width, len(rows), rows
        self._before: tuple[Frame, bytes] | None = None
        self._whole = b""

    def text(self) -> str:
        """The characters, for tests and for the log."""
        return "\n".join("".join(row.texts).rstrip() for row in self.rows)

    def cropped(self, width: int, height: int) -> Frame:
        """The upper left part; this very frame if that is all of it."""
        if self.width <= width and self.height <= height:
            return self
        rows = self.rows[:height]
        if self.width <= width:
            return Frame(self.width, rows)
        return Frame(width, tuple(_cut(row, width) for row in rows))

    def over(self, rows: tuple[Row, ...]) -> Frame:
        """The same with other rows at its end; this very frame if there are none."""
        if not rows:
            return self
        kept = self.rows[: max(0, self.height - len(rows))]
        return Frame(self.width, (*kept, *(_cut(row, self.width) for row in rows[: self.height])))

    def after(self, before: Frame | None) -> bytes:
        """What turns a terminal that shows another frame, or nothing, into this one.

        The answers are kept: all who follow a stage ask for the same ones.
        """
        if before is None:
            self._whole = self._whole or difference(None, self).encode("utf-8", "replace")
            return self._whole
        if self._before is not None and self._before[0] is before:
            return self._before[1]
        data = difference(before, self).encode("utf-8", "replace")
        before._before = None  # else every frame would keep all frames before it
        self._before = before, data
        return data


class Surface:
    """The cells that an app draws on. `frame` gives them as they stand."""

    def __init__(self, width: int, height: int, depth: ColorSystem | None, *, ascii_only: bool = False) -> None:
        self.depth, self.ascii_only = depth, ascii_only
        self.resize(width, height)

    def resize(self, width: int, height: int) -> None:
        """Begin again, blank."""
        self.width, self.height = width, height
        self._rows = [blank(width) for _ in range(height)]
        self._own: set[int] = set()  # the rows that no frame has

    def frame(self) -> Frame:
        self._own.clear()
        return Frame(self.width, tuple(self._rows))

    def draw(self, update: CompositorUpdate) -> None:
        """Take in what Textual's compositor has drawn anew."""
        if isinstance(update, LayoutUpdate):
            for y, strips in enumerate(update.strips, update.region.y):
                self._put(update.region.x, y, (segment for strip in strips for segment in strip))
        elif isinstance(update, ChopsUpdate):
            for y, left, right in update.spans:
                for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
                    if strip is None or x > right or end <= left:
                        continue
                    whole = right > x >= left and end <= right
                    self._put(x, y, strip if whole else strip.crop(0, min(end, right) - x))

    def _put(self, x: int, y: int, segments: Iterable[Segment]) -> None:
        if not 0 <= y < self.height:
            return
        if y not in self._own:
            self._own.add(y)
            self._rows[y] = self._rows[y].copy()
        row = self._rows[y]
        for text, style, control in segments:
            if not control:
                shown = _to_ascii(text) if self.ascii_only and not text.isascii() else text
                x = row.put(x, shown, look(style, self.depth) if style is not None else "")


@lru_cache(maxsize=32_768)
def look(style: Style, depth: ColorSystem | None) -> str:
    """The SGR parameters of a style. Rich and Textual keep them in the style, whatever depth they were made for."""
    codes = [code for name, code in _ATTRIBUTES if getattr(style, name)]
    if depth is not None:
        if style.color is not None:
            codes += style.color.downgrade(depth).get_ansi_codes()
        if style.bgcolor is not None:
            codes += style.bgcolor.downgrade(depth).get_ansi_codes(foreground=False)
    return ";".join(codes)


_ATTRIBUTES = (("bold", "1"), ("dim", "2"), ("italic", "3"), ("underline", "4"), ("reverse", "7"), ("strike", "9"))


@lru_cache(maxsize=4096)
def _printable(character: str) -> str:
    """A character as a cell may hold it: no control, no direction, no half of a pair, nothing without a shape."""
    return character if character.isprintable() else " " if character.isspace() else "?"


@lru_cache(maxsize=4096)
def _to_ascii(text: str) -> str:
    """A text for a terminal that knows ASCII alone, with as many cells."""
    return "".join(c if c.isascii() else "?" * cell_len(c) for c in text)


def difference(before: Frame | None, after: Frame, top: int = 0) -> str:
    """The sequences that turn a terminal which shows a frame into one that shows another, of the same size or not.

    The frames stand from row `top` on; what is above is left as it is.
    """
    pieces: list[str] = []
    if before is not None and (before.width, before.height) != (after.width, after.height):
        before = None
    if before is None:
        pieces.append(f"\x1b[0m\x1b[{top + 1};1H\x1b[J")
    now = ""
    for y, row in enumerate(after.rows):
        old = None if before is None else before.rows[y]
        if row is old or (old is not None and row == old):
            continue
        texts, looks = row.texts, row.looks
        for left, right in _spans(old, row):
            pieces.append(f"\x1b[{top + y + 1};{left + 1}H")
            start = left
            while start < right:
                wanted, end = looks[start], start + 1
                while end < right and looks[end] == wanted:
                    end += 1
                if wanted != now:
                    pieces.append(_change(now, wanted))
                    now = wanted
                pieces.append("".join(texts[start:end]))
                start = end
    if now:
        pieces.append("\x1b[0m")
    return "".join(pieces)


@lru_cache(maxsize=65_536)
def _change(now: str, wanted: str) -> str:
    """What turns one look into another, which is often a colour alone."""
    (had, *before), (has, *after) = _parts(now), _parts(wanted)
    if not set(had) <= set(has):
        return f"\x1b[0;{wanted}m" if wanted else "\x1b[0m"
    codes = [code for code in has if code not in had]
    for old, new, default in zip(before, after, ("39", "49"), strict=True):
        if old != new:
            codes.append(new or default)
    return f"\x1b[{';'.join(codes)}m"


def _parts(look: str) -> tuple[tuple[str, ...], str, str]:
    """The attributes of a look, its colour, and that of its ground."""
    codes = look.split(";") if look else []
    attributes, colours = [], ["", ""]
    while codes:
        code = codes.pop(0)
        if code in ("38", "48"):
            count = 2 if codes[0] == "5" else 4
            colours[code == "48"] = ";".join((code, *codes[:count]))
            del codes[:count]
        elif len(code) == 1:
            attributes.append(code)
        else:
            colours[code[:-1] in ("4", "10")] = code
    return tuple(attributes), colours[0], colours[1]


def _spans(old: Row | None, new: Row) -> list[tuple[int, int]]:
    """The columns in which two rows differ, in stretches; against nothing, all that is not blank."""
    width = len(new.texts)
    if old is None:
        old = blank(width)
    spans: list[tuple[int, int]] = []
    for x, (t, i, s, j) in enumerate(zip(old.texts, old.looks, new.texts, new.looks, strict=True)):
        if t == s and i == j:
            continue
        left, right = x, x + 1
        while left and new.texts[left] == "":  # a wide character is written from its left half
            left -= 1
        while right < width and new.texts[right] == "":
            right += 1
        if spans and left - spans[-1][1] < GAP:
            spans[-1] = spans[-1][0], max(right, spans[-1][1])
        else:
            spans.append((left, right))
    return spans


def _cut(row: Row, width: int) -> Row:
    texts, looks = row.texts[:width], row.looks[:width]
    if len(row.texts) > width and row.texts[width] == "":
        texts[-1] = " "
    return Row(texts, looks)
