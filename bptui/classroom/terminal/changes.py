"""The bytes that turn one row of cells into another, as few as a terminal's own means allow.

The colour of a space is not seen, so it is not sent; what looks alike is written together, and the look then changes by
the parameters that differ; the cursor goes on from where it is; a stretch of spaces is erased, where the terminal does
that in the colour of the ground.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

NEAR = 5  # cells that are alike, between others, which may cost less to write again than to go over
ERASE = 6  # spaces above which it costs less to erase them
_OFF = {"1": "22", "2": "22", "3": "23", "4": "24", "7": "27", "9": "29"}
_SEEN = {"4", "7", "9"}  # attributes that show on a space too


class _Run(NamedTuple):
    """Neighbours that look alike."""

    y: int
    x: int
    end: int  # the column at which the cursor then stands; -1 at the right edge, where terminals differ
    text: str
    texts: Sequence[str]  # of the whole row
    looks: Sequence[str]


class Writer:
    """Writes cells, with the least that has to be said between them. It begins with no look, the cursor anywhere.

    To change the look costs more than to come back to a place, so that all that looks alike is written together,
    wherever it stands. Of a heat map that is half of the bytes.
    """

    def __init__(self, *, erases: bool) -> None:
        self._erases = erases
        self._runs: dict[tuple[str, bool], list[_Run]] = {}  # by what is seen of them, and whether they are all spaces
        self._pieces: list[str] = []
        self._now = self._behind = ""  # the look in force, and what is seen of it on a space
        self._at: tuple[int, int] | None = None  # row and column of the cursor, where that is known

    def text(self) -> str:
        """All of it; the terminal is left without a look."""
        write = self._pieces.append
        for (look, blank), runs in sorted(self._runs.items(), key=_kin):
            wanted = _on(self._now, look) if blank else look
            if wanted != self._now:
                write(_change(self._now, wanted))
                self._now, self._behind = wanted, ground(wanted)
            for run in runs:
                if self._at != (run.y, run.x):
                    self._go(run)
                write(run.text)
                self._at = (run.y, run.end) if run.end >= 0 else None
        return "".join(self._pieces) + ("\x1b[0m" if self._now else "")

    def row(
        self, y: int, texts: Sequence[str], looks: Sequence[str], old_texts: Sequence[str], old_looks: Sequence[str]
    ) -> None:
        """Write where a row differs from what stands there."""
        cells = zip(texts, old_texts, looks, old_looks, strict=True)
        changed = [text != before or look != looked for text, before, look, looked in cells]
        changed.append(True)
        x, width, erases = changed.index(True), len(texts), self._erases
        while x < width:
            while x and texts[x] == "":  # a wide character is written from its left half
                x -= 1
            start, look, blank, erased = x, looks[x], texts[x] == " ", 0
            behind = look if blank else ground(look)
            while x < width and (changed[x] or texts[x] == ""):
                if texts[x] == " ":
                    if looks[x] != behind:
                        break
                    far = texts[min(x + ERASE, width - 1)]
                    if erases and far == " " and (erased := _erased(x, texts, looks, changed)):
                        break
                elif looks[x] != look:
                    if not blank or ground(looks[x]) != behind:
                        break
                    look, blank = looks[x], False
                else:
                    blank = False
                x += 1
            text, end = "".join(texts[start:x]), x if x < width else -1
            if erased:
                text, x = f"{text}\x1b[{erased - x}X", erased
            self._runs.setdefault((look, blank), []).append(_Run(y, start, end, text, texts, looks))
            x = changed.index(True, x)

    def _go(self, run: _Run) -> None:
        """Bring the cursor to a run: by writing again what lies between, if that is the shortest way."""
        y, x = run.y, run.x
        row, column = self._at or (-9, 0)
        if row == y and column <= x:
            way = _by(x - column)
            if x - column < NEAR and all(self._fits(run.texts[k], run.looks[k]) for k in range(column, x)):
                between = "".join(run.texts[column:x])
                way = between if len(between.encode()) <= len(way) else way
        else:
            ways = [f"\x1b[{y + 1};{x + 1}H"]
            if row == y:
                ways.append(_by(x - column))
            elif row == y - 1:
                ways += ["\n" + _by(x - column), "\r\n" + _by(x)]
            way = min(ways, key=len)
        self._pieces.append(way)

    def _fits(self, text: str, look: str) -> bool:
        return look == (self._behind if text == " " else self._now)


def _erased(x: int, texts: Sequence[str], looks: Sequence[str], changed: Sequence[bool]) -> int:
    """The column behind a stretch of spaces, if it is shorter to erase them; else 0."""
    if seen_on_space(looks[x]):
        return 0
    end = last = x
    while end < len(texts) and texts[end] == " " and looks[end] == looks[x]:
        if changed[end]:
            last = end
        end += 1
    return last + 1 if last - x >= ERASE else 0


@lru_cache(maxsize=1024)
def _by(columns: int) -> str:
    """Along the row, forward or back."""
    if columns == 0:
        return ""
    count = str(abs(columns)) if abs(columns) > 1 else ""
    return f"\x1b[{count}{'C' if columns > 0 else 'D'}"


@lru_cache(maxsize=65_536)
def ground(look: str) -> str:
    """What of a look is seen on a space: the ground alone, unless it has a line or is reversed."""
    attributes, _, behind = _parts(look)
    return look if _SEEN & set(attributes) else behind


@lru_cache(maxsize=65_536)
def seen_on_space(look: str) -> bool:
    """Whether a space in a look is more than its ground."""
    return bool(_SEEN & set(_parts(look)[0]))


def _kin(item: tuple[tuple[str, bool], object]) -> tuple[str, bool, str]:
    """Brings looks together that have a ground in common, spaces first."""
    look, blank = item[0]
    return (look, False, "") if blank else (ground(look), True, look)


@lru_cache(maxsize=65_536)
def _on(now: str, look: str) -> str:
    """A look with which a space looks like another one, and which is near what there is."""
    attributes, colour, _ = _parts(now)
    if seen_on_space(now) or seen_on_space(look):
        return look
    return ";".join(code for code in (*attributes, colour, _parts(look)[2]) if code)


@lru_cache(maxsize=65_536)
def _change(now: str, wanted: str) -> str:
    """What turns one look into another, which is often a colour alone."""
    (had, *before), (has, *after) = _parts(now), _parts(wanted)
    off = sorted({_OFF[code] for code in had if code not in has})
    codes = [*off, *(code for code in has if code not in had or _OFF[code] in off)]
    for old, new, default in zip(before, after, ("39", "49"), strict=True):
        if old != new:
            codes.append(new or default)
    anew = f"0;{wanted}" if wanted else ""
    return f"\x1b[{min(anew, ';'.join(codes), key=len)}m"


@lru_cache(maxsize=65_536)
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
