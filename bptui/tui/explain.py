"""The overlay behind `?`: what one looks at in a few sentences, and the keys."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen, Screen

from bptui.drawing.canvas import Canvas
from bptui.drawing.lines import BOLD, NOW, SOFT, TEXT, rule, wrap
from bptui.engine.graph import Graph
from bptui.engine.notation import symbol
from bptui.tui.canvas_view import CanvasView
from bptui.tui.placing import Box, place
from bptui.tui.selection import node_of

if TYPE_CHECKING:
    from bptui.tui.app import BptuiApp

COLUMN = 36  # cells of a key and what it does
_KEY_NAMES = {
    "question_mark": "?",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "slash": "/",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "equals_sign": "=",
    "enter": "↵",
    "escape": "esc",
    "right": "→",
    "left": "←",
    "up": "↑",
    "down": "↓",
    "space": "space",
    "plus": "+",
    "minus": "−",
    "delete": "del",
    "pagedown": "pgdn",
    "pageup": "pgup",
    "shift+tab": "⇧tab",
    "shift+right": "⇧→",
    "shift+left": "⇧←",
}
_ASCII_NAMES = {  # where the others are called as Textual calls them
    "minus": "-",
    "shift+tab": "S-tab",
    "shift+right": "S-right",
    "shift+left": "S-left",
}


def key_text(keys: str, *, ascii_only: bool = False) -> str:
    """The first of a binding's keys as one writes it."""
    key = keys.split(",")[0]
    name = _KEY_NAMES.get(key, f"^{key[-1]}" if re.fullmatch("ctrl[+][a-z]", key) else key)
    return name if name.isascii() or not ascii_only else _ASCII_NAMES.get(key, key)


def bindings_of(screen: Screen[Any]) -> list[Binding]:
    """Every key of a screen and of the app around it that may be used here, those of its own first."""
    app = cast("BptuiApp", screen.app)
    found = [
        binding
        for kind in (*type(screen).__mro__, type(app))
        for binding in kind.__dict__.get("BINDINGS", ())
        if isinstance(binding, Binding) and binding.id and app.allows(binding.action)
    ]
    return list({binding.key: binding for binding in reversed(found)}.values())[::-1]


class Explanation(ModalScreen[None]):
    """Paragraphs and a table of keys over the screen that they explain. Any key closes it, but those that scroll."""

    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "scroll_by(1)", "down", show=False),
        Binding("up", "scroll_by(-1)", "up", show=False),
        Binding("pagedown", "scroll_by(10)", "page down", show=False),
        Binding("pageup", "scroll_by(-10)", "page up", show=False),
    ]

    def __init__(
        self, title: str, paragraphs: Sequence[str], bindings: Iterable[BindingType], *, ascii_only: bool = False
    ) -> None:
        super().__init__()
        self._title, self._paragraphs = title, tuple(paragraphs)
        self._keys = [
            (key_text(b.key, ascii_only=ascii_only), b.description)
            for b in bindings
            if isinstance(b, Binding) and b.id and b.show
        ]
        self.view = CanvasView(ground="panel", id="explanation")

    def compose(self) -> ComposeResult:
        yield self.view

    def on_resize(self, event: events.Resize) -> None:
        width = min(event.size.width, 84)
        canvas = _page(self._title, self._paragraphs, self._keys, width)
        height = min(event.size.height, canvas.height)
        if height < canvas.height:
            canvas.paste(rule(width, self._title, right="↑↓ scroll, other keys close", accent=BOLD), 0, 0)
        left, top = (event.size.width - width) // 2, (event.size.height - height) // 2
        place({"page": self.view}, {"page": Box(left, top, width, height)})
        self.view.show(canvas)

    def action_scroll_by(self, rows: int) -> None:
        self.view.scroll_canvas(0, self.view.top + rows)

    def on_key(self, event: events.Key) -> None:
        if event.key not in ("up", "down", "pageup", "pagedown"):
            event.stop()
            self.dismiss()

    def on_click(self) -> None:
        self.dismiss()


