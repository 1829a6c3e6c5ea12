"""The keys of the desk."""

from __future__ import annotations

from textual.binding import Binding

from bptui.tui.bars import Key

BINDINGS = (
    Binding("down", "choose(1)", "choose the next", id="desk.down"),
    Binding("up", "choose(-1)", "choose the one before", id="desk.up"),
    Binding("tab", "next_pane(1)", "next pane", id="desk.pane"),
    Binding("shift+tab", "next_pane(-1)", "pane before", id="desk.pane_before"),
    Binding("m", "message", "message the chosen one", id="desk.message"),
    Binding("M", "message_all", "message everybody", id="desk.message_all"),
    Binding("g", "message_group", "message those who answered so", id="desk.message_group"),
    Binding("h", "lower", "take the chosen one's hand down", id="desk.lower"),
    Binding("s", "sort", "order by name, hand, state, wrong, answer", id="desk.sort"),
    Binding("slash", "filter", "show those with some words", id="desk.filter"),
    Binding("x", "remove", "send the chosen one out", id="desk.remove"),
    Binding("e", "write_csv", "write everybody into a CSV file", id="desk.export"),
    Binding("n", "ask", "ask the class", id="desk.ask"),
    Binding("r", "reveal", "reveal the answers", id="desk.reveal"),
    Binding("z", "end", "take the question away", id="desk.end"),
    Binding("right", "step(1)", "everyone steps forward", id="desk.forward"),
    Binding("left", "step(-1)", "everyone steps back", id="desk.back"),
    Binding("f", "freeze", "nobody leaves the stage, or again", id="desk.freeze"),
    Binding("right_square_bracket", "allow(1)", "one more step of the lesson is allowed", id="desk.allow"),
    Binding("left_square_bracket", "allow(-1)", "one step less is allowed", id="desk.forbid"),
    Binding("c", "countdown", "a countdown", id="desk.countdown"),
    Binding("w", "wheel", "hand the wheel to the chosen one, or take it back", id="desk.wheel"),
    Binding("v", "spotlight", "show everyone the chosen one's session, or no more", id="desk.spotlight"),
    Binding("Q", "code", "the line to join as a picture", id="desk.code"),
    Binding("L", "lock", "lock the door, or open it", id="desk.lock"),
    Binding("escape,q", "leave", "back to what you lead", id="desk.leave"),
    Binding("question_mark", "help", "help", id="desk.help"),
)

ROSTER: tuple[Key, ...] = (
    ("↑↓", "choose", "choose(1)"),
    ("m", "message", "message"),
    ("s", "sort", "sort"),
    ("/", "filter", "filter"),
    ("x", "remove", "remove"),
    ("e", "export CSV", "write_csv"),
    ("n", "ask", "ask"),
    ("tab", "next pane", "next_pane(1)"),
    ("q", "back", "leave"),
    ("?", "help", "help"),
)
POLL: tuple[Key, ...] = (
    ("↑↓", "choose", "choose(1)"),
    ("g", "message the group", "message_group"),
    ("r", "reveal", "reveal"),
    ("n", "ask", "ask"),
    ("z", "take away", "end"),
    ("tab", "next pane", "next_pane(1)"),
    ("q", "back", "leave"),
    ("?", "help", "help"),
)
LEAD: tuple[Key, ...] = (
    ("←→", "step", "step(1)"),
    ("f", "freeze", "freeze"),
    ("w", "wheel", "wheel"),
    ("v", "spotlight", "spotlight"),
    ("tab", "next pane", "next_pane(1)"),
    ("q", "back", "leave"),
    ("?", "help", "help"),
)
KEYS = {"roster": ROSTER, "poll": POLL, "lead": LEAD, "join": LEAD}
HELP = (
    "The roster shows who is here: following the stage, roaming in an app of their own, or idle, which is without a "
    "key for two minutes. A ! is a raised hand.",
    "n asks the class the question of the lesson's step, or what is selected in the workbench that you lead with. "
    "Answers arrive here, grouped by the usual mistakes that they equal; the class sees them once you reveal.",
    "What you do in a workbench, a lesson or a lab, the class sees while you lead (ctrl+l). Here ← and → step on "
    "without leaving the desk.",
)
