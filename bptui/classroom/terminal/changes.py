"""The bytes that turn one row of cells into another, as few as a terminal's own means allow.

The colour of a space is not seen, so it is not sent; what looks alike is written together, and the look then changes by
the parameters that differ; the cursor goes on from where it is; a stretch of spaces is erased, where the terminal does
that in the colour of the ground.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

NEAR = 5  # cells that are alike, between others, which may cost less to write again than to go over
ERASE = 6  # spaces above which it costs less to erase them
_OFF = {"1": "22", "2": "22", "3": "23", "4": "24", "7": "27", "9": "29"}
_SEEN = {"4", "7", "9"}  # attributes that show on a space too


# Neighbours that look alike: row and column, the column at which the cursor then stands (-1 at the right edge, where
# terminals differ), and what is written; then texts and looks of the whole row.
_Run = tuple[int, int, int, str, Sequence[str], Sequence[str]]


class Writer:
    """Writes cells, with the least that has to be said between them. It begins with no look, the cursor anywhere.

    To change the look costs more than to come back to a place, so that all that looks alike is written together,
    wherever it stands. Of a heat map that is half of the bytes.
    """

    def __init__(self, *, erases: bool) -> None:
        self._erases = erases
        self._runs: dict[tuple[str, bool], list[_Run]] = {}  # by what is seen of them, and whether they are all spaces

    def text(self) -> str:
        """All of it; the terminal is left without a look."""
        pieces: list[str] = []
        write, now, row, column = pieces.append, "", -9, 0  # the look in force, and where the cursor is
        for (look, blank), runs in sorted(self._runs.items(), key=_kin):
            wanted = _on(now, look) if blank else look
            if wanted != now:
                write(_change(now, wanted))
                now = wanted
            for y, x, end, text, texts, looks in runs:
                if y != row or x < column:
                    write(_to(y, x, row, column))
                elif x != column:
                    write(_along(column, x, texts, looks, now))
                write(text)
                row, column = (y, end) if end >= 0 else (-9, 0)
        return "".join(pieces) + ("\x1b[0m" if now else "")

    def row(
        self, y: int, texts: Sequence[str], looks: Sequence[str], old_texts: Sequence[str], old_looks: Sequence[str]
    ) -> None:
        """Write where a row differs from what stands there."""
        cells = zip(texts, old_texts, looks, old_looks, strict=True)
        changed = [text != before or look != looked for text, before, look, looked in cells]
        changed.append(True)
        x, width, runs = changed.index(True), len(texts), self._runs
        while x < width:
            while x and texts[x] == "":  # a wide character is written from its left half
                x -= 1
            start, look, erased = x, looks[x], 0
            blank = texts[x] == " "
            behind = look if blank else ground(look)
            while x < width:
                text = texts[x]
                if not changed[x] and text != "":
                    break
                if text == " ":
                    if looks[x] != behind or (erased := self._erased(x, texts, looks, changed)):
                        break
                elif blank:
                    if ground(looks[x]) != behind:
                        break
                    look, blank = looks[x], False
                elif looks[x] != look:
                    break
                x += 1
            text, end = "".join(texts[start:x]), x if x < width else -1
            if erased:
                text, x = f"{text}\x1b[{erased - x}X", erased
            runs.setdefault((look, blank), []).append((y, start, end, text, texts, looks))
            x = changed.index(True, x)

    def _erased(self, x: int, texts: Sequence[str], looks: Sequence[str], changed: Sequence[bool]) -> int:
        """The column behind a stretch of spaces, if it is shorter to erase them; else 0."""
        far = x + ERASE
        if not self._erases or far >= len(texts) or texts[far] != " " or seen_on_space(looks[x]):
            return 0
        end = last = x
        while end < len(texts) and texts[end] == " " and looks[end] == looks[x]:
            if changed[end]:
                last = end
            end += 1
        return last + 1 if last >= far else 0


def _to(y: int, x: int, row: int, column: int) -> str:
    """Brings the cursor to a place, from one that is not before it in its row."""
    ways = [f"\x1b[{y + 1};{x + 1}H"]
    if row == y:
        ways.append(_by(x - column))
    elif row == y - 1:
        ways += ["\n" + _by(x - column), "\r\n" + _by(x)]
    return min(ways, key=len)


def _along(column: int, x: int, texts: Sequence[str], looks: Sequence[str], now: str) -> str:
    """Brings the cursor on in its row: by writing again what lies between, if that is shorter."""
    way = _by(x - column)
    if x - column < NEAR:
        behind = ground(now)
        for text, look in zip(texts[column:x], looks[column:x], strict=True):
            if look != (behind if text == " " else now):
                return way
        between = "".join(texts[column:x])
        if len(between.encode()) <= len(way):
            return between
    return way


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
