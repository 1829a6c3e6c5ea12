"""What the workbench and the labs have in common: panes on a part of the terminal, and a bar of keys below them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.screen import Screen

from bptui.tui.bars import Key, keys
from bptui.tui.canvas_view import CanvasView
from bptui.tui.placing import Box, place

if TYPE_CHECKING:
    from bptui.session.session import Session
    from bptui.tui.app import BptuiApp


class PaneScreen(Screen[None]):
    """A screen of named panes. They have the whole terminal, or the `room` that a lesson beside them leaves."""

    AUTO_FOCUS = None
    views: dict[str, CanvasView]

    def compose(self) -> ComposeResult:
        yield from self.views.values()

    def on_resize(self) -> None:
        self.settle()

    def settle(self) -> None:
        """Lay the panes out for the room that there is, and paint them."""

    def room(self) -> Box:
        """The part of the terminal on which the panes stand; the last row of it is the bar of keys."""
        return Box(0, 0, *self.size)

    def stand(self, boxes: Mapping[str, Box]) -> None:
        """Put the panes into these boxes of the room."""
        room = self.room()
        place(self.views, {name: box.moved(room.x, room.y) for name, box in boxes.items()})

    def receipt(self) -> str:
        """What is done here, as a receipt. Raises ValueError where that cannot be: what is wanted, in one line."""
        raise ValueError("here is no run to take home; open a net or a training run first")

    def explain(self, title: str, paragraphs: Sequence[str]) -> None:
        """Say these sentences over the screen, and list its keys."""
        from bptui.tui.explain import Explanation, bindings_of  # only now: the screen stands a little earlier without

        ascii_only = cast("BptuiApp", self.app).ascii_only
        self.app.push_screen(Explanation(title, paragraphs, bindings_of(self), ascii_only=ascii_only))

    def open_session(self, session: Session) -> None:
        """Step through a session in the workbench, and come back."""
        cast("BptuiApp", self.app).open_session(session)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What names a file is not done where no file can be named."""
        return cast("BptuiApp", self.app).allows(action)

    def show_keys(self, shown: tuple[Key, ...]) -> None:
        """Show the keys that matter most."""
        app = cast("BptuiApp", self.app)
        allowed = tuple(key for key in shown if app.allows(key[2]))
        self.views["keys"].show(keys(allowed, self.room().width, ascii_only=app.ascii_only))
