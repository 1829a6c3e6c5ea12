"""Home: where one goes on; every lesson, lab and net is chosen by arrows, or opened by one or two keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from bptui.drawing.canvas import Canvas, Ink
from bptui.drawing.lines import BOLD, MUTED, NOW, TEXT, wrap
from bptui.tui.bars import Key, bar, keys
from bptui.tui.canvas_view import CanvasView
from bptui.tui.catalogue import COURSE, LABS, LETTERS, NETS
from bptui.tui.home import card, panes
from bptui.tui.home.boxes import boxes, neighbour
from bptui.tui.opening import let_the_frame_out
from bptui.tui.placing import Box, place

if TYPE_CHECKING:
    from bptui.course.lesson import Lesson
    from bptui.course.overview import Row
    from bptui.course.progress import LessonRecord
    from bptui.tui.app import BptuiApp

_KEYS = (  # each with its action
    ("↑↓←→", "choose", "back"),
    ("m", "course map", "course_map"),
    ("l", "lessons", "letters('lessons')"),
    ("n", "nets", "letters('nets')"),
    ("/", "find", "app.command_palette"),
    ("T", "theme", "app.next_theme"),
    ("q", "quit", "app.quit"),
    ("?", "help", "help"),
)
_BACK = ("esc", "back", "back")
_NAMES = {"lessons": [lesson.id for lesson in COURSE], "nets": [net.name for net in NETS]}


class Home(Screen[None]):
    """What is chosen, at the top, with its diagram and the one button; below, all that there is to choose.

    `chosen` is the target of an entry: `lesson:jacobians`, `net:skip`, `lab:train`; empty until it is known where the
    learner goes on.
    """

    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "open what is chosen", id="home.open"),
        Binding("down", "go(0, 1)", "choose below", id="home.down"),
        Binding("up", "go(0, -1)", "choose above", id="home.up"),
        Binding("right", "go(1, 0)", "choose at the right", id="home.right"),
        Binding("left", "go(-1, 0)", "choose at the left", id="home.left"),
        Binding("escape,home", "back", "back to where one goes on", id="home.back"),
        Binding("m", "course_map", "course map", id="home.map"),
        Binding("l", "letters('lessons')", "a lesson by its letter", id="home.lessons"),
        Binding("n", "letters('nets')", "a net by its letter", id="home.nets"),
        *(Binding(lab.key, f"lab('{lab.place}')", lab.title, id=f"home.{lab.place}") for lab in LABS),
        Binding("o", "open_file", "a lesson or a net in a file", id="home.file"),
        Binding("q", "app.quit", "quit", id="home.quit"),
        Binding("question_mark", "help", "help", id="home.help"),
    ]

    def __init__(self, net: str = "") -> None:
        super().__init__()
        self.chosen = ""
        self.lettered = ""  # `lessons` or `nets` while their letters are keys
        self.problem: tuple[str, str] | None = None
        self.loaded = False
        self.course: Sequence[Lesson] = ()
        self.lessons: dict[str, Lesson] = {}  # by their names in the progress, as the next two
        self.rows: dict[str, Row] = {}
        self.records: dict[str, LessonRecord] = {}
        self.current = ""
        self._room: tuple[int, int] | None = None
        self._boxes: dict[str, Box] = {}
        self.views = {
            "title": CanvasView(ground="panel", id="title"),
            "card": CanvasView(ground="surface", id="card"),
            "lessons": CanvasView(ground="surface", id="lessons"),
            "labs": CanvasView(ground="surface", id="labs"),
            "nets": CanvasView(ground="surface", id="nets"),
            "places": CanvasView(ground="surface", id="places"),
            "keys": CanvasView(ground="panel", id="keys"),
        }
        self.choose(net)

    def compose(self) -> ComposeResult:
        yield from self.views.values()

    @property
    def _app(self) -> BptuiApp:
        return cast("BptuiApp", self.app)

    def choose(self, net: str) -> None:
        """Choose a net, if it is listed."""
        if net in _NAMES["nets"]:
            self._choose(f"net:{net}")

    # -- what is loaded

    def on_mount(self) -> None:
        self.call_after_refresh(self._load)

    @work(thread=True)
    def _load(self) -> None:
        """Load NumPy and read the course in a thread, once the screen stands."""
        let_the_frame_out()
        from bptui.course import player, progress  # noqa: F401
        from bptui.tui import preview  # noqa: F401

        with suppress(ValueError):
            _ = self._app.course
        self.app.call_from_thread(self._loaded)

    def _loaded(self) -> None:
        self.loaded = True
        try:
            self.course = self._app.course
        except ValueError as error:
            self.problem = ("The course cannot be read", str(error))
        if notice := self._app.progress.notice:
            self.problem = ("Progress", notice)
        self._look()

    def on_screen_resume(self) -> None:
        if self.loaded:
            self._look()

    def _look(self) -> None:
        """See what was done. Where that is new, the lesson with which one goes on is chosen in place of another one."""
        from bptui.course.library import lesson_in
        from bptui.course.overview import overview, own, to_go_on

        progress = self._app.progress
        self.records = progress.lessons()
        self.lessons = {lesson.id: lesson for lesson in self.course}
        rows = {row.id: row for row in overview(self.course, progress) if row.place}
        last = next(reversed(self.records), "")
        if last and last not in rows:
            with suppress(OSError, ValueError):  # a teacher's file that is no more, or damaged now
                lesson = lesson_in(last)
                self.lessons[last], rows[last] = lesson, own(lesson, last, progress)
        if rows and rows != self.rows:
            left = next((name for name in reversed(self.records) if name in rows), "")
            self.current = to_go_on(list(rows.values()), left).id
            if not self.chosen.startswith(("net:", "lab:")):
                self.chosen = f"lesson:{self.current}"
        self.rows = rows
        self._arrange()

    # -- actions

    def _choose(self, target: str) -> None:
        self.chosen, self.problem = target, None
        self._arrange()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What names a file is not done where no file can be named."""
        return self._app.allows(action)

    def action_go(self, across: int, down: int) -> None:
        """Choose the nearest entry in a direction."""
        self._choose(neighbour(self.places(), self.chosen, across, down))

    def places(self) -> dict[str, Box]:
        """Where every entry stands, by its target; panes below each other are far apart, however much they scroll."""
        return {
            region.target: Box(box.x + region.left, 100 * box.y + region.top, region.width, region.height)
            for name, box in self._boxes.items()
            for region in self.views[name].canvas.regions
            if region.target.startswith(("lesson:", "net:", "lab:"))
        }

    def action_back(self) -> None:
        self.lettered = ""
        self._choose(f"lesson:{self.current}" if self.current else "")

    def action_letters(self, kind: str) -> None:
        """Make letters the keys of lessons or of nets, or no longer."""
        self.lettered = "" if self.lettered == kind else kind
        if kind == "nets" and not self.chosen.startswith("net:"):
            self._choose(f"net:{NETS[0].name}")
        elif kind == "lessons" and not self.chosen.startswith("lesson:"):
            self._choose(f"lesson:{self.current}" if self.current else "")
        else:
            self._arrange()

    def on_key(self, event: events.Key) -> None:
        """After `l` or `n`, a letter opens what it stands for."""
        names = _NAMES.get(self.lettered, [])
        if event.character and event.character in LETTERS[: len(names)]:
            event.stop()
            event.prevent_default()
            self._choose(f"{self.lettered.removesuffix('s')}:{names[LETTERS.index(event.character)]}")
            self.action_open()

    def action_open(self) -> None:
        if not self.loaded and not self.chosen.startswith(("net:", "lab:")):
            chosen = self.chosen
            self._loaded()  # whoever is that quick waits for the course
            self.chosen = chosen or self.chosen
        self.lettered = ""
        self._choose(self.chosen)
        kind, _, name = self.chosen.partition(":")
        if kind == "net":
            self._app.open_net(name)
        elif kind == "lab":
            self._app.open_lab(name, _first(name))
        elif name in self.lessons:
            self._app.open_lesson(self.lessons[name], name)

    def action_lab(self, place: str) -> None:
        self._choose(f"lab:{place}")
        self.action_open()

    def action_course_map(self) -> None:
        from bptui.tui.course.screen import CourseMap

        self.app.push_screen(CourseMap())

    def action_open_file(self) -> None:
        from bptui.tui.prompt import Prompt  # only now: home stands a little earlier without it

        line = Box(0, self._boxes["keys"].y, self._boxes["keys"].width, 1)
        hint = "a lesson in a .md file, or an experiment in a .toml file"
        self.app.push_screen(Prompt("open", "", hint, line), self._open_file)

    def _open_file(self, path: str | None) -> None:
        if not path:
            return
        self.problem = None
        try:
            self._app.open_file(path)
        except OSError as error:
            self.problem = ("Not opened", f"{path}: {error.strerror}")
        except ValueError as error:
            self.problem = ("Not opened", str(error))
        self._arrange()

    def action_help(self) -> None:
        from bptui.tui.explain import Explanation, bindings_of

        app = self._app
        app.push_screen(Explanation("Home", _HELP, bindings_of(self), ascii_only=app.ascii_only))

    async def on_canvas_view_clicked(self, message: CanvasView.Clicked) -> None:
        target = message.target or ""
        if target.startswith("key:"):
            await self.run_action(target.removeprefix("key:"))
        elif target:
            again = self.chosen == target or message.times > 1
            self._choose(target)
            if again:
                self.action_open()

    def on_canvas_view_wheeled(self, message: CanvasView.Wheeled) -> None:
        self.action_go(0, message.turn)

    # -- painting

    def on_resize(self, event: events.Resize) -> None:
        self._room = (event.size.width, event.size.height)
        self._arrange()

    def _arrange(self) -> None:
        """Put the panes where they belong, and paint them."""
        if self._room is None:
            return
        chosen, lettered = self.chosen, self.lettered
        self._boxes = boxes(*self._room, nets=chosen.startswith("net:"))
        place(self.views, self._boxes)
        roomy, said = "labs" in self._boxes, self._card()
        bar_of_keys: tuple[Key, ...] = (("↵", said.verb or "open", "open"), *_KEYS)
        if lettered:
            letters = f"a–{LETTERS[len(_NAMES[lettered]) - 1]}"
            bar_of_keys = ((letters, f"open that {lettered.removesuffix('s')}", "back"), bar_of_keys[0], _BACK)
        self._show("title", lambda w, _: _title(w))
        self._show("card", lambda w, h: card.draw(said, w, h, self._picture(w, h), ascii_only=self._app.ascii_only))
        lit = lettered == "lessons"
        self._show("lessons", lambda w, h: panes.lessons(w, h, self.rows, chosen, lettered=lit, roomy=roomy))
        self._show("labs", lambda w, h: panes.labs(w, h, chosen))
        files = self._app.files
        self._show("nets", lambda w, h: panes.nets(w, h, chosen, lettered=lettered == "nets", files=files))
        self._show("places", lambda w, _: panes.places(w, chosen, files=files))
        self._show("keys", lambda w, _: keys(bar_of_keys, w, ascii_only=self._app.ascii_only))

    def _show(self, name: str, draw: Callable[[int, int], Canvas]) -> None:
        """Paint a pane if it has a place, with the chosen entry in sight."""
        if name not in self._boxes:
            return
        view, box = self.views[name], self._boxes[name]
        view.show(draw(box.width, max(1, box.height)))
        for region in view.canvas.regions:
            if region.target == self.chosen:
                view.follow(region)

    def _card(self) -> card.Card:
        kind, _, name = self.chosen.partition(":")
        if kind == "net":
            return card.of_net(name, _facts(name) if self.loaded else [])
        if kind == "lab":
            return card.of_lab(name, _opens_with(name) if self.loaded else [])
        if name not in self.rows:
            return card.NOTHING
        steps = self.records[name].steps if name in self.records else {}
        return card.of_lesson(self.lessons[name], self.rows[name], steps, goes_on=name == self.current)

    def _picture(self, width: int, height: int) -> Canvas | None:
        """What stands at the right of the card: a block diagram, or why something cannot be done."""
        room = card.picture_room(width, height)
        if self.problem:
            return _refusal(*self.problem, *room)
        return self._diagram(*room) if self.loaded else None

    def _diagram(self, width: int, height: int) -> Canvas | None:
        from bptui.tui import preview

        kind, _, name = self.chosen.partition(":")
        if kind == "net":
            return preview.diagram(name, width, height)
        if kind == "lab":
            return preview.of_lab(name, _first(name), width, height)
        if name not in self.rows:
            return None
        stage = self.lessons[name].steps[max(0, self.rows[name].at - 1)].stage
        with suppress(ValueError):  # of a teacher's file whose stage cannot be set up
            return preview.of_stage(stage, width, height) if stage else None
        return None


