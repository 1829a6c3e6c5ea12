"""What the class is shown, who drives, and how far it may go."""

from __future__ import annotations

from dataclasses import dataclass

from bptui.drawing.canvas import Canvas, Ink, Region
from bptui.drawing.lines import BOLD, MUTED, NOW, SOFT, TEXT, Piece, clipped, rule, write


@dataclass(frozen=True)
class Status:
    """How the class is led. `title` is what is shown, empty where nothing is; `step` and `event` where it stands.

    `driver` and `spotlit` are names, empty for the teacher and for nobody. `last` is the last step that students may
    enter, `left` the time that is left, both as text.
    """

    title: str = ""
    step: str = ""
    event: str = ""
    driver: str = ""
    spotlit: str = ""
    frozen: bool = False
    last: str = ""
    left: str = ""

    @property
    def drives(self) -> tuple[str, Ink]:
        """Who is at the wheel, in words."""
        if not self.title:
            return "nothing is shown", MUTED
        if self.spotlit:
            return f"spotlight on {self.spotlit}", NOW
        return (f"{self.driver} drives", NOW) if self.driver else ("you drive", Ink("good"))


def pane(status: Status, width: int, height: int) -> Canvas:
    """Two columns: how it stands, and the keys that change it."""
    canvas = Canvas(width, height)
    canvas.paste(rule(width, "Lead", accent=BOLD), 0, 0)
    words, ink = status.drives
    words = clipped(words, width - 14)
    canvas.put(width - 3 - len(words), 0, f" {words} ", ink)
    facts = [
        ("step", status.step or "—"),
        *([("event", status.event)] if status.event else []),
        ("last allowed", status.last or "any"),
        ("countdown", status.left or "—"),
        ("freeze", "on" if status.frozen else "off"),
    ]
    keys = [
        ("← →", "everyone steps", "step(1)"),
        ("[ ]", "last allowed step", "allow(1)"),
        ("c", "countdown", "countdown"),
        ("f", "melt" if status.frozen else "freeze", "freeze"),
        ("w", "take the wheel back" if status.driver else "hand the wheel over", "wheel"),
        ("v", "end the spotlight" if status.spotlit else "spotlight one", "spotlight"),
    ]
    top = 2 if height >= 8 else 1
    second = 27
    for k, (name, value) in enumerate(facts):
        write(canvas, 3, top + k, [(f"{name:<14}", MUTED), (clipped(value, second - 18), TEXT)])
    for k, (key, verb, action) in enumerate(keys):
        if top + k >= height:
            break
        pieces: list[Piece] = [(f"{key:>3}", NOW), ("  ", MUTED), (clipped(verb, width - second - 6), SOFT)]
        end = write(canvas, second, top + k, pieces)
        canvas.regions.append(Region(second, top + k, end - second, 1, f"key:{action}"))
    return canvas
