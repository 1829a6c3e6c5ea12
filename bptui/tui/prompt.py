"""One line to type into, in place of the sentence at the top; enter takes it, escape leaves all as it was."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from bptui.tui.placing import Box


class Prompt(ModalScreen[str | None]):
    """Asks for one line. The result is the text, or None."""

    CSS_PATH = "prompt.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "leave", id="prompt.leave")]

    def __init__(self, label: str, value: str, hint: str, box: Box) -> None:
        super().__init__()
        self._label, self._value, self._hint, self._box = label, value, hint, box

    def compose(self) -> ComposeResult:
        with Horizontal(id="line"):
            yield Static(Content(self._label), id="label")
            yield Input(self._value, placeholder=self._hint, compact=True, id="text")

    def on_mount(self) -> None:
        line = self.query_one("#line")
        line.styles.offset = (self._box.x, self._box.y)
        line.styles.width = self._box.width
        self.query_one("#label").styles.width = min(Content(self._label).cell_length + 2, self._box.width // 2)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value.strip())
