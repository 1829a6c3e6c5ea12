"""The app: its theme, its screens, and what is the same on all of them."""

from __future__ import annotations

import gc
import os
import warnings
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.app import App
from textual.binding import Binding, BindingType
from textual.filter import LineFilter
from textual.screen import Screen

from bptui.drawing.canvas import Canvas
from bptui.drawing.colours import NAMES
from bptui.tui.canvas_view import CanvasView
from bptui.tui.home.screen import Home
from bptui.tui.opening import Opening
from bptui.tui.theme import Paint, chosen, paint_of, textual_theme

if TYPE_CHECKING:
    from textual.command import Provider

    from bptui.course.lesson import Lesson
    from bptui.course.player import Player
    from bptui.course.progress import Progress
    from bptui.session.experiment import Experiment
    from bptui.session.session import Session
    from bptui.sources.opening import Opened


def _commands() -> type[Provider]:
    """The palette's provider, loaded when the palette opens."""
    from bptui.tui.commands import Commands

    return Commands


def _workbench(opened: Opened) -> Screen[None]:
    from bptui.tui.workbench import Workbench

    session = opened.sessions[0]
    session.message = opened.said
    if opened.source is not None:
        from bptui.tui.source_bench import SourceBench

        return SourceBench(opened, opened.source, opened.again)
    return Workbench(session, opened.look)


def _train(opened: Opened) -> Screen[None]:
    """One run, or several side by side."""
    from bptui.tui.train.compare import Compare
    from bptui.tui.train.screen import Train

    if len(opened.sessions) == 1:
        return Train(opened.sessions[0], opened.said, opened.receipt)
    return Compare([(session.experiment.net.name, session) for session in opened.sessions], opened.epochs)


def _descend(opened: Opened) -> Screen[None]:
    from bptui.tui.descend.screen import Descend

    return Descend(opened.sessions[0].experiment)


PLACES: dict[str, Callable[[Opened], Screen[None]]] = {"step": _workbench, "train": _train, "descend": _descend}
FILES = frozenset({"open_file", "export", "save"})  # the actions that read or write a file which the learner names
LESSON = "lesson"  # the place that begins with a lesson and its name in the progress


