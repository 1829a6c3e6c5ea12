"""Any canvas in plain ASCII, and heat maps without colours."""

from __future__ import annotations

from functools import cache
from unicodedata import normalize

from bptui.drawing.bars import EIGHTHS
from bptui.drawing.canvas import Canvas, Ink

_GLYPHS = {
    **dict.fromkeys("─┈", "-"),
    **dict.fromkeys("━═", "="),  # what was observed, what happens now
    **dict.fromkeys("╌╍", "."),  # what is to come
    **dict.fromkeys("╎╏", ":"),
    **dict.fromkeys("│┃┊┆", "|"),
    **dict(zip("▐▌", "[]", strict=True)),  # the wall of a module, where data enters
    **dict.fromkeys("╭╮╰╯┏┓┗┛┼╋┴┬├┤┻┳┣┫▗▝▖▘", "+"),
    **dict(zip("▲▶▼◀■●○◆⊙·×−–∂Σ‖ησαλδτθ…″‴′", '^>v<#*o@**x--dS|nsaldt0.""\'', strict=True)),
    **dict(zip("┌┐└┘", "/\\\\/", strict=True)),  # brackets of a tensor
    **dict(zip("—▬▸◂‹›◉◌◇√✕ₑ", "-=><<>@.%/xe", strict=True)),
    **dict(zip("ȳ←→↑↓≤≥∈∞✓▔▀█", "Y<>^v<>e8v'\"#", strict=True)),
    **dict(zip("↗↘↙↖△□▽•«»", "/\\/\\AnV.<>", strict=True)),
    **dict(zip("Δμµβγεπ≈∝±°⁻⌊⌋“”▏", 'Dmmbgep~~+o-[]""_', strict=True)),
}
_BRAILLE = ((0x09, "'"), (0x36, "-"), (0xC0, "."))  # the dots of its upper, middle and lower rows
_HEAT = {"positive": "+", "negative": "-", "bad": "?"}  # by the role of a shade
_SHADES = (*_HEAT, "muted")  # all roles that a heat map has; other half-blocks are borders between regions
_RISING, _HANGING = " .._-=+#", " '''^*%#"  # by height in eighths


def to_ascii(canvas: Canvas) -> None:
    """Translate every character in place; bars keep their sign by their glyphs, and what is unknown becomes `?`.

    A hanging bar is an inverse glyph on screen; here it becomes a plain one.
    """
    heat_to_signs(canvas)
    for y in canvas.painted:
        row, inks = canvas.characters[y], canvas.inks[y]
        for x, character in enumerate(row):
            if character == "":  # the second cell of a wide character
                row[x] = "?"
            elif character in EIGHTHS and inks[x].fg == "background" and inks[x].bg is not None:
                row[x] = _HANGING[8 - EIGHTHS.index(character)] if character != " " else "#"
                inks[x] = Ink(str(inks[x].bg))
            elif character == "·" and inks[x].fg == "hairline":  # a plot's grid, not a product
                row[x] = "."
            elif not character.isascii():
                row[x] = _RISING[EIGHTHS.index(character)] if character in EIGHTHS else _plain(character)


def heat_to_signs(canvas: Canvas) -> None:
    """Put signs in the place of a heat map's shades, which look all alike without colours.

    A cell holds two entries; where the upper one is 0, the lower one decides.
    """
    for y in canvas.painted:
        row, inks = canvas.characters[y], canvas.inks[y]
        for x, character in enumerate(row):
            role, mixed, _ = inks[x].fg.partition("~")
            if role in _SHADES and (character == "▀" or (character == "█" and mixed)):  # unmixed, it is a bar
                shades = inks[x].fg, inks[x].bg or ""
                told = next((shade for shade in shades if shade.partition("~")[0] in _HEAT), inks[x].fg)
                row[x], inks[x] = _HEAT.get(told.partition("~")[0], "."), Ink(told)


@cache
def _plain(character: str) -> str:
    """One ASCII character for another one: by the table, or what is left of it without accent and height."""
    if character in _GLYPHS:
        return _GLYPHS[character]
    if 0x2800 < ord(character) <= 0x28FF:
        return next((mark for dots, mark in _BRAILLE if (ord(character) & 0xFF) & ~dots == 0), ":")
    base = normalize("NFKD", character)[0]
    return base if base.isascii() else "?"
