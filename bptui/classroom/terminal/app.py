"""The app of a learner who sits elsewhere: it draws cells, reads a keyboard, and has no hold on this machine."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import textual.app
from rich.console import Console, RenderableType
from textual import events, messages
from textual._compositor import CompositorUpdate
from textual.binding import BindingType
from textual.driver import Driver
from textual.filter import ANSIToTruecolor, LineFilter, NoColor
from textual.geometry import Size
from textual.message import Message
from textual.message_pump import MessagePump
from textual.screen import Screen

import bptui.tui.app
from bptui.classroom.plain import plain
from bptui.classroom.terminal.cells import Frame, Surface
from bptui.classroom.terminal.keyboard import Keyboard, Source
from bptui.classroom.terminal.kind import Kind
from bptui.classroom.terminal.sheet import Sheet
from bptui.tui.app import BptuiApp
from bptui.tui.theme import paint_of

if TYPE_CHECKING:
    from bptui.course.lesson import Lesson
    from bptui.course.progress import Progress

log = logging.getLogger("bptui.classroom")


class _Nowhere(Driver):
    """A driver without a terminal: the app's cells are its output, and `keyboard` its input."""

    def __init__(
        self,
        app: DistantApp,
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
        bell: Callable[[], None],
    ) -> None:
        super().__init__(app, debug=False, mouse=mouse, size=size)
        self._bell = bell
        self.keyboard = Keyboard(self.process_message, app.settle, lambda: (app.size.width, app.size.height))

    def write(self, data: str) -> None:
        """Nothing that an app writes by itself is passed on, but the bell."""
        if data == "\a":
            self._bell()

    def send_message(self, message: Message) -> None:
        self._app.post_message(message)  # in this thread: else a flood would wait where nobody counts it

    def start_application_mode(self) -> None:
        pass

    def stop_application_mode(self) -> None:
        pass

    def disable_input(self) -> None:
        self.keyboard.close()

    def close(self) -> None:
        self.keyboard.close()

    def open_url(self, url: str, new_tab: bool = True) -> None:
        """Textual would open a browser here, on the server."""

    def deliver_binary(self, binary: Any, **_: Any) -> None:
        """Textual would write a file here, on the server."""
        binary.close()


