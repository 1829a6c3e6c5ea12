"""The keys of the descend lab: its bindings, and the bars that show the most used ones."""

from __future__ import annotations

from textual.binding import Binding

from bptui.tui.bars import Key

BINDINGS = (
    Binding("space", "play", "play or pause", id="descend.play"),
    Binding("right", "arrow(1, 0)", "an update on, a notch up", id="descend.right"),
    Binding("left", "arrow(-1, 0)", "an update, a notch back", id="descend.left"),
    Binding("up", "arrow(0, 1)", "racer or knob above", id="descend.up"),
    Binding("down", "arrow(0, -1)", "racer or knob below", id="descend.down"),
    Binding("shift+right,ctrl+right", "arrow(10, 0)", "ten times as far", id="descend.far_right"),
    Binding("shift+left,ctrl+left", "arrow(-10, 0)", "ten times as far back", id="descend.far_left"),
    Binding("home", "ends(0)", "to the start", id="descend.home"),
    Binding("end", "ends(1)", "to the end of the race", id="descend.end"),
    Binding("tab", "choose", "knobs; the point's rates", id="descend.focus"),
    Binding("e", "arrows", "samples' pulls as arrows", id="descend.arrows"),
    Binding("u", "count", "updates or evaluations", id="descend.count"),
    Binding("o", "orthogonality", "orthogonality at a point", id="descend.point"),
    Binding("a", "add", "add a racer", id="descend.add"),
    Binding("d,delete", "remove", "take the racer out", id="descend.remove"),
    Binding("m", "turn('optimiser')", "racer's next optimiser", id="descend.optimiser"),
    Binding("b", "turn('batch')", "racer's next batch size", id="descend.batch"),
    Binding("s", "turn('schedule')", "racer's next schedule", id="descend.schedule"),
    Binding("right_square_bracket", "surface(1)", "next surface", id="descend.next"),
    Binding("left_square_bracket", "surface(-1)", "surface before", id="descend.before"),
    Binding("v", "view", "other directions", id="descend.view"),
    Binding("plus,equals_sign", "grow(1)", "zoom in; turn the rate up", id="descend.plus"),
    Binding("minus", "grow(-1)", "zoom out; rate down", id="descend.minus"),
    Binding("z", "fit", "the whole view again", id="descend.fit"),
    Binding("w", "tab", "loss, step or knobs", id="descend.tab"),
    Binding("enter", "enter", "open the step; type a knob", id="descend.open"),
    Binding("x", "export", "export to a file", id="descend.export"),
    Binding("escape", "out", "back to the race", id="descend.out"),
    Binding("question_mark", "explain", "explain", id="descend.explain"),
    Binding("q", "leave", "home", id="descend.leave"),
)


def run_keys(other: str) -> tuple[Key, ...]:
    """The keys of a race, where there is room for them; `other` is what `u` counts by."""
    return (
        ("space", "play", "play"),
        ("←→", "scrub", "arrow(1, 0)"),
        ("tab", "knobs", "choose"),
        ("e", "arrows", "arrows"),
        ("u", f"count {other}", "count"),
        ("o", "orthogonality", "orthogonality"),
        ("]", "next surface", "surface(1)"),
        ("↵", "workbench", "enter"),
        ("?", "help", "explain"),
    )


TIGHT: tuple[Key, ...] = (
    ("space", "play", "play"),
    ("←→", "scrub", "arrow(1, 0)"),
    ("tab", "knobs", "choose"),
    ("w", "step", "tab"),
    ("o", "contours", "orthogonality"),
    ("]", "surface", "surface(1)"),
    ("↵", "workbench", "enter"),
    ("?", "help", "explain"),
)
KNOBS: tuple[Key, ...] = (
    ("↑↓", "choose", "arrow(0, -1)"),
    ("←→", "turn", "arrow(1, 0)"),
    ("m", "optimiser", "turn('optimiser')"),
    ("b", "batch", "turn('batch')"),
    ("s", "schedule", "turn('schedule')"),
    ("a", "add", "add"),
    ("d", "remove", "remove"),
    ("↵", "type", "enter"),
    ("esc", "back", "out"),
    ("?", "help", "explain"),
)
POINT: tuple[Key, ...] = (
    ("←↑↓→", "move", "arrow(1, 0)"),
    ("tab", "rate", "choose"),
    ("+−", "turn it", "grow(1)"),
    ("]", "surface", "surface(1)"),
    ("esc", "back to the race", "out"),
    ("?", "help", "explain"),
)
