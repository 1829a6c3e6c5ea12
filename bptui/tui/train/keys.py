"""The keys of the train lab: its bindings, and the bar that shows the most used ones."""

from __future__ import annotations

from textual.binding import Binding

from bptui.tui.bars import Key

BINDINGS = (
    Binding("space", "flip", "run or pause; switch a regulariser", id="train.run"),
    Binding("right", "right", "scrub on; turn a rate up", id="train.right"),
    Binding("left", "left", "scrub back; turn a rate down", id="train.left"),
    Binding("shift+right,ctrl+right", "scrub(10)", "ten epochs on", id="train.far_right"),
    Binding("shift+left,ctrl+left", "scrub(-10)", "ten epochs back", id="train.far_left"),
    Binding("home", "ends(0)", "to the beginning", id="train.home"),
    Binding("end", "ends(1)", "to the last step that was trained", id="train.end"),
    Binding("n", "batch", "train one minibatch", id="train.batch"),
    Binding("N", "epoch", "train to the end of the epoch", id="train.epoch"),
    Binding("tab", "choose", "choose regularisers, or knobs", id="train.focus"),
    Binding("up", "row(-1)", "row above", id="train.up"),
    Binding("down", "row(1)", "row below", id="train.down"),
    Binding("k", "knobs", "knobs", id="train.knobs"),
    Binding("w", "measures", "weights, gradients, signal, units, confusion, net", id="train.measures"),
    Binding("c", "compare", "compare with one knob changed", id="train.compare"),
    Binding("d", "onset", "jump to the onset of the doctor's finding", id="train.onset"),
    Binding("t", "remedy", "try the doctor's remedy beside this run", id="train.remedy"),
    Binding("u", "undo", "undo the last edit", id="train.undo"),
    Binding("S", "save", "save the run", id="train.save"),
    Binding("x", "export", "export: .txt, .svg, .csv or .toml", id="train.export"),
    Binding("enter", "enter", "open this step in the workbench; set a knob", id="train.open"),
    Binding("escape", "out", "back to the run", id="train.out"),
    Binding("question_mark", "explain", "explain", id="train.explain"),
    Binding("q", "leave", "home", id="train.leave"),
)

RUN: tuple[Key, ...] = (
    ("space", "run", "flip"),
    ("←→", "scrub", "right"),
    ("n", "batch", "batch"),
    ("N", "epoch", "epoch"),
    ("tab", "regularisers", "choose"),
    ("k", "knobs", "knobs"),
    ("w", "measures", "measures"),
    ("c", "compare", "compare"),
    ("↵", "workbench", "enter"),
    ("x", "export", "export"),
    ("?", "help", "explain"),
)
RATES: tuple[Key, ...] = (
    ("↑↓", "choose", "row(1)"),
    ("space", "on or off", "flip"),
    ("←→", "rate", "right"),
    ("esc", "back to the run", "out"),
    ("?", "help", "explain"),
)
KNOBS: tuple[Key, ...] = (
    ("↑↓", "choose", "row(1)"),
    ("←→", "turn", "right"),
    ("space", "next", "flip"),
    ("↵", "type", "enter"),
    ("esc", "back to the run", "out"),
    ("?", "help", "explain"),
)
DIAL: tuple[Key, ...] = (
    ("↵", "set", "enter"),
    ("←→", "turn", "right"),
    ("esc", "leave it as it was", "out"),
    ("?", "help", "explain"),
)
