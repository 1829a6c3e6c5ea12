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

from bptui.classroom.terminal.changes import Writer, ground
from bptui.classroom.terminal.shades import ink, reduced
from bptui.drawing.canvas import Ink
from bptui.tui.cell_strip import CellStrip
from bptui.tui.theme import Paint

CLEARED = b"\x1b[0m\x1b[1;1H\x1b[J"  # how the difference to nothing begins
MARKS = 2  # combining marks that a cell holds


class Row:
    """One row: a text and the SGR parameters of its look for every cell. The right half of a wide character is "".

    Of a space's look, only what is seen of it is kept.
    """

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
        cells = _laid(text)
        if cells and len(cells[0]) == 0:  # a mark on the character before it
            self._mark(x, text)
            return self.put(x, text[1:], look)
        room = max(0, len(self.texts) - x)
        shown = cells[:room]
        if len(cells) > room and cells[room] == "":
            shown = shown[:-1]  # half of a wide character
        if not shown:
            return x + len(cells)
        end = x + len(shown)
        self._part(x, end)
        self.texts[x:end] = shown
        behind = ground(look)
        self.looks[x:end] = [behind if cell == " " else look for cell in shown]
        return x + len(cells)

    def lay(self, x: int, texts: list[str], looks: list[str]) -> int:
        """Put cells that are ready, none of them wide, as far as the row goes; return the column behind them."""
        end = x + len(texts)
        over = max(0, end - len(self.texts))
        if over:
            texts, looks = texts[:-over], looks[:-over]
        if texts:
            self._part(x, end - over)
            self.texts[x : end - over], self.looks[x : end - over] = texts, looks
        return end

    def _mark(self, x: int, text: str) -> None:
        at = x - 1 if 0 < x <= len(self.texts) and self.texts[x - 1] else x - 2
        if 0 <= at < len(self.texts) and len(self.texts[at]) <= MARKS:
            self.texts[at] += _printable(text[0])

    def _part(self, left: int, right: int) -> None:
        """Blank what is left of wide characters that are cut in two."""
        if 0 < left < len(self.texts) and self.texts[left] == "":
            self._clear(left - 1)
        if right < len(self.texts) and self.texts[right] == "":
            self._clear(right)

    def _clear(self, x: int) -> None:
        self.texts[x], self.looks[x] = " ", ground(self.looks[x])


def blank(width: int) -> Row:
    """A row of spaces."""
    return Row([" "] * width, [""] * width)


def line(text: str, width: int, look: str = "") -> Row:
    """A row with one text in one look."""
    row = Row([" "] * width, [ground(look)] * width)
    row.put(0, text, look)
    return row


class Frame:
    """What a terminal is to show, at one moment. Its rows never change; what is the same is shared.

    `erases`: the terminal fills what it erases with the colour of the ground.
    """

    __slots__ = ("_before", "_whole", "erases", "height", "rows", "width")

    def __init__(self, width: int, rows: tuple[Row, ...], *, erases: bool = True) -> None:
        self.width, self.height, self.rows, self.erases = width, len(rows), rows, erases
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
            return Frame(self.width, rows, erases=self.erases)
        return Frame(width, tuple(_cut(row, width) for row in rows), erases=self.erases)

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

    def __init__(
        self, width: int, height: int, depth: ColorSystem | None, *, ascii_only: bool = False, erases: bool = True
    ) -> None:
        self.depth, self.ascii_only, self.erases = depth, ascii_only, erases
        self.resize(width, height)

    def resize(self, width: int, height: int) -> None:
        """Begin again, blank."""
        self.width, self.height = width, height
        self._rows = [blank(width) for _ in range(height)]
        self._own: set[int] = set()  # the rows that no frame has

    def turn(self, depth: ColorSystem | None, *, ascii_only: bool) -> None:
        """Draw with other colours or glyphs from now on; what stands there was drawn for others."""
        self.depth, self.ascii_only = depth, ascii_only
        self.resize(self.width, self.height)

    def frame(self) -> Frame:
        self._own.clear()
        return Frame(self.width, tuple(self._rows), erases=self.erases)

    def draw(self, update: CompositorUpdate) -> None:
        """Take in what Textual's compositor has drawn anew."""
        if isinstance(update, LayoutUpdate):
            for y, strips in enumerate(update.strips, update.region.y):
                x = update.region.x
                for each in strips:
                    x = self._put(x, y, each)
        elif isinstance(update, ChopsUpdate):
            for y, left, right in update.spans:
                for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
                    if strip is None or x > right or end <= left:
                        continue
                    whole = right > x >= left and end <= right
                    self._put(x, y, strip if whole else strip.crop(0, min(end, right) - x))

    def _put(self, x: int, y: int, strip: Iterable[Segment]) -> int:
        if not 0 <= y < self.height:
            return x
        if y not in self._own:
            self._own.add(y)
            self._rows[y] = self._rows[y].copy()
        return put_strip(self._rows[y], x, strip, self.depth, ascii_only=self.ascii_only)


