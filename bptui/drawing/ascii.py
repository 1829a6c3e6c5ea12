"""Any canvas in plain ASCII."""

from __future__ import annotations

from functools import cache
from unicodedata import normalize

from bptui.drawing.bars import EIGHTHS
from bptui.drawing.canvas import Canvas, Ink

_GLYPHS = {
    **dict.fromkeys("─━╌╍┈═", "-"),
    **dict.fromkeys("│┃╎╏▐▌┊┆", "|"),
    **dict.fromkeys("╭╮╰╯┏┓┗┛┌┐└┘┼╋┴┬├┤┻┳┣┫▗▝▖▘", "+"),
    **dict(zip("▲▶▼◀■●○◆·×−–∂Σ‖ησαλδτ…″‴′", '^>v<#*o@*x--dS|nsaldt.""\'', strict=True)),
    **dict(zip("—▬▸◂‹›◉◇√✕ₑ", "-=><<>@o/xe", strict=True)),
    **dict(zip("ȳ←→↑↓≤≥∈∞✓▔▀", "Y<>^v<>e8v'^", strict=True)),
}
_RISING, _HANGING = " .._-=+#", " '''^*%#"  # by height in eighths


def to_ascii(canvas: Canvas) -> None:
    """Translate every character in place; bars keep their sign by their glyphs, and what is unknown becomes `?`.

    A hanging bar is an inverse glyph on screen; here it becomes a plain one.
    """
    for y in range(canvas.height):
        row, inks = canvas.characters[y], canvas.inks[y]
        for x, character in enumerate(row):
            if character == "":  # the second cell of a wide character
                row[x] = "?"
            elif character in EIGHTHS and inks[x].fg == "background" and inks[x].bg is not None:
                row[x] = _HANGING[8 - EIGHTHS.index(character)] if character != " " else "#"
                inks[x] = Ink(str(inks[x].bg))
            elif not character.isascii():
                row[x] = _RISING[EIGHTHS.index(character)] if character in EIGHTHS else _plain(character)


@cache
def _plain(character: str) -> str:
    """One ASCII character for another one: by the table, or what is left of it without accent and height."""
    if character in _GLYPHS:
        return _GLYPHS[character]
    base = normalize("NFKD", character)[0]
    return base if base.isascii() else "?"
