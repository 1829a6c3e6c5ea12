"""The bytes that turn one row of cells into another, as few as a terminal's own means allow.

The colour of a space is not seen, so it is not sent; a look changes by the parameters that differ; the cursor goes on
from where it is; a stretch of spaces is erased, where the terminal does that in the colour of the ground.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

NEAR = 5  # cells that are alike, between others, which may cost less to write again than to go over
ERASE = 6  # spaces above which it costs less to erase them
_OFF = {"1": "22", "2": "22", "3": "23", "4": "24", "7": "27", "9": "29"}
_SEEN = {"4", "7", "9"}  # attributes that show on a space too


class Writer:
    """Writes cells, with the least that has to be said between them. It begins with no look, the cursor anywhere."""

    def __init__(self, *, erases: bool) -> None:
        self._erases = erases
        self._pieces: list[str] = []
        self._now = self._behind = ""  # the look in force, and what is seen of it on a space
        self._at: tuple[int, int] | None = None  # row and column of the cursor, where that is known

    def text(self) -> str:
        """All of it; the terminal is left without a look."""
        return "".join(self._pieces) + ("\x1b[0m" if self._now else "")

    def row(
        self, y: int, texts: Sequence[str], looks: Sequence[str], old_texts: Sequence[str], old_looks: Sequence[str]
    ) -> None:
        """Write where a row differs from what stands there."""
        x, width, at = 0, len(texts), -1  # the cursor's column, once it is in this row
        now, behind, write = self._now, self._behind, self._pieces.append
        while x < width:
            text, look = texts[x], looks[x]
            if text == old_texts[x] and look == old_looks[x]:
                x += 1
                continue
            if text == "":  # a wide character is written from its left half
                while x and texts[x] == "":
                    x -= 1
                text, look = texts[x], looks[x]
            if at != x:
                self._go(y, x, texts, looks)
            if look != (behind if text == " " else now):
                self._become(text, look)
                now, behind = self._now, self._behind
            if text == " " and (end := self._erased(y, x, texts, looks, old_texts, old_looks)):
                self._at = y, x
                x, at = end, -1
                continue
            write(text)
            x += 1
            while x < width and texts[x] == "":
                x += 1
            at = x
            self._at = (y, x) if x < width else None  # at the right edge, terminals differ

    def _erased(
        self,
        y: int,
        x: int,
        texts: Sequence[str],
        looks: Sequence[str],
        old_texts: Sequence[str],
        old_looks: Sequence[str],
    ) -> int:
        """Erase a stretch of spaces, if that is shorter; the column behind it, or 0."""
        if not self._erases or texts[min(x + ERASE, len(texts) - 1)] != " " or seen_on_space(looks[x]):
            return 0
        end = last = x
        while end < len(texts) and texts[end] == " " and looks[end] == looks[x]:
            if old_texts[end] != " " or old_looks[end] != looks[end]:
                last = end
            end += 1
        if last - x < ERASE:
            return 0
        self._pieces.append(f"\x1b[{last + 1 - x}X")
        return last + 1

    def _go(self, y: int, x: int, texts: Sequence[str], looks: Sequence[str]) -> None:
        """Bring the cursor to a cell: by writing again what lies between, if that is the shortest way."""
        if self._at == (y, x):
            return
        ways = [f"\x1b[{y + 1};{x + 1}H"]
        if self._at is not None:
            row, column = self._at
            if row == y and column < x:
                between = range(column, x)
                if x - column < NEAR and all(self._fits(texts[k], looks[k]) for k in between):
                    ways.append("".join(texts[column:x]))
                ways.append(_by(x - column))
            elif row == y - 1:
                ways += ["\n" + _by(x - column), "\r\n" + _by(x)]
        self._pieces.append(min(ways, key=_bytes))

    def _fits(self, text: str, look: str) -> bool:
        return look == (self._behind if text == " " else self._now)

    def _become(self, text: str, look: str) -> None:
        wanted = _on(self._now, look) if text == " " else look
        self._pieces.append(_change(self._now, wanted))
        self._now, self._behind = wanted, ground(wanted)


def _bytes(text: str) -> int:
    return len(text.encode())


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