class DistantApp(BptuiApp):
    """bptui for a terminal at the far end of a channel. `on_frame` is told whenever there is something new to show."""

    CSS_PATH = str(Path(bptui.tui.app.__file__).with_name("app.tcss"))  # Textual looks beside this file else
    BINDINGS: ClassVar[list[BindingType]] = [*BptuiApp.BINDINGS]

    def __init__(
        self,
        kind: Kind,
        *,
        theme: str = "dark",
        progress: Progress | None = None,
        course: Sequence[Lesson] | None = None,
        on_frame: Callable[[], None] = lambda: None,
        bell: Callable[[], None] = lambda: None,
        on_copy: Callable[[str], None] = lambda text: None,
    ) -> None:
        one_process_many_apps()
        super().__init__(
            theme=theme, ascii_only=kind.ascii_only, colours=kind.depth is not None, files=False, progress=progress
        )
        if course is not None:
            self.course = course  # read once for all
        self.stylesheet = Sheet()
        self.stylesheet.set_variables(self.get_css_variables())
        self.kind, self.on_frame, self._on_copy = kind, on_frame, on_copy
        self.surface = Surface(kind.width, kind.height, kind.depth, ascii_only=kind.ascii_only, erases=kind.erases)
        self.failed = False
        self.driver_class = partial(_Nowhere, bell=bell)  # type: ignore[assignment]
        self._of_this_terminal()

    def _of_this_terminal(self) -> None:
        """Colours as this terminal has them, not as the environment of the server says."""
        self.no_color = self.kind.depth is None
        filters: list[LineFilter] = [ANSIToTruecolor(self.ansi_theme, enabled=not self.no_color)]
        self._filters = [*filters, NoColor()] if self.no_color else filters
        system = "truecolor" if self.kind.depth is None else self.kind.depth.name.lower()
        names = {"eight_bit": "256", "standard": "standard", "truecolor": "truecolor"}
        self.console = Console(
            file=textual.app._NullFile(),  # type: ignore[arg-type]
            color_system=names[system],  # type: ignore[arg-type]
            markup=True,
            highlight=False,
            emoji=False,
            legacy_windows=False,
            force_terminal=True,
            safe_box=False,
            soft_wrap=False,
            _environ={},
        )

    # -- from outside

    def start(self) -> asyncio.Task[None]:
        """Run, in a context of its own: in another app's, what it posts would be thought to be that app's."""
        size = self.kind.width, self.kind.height
        return asyncio.create_task(self._live(size), context=contextvars.Context())

    async def _live(self, size: tuple[int, int]) -> None:
        await self.run_async(size=size)

    def end(self) -> None:
        """Leave, from outside."""
        self._exit = True
        self.post_message(messages.ExitApp())

    def feed(self, data: bytes, source: Source) -> None:
        """Take what was typed; what comes before there is a keyboard is dropped."""
        if isinstance(self._driver, _Nowhere):
            self._driver.keyboard.feed(data, source)

    def drop_keys(self) -> None:
        """Forget what was typed and not taken yet."""
        if isinstance(self._driver, _Nowhere):
            self._driver.keyboard.drop()

    def resized(self, kind: Kind) -> None:
        """Draw for another size, or with other colours or glyphs."""
        before, self.kind = self.kind, kind
        if (before.depth, before.ascii_only) != (kind.depth, kind.ascii_only):
            self.surface.turn(kind.depth, ascii_only=kind.ascii_only)
            self._of_this_terminal()
            self.call_later(self.look_anew, colours=kind.depth is not None, ascii_only=kind.ascii_only)
        size = Size(kind.width, kind.height)
        if self._driver is not None:
            self._driver._size = size
        self.post_message(events.Resize(size, size))

    def wear(self, theme: str) -> None:
        """Draw in another theme."""
        if theme != self.paint.theme:
            self.call_later(self._paint_with, paint_of(theme, colours=self.paint.coloured))

    def frame(self) -> Frame:
        """What the app shows."""
        return self.surface.frame()

    def settle(self, then: Callable[[], None]) -> None:
        """Call back once what was posted has been wherever it may bubble to, and what it led to is done."""
        focused = self.screen.focused if self._screen_stack else None
        way = [node for node in (focused or self.screen).ancestors_with_self if node is not self]
        hops = iter((self, *way, self))

        def hop() -> None:
            for node in hops:
                if isinstance(node, MessagePump) and node.call_later(hop):
                    return
            then()

        hop()

    # -- drawing

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Draw on the cells. Textual would make a text for a terminal of it, and keep that for other terminals too."""
        if isinstance(renderable, CompositorUpdate) and not self._batch_count and self._running and not self._closed:
            width, height = self.size
            if (width, height) != (self.surface.width, self.surface.height):
                self.surface.resize(width, height)
            self.surface.draw(renderable)
            self.on_frame()
        self.post_display_hook()

    # -- failing

    def _fatal_error(self) -> None:
        """Close, and log the error. Textual would print it with all variables, while everybody waits."""
        error = sys.exc_info()[1] or self._exception
        where = error.__traceback__ if error is not None else None
        while where is not None and where.tb_next is not None:
            where = where.tb_next
        place = f" at {Path(where.tb_frame.f_code.co_filename).name}:{where.tb_lineno}" if where is not None else ""
        log.error("an app failed: %s: %s%s", type(error).__name__, _one_line(error), place)
        self.failed = True
        self._close_messages_no_wait()

    def _print_error_renderables(self) -> None:
        self.failed = self.failed or bool(self._exit_renderables)
        self._exit_renderables.clear()

    # -- no hold on this machine

    def allows(self, action: str) -> bool:
        return action not in ("screenshot", "suspend_process") and super().allows(action)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self.allows(action) and super().check_action(action, parameters)

    def save_screenshot(self, *_: Any, **__: Any) -> str:
        """Textual would write a file."""
        raise ValueError("no file can be written here")

    def deliver_screenshot(self, *_: Any, **__: Any) -> str | None:
        return None

    def deliver_text(self, *_: Any, **__: Any) -> str | None:
        return None

    def deliver_binary(self, *_: Any, **__: Any) -> str | None:
        return None

    def open_url(self, url: str, *, new_tab: bool = True) -> None:
        """Textual would open a browser."""

    def copy_to_clipboard(self, text: str) -> None:
        """Within the app; whoever looks after the terminal is told, for what an app itself writes goes nowhere."""
        self._clipboard = text
        self._on_copy(text)


def _one_line(error: object) -> str:
    return plain(" ".join(str(error).split()))[:200]


@contextmanager
def _left_alone(_: object) -> Iterator[None]:
    yield


def one_process_many_apps() -> None:
    """Keep apps from redirecting the process's standard output: of several, the last would restore another's."""
    textual.app.redirect_stdout = _left_alone  # type: ignore[attr-defined, assignment]
    textual.app.redirect_stderr = _left_alone  # type: ignore[attr-defined, assignment]