def _page(title: str, paragraphs: Sequence[str], keys: Sequence[tuple[str, str]], width: int) -> Canvas:
    lines = [line for text in paragraphs for line in (*wrap(text, width - 8), "")]
    columns = _in_columns([(key, wrap(verb, COLUMN - 10)) for key, verb in keys], max(1, (width - 6) // COLUMN))
    rows = max((sum(len(verb) for _, verb in column) for column in columns), default=0)
    canvas = Canvas(width, 2 + len(lines) + rows + 3)
    canvas.paste(rule(width, title, right="any key closes", accent=BOLD), 0, 0)
    for k, line in enumerate(lines):
        canvas.put(4, 2 + k, line, TEXT)
    for k, column in enumerate(columns):
        x, y = 4 + k * COLUMN, 3 + len(lines)
        for key, verb in column:
            canvas.put(x, y, key, NOW)
            for line in verb:
                canvas.put(x + 9, y, line, SOFT)
                y += 1
    return canvas


def _in_columns(entries: Sequence[tuple[str, list[str]]], count: int) -> list[list[tuple[str, list[str]]]]:
    """Keys and what they do, in columns about as high as each other."""
    each = -(-sum(len(verb) for _, verb in entries) // count)
    columns: list[list[tuple[str, list[str]]]] = [[] for _ in range(count)]
    above = 0
    for key, verb in entries:
        columns[min(count - 1, above // max(1, each))].append((key, verb))
        above += len(verb)
    return columns


_PANE_WORDS = {
    "inspector": "The inspector shows the equation, the tensors, and the numbers put into the equation.",
    "program": "The program is the whole training step, line by line; a click on a line travels there.",
    "source": "The source is the file that the net was read from, with the line at work. A click on a line selects its "
    "module, one on its number sets a breakpoint there. Save the file, and it is read again.",
    "knobs": "← and → turn the chosen knob; enter, or going on to another row, sets it, as one edit: that starts a "
    "branch and runs this training step anew; u takes it back.",
    "watches": "Here stand watched numbers, what stops a run, and a branch for every edit.",
    "jacobian": "The Jacobian holds how every output entry changes with every input entry.",
    "why": "A gradient entry is a sum; its terms stand here, largest first, with the paths that they came by.",
    "twiddle": "A nudge of one entry, what it really does downstream, and what the derivatives say that it should do.",
}
_EVENT_WORDS = {
    "batch": "A training step begins with a minibatch of samples.",
    "zero": "Backward adds to the gradients of parameters, so what the last step left must be set to 0 first.",
    "seed": "The derivative network starts with the cost's derivative with respect to itself, which is 1.",
    "update": "The optimiser moves a parameter against its gradient; this is the only moment at which the net learns.",
}


def paragraphs(graph: Graph, target: str, pane: str) -> tuple[str, list[str]]:
    """A title and two paragraphs: on what is selected, and on the pane in view."""
    kind, _, name = target.partition(":")
    event = graph.events[int(name)] if kind == "event" else None
    if event is not None and event.node is None:
        return event.phase, [_EVENT_WORDS[event.phase], _PANE_WORDS[pane]]
    if kind == "param":
        owner = node_of(graph, target)
        about = f"{symbol(name)} is a parameter of {owner}; its gradient is summed over the minibatch."
        return f"{symbol(name)}  {name}", [about, _PANE_WORDS[pane]]
    if kind in ("var", "grad"):
        variable = graph.variables[name]
        maker = f"made by {variable.maker}" if variable.maker else f"given, as {variable.role}"
        about = f"{symbol(name)} is a variable, {maker}; d{symbol(name)} is how the cost changes with it."
        return symbol(name), [about, _PANE_WORDS[pane]]
    node = graph.node[node_of(graph, target) or graph.nodes[0].name]
    convention = node.module.convention()
    about = node.module.about + (f" {convention}" if convention and convention not in node.module.about else "")
    return f"{node.name}  {node.module.title or node.module.kind}", [about, _PANE_WORDS[pane]]
