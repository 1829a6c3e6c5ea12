"""How one comes in: the line, the code, the host's key, and the door's lock."""

from __future__ import annotations

from bptui.classroom.joining import Join, picture
from bptui.drawing.canvas import Canvas, Ink, Region, cells
from bptui.drawing.lines import BOLD, MUTED, NOW, SOFT, Piece, length, rule, write


def pane(join: Join | None, code: str, up: str, here: int, width: int, height: int, *, locked: bool) -> Canvas:
    """`up` is how long the class has been served, as text; `code` is empty where none is asked."""
    canvas = Canvas(width, height)
    if join is None:
        return canvas
    canvas.paste(rule(width, "Join", right=f"up {up}, {here} of {join.places} places", accent=BOLD), 0, 0)
    line: list[Piece] = [(join.line, BOLD)]
    if code:
        line += [("      class code  ", MUTED), (code, NOW)]
    wide = width >= 100
    block = max(length(line) + 4, 70 if wide else 0)
    canvas.fill(3, 2, min(block, width - 4), 3, "panel")
    write(canvas, 5, 3, line)
    x, y = (block + 7, 2) if wide and block + 30 <= width else (3, 6)
    key = (
        join.fingerprint
        if len(join.fingerprint) <= width - x - 16
        else f"{join.fingerprint[:11]}…{join.fingerprint[-4:]}"
    )
    write(canvas, x, y, [("fingerprint  ", MUTED), (key, SOFT)])
    door = "open the door" if locked else "lock the door"
    for k, (letter, verb, action) in enumerate((("Q", "QR code, full screen", "code"), ("L", door, "lock")), 1):
        end = write(canvas, x, y + k, [(letter, NOW), (f" {verb}", SOFT)])
        canvas.regions.append(Region(x, y + k, end - x, 1, f"key:{action}"))
    return canvas


def poster(title: str, join: Join, code: str, width: int, height: int, theme: str) -> Canvas:
    """The line as a picture, as large as the screen: for a camera at the back of the room. It is dark on light."""
    canvas = Canvas(width, height)
    ink = Ink("background", "text") if "light" in theme else Ink("text", "background")
    drawn = picture(join.line)
    lines: list[list[Piece]] = [[(title, BOLD)], [], [(join.line, NOW)]]
    if code:
        lines.append([("class code  ", MUTED), (code, NOW)])
    if len(lines) + 1 + len(drawn) <= height:
        lines += [[], *([(row, ink)] for row in drawn)]
    top = max(0, (height - len(lines)) // 2)
    for y, pieces in enumerate(lines, top):
        write(canvas, max(0, (width - sum(cells(text) for text, _ in pieces)) // 2), y, pieces)
    return canvas