def put_strip(row: Row, x: int, strip: Iterable[Segment], depth: ColorSystem | None, *, ascii_only: bool) -> int:
    """Write what Textual would show of a row, from a column on; return the column behind it."""
    if isinstance(strip, CellStrip) and _are_single(strip.characters, ascii_only=ascii_only):
        looks = map(_looks(strip.styles.paint, strip.styles.ground, depth).__getitem__, strip.inks)
        cells = zip(strip.characters, looks, strict=True)
        return row.lay(x, strip.characters, [behind if text == " " else look for text, (look, behind) in cells])
    for text, style, control in strip:
        if not control:
            shown = _to_ascii(text) if ascii_only and not text.isascii() else text
            x = row.put(x, shown, look(style, depth) if style is not None else "")
    return x


class _Looks(dict[Ink, tuple[str, str]]):
    """Of each ink its look, and what of it is seen on a space."""

    def __init__(self, paint: Paint, ground: str, depth: ColorSystem | None) -> None:
        super().__init__()
        self._styles, self._depth = paint.styles(ground), depth

    def __missing__(self, ink: Ink) -> tuple[str, str]:
        found = look(self._styles[ink], self._depth)
        self[ink] = found, ground(found)
        return self[ink]


_looks = lru_cache(maxsize=64)(_Looks)
_SINGLE: set[str] = set()  # characters that were found to fill one cell


def _are_single(characters: list[str], *, ascii_only: bool) -> bool:
    """Whether each of some cells holds one character that can be shown as it is, and is one cell wide."""
    unknown = set(characters) - _SINGLE
    if not all(len(c) == 1 and c.isprintable() and get_character_cell_size(c) == 1 for c in unknown):
        return False
    if len(_SINGLE) < 4096:
        _SINGLE.update(unknown)
    return not ascii_only or "".join(characters).isascii()


@lru_cache(maxsize=32_768)
def look(style: Style, depth: ColorSystem | None) -> str:
    """The SGR parameters of a style. Rich and Textual keep them in the style, whatever depth they were made for."""
    codes = [code for name, code in _ATTRIBUTES if getattr(style, name)]
    if depth is not None:
        if style.color is not None:
            codes += ink(style.color, depth).get_ansi_codes()
        if style.bgcolor is not None:
            codes += reduced(style.bgcolor, depth).get_ansi_codes(foreground=False)
    return ";".join(codes)


_ATTRIBUTES = (("bold", "1"), ("dim", "2"), ("italic", "3"), ("underline", "4"), ("reverse", "7"), ("strike", "9"))


@lru_cache(maxsize=32_768)
def _laid(text: str) -> tuple[str, ...]:
    """A text as cells; a mark that has no character before it is a cell of its own, and empty."""
    if text.isascii() and text.isprintable():
        return tuple(text)
    cells: list[str] = []
    for character in map(_printable, text):
        wide = get_character_cell_size(character)
        if wide or not cells:
            cells += [character, ""][:wide] or [""]
            continue
        at = len(cells) - 1 - (not cells[-1] and len(cells) > 1)
        if cells[at] and len(cells[at]) <= MARKS:
            cells[at] += character
    return tuple(cells)


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
    if before is not None and (before.width, before.height) != (after.width, after.height):
        before = None
    start = f"\x1b[0m\x1b[{top + 1};1H\x1b[J" if before is None else ""
    writer, nothing = Writer(erases=after.erases), blank(after.width)
    for y, row in enumerate(after.rows):
        old = nothing if before is None else before.rows[y]
        if row is not old and row != old:
            writer.row(top + y, row.texts, row.looks, old.texts, old.looks)
    return start + writer.text()


def _cut(row: Row, width: int) -> Row:
    texts, looks = row.texts[:width], row.looks[:width]
    if len(row.texts) > width and row.texts[width] == "":
        texts[-1], looks[-1] = " ", ground(looks[-1])
    return Row(texts, looks)
