"""Work as text: a screen to copy it from with the terminal's own means, so nothing stands beside the text."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from bptui.drawing.canvas import Canvas, Ink
from bptui.drawing.lines import BOLD, MUTED, NOW, SOFT, TEXT, wrap, write
from bptui.sources.receipts import armoured, characters
from bptui.tui.bars import Key, bar, keys
from bptui.tui.canvas_view import CanvasView
from bptui.tui.placing import Box, place

ABOVE, BELOW = 2, 6  # rows that are not the text's
_SAID = (
    "c copies them, where the terminal lets a program do that; or select them with the mouse, shift (on a Mac: option) "
    "held down. In a file, bptui step FILE opens them; pasted, ctrl+o."
)


class TakingHome(Screen[None]):
    """A receipt, armoured, from the first column on; or why there is none."""

    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pagedown,right,space", "turn(1)", "the lines that follow", id="home.next_page"),
        Binding("pageup,left", "turn(-1)", "the lines before", id="home.page_before"),
        Binding("c", "copy", "copy it, where the terminal lets one", id="taking.copy"),
        Binding("escape,q,ctrl+t", "app.pop_screen", "back", id="taking.leave", priority=True),
    ]

    def __init__(self, receipt: str, problem: str = "") -> None:
        super().__init__()
        self._receipt, self._problem = receipt, problem
        self._page, self._copied = 0, False
        self.views = {name: CanvasView(ground="panel", id=name) for name in ("title", "keys")}
        self.views |= {name: CanvasView(id=name) for name in ("text", "words")}

    @classmethod
    def of(cls, screen: Screen[Any]) -> TakingHome:
        """What is done on a screen."""
        from bptui.tui.pane_screen import PaneScreen

        try:
            return cls(screen.receipt() if isinstance(screen, PaneScreen) else PaneScreen.receipt(PaneScreen()))
        except ValueError as error:
            return cls("", str(error))

    def compose(self) -> ComposeResult:
        yield from self.views.values()

    def on_resize(self, event: events.Resize) -> None:
        self._show()

    def action_turn(self, by: int) -> None:
        self._page += by
        self._show()

    def action_copy(self) -> None:
        if lines := self._lines(self.size.width):
            self.app.copy_to_clipboard("\n".join(lines) + "\n")
            self._copied = True
            self._show()

    def _show(self) -> None:
        width, height = self.size
        rows = max(1, height - ABOVE - BELOW)
        lines = self._lines(width)
        pages = max(1, -(-len(lines) // rows))
        self._page = max(0, min(pages - 1, self._page))
        boxes = {"title": Box(0, 0, width, 1), "text": Box(0, ABOVE, width, rows)}
        boxes |= {"words": Box(0, height - BELOW + 1, width, BELOW - 2), "keys": Box(0, height - 1, width, 1)}
        place(self.views, boxes)
        text = Canvas(width, rows)
        for y, line in enumerate(lines[self._page * rows : (self._page + 1) * rows]):
            text.put(0, y, line, TEXT)
        if self._problem:
            write(text, 2, 0, [("!", Ink("bad", bold=True)), (f" {self._problem}", TEXT)])
        self.views["text"].show(text)
        of_pages = [(f"page {self._page + 1} of {pages}", MUTED)] if pages > 1 else []
        self.views["title"].show(bar([("bptui", BOLD), ("   Take it home", NOW)], of_pages, width))
        self.views["words"].show(self._words(lines, width))
        copy: tuple[Key, ...] = (("c", "copy", "copy"),) if lines else ()
        shown: tuple[Key, ...] = (*copy, ("esc", "back", "app.pop_screen"))
        if pages > 1:
            shown = (("→", "next page", "turn(1)"), ("←", "page before", "turn(-1)"), *shown)
        ascii_only = bool(cast(Any, self.app).ascii_only)
        self.views["keys"].show(keys(shown, width, ascii_only=ascii_only))

    def _lines(self, width: int) -> list[str]:
        if not self._receipt:
            return []
        try:
            return armoured(self._receipt, width)
        except ValueError as error:
            self._problem = str(error)
            return []

    def _words(self, lines: list[str], width: int) -> Canvas:
        canvas = Canvas(width, BELOW - 2)
        if not lines:
            return canvas
        write(
            canvas,
            2,
            0,
            [
                (f"{characters(lines)} characters", BOLD),
                (f" on {len(lines)} lines{', given to the terminal to copy' * self._copied}.", SOFT),
            ],
        )
        for y, line in enumerate(wrap(_SAID, width - 4)[: BELOW - 3], 1):
            canvas.put(2, y, line, SOFT)
        return canvas

    async def on_canvas_view_clicked(self, message: CanvasView.Clicked) -> None:
        if message.target and message.target.startswith("key:"):
            await self.run_action(message.target.removeprefix("key:"))
