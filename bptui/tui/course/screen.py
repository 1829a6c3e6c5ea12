"""The course map: every lesson with what was done in it; one goes on, to any step, or past a whole lesson."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from bptui.drawing.canvas import Canvas, Ink
from bptui.drawing.lines import BOLD, MUTED, NOW, TEXT, rule, wrap
from bptui.tui.bars import Key, bar, keys
from bptui.tui.canvas_view import CanvasView
from bptui.tui.course import panes
from bptui.tui.course.marks import tally
from bptui.tui.placing import Box, place

if TYPE_CHECKING:
    from bptui.course.lesson import Lesson
    from bptui.course.overview import Row
    from bptui.course.player import Player
    from bptui.course.progress import LessonRecord
    from bptui.tui.app import BptuiApp

_ENDING: tuple[Key, ...] = (
    ("x", "test out", "skip"),
    ("/", "find", "app.command_palette"),
    ("q", "back", "leave"),
    ("?", "help", "help"),
)
_LESSONS: tuple[Key, ...] = (("↵", "go on", "open"), ("↑↓", "choose", "back"), ("→", "steps", "steps"), *_ENDING)
_STEPS: tuple[Key, ...] = (("↵", "open step", "open"), ("↑↓", "choose", "steps"), ("←", "lessons", "back"), *_ENDING)


class CourseMap(Screen[None]):
    """The lessons at the left, the steps of the chosen one at the right.

    `playing` is for who opens the map over a lesson: the lesson's name in the progress. It is chosen then; leaving
    the map leads back to it, and opening any lesson or step puts that in its place. Without `playing`, the lesson is
    chosen with which one goes on, and what is opened lies over the map. `chosen` is a name in the progress, `step` the
    chosen step, from 0, while one chooses among steps.
    """

    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "go on, or open the step", id="course.open"),
        Binding("down", "move(1)", "next", id="course.down"),
        Binding("up", "move(-1)", "previous", id="course.up"),
        Binding("home", "move(-99)", "first", id="course.first"),
        Binding("end", "move(99)", "last", id="course.last"),
        Binding("right,tab", "steps", "choose among the steps", id="course.steps"),
        Binding("left,shift+tab", "back", "choose among the lessons", id="course.lessons"),
        Binding("x", "skip", "skip the lesson by its last question", id="course.skip"),
        Binding("escape", "escape", "back", id="course.escape"),
        Binding("q", "leave", "leave the map", id="course.leave"),
        Binding("question_mark", "help", "help", id="course.help"),
    ]

    def __init__(self, playing: str = "", player: Player | None = None) -> None:
        """`playing` is the lesson that the map lies over, and `player` plays it."""
        super().__init__()
        self.playing = self.chosen = playing
        self.player = player
        self.step: int | None = None
        self.lesson: Lesson | None = None
        self.course: Sequence[Lesson] = ()
        self.rows: dict[str, Row] = {}
        self.records: dict[str, LessonRecord] = {}
        self.problem = ""
        self.loaded = False
        self._room: tuple[int, int] | None = None
        self._boxes: dict[str, Box] = {}
        self.views = {
            "title": CanvasView(ground="panel", id="title"),
            "lessons": CanvasView(ground="surface", id="lessons"),
            "steps": CanvasView(ground="surface", id="steps"),
            "notice": CanvasView(id="notice"),
            "keys": CanvasView(ground="panel", id="keys"),
        }

    def compose(self) -> ComposeResult:
        yield from self.views.values()

    @property
    def _app(self) -> BptuiApp:
        return cast("BptuiApp", self.app)

    # -- what is loaded

    def on_mount(self) -> None:
        self.call_after_refresh(self._load)

    @work(thread=True)
    def _load(self) -> None:
        """Read the course in a thread, once the screen stands."""
        from bptui.course import player  # noqa: F401

        with suppress(ValueError):
            _ = self._app.course
        self.app.call_from_thread(self._loaded)

    def _loaded(self) -> None:
        self.loaded = True
        try:
            self.course = self._app.course
        except ValueError as error:
            self.problem = str(error)
        self._look()

    def on_screen_resume(self) -> None:
        if self.course:
            self._look()

    def _look(self) -> None:
        """See what was done so far."""
        from bptui.course.overview import overview, to_go_on

        progress = self._app.progress
        self.records = progress.lessons()
        rows = overview(self.course, progress)
        self.rows = {row.id: row for row in rows}
        if self.chosen in self.rows:
            self._choose(self.chosen)
        elif rows:
            self._choose(to_go_on(rows, next(reversed(self.records), "")).id)

    def _choose(self, name: str) -> None:
        """Choose a lesson; a teacher's file is read anew."""
        from bptui.course.library import lesson_in
        from bptui.course.overview import own

        self.chosen, self.problem = name, ""
        self.lesson = next((lesson for lesson in self.course if lesson.id == name), None)
        if self.lesson is None:
            try:
                self.lesson = lesson_in(name)
                self.rows[name] = own(self.lesson, name, self._app.progress)
            except OSError as error:
                self.problem = f"{name}: {error.strerror}"
            except ValueError as error:
                self.problem = str(error)
        if self.lesson is None:
            self.step = None
        self._arrange()

    # -- actions

    def _wait(self) -> None:
        """Whoever is that quick waits for the course."""
        if not self.loaded:
            self._loaded()

    def action_move(self, by: int) -> None:
        self._wait()
        if self.step is not None and self.lesson:
            self.step = max(0, min(len(self.lesson.steps) - 1, self.step + by))
            self._arrange()
        elif self.rows:
            names = list(self.rows)
            self._choose(names[max(0, min(len(names) - 1, names.index(self.chosen) + by))])

    def action_steps(self) -> None:
        self._wait()
        if self.lesson and self.step is None:
            self.step = max(0, self.rows[self.chosen].at - 1)
            self._arrange()

    def action_back(self) -> None:
        self.step = None
        self._arrange()

    def action_escape(self) -> None:
        if self.step is None:
            self.action_leave()
        else:
            self.action_back()

    def action_open(self) -> None:
        """Go on with the lesson, or go to the chosen step."""
        from bptui.course.player import PlayError

        if player := self._player():
            try:
                if self.step is not None and self.step != player.index:
                    player.go(self.step)
            except PlayError as error:
                self.problem = str(error)
                self._arrange()
            else:
                self._play(player)

    def action_skip(self) -> None:
        """Ask the lesson's last question: a right answer skips what is open."""
        from bptui.course.player import PlayError

        player = self._player()
        if player is None:
            return
        try:
            if player.finished:
                raise PlayError("every step of this lesson is done: there is nothing to skip")
            player.test_out()
        except PlayError as error:
            self.problem = str(error)
            self._arrange()
        else:
            self._play(player)

    def _player(self) -> Player | None:
        self._wait()
        if self.player is not None and self.chosen == self.playing:
            return self.player
        return self._app.player(self.lesson, self.chosen) if self.lesson else None

    def _play(self, player: Player) -> None:
        """Show the lesson over the map, or in the place of the one that the map lies over."""
        app = self._app
        if self.playing:
            app.pop_screen()
            app.pop_screen()
        app.play(player)

    def action_leave(self) -> None:
        self._app.leave(self)

    def action_help(self) -> None:
        from bptui.tui.explain import Explanation, bindings_of

        app = self._app
        app.push_screen(Explanation("Course map", _HELP, bindings_of(self), ascii_only=app.ascii_only))

    async def on_canvas_view_clicked(self, message: CanvasView.Clicked) -> None:
        kind, _, name = (message.target or "").partition(":")
        if kind == "key":
            await self.run_action(name)
            return
        before = self.chosen, self.step
        if kind == "lesson":
            self.step = None
            self._choose(name)
        elif kind == "step":
            self.step = int(name)
            self._arrange()
        if kind and (before == (self.chosen, self.step) or message.times > 1):
            self.action_open()

    # -- painting

    def on_resize(self, event: events.Resize) -> None:
        self._room = (event.size.width, event.size.height)
        self._arrange()

    def _arrange(self) -> None:
        """Put the panes where they belong, and paint them."""
        if self._room is None:
            return
        notice = self.problem or (self._app.progress.notice if self.rows else "")
        self._boxes = panes.boxes(*self._room, self.rows, notice)
        place(self.views, self._boxes)
        among = self.step is not None
        self._show("title", lambda w, _: _title(self.rows, w))
        self._show("lessons", lambda w, h: panes.lessons(w, h, self.rows, self.chosen, here=not among))
        self._show("steps", self._steps)
        self._show("notice", lambda w, h: _notice(notice, w, h))
        self._show("keys", lambda w, _: keys(_STEPS if among else _LESSONS, w, ascii_only=self._app.ascii_only))
        self._follow("lessons", f"lesson:{self.chosen}")
        self._follow("steps", f"step:{self.step}")

    def _show(self, name: str, draw: Callable[[int, int], Canvas]) -> None:
        box = self._boxes[name]
        if box.width > 0 and box.height > 0:
            self.views[name].show(draw(box.width, box.height))

    def _follow(self, name: str, target: str) -> None:
        """Bring what is chosen into sight; the beginning, if nothing is."""
        view = self.views[name]
        region = next((region for region in view.canvas.regions if region.target == target), None)
        if region is None:
            view.scroll_canvas(0, 0)
        else:
            view.follow(region)

    def _steps(self, width: int, height: int) -> Canvas:
        """The chosen lesson; blank as long as there is none."""
        if self.lesson is None:
            canvas = Canvas(width, height)
            canvas.paste(rule(width, "Lesson", accent=BOLD), 0, 0)
            return canvas
        record = self.records.get(self.chosen)
        needed = [self.rows[need] for need in self.lesson.needs if need in self.rows]
        steps = record.steps if record else {}
        return panes.steps(width, height, self.lesson, self.rows[self.chosen], steps, needed, self.step)


def _title(rows: Mapping[str, Row], width: int) -> Canvas:
    done = tally(rows.values(), steps=width >= 60)
    return bar([("bptui", BOLD), ("   Course", NOW)], [(done, MUTED)], width)


def _notice(text: str, width: int, height: int) -> Canvas:
    """What is wrong, in as many lines as it has."""
    canvas = Canvas(width, height)
    for y, line in enumerate(wrap(text, width - 6)[:height]):
        canvas.put(2, y, "" if y else "!", Ink("bad", bold=True))
        canvas.put(4, y, line, TEXT)
    return canvas


_HELP = (
    "Every lesson of the course, with the steps that are done (●), the step where you are (◉), and those to come (○). "
    "A step is done by an answer, by what was to be done, or told; a right answer to the test-out skips the rest.",
    "Enter goes on with the lesson where you stopped; → leads to its steps, and enter opens any of them.",
    "x asks the lesson's last question. Right at the first try, and all that is open in the lesson counts as skipped; "
    "wrong, and it is a question like any other.",
)