def _title(width: int) -> Canvas:
    left = [("bptui", BOLD), ("   Home", NOW)]
    return bar(left, [("a reverse debugger for backprop", MUTED)] if width >= 60 else [], width)


def _first(place: str) -> str:
    """What a lab opens with."""
    return next(lab.first for lab in LABS if lab.place == place)


def _facts(net: str) -> list[tuple[str, str]]:
    from bptui.tui import preview

    return preview.facts(net)


def _opens_with(place: str) -> list[str]:
    from bptui.sources.labs import lab_names

    return list(lab_names()[place])


def _refusal(title: str, problem: str, width: int, height: int) -> Canvas:
    """Why a file was not opened, or what is wrong with the progress, from its beginning."""
    canvas = Canvas(max(1, width), max(1, height))
    canvas.put(0, 0, f"! {title}", Ink("bad", bold=True))
    lines, room = wrap(problem, width - 2), height - 1
    if len(lines) > room:
        lines = [*lines[: room - 1], "…"]
    for y, line in enumerate(lines, 1):
        canvas.put(2, y, line, TEXT)
    return canvas


_HELP = (
    "The lesson where you stopped is chosen; enter goes on with it. Arrows choose another lesson, a lab or a net, and "
    "enter opens it.",
    "With two keys: l and a letter for a lesson, n and a letter for a net; d and t for the labs.",
    "● is done, ◉ is where you are in a lesson, ○ is to come. The course map (m) shows the steps of every lesson, and "
    "how they went; there a lesson can be skipped by its last question.",
)
