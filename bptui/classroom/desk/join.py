"""How one comes in: the line, the code, the host's key, and the door's lock."""

from __future__ import annotations

from bptui.classroom.joining import Join
from bptui.drawing.canvas import Canvas, Region
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
