"""What stands on the screen while an experiment is opened: NumPy and the workbench are loaded in a thread."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from time import sleep
from typing import TYPE_CHECKING, Any, cast

from textual import events, work
from textual.app import ComposeResult
from textual.screen import Screen

from bptui.drawing.canvas import Canvas
from bptui.drawing.lines import BOLD, MUTED, NOW, SOFT, TEXT, Piece
from bptui.tui.bars import bar
from bptui.tui.canvas_view import CanvasView
from bptui.tui.catalogue import NETS
from bptui.tui.placing import Box, place

if TYPE_CHECKING:
    from bptui.tui.app import BptuiApp

SCREENS = {  # heavy: they load NumPy
    "step": "bptui.tui.workbench",
    "train": "bptui.tui.train.screen",
    "descend": "bptui.tui.descend.screen",
    "lesson": "bptui.tui.lesson.place",
}


def let_the_frame_out() -> None:
    """For a thread that is to load much: loading would keep waiting the thread that writes what is to be seen now."""
    sleep(0.01)


class Opening(Screen[None]):
    """The title bar, as the place will fill it, and below it what is being done.

    `load` is called in a thread. What it raises ends the app, which hands it on.
    """

    AUTO_FOCUS = None

    def __init__(self, net: str, load: Callable[[], Any], place: str) -> None:
        super().__init__()
        self.net, self.load, self.place = net, load, place
        self.views = {"title": CanvasView(ground="panel", id="title"), "story": CanvasView(id="story")}

    def compose(self) -> ComposeResult:
        yield from self.views.values()

    def on_resize(self, event: events.Resize) -> None:
        width = event.size.width
        story = Canvas(width, 1)
        story.put(2, 0, "now", NOW)
        story.put(8, 0, self._doing, TEXT)
        place(self.views, {"title": Box(0, 0, width, 1), "story": Box(0, 2, width, 1)})
        self.views["title"].show(bar(self._title, [], width))
        self.views["story"].show(story)

    @property
    def _title(self) -> list[Piece]:
        if self.place != "step":
            return [("bptui  ", BOLD), (self.place.capitalize(), NOW), ("  ·  ", MUTED), (self.net, SOFT)]
        outline = next((listed.outline for listed in NETS if listed.name == self.net), "")
        return [("bptui   ", BOLD), (self.net, BOLD), (" " + outline, MUTED)]

    @property
    def _doing(self) -> str:
        if self.net.endswith((".py", ".toml", ".txt", ".csv", ".md")):
            return "Reading the file."
        return {"step": "Wiring the net.", "lesson": "Opening the lesson."}.get(self.place, "Drawing the samples.")

    def on_mount(self) -> None:
        self.call_after_refresh(self._load)

    @work(thread=True)
    def _load(self) -> None:
        app = cast("BptuiApp", self.app)
        let_the_frame_out()
        try:
            import_module(SCREENS[self.place])  # here, so that the screen stands meanwhile
            opened = self.load()
        except Exception as error:
            app.call_from_thread(app.give_up, error)
        else:
            app.call_from_thread(app.replace_opening, opened)
