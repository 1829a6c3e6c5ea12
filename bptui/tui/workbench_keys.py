"""The keys of the workbench: what each does, and which of them the bar at the bottom shows."""

from __future__ import annotations

from textual.binding import Binding

from bptui.tui.bars import Key
from bptui.tui.view import PANES, View

BINDINGS = (
    Binding("right", "step", "step forward, or knob up", id="step.forward"),
    Binding("left", "back", "step back, or knob down", id="step.back"),
    Binding("enter", "enter", "into the module", id="look.into"),
    Binding("escape", "out", "out again", id="look.out"),
    Binding("up", "up", "select before", id="select.up"),
    Binding("down", "down", "select after", id="select.down"),
    Binding("n", "next_step", "next minibatch, same event", id="step.next"),
    Binding("p", "previous_step", "previous minibatch", id="step.previous"),
    Binding("f", "run('forward')", "to the end of forward", id="run.forward"),
    Binding("r", "run('backward')", "to the end of backward", id="run.backward"),
    Binding("e", "run('epoch')", "to the end of the epoch", id="run.epoch"),
    Binding("m", "run_to_node", "run to the selected module", id="run.node"),
    Binding("j", "jump", "jump to a step", id="run.jump"),
    Binding("c", "continue", "continue to a stop", id="run.continue"),
    Binding("C", "reverse", "continue backwards", id="run.reverse"),
    Binding("o", "origin('changed')", "where the entry changed", id="run.origin"),
    Binding("O", "origin('zero')", "where it became 0 or broke", id="run.zero"),
    Binding("b", "break", "breakpoint on the module", id="mark.break"),
    Binding("B", "condition", "stop on a condition", id="mark.condition"),
    Binding("w", "watch", "watch, or no longer", id="mark.watch"),
    Binding("pagedown", "scroll_main(1)", "scroll down", id="look.down"),
    Binding("pageup", "scroll_main(-1)", "scroll up", id="look.up"),
    Binding("delete,backspace", "remove", "remove the chosen row", id="mark.remove"),
    Binding("equals_sign", "set", "set the entry", id="edit.set"),
    Binding("u", "undo", "undo an edit", id="edit.undo"),
    Binding("space", "flip", "turn the chosen knob", id="edit.toggle"),
    Binding("left_square_bracket", "entry(-1)", "entry before", id="select.entry_before"),
    Binding("right_square_bracket", "entry(1)", "entry after", id="select.entry_after"),
    Binding("s", "sample", "next sample of the batch", id="look.sample"),
    Binding("i", "pane('inspector')", "inspector", id="pane.inspector"),
    Binding("k", "pane('knobs')", "knobs", id="pane.knobs"),
    Binding("g", "pane('jacobian')", "Jacobian", id="pane.jacobian"),
    Binding("y", "pane('why')", "why this gradient", id="pane.why"),
    Binding("t", "pane('twiddle')", "twiddle the entry", id="pane.twiddle"),
    Binding("plus", "nudge(2.0)", "twiddle: larger nudge", id="twiddle.more"),
    Binding("minus", "nudge(0.5)", "twiddle: smaller nudge", id="twiddle.less"),
    Binding("tab", "next_pane(1)", "next pane", id="pane.next"),
    Binding("shift+tab", "next_pane(-1)", "pane before", id="pane.previous"),
    *(Binding(str(k + 1), f"pane('{name}')", name, id=f"pane.{k + 1}", show=False) for k, name in enumerate(PANES)),
    Binding("S", "save", "save the run", id="save.run"),
    Binding("v", "turn", "diagram upward or not", id="look.turn"),
    Binding("question_mark", "explain", "explain", id="look.explain"),
    Binding("q", "leave", "home", id="workbench.leave"),
)

_KEYS: tuple[Key, ...] = (
    ("→", "step", "step"),
    ("←", "back", "back"),
    ("↵", "into", "enter"),
    ("c", "continue", "continue"),
    ("b", "break", "break"),
    ("w", "watch", "watch"),
    ("t", "twiddle", "pane('twiddle')"),
    ("k", "knobs", "pane('knobs')"),
    ("g", "jacobian", "pane('jacobian')"),
    ("y", "why", "pane('why')"),
    ("tab", "pane", "next_pane(1)"),
    ("v", "turn", "turn"),
    ("?", "explain", "explain"),
)
_SET_KEYS: tuple[Key, ...] = (("=", "set", "set"), ("[ ]", "entry", "entry(1)"), *_KEYS)
_INTO_KEYS: tuple[Key, ...] = (
    ("↑↓", "entry", "down"),
    ("→", "step", "step"),
    ("esc", "out", "out"),
    ("g", "jacobian", "pane('jacobian')"),
    ("y", "why", "pane('why')"),
    ("t", "twiddle this entry", "pane('twiddle')"),
    ("w", "watch this entry", "watch"),
    ("?", "explain", "explain"),
)
_KNOB_KEYS: tuple[Key, ...] = (
    ("↑↓", "choose", "down"),
    ("←→", "turn", "step"),
    ("space", "on or off", "flip"),
    ("↵", "type", "enter"),
    ("u", "undo", "undo"),
    ("esc", "out", "out"),
    ("?", "explain", "explain"),
)
_DIAL_KEYS: tuple[Key, ...] = (
    ("←→", "turn", "step"),
    ("↵", "set", "enter"),
    ("↑↓", "set, next knob", "down"),
    ("esc", "leave it as it was", "out"),
    ("?", "explain", "explain"),
)
_ROW_KEYS: tuple[Key, ...] = (
    ("↑↓", "choose", "down"),
    ("del", "remove", "remove"),
    ("↵", "go to branch", "enter"),
    ("→", "step", "step"),
    ("esc", "out", "out"),
    ("?", "explain", "explain"),
)


def bar_of(view: View, *, within: bool, settable: bool) -> tuple[Key, ...]:
    """The keys that matter most for what is in view; `within` a module, those that choose an entry.

    `settable`: what is selected can be set.
    """
    if view.pane == "knobs":
        return _KNOB_KEYS if view.dialled is None else _DIAL_KEYS
    if view.pane == "watches":
        return _ROW_KEYS
    if within:
        return _INTO_KEYS
    return _SET_KEYS if settable and view.selected else _KEYS
