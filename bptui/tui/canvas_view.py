"""A widget that shows a canvas, repaints only the rows that changed, scrolls, and says what was clicked."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual import events
from textual.geometry import Region as Rectangle
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from bptui.drawing.canvas import PLAIN, Canvas, Ink, Region, part
from bptui.tui.cell_strip import CellStrip

if TYPE_CHECKING:
    from bptui.tui.app import BptuiApp


class CanvasView(Widget):
    """Shows one canvas. `ground` is the role that colours cells without a background of their own."""

    ALLOW_SELECT = False

    class Clicked(Message):
        """A cell was clicked: what it stands for, where on the canvas, how often in quick succession."""

        def __init__(self, view: CanvasView, target: str | None, x: int, y: int, times: int) -> None:
            super().__init__()
            self.view, self.target, self.x, self.y, self.times = view, target, x, y, times

        @property
        def control(self) -> CanvasView:
            return self.view

    class Dragged(Message):
        """The mouse moved over a cell with its button down."""

        def __init__(self, view: CanvasView, target: str | None, x: int, y: int) -> None:
            super().__init__()
            self.view, self.target, self.x, self.y = view, target, x, y

        @property
        def control(self) -> CanvasView:
            return self.view

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, CanvasView.Dragged)

    class Wheeled(Message):
        """The wheel turned over a canvas that fits its pane: up is −1, down is 1."""

        def __init__(self, view: CanvasView, turn: int) -> None:
            super().__init__()
            self.view, self.turn = view, turn

        @property
        def control(self) -> CanvasView:
            return self.view

    def __init__(self, *, ground: str = "background", id: str | None = None) -> None:
        super().__init__(id=id)
        self.canvas = Canvas(0, 0)
        self.left = self.top = 0
        self._ground = ground
        self._strips: dict[int, Strip] = {}
        self._window = 0, 0, 0, 0
        self._pressed = False
        self._followed: Region | None = None

    # -- what is shown

    def show(self, canvas: Canvas, follow: Region | None = None) -> None:
        """Show another canvas; rows that are equal to the former ones are not painted again.

        A rectangle to `follow` is brought into sight before anything is painted.
        """
        if canvas is self.canvas:
            return
        old, self.canvas = self.canvas, canvas
        moved = follow is not None and self._scroll(*self._towards(follow))
        if moved or (old.width, old.height) != (canvas.width, canvas.height):
            self._strips.clear()
            self._scroll(self.left, self.top)
            self._reach(anew=True)
            self.refresh()
            return
        width, height = self.size
        self._reach(anew=True)
        seen = range(self.top, min(canvas.height, self.top + height))
        stale = {y for y in seen if not _equal(old, canvas, y)}
        self._strips = {y: strip for y, strip in self._strips.items() if y in seen and y not in stale}
        if stale:
            self.refresh(*(Rectangle(0, y - self.top, width, 1) for y in stale))

    def _reach(self, *, anew: bool = False) -> None:
        """See to it that the window's part of the canvas is painted, as this terminal can show it."""
        newly = self.canvas.reach(Region(self.left, self.top, *self.size, ""))
        if newly or anew:
            cast("BptuiApp", self.app).shown(self.canvas)

    def forget(self) -> None:
        """Paint everything anew, with the theme of this moment."""
        self._strips.clear()
        self.refresh()

    def render_lines(self, crop: Rectangle) -> list[Strip]:
        """The rows in view. With colours they are final: Textual would put no border, tint or filter on them."""
        if not cast("BptuiApp", self.app).paint.coloured:
            return super().render_lines(crop)
        self._look_through(*self.size)
        return [self._strip(y).crop(*crop.column_span) for y in crop.line_range]

    def render_line(self, y: int) -> Strip:
        self._look_through(*self.size)
        return self._strip(y)

    def _look_through(self, width: int, height: int) -> None:
        """Forget the rows as they were in a window of another size or at another place."""
        window = self.left, self.top, width, height
        if window != self._window:
            self._window = window
            self._strips.clear()
            self._reach()

    def _strip(self, y: int) -> Strip:
        """A row of the window, with its cell of the scroll bar if there is one; made anew if it has changed."""
        row = y + self.top
        if row not in self._strips:
            self._strips[row] = self._cells(row, y)
        return self._strips[row]

    def _cells(self, row: int, y: int) -> Strip:
        """The cells of one row of the canvas that the window shows."""
        canvas, (left, _, width, height) = self.canvas, self._window
        characters: list[str] = []
        inks: list[Ink] = []
        if row < canvas.height:
            characters, inks = part(canvas.characters[row], canvas.inks[row], left, left + width)
        missing = width - len(characters)
        characters += [" "] * missing
        inks += [PLAIN] * missing
        if canvas.height > height and width > 1:
            if characters[-1] == "":
                characters[-2] = " "
            characters[-1], inks[-1] = self._rail(y, height)
        return CellStrip(characters, inks, cast("BptuiApp", self.app).paint.styles(self._ground))

    def _rail(self, y: int, shown: int) -> tuple[str, Ink]:
        """One cell of the scroll bar: a thin line, stronger where the window is."""
        height = self.canvas.height
        first = self.top * shown // height
        inside = first <= y <= (self.top + shown) * shown // height
        return "|" if cast("BptuiApp", self.app).ascii_only else "│", Ink("soft" if inside else "hairline")

    # -- scrolling

    def follow(self, region: Region) -> None:
        """Bring a rectangle into sight: its rows into the middle third, its columns just inside."""
        self._followed = region
        self.scroll_canvas(*self._towards(region))

    def _towards(self, region: Region) -> tuple[int, int]:
        """From which cell on the canvas is to be seen for that."""
        width, height = self.size
        left, top = self.left, self.top
        if self.canvas.height > height and not top + height // 3 <= region.top < top + 2 * height // 3:
            top = region.top + region.height // 2 - height // 2
        right = region.left + region.width + 1
        return 0 if right <= width else min(max(left, right - width), max(0, region.left - 1)), top

    def scroll_canvas(self, left: int, top: int) -> None:
        """Show the canvas from a cell on, as far as it goes."""
        if self._scroll(left, top):
            self.refresh()

    def _scroll(self, left: int, top: int) -> bool:
        left = max(0, min(left, self.canvas.width - self.size.width))
        top = max(0, min(top, self.canvas.height - self.size.height))
        moved = (left, top) != (self.left, self.top)
        self.left, self.top = left, top
        return moved

    def on_resize(self) -> None:
        if self._followed is not None:  # it was followed in a window of another size
            self.follow(self._followed)
        self.scroll_canvas(self.left, self.top)

    # -- the mouse

    def _at(self, event: events.MouseEvent) -> tuple[str | None, int, int]:
        x, y = event.x + self.left, event.y + self.top
        return self.canvas.target_at(x, y), x, y

    def on_mouse_down(self, event: events.MouseDown) -> None:
        self._pressed = True

    def on_mouse_up(self, event: events.MouseUp) -> None:
        self._pressed = False

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._pressed and event.button:
            self.post_message(self.Dragged(self, *self._at(event)))

    def on_click(self, event: events.Click) -> None:
        self.post_message(self.Clicked(self, *self._at(event), event.chain))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._wheel(event, 1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._wheel(event, -1)

    def _wheel(self, event: events.MouseEvent, turn: int) -> None:
        event.stop()
        self._followed = None
        sideways = event.shift or self.canvas.height <= self.size.height
        if sideways and self.canvas.width > self.size.width:
            self.scroll_canvas(self.left + 6 * turn, self.top)
        elif self.canvas.height > self.size.height:
            self.scroll_canvas(self.left, self.top + 3 * turn)
        else:
            self.post_message(self.Wheeled(self, turn))


def _equal(old: Canvas, new: Canvas, y: int) -> bool:
    """Whether a row is the same on two canvases of one size."""
    return old.characters[y] == new.characters[y] and old.inks[y] == new.inks[y]
