"""A grid of coloured cells. Colours are names of roles, mixed where wanted; the interface's theme knows the rest."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple
from unicodedata import combining, east_asian_width


class Ink(NamedTuple):
    """How a cell looks.

    `fg` and `bg` name a role of the theme (see `ROLES`), or `role~percent`: that much of the role, the rest the
    screen's background. Without `bg` a cell keeps what is below it.
    """

    fg: str = "text"
    bg: str | None = None
    bold: bool = False


PLAIN = Ink()
_SYMBOLS = re.compile("[ -\u02ff\u2080-\u208e]*")  # letters, signs and the digits of indices: a cell each
PAGE = ("background", "surface", "panel", "selection", "hairline", "text", "soft", "muted")
DIAGRAM = ("observed", "observed-fill", "computed", "function", "cost", "cost-fill", "gradient", "gradient-fill")
SIGNS = ("positive", "negative", "good", "bad")
SERIES = ("series1", "series2", "series3", "series4")
CLASSES = ("class1", "class2", "class3", "class4", "class5")
BANDS = tuple(f"band{k}" for k in range(13))  # of a surface, the lowest first
NOW = ("cursor", "ink")  # this instant and nothing else; text on it
ROLES = (*PAGE, *NOW, *DIAGRAM, *SIGNS, *SERIES, *CLASSES, *BANDS)


@dataclass(frozen=True)
class Region:
    """A rectangle of cells that stands for something: what a click on it selects."""

    left: int
    top: int
    width: int
    height: int
    target: str

    def holds(self, x: int, y: int) -> bool:
        """Whether a cell lies inside."""
        return self.left <= x < self.left + self.width and self.top <= y < self.top + self.height

    def includes(self, other: Region) -> bool:
        """Whether all cells of another lie inside."""
        return (
            self.left <= other.left
            and self.top <= other.top
            and other.left + other.width <= self.left + self.width
            and other.top + other.height <= self.top + self.height
        )

    def within(self, width: int, height: int) -> Region:
        """What of it lies on a canvas of this size."""
        left, top = min(max(0, self.left), width), min(max(0, self.top), height)
        right, below = min(width, self.left + self.width), min(height, self.top + self.height)
        return Region(left, top, max(0, right - left), max(0, below - top), self.target)

    def touches(self, left: int, top: int, width: int, height: int) -> bool:
        """Whether some cell of a rectangle lies inside."""
        return (
            left < self.left + self.width
            and self.left < left + width
            and top < self.top + self.height
            and self.top < top + height
        )


@dataclass
class Canvas:
    """Rows of cells. A wide character fills two: itself, then an empty string. Writing outside is cut off."""

    width: int
    height: int
    regions: list[Region] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.characters = [[" "] * self.width for _ in range(self.height)]
        self.inks = [[PLAIN] * self.width for _ in range(self.height)]

    def put(self, x: int, y: int, text: str, ink: Ink = PLAIN) -> int:
        """Write a text from a cell rightwards and return the column after it."""
        if not 0 <= y < self.height:
            return x + cells(text)
        characters, inks, width, see_through = self.characters[y], self.inks[y], self.width, ink.bg is None
        end = x + len(text)
        if end > x + 2 and x >= 0 and end <= width and _narrow(text):  # for fewer cells, the loop is as fast
            characters[x:end] = text
            inks[x:end] = [_over(ink, below.bg) for below in inks[x:end]] if see_through else [ink] * len(text)
            return end
        for character in text:
            wide = _cells(character)
            if wide == 0:
                if 0 < x <= width:
                    characters[x - 1] += character
            elif x >= 0 and x + wide <= width:
                characters[x] = character
                inks[x] = _over(ink, inks[x].bg) if see_through else ink
                if wide == 2:
                    characters[x + 1], inks[x + 1] = "", inks[x]
            x += wide
        return x

    def fill(self, left: int, top: int, width: int, height: int, background: str) -> None:
        """Colour the ground of a rectangle; what is written there stays."""
        for y in range(max(0, top), min(self.height, top + height)):
            for x in range(max(0, left), min(self.width, left + width)):
                self.inks[y][x] = _over(self.inks[y][x], background)

    def paste(self, other: Canvas, left: int, top: int) -> None:
        """Copy another canvas onto this one, with its regions."""
        start, stop = max(0, -left), min(other.width, self.width - left)
        if start < stop:
            for y in range(max(0, -top), min(other.height, self.height - top)):
                self.characters[top + y][left + start : left + stop] = other.characters[y][start:stop]
                self.inks[top + y][left + start : left + stop] = other.inks[y][start:stop]
        if left == top == 0:
            self.regions += other.regions
        else:
            self.regions += [Region(r.left + left, r.top + top, r.width, r.height, r.target) for r in other.regions]

    def target_at(self, x: int, y: int) -> str | None:
        """What the cell stands for: the target of the last region drawn over it."""
        return next((region.target for region in reversed(self.regions) if region.holds(x, y)), None)

    def reach(self, window: Region) -> bool:
        """See to it that a part of the canvas is painted; returns whether it had to be. All of this one always is."""
        return False

    @property
    def painted(self) -> range:
        """The rows on which something may stand."""
        return range(self.height)

    def runs(self, y: int) -> Iterator[tuple[str, Ink]]:
        """A row as stretches that look alike, left to right."""
        return runs(self.characters[y], self.inks[y])

    def text(self) -> str:
        """The characters alone, without trailing blanks."""
        return "\n".join("".join(row).rstrip() for row in self.characters)


class Lazy(Canvas):
    """A large canvas, painted where it is looked at, and round about; elsewhere it is blank.

    `painter` draws all that stands in a window of it, or reaches into it. What it writes elsewhere is dropped.
    """

    def __init__(self, width: int, height: int, painter: Callable[[Lazy, Region], None]) -> None:
        self._painter, self._window = painter, Region(0, 0, 0, 0, "")
        super().__init__(width, height)

    def __post_init__(self) -> None:
        blank, plain = [" "] * self.width, [PLAIN] * self.width  # one row for all that are not painted
        self.characters, self.inks = [blank] * self.height, [plain] * self.height

    @property
    def painted(self) -> range:
        return range(self._window.top, self._window.top + self._window.height)

    def reach(self, window: Region) -> bool:
        if self._window.includes(window.within(self.width, self.height)):
            return False
        left, width = _round_about(window.left, window.width, self.width)
        top, height = _round_about(window.top, window.height, self.height)
        self._window = Region(left, top, width, height, "")
        self.regions = []
        self.__post_init__()
        for y in self.painted:
            self.characters[y], self.inks[y] = [" "] * self.width, [PLAIN] * self.width
        self._painter(self, self._window)
        return True

    def put(self, x: int, y: int, text: str, ink: Ink = PLAIN) -> int:
        inside = 0 <= y - self._window.top < self._window.height
        return super().put(x, y, text, ink) if inside else x + cells(text)


def _round_about(start: int, length: int, whole: int) -> tuple[int, int]:
    """Start and length of a somewhat longer stretch that holds this one, the same for near ones."""
    step = max(1, length // 4)
    first = max(0, start) // step * step
    return first, max(0, min(whole, first + length + step) - first)


def part(characters: list[str], inks: list[Ink], left: int, right: int) -> tuple[list[str], list[Ink]]:
    """The cells of a row from a column to another; of a wide character that is cut in two, a blank stays."""
    row = characters[left:right]
    if row and row[0] == "":
        row[0] = " "
    if row and right < len(characters) and characters[right] == "":
        row[-1] = " "
    return row, inks[left:right]


def runs(characters: list[str], inks: list[Ink]) -> Iterator[tuple[str, Ink]]:
    """Cells as stretches that look alike, left to right: a blank without a ground goes with the cell before it."""
    start = 0
    for x, ink in enumerate(inks):
        run = inks[start]
        if ink is run or ink == run or (characters[x] == " " and ink.bg is run.bg is None):
            continue
        yield "".join(characters[start:x]), run
        start = x
    if characters:
        yield "".join(characters[start:]), inks[start]


@lru_cache(maxsize=4096)
def cells(text: str) -> int:
    """How many cells a text takes: two for a wide character, none for a combining one."""
    return len(text) if text.isascii() or _SYMBOLS.fullmatch(text) else sum(map(_cells, text))


@lru_cache(maxsize=4096)
def _narrow(text: str) -> bool:
    """Whether each character takes one cell."""
    return text.isascii() or _SYMBOLS.fullmatch(text) is not None or {1}.issuperset(map(_cells, text))


@lru_cache(maxsize=4096)
def _cells(character: str) -> int:
    return 2 if east_asian_width(character) in "WF" else 0 if combining(character) else 1


@lru_cache(maxsize=4096)
def _over(ink: Ink, background: str | None) -> Ink:
    """An ink without a background of its own, on the one below it."""
    return ink if background is None else ink._replace(bg=background)