class BptuiApp(App[None]):
    """Home, and the places where an experiment is worked on (`PLACES`). `paint` is the theme in force.

    `load` gives what to begin with, called `net`, once the first frame stands; it opens at `place`. Without
    it home opens. What it raises is kept in `refused`. Without `files`, no file can be named: whoever sits before
    the app does not own the machine that it runs on. `progress` is kept there, instead of in the learner's own file.
    """

    TITLE = "bptui"
    CSS_PATH = "app.tcss"
    COMMANDS = {_commands}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("T", "next_theme", "next theme", id="app.theme"),
        Binding("slash,ctrl+p", "command_palette", "find any of these", id="app.find"),
        Binding("ctrl+t", "take_home", "take the run home as text", id="app.take_home"),
        Binding("ctrl+o", "paste", "open what you paste", id="app.paste"),
        Binding("ctrl+q", "quit", "quit", id="app.quit", priority=True),
    ]

    def __init__(
        self,
        load: Callable[[], Any] | None = None,
        net: str = "",
        *,
        place: str = "step",
        theme: str = "dark",
        ascii_only: bool = False,
        colours: bool = True,
        files: bool = True,
        progress: Progress | None = None,
    ) -> None:
        super().__init__(ansi_color=None if colours else True)
        self.files = files
        if progress is not None:
            self.progress = progress
        self.paint = paint_of(theme, colours=colours)
        self.ascii_only = ascii_only
        self.set_class(ascii_only, "plain")
        self.refused: Exception | None = None
        self._net, self._load, self._place = net, load, place
        for name in NAMES:
            self.register_theme(textual_theme(name))
        self.set_reactive(App.theme, self.paint.textual)  # to assign it would read every style sheet twice
        self.stylesheet.set_variables(self.get_css_variables())

    def first_screen(self) -> Screen[None] | None:
        """What stands above Textual's own blank screen, which can't be switched away from; None: it comes later."""
        if self._load is not None:
            return Opening(self._net, self._load, self._place)
        if self._place == "course":
            from bptui.tui.course.screen import CourseMap

            return CourseMap()
        return Home()

    def on_mount(self) -> None:
        if (screen := self.first_screen()) is not None:
            self.push_screen(screen)

    def replace_opening(self, opened: Any) -> None:
        """Show the place that was asked for where the opening stood; `opened` is what `load` gave."""
        if self._place == LESSON:
            self.switch_screen(self.lesson_screen(*opened))
        else:
            self.switch_screen(PLACES[self._place](opened))
        self.call_after_refresh(_settle_memory)

    def give_up(self, error: Exception) -> None:
        """End: there is nothing to show."""
        self.refused = error
        self.exit()

    def allows(self, action: str) -> bool:
        """Whether an action may be done here: all may, but those that name a file where that is not allowed."""
        return self.files or action not in FILES

    def get_line_filters(self) -> Sequence[LineFilter]:
        """None with colours: every style here is in full colours already, and filtering each line would cost time."""
        return [] if self.paint.coloured else super().get_line_filters()

    def shown(self, canvas: Canvas) -> Canvas:
        """A canvas as this terminal can show it; what is painted of it is changed."""
        if self.ascii_only or not self.paint.coloured:
            from bptui.drawing.ascii import heat_to_signs, to_ascii

            (to_ascii if self.ascii_only else heat_to_signs)(canvas)
        return canvas

    def open(self, opened: Opened, place: str) -> None:
        """Begin at a place; leaving it leads back to the screen that was there."""
        self.push_screen(PLACES[place](opened))

    def open_experiment(self, experiment: Experiment, place: str = "step") -> None:
        """Begin an experiment at a place."""
        from bptui.sources.opening import begun

        self.open(begun(experiment), place)

    def open_session(self, session: Session) -> None:
        """Step through a session where it stands; leaving leads back to the screen that was there."""
        from bptui.tui.workbench import Workbench

        self.push_screen(Workbench(session))

    def open_lab(self, place: str, name: str) -> None:
        """Begin in a lab with a surface or a data set, by name."""
        from bptui.sources.opening import to_descend, to_train

        open_at = to_descend if place == "descend" else to_train
        self.open(open_at(name, lambda experiment: experiment), place)

    def open_net(self, name: str) -> None:
        """Step through a net that comes with bptui."""
        from bptui.sources.presets import PRESETS

        self.open_experiment(PRESETS[name])

    @cached_property
    def progress(self) -> Progress:
        """What was done in the lessons; the file is opened when it is first asked for."""
        from bptui.course.progress import Progress, progress_file

        return Progress(progress_file())

    @cached_property
    def course(self) -> Sequence[Lesson]:
        """The lessons that come with bptui, read when they are first asked for. Raises LessonError."""
        from bptui.course.library import lessons

        return lessons()

    def open_lesson(self, lesson: Lesson, key: str = "") -> None:
        """Play a lesson, where the learner stopped. `key` is its name in the progress, its id if not given."""
        self.push_screen(self.lesson_screen(lesson, key))

    def play(self, player: Player) -> None:
        """Play a lesson where its player stands."""
        from bptui.tui.lesson.place import screen_of

        self.push_screen(screen_of(player))

    def lesson_screen(self, lesson: Lesson, key: str) -> Screen[None]:
        """The screen of the step where the learner stopped."""
        from bptui.tui.lesson.place import screen_of

        return screen_of(self.player(lesson, key))

    def player(self, lesson: Lesson, key: str = "") -> Player:
        """Somebody who plays a lesson here, where they stopped."""
        from bptui.course.player import Player

        return Player(lesson, self.progress, key)

    def open_taught(self, name: str) -> None:
        """Play a lesson of the course, by its id."""
        self.open_lesson(next(lesson for lesson in self.course if lesson.id == name))

    def open_file(self, path: str) -> None:
        """Play the lesson in a `.md` file, or begin what is in a `.toml`, a `.txt` or a `.py` file.

        Raises OSError, or ValueError for what cannot be used.
        """
        if not self.files:
            raise ValueError("no file can be named here")
        if path.endswith(".md"):
            from bptui.course.library import lesson_in

            self.open_lesson(lesson_in(path), str(Path(path).resolve()))
            return
        from bptui.sources.opening import of_receipt, read_receipt, to_step

        if path.endswith(".py"):
            self.open(to_step(path, lambda experiment: experiment), "step")
        else:
            self.open(*of_receipt(path, read_receipt(path)))

    def leave(self, screen: Screen[None], net: str = "") -> None:
        """Go home from a screen, or back to the one below it; home highlights the net that was left, if it lists it."""
        if len(self.screen_stack) > 2:
            self.pop_screen()
            if isinstance(self.screen, Home):
                self.screen.choose(net)
        else:
            self.switch_screen(Home(net))

    def action_take_home(self) -> None:
        from bptui.tui.taking_home import TakingHome

        if not isinstance(self.screen, TakingHome):
            self.push_screen(TakingHome.of(self.screen))

    def action_paste(self) -> None:
        from bptui.tui.pasting import Pasting

        if not isinstance(self.screen, Pasting):
            self.push_screen(Pasting())

    def action_next_theme(self) -> None:
        name = NAMES[(NAMES.index(self.paint.theme) + 1) % len(NAMES)]
        self._paint_with(paint_of(name, colours=self.paint.coloured))

    def _paint_with(self, paint: Paint) -> None:
        self.paint = paint
        self.theme = paint.textual
        for screen in self.screen_stack:
            for view in screen.query(CanvasView):
                view.forget()

    def look_anew(self, *, colours: bool, ascii_only: bool) -> None:
        """Draw from now on with colours or without, and with all glyphs or those of ASCII alone."""
        self.ascii_only = ascii_only
        self.set_class(ascii_only, "plain")
        self.ansi_color = None if colours else True
        self._paint_with(paint_of(self.paint.theme, colours=colours))
        for screen in self.screen_stack:  # canvases were made for what was shown before
            screen.post_message(events.Resize(self.size, self.size))
            screen.refresh(layout=True)


def _settle_memory() -> None:
    """Take what is loaded out of the garbage collector's sight: a full collection would delay a key by 10 ms."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 50)
    gc.enable()


def run(
    load: Callable[[], Any] | None = None,
    net: str = "",
    *,
    place: str = "step",
    theme: str | None = None,
    ascii_only: bool = False,
    mouse: bool = True,
) -> None:
    """Open the app: at a place, with what `load` gives, called `net`, or at home without it.

    `theme` is one of dark, light, safe (for eyes that do not part red from green) and safe-light; without it,
    BPTUI_THEME decides. NO_COLOR takes all colours away. What `load` raises is raised here, the terminal restored.
    """
    warnings.simplefilter("ignore", RuntimeWarning)  # numbers that overflow are for the screen to show
    colours = not os.environ.get("NO_COLOR")
    app = BptuiApp(load, net, place=place, theme=chosen(theme), ascii_only=ascii_only, colours=colours)
    if load is None:
        app.call_after_refresh(_settle_memory)
    app.run(mouse=mouse)
    if app.refused is not None:
        raise app.refused
