"""Work that comes as text: what was taken home, or the source of a net, pasted and opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import TextArea

from bptui.drawing.canvas import Canvas, Ink
from bptui.drawing.lines import BOLD, MUTED, NOW, SOFT, TEXT, wrap
from bptui.session.actions import ActionError
from bptui.sources.opening import Opened
from bptui.sources.pasted import BYTES, pasted
from bptui.sources.receipts import is_armoured, is_whole
from bptui.tui.bars import Key, bar, keys
from bptui.tui.canvas_view import CanvasView
from bptui.tui.placing import Box, place

if TYPE_CHECKING:
    from bptui.tui.app import BptuiApp

_SAID = (
    "Paste here what you took home, or the source of a PyTorch module. It is read, never run; a whole text opens at "
    "once. What is pasted can be edited."
)
LINES = 2000  # of a text: to lay out more would hold up others
_KEYS: tuple[Key, ...] = (("^o", "open", "open"), ("esc", "leave", "out"))


class Field(TextArea):
    """The text; what is pasted into it is kept printable and within bounds."""

    async def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        text = "".join(
            c for c in event.text.replace("\r\n", "\n").replace("\r", "\n") if c.isprintable() or c in "\n\t"
        )
        screen, whole = cast("Pasting", self.screen), self.text + text
        if len(whole.encode("utf-8", "replace")) > BYTES or whole.count("\n") >= LINES:
            screen.say(f"this would be more than {BYTES // 1024} KB or {LINES} lines, and is left out")
            return
        self.insert(text)
        screen.arrived()

    async def _on_key(self, event: events.Key) -> None:
        if event.is_printable and len(self.text) >= BYTES:
            event.prevent_default()
            event.stop()
        else:
            await super()._on_key(event)


class Pasting(Screen[None]):
    """A field for the text, and what is wrong with it."""

    CSS_PATH = "pasting.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+o", "open", "open it", id="paste.open", priority=True),
        Binding("escape", "out", "leave", id="paste.leave", priority=True),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._said, self._bad = "", False
        self._reading = self._left = False
        self.views = {name: CanvasView(ground="panel", id=name) for name in ("title", "keys")}
        self.views |= {name: CanvasView(id=name) for name in ("words", "said")}
        self.field = Field(id="field", compact=True, soft_wrap=False, show_line_numbers=True, tab_behavior="indent")

    @property
    def _app(self) -> BptuiApp:
        return cast("BptuiApp", self.app)

    def compose(self) -> ComposeResult:
        yield from self.views.values()
        yield self.field

    def on_resize(self, event: events.Resize) -> None:
        self._show()

    def _show(self) -> None:
        width, height = self.size
        words = wrap(_SAID, width - 4)
        top = 2 + len(words) + 1
        rows = max(1, height - top - 5)
        boxes = {"title": Box(0, 0, width, 1), "words": Box(0, 2, width, len(words))}
        boxes |= {"said": Box(0, top + rows + 1, width, 2), "keys": Box(0, height - 1, width, 1)}
        place(self.views, boxes)
        self.field.styles.offset = (2, top)
        self.field.styles.width, self.field.styles.height = max(1, width - 4), rows
        self.views["title"].show(bar([("bptui", BOLD), ("   Open what you paste", NOW)], [], width))
        canvas = Canvas(width, len(words))
        for y, line in enumerate(words):
            canvas.put(2, y, line, SOFT)
        self.views["words"].show(canvas)
        self._show_said()
        self.views["keys"].show(keys(_KEYS, width, ascii_only=self._app.ascii_only))

    def _show_said(self) -> None:
        canvas = Canvas(self.size.width, 2)
        if self._bad:
            canvas.put(2, 0, "!", Ink("bad", bold=True))
        for y, line in enumerate(wrap(self._said, self.size.width - 6)[:2]):
            canvas.put(4, y, line, TEXT if self._bad else MUTED)
        self.views["said"].show(canvas)

    def say(self, text: str, *, bad: bool = True) -> None:
        self._said, self._bad = text, bad
        self._show_said()

    # -- reading

    def arrived(self) -> None:
        """Something was pasted: where it is whole, it is opened."""
        text = self.field.text
        if is_armoured(text) and not is_whole(text):
            self.say("part of it is here; the rest is missing yet: paste on", bad=False)
        else:
            self.action_open()

    def action_open(self) -> None:
        if not self._reading:
            self._reading, self._left = True, False
            self.say("reading; esc stops", bad=False)
            self._read(self.field.text)

    @work(thread=True)
    def _read(self, text: str) -> None:
        found: tuple[Opened, str] | str
        try:
            found = pasted(text, self._pass)
        except ValueError as error:
            found = str(error)
        except Exception:  # a text of anybody's; whatever it does to the reader, it does to nothing else
            found = "bptui met an error in reading this; nothing is opened"
        if self.is_running:
            self.app.call_from_thread(self._take, found)

    def _pass(self, step: int) -> None:
        if self._left:
            raise ActionError("stopped on the way")

    def _take(self, found: tuple[Opened, str] | str) -> None:
        from bptui.tui.app import PLACES

        self._reading = False
        if isinstance(found, str):
            self.say(found)
        else:
            opened, at = found
            self.app.switch_screen(PLACES[at](opened))

    def on_unmount(self) -> None:
        self._left = True

    def action_out(self) -> None:
        if self._reading:
            self._left = True
        else:
            self.app.pop_screen()

    async def on_canvas_view_clicked(self, message: CanvasView.Clicked) -> None:
        if message.target and message.target.startswith("key:"):
            await self.run_action(message.target.removeprefix("key:"))
