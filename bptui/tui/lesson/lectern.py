"""What a lesson adds to a screen: its text, its question, a line to answer on, and its keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from textual import work
from textual.binding import BindingType

from bptui.course.answer import AnswerError
from bptui.course.lesson import Do, Pick, Predict, Step
from bptui.course.player import Player, PlayError
from bptui.course.scene import Solved
from bptui.drawing.canvas import Canvas, Ink
from bptui.drawing.lines import BOLD, MUTED, NOW, SOFT, Piece, length
from bptui.tui.bars import Key, bar, keys
from bptui.tui.canvas_view import CanvasView
from bptui.tui.lesson.boxes import BESIDE, Ground, ground
from bptui.tui.lesson.keyboard import Keyboard
from bptui.tui.lesson.keys import BINDINGS, bar_of
from bptui.tui.lesson.page import Page, page, question, rows_away, rows_wanted, told_in_short
from bptui.tui.lesson.parts import Answer
from bptui.tui.lesson.reload import File
from bptui.tui.placing import Box, place
from bptui.tui.watched import LOOK

if TYPE_CHECKING:
    from bptui.tui.app import BptuiApp

OWN = ("place", "page", "ask", "keys")
AS_LEFT = "The stage is as you left it. Z sets it up anew."
DOING = "One moment: it is being done for you."
MOST_PAGES = 9  # of a text that are counted
_HELP = (
    "This is a lesson. Where something is asked, type the answer and press enter: a number, a fraction, several "
    "numbers with spaces, the number of an option; or select a box. What is asked stays hidden until then. Where "
    "something is to be done, do it on the stage, with its own keys; nothing that you do there can break the lesson. "
    "While the lesson is open, each step's stage stays as you left it; Z sets it up anew. Where the terminal is "
    "narrow, the text gives way to a key for the stage, and l opens it again."
)
_MARKS: dict[int, Piece] = {0: ("○", MUTED), 1: ("◌", SOFT), 2: ("●", SOFT), 3: ("●", Ink("good"))}


class Lectern(Keyboard):
    """A mixin for the workbench and the labs; `attend` gives it the player."""

    BINDINGS: ClassVar[list[BindingType]] = [*BINDINGS]
    lab: ClassVar[bool] = True  # whether the stage wants a lab's width
    _attended = False

    def attend(self, player: Player) -> None:
        """Play a lesson here."""
        self.player = player
        self._attended = True
        self.answer = Answer(note=AS_LEFT if player.returned else "")
        self.drawer = True
        self._recalled: Step | None = None
        self._stage_keys: tuple[Key, ...] = ()
        self._away: tuple[object, int] = (), 0
        self._standing: dict[str, Box] = {}
        self._own: dict[str, Box] = {}
        self._shown_lesson: tuple[object, ...] = ()
        self._stood = player.index, player.state
        self._page = Page(Canvas(0, 0))
        self._top, self._news = 0, ""
        self.turned = 0  # pages of the text that were read on, also where it is all in sight: a mirror may show less
        self._file = File(player.key)
        self.views |= {"place": CanvasView(ground="panel", id="place"), "ask": CanvasView(ground="panel", id="ask")}
        self.views["page"] = CanvasView(ground="surface", id="page")
        self.views["keys"] = CanvasView(ground="panel", id="keys")

    def on_mount(self) -> None:
        if self._file.own:
            self.set_interval(LOOK, self._reread)

    def on_resize(self) -> None:
        self._shown_lesson = ()  # the page was drawn for another screen

    # -- what the kinds of stage do

    def arrive(self) -> None:
        """Another step, or the same one from its beginning: show its stage."""
        raise NotImplementedError

    def reveal(self) -> None:
        """The question is over: show what was asked for where it stands, or else what explains it."""

    def pointed(self) -> str:
        """The name of what is selected on the stage, for a question that is answered so."""
        return ""

    # -- the ground

    def _ground(self, wanted: tuple[int, int] = (0, 0)) -> Ground:
        """The lesson's boxes and the stage's room; the drawer's own height needs what its text wants."""
        diagram = self._standing.get("diagram")
        below = diagram.y + diagram.height + 1 if diagram else 0
        asked = self._rows_away()
        return ground(*self.size, lab=self.lab, drawer=self.drawer, asked=asked, wanted=wanted, below=below)

    def _rows_away(self) -> int:
        """The rows of the question where the text is away: the same before and after the answer."""
        key = self.player, self.player.index, self.player.state.seed, self.size.width
        if self._away[0] != key:
            self._away = key, rows_away(self.player, self.size.width) if self.has_drawer else 0
        return self._away[1]

    def room(self) -> Box:
        return self._ground().room

    def stand(self, boxes: Mapping[str, Box]) -> None:
        """Stage and lesson; what lies below an open drawer gives way to it, so that nothing is half hidden."""
        self._standing, room = dict(boxes), self.room()
        own = self._own = self._lesson_boxes()
        end = own["page"].y if self.has_drawer and "page" in own else self.size.height
        stage = {name: box.moved(room.x, room.y) for name, box in boxes.items() if name not in OWN}
        cut = {name: box._replace(height=min(box.height, end - box.y)) for name, box in stage.items()}
        place(self.views, cut | own)

    def _lesson_boxes(self) -> dict[str, Box]:
        boxes = self._ground().boxes
        if self.has_drawer and "page" in boxes:
            boxes = self._ground(rows_wanted(self.player, self.answer, self.size.width)).boxes
        return boxes

    def show_keys(self, shown: tuple[Key, ...]) -> None:
        self._stage_keys = shown
        self.show_lesson()

    def show_lesson(self) -> None:
        """Bring the text, the question and the bars up to date."""
        answer, player = self.answer, self.player
        notice, size = player.progress.notice, self.size
        if player.forgotten and self._recalled is not player.step:
            self._recalled = player.step
            self._work_out()
        state = player.index, player.state, player.testing, player.forgotten, player.returned
        shown = (player, *state, answer, notice, size, self.drawer)
        if (*shown, self._top, self._own) != self._shown_lesson:
            self._follow()
            if self._standing or not self.views["page"].display:
                self.stand(self._standing)
            own = self._own
            self._page = Page(Canvas(0, 0))
            if "page" in own:
                box = own["page"]
                self._page = page(player, answer, box.width, box.height, self._top, self._news)
                self._top, self._news = self._page.top, ""
                self.views["page"].show(self._page.canvas)
            if "ask" in own:
                self.views["ask"].show(question(player, answer, own["ask"].width, own["ask"].height))
            self.views["place"].show(_place(player, own["place"].width))
            self._shown_lesson = (*shown, self._top, own)
        drawer = self.drawer if self.has_drawer else None
        mine = bar_of(player, self._page, typed=bool(answer.typed), drawer=drawer, stages=self.stage_enters())
        taken = {key for key, _, _ in mine}
        app = cast("BptuiApp", self.app)
        rest = tuple(key for key in self._stage_keys if key[0] not in taken and app.allows(key[2]))
        self.views["keys"].show(keys((*mine, *rest), self._own["keys"].width, ascii_only=app.ascii_only))

    def _follow(self) -> None:
        """What has just been said is to be read: a page that is too short for all of it is scrolled there."""
        (index, before), state = self._stood, self.player.state
        self._stood = self.player.index, state
        if index != self.player.index:
            self._top = self.turned = 0
        elif state.hints > before.hints:
            self._news = f"hint {state.hints}"
        elif (state.over, state.verdict) != (before.over, before.verdict):
            self._news = "explain" if state.over else "remark 1"

    @property
    def has_drawer(self) -> bool:
        """Whether the text lies over the stage, or is closed, for want of a column of its own."""
        return self.size.width < BESIDE

    def _read_told(self) -> None:
        """Open the text for what has just been said, where it has more to say than the rows of the question hold."""
        if not told_in_short(self.player, self.size.width, self._rows_away()):
            self.drawer = True

    # -- keys

    def scrolls(self, by: int) -> bool:
        """Whether there was more of the text; where there is not, and the stage stands beside it, the stage scrolls."""
        there = self._page.below if by > 0 else self._page.above
        if there or not (self._page.above or self._page.below):
            self.turned = max(0, min(MOST_PAGES, self.turned + by))
        if there:
            self._top = max(0, self._top + by * max(1, self._page.rows - 1))
            self.show_lesson()
        return there or (self.has_drawer and (self._page.above or self._page.below))

    def enters(self) -> bool:
        """Check what was typed or selected; go on where nothing is open. False where the key is the stage's."""
        ask, over = self.player.step.ask, self.player.state.over
        if (ask is None or over) and self.stage_enters():
            return False
        if ask is None or over:
            self.action_lesson_next()
        elif isinstance(ask, Predict):
            pick = isinstance(ask.question, Pick)
            if text := self.answer.typed or (self.pointed() if pick else ""):
                self._check(text)
            elif self.stage_enters():
                return False
            else:
                self._say("select it on the stage, by arrows or a click" if pick else "type an answer first")
        else:
            return False
        return True

    def _check(self, text: str) -> None:
        try:
            verdict = self.player.answer(text)
        except AnswerError as error:
            self._say(f"That is no answer here: it {error}.")
            return
        except PlayError as error:
            self._say(str(error))
            return
        self.answer = Answer()
        self._read_told()
        self._over() if verdict.right else self.show_lesson()

    def _say(self, problem: str) -> None:
        self.answer = Answer(self.answer.typed, problem)
        self.show_lesson()

    def _attempt(self, deed: Callable[[], object]) -> bool:
        """Do something that may be refused; then that is said."""
        try:
            deed()
        except PlayError as error:
            self._say(str(error))
            return False
        self.answer = Answer()
        return True

    # -- actions

    async def action_lesson_enter(self) -> None:
        if not self.enters():
            await self.run_action("enter")

    def action_lesson_next(self) -> None:
        there: list[bool] = []
        if not self._attempt(lambda: there.append(self.player.next())):
            return
        if there[0]:
            self._turned()
        else:
            self._finish()

    def _finish(self) -> None:
        left = [str(k) for k, state in enumerate(self.player.states, 1) if not state.done]
        if left:
            self._say(f"This is the end. Open: {', '.join(left)}. < leads back to them.")
        else:
            self.action_leave()

    def action_lesson_back(self) -> None:
        if self._attempt(self.player.back):
            self._turned()

    def _turned(self) -> None:
        self.answer, self.drawer = Answer(note=AS_LEFT if self.player.returned else ""), True
        self.arrive()

    def action_lesson_hint(self) -> None:
        if self._attempt(self.player.hint):
            self.drawer = True
            self.show_lesson()

    def action_lesson_scroll(self, by: int) -> None:
        self.scrolls(by)

    def action_lesson_tell(self) -> None:
        if isinstance(self.player.step.ask, Do) and not self.player.testing and not self.player.state.over:
            if self._attempt(self.player.solution):
                self.answer = Answer(note=DOING)
                self._work_out()
                self.show_lesson()
        elif self._attempt(self.player.tell):
            self._read_told()
            self._over()

    def _work_out(self) -> None:
        """Have a task done by the lesson's own solution, in a thread: some train for seconds."""
        self._solve(self.player.step, self.player.solution())

    @work(thread=True, group="solution", exclusive=True)
    def _solve(self, step: Step, solution: Callable[[], Solved]) -> None:
        try:
            found: Solved | PlayError = solution()
        except PlayError as error:
            found = error
        if self.is_running:
            self.app.call_from_thread(self._solved, step, found)

    def _solved(self, step: Step, found: Solved | PlayError) -> None:
        """The task is done; told, if the learner is still there and has not done it meanwhile."""
        player = self.player
        if step is not player.step:
            return
        if isinstance(found, PlayError):
            self._say(str(found))
        elif player.forgotten:
            player.remember(found)
            self.show_lesson()
        elif not player.state.over and self._attempt(lambda: player.tell(found)):
            self.arrive()

    def _over(self) -> None:
        """The question is over, and nothing is hidden any more."""
        self.settle()
        self.reveal()
        self.show_lesson()

    def action_lesson_again(self) -> None:
        if self._attempt(self.player.again):
            self.arrive()

    def action_lesson_reset(self) -> None:
        self.player.reset()
        self.answer = Answer(self.answer.typed)
        self.arrive()

    def action_lesson_text(self) -> None:
        if self.has_drawer:
            self.drawer = not self.drawer
            self.stand(self._standing)
            self.show_lesson()

    def action_lesson_map(self) -> None:
        from bptui.tui.course.screen import CourseMap  # only now: few open it

        self.player.leave()
        self.app.push_screen(CourseMap(self.player.key, self.player))

    def explain(self, title: str, paragraphs: Sequence[str]) -> None:
        super().explain(title, [*paragraphs, _HELP])

    def action_leave(self) -> None:
        self.player.leave()
        cast("BptuiApp", self.app).leave(self)

    async def on_canvas_view_clicked(self, message: CanvasView.Clicked) -> None:
        kind, _, name = (message.target or "").partition(":")
        if message.view is self.views["ask"]:
            self.action_lesson_text()
        elif kind == "option" and not self.player.state.over and not self.waits:
            if self.answer.typed == name:
                self._check(name)
            else:
                self.type(name)

    def on_canvas_view_wheeled(self, message: CanvasView.Wheeled) -> None:
        if message.view is self.views["page"]:
            self.scrolls(message.turn)

    # -- a file of the learner's own

    def _reread(self) -> None:
        """Play the file anew where it was saved; one with a mistake is told, and what stands goes on."""
        found = self._file.changed() if self.is_active and not self.waits else None
        if found is None:
            return
        if isinstance(found, str):
            self._say(found)
        else:
            self.player = self.player.renewed(found)
            self._turned()


def _place(player: Player, width: int) -> Canvas:
    """The bar at the top: the lesson, and how its steps stand."""
    lesson, here = player.lesson, player.index
    number = Path(lesson.path).name.partition("-")[0]
    left: list[Piece] = [("bptui  ", BOLD), ("Lesson", NOW), ("  ·  ", MUTED)]
    left += [(f"{int(number)}  ", SOFT)] if number.isdecimal() and len(number) < 4 else []
    left.append((lesson.title, BOLD))
    marks = [_MARKS[int(state.done)] for state in player.states]
    marks[here] = ("◉", NOW)
    dots: list[Piece] = [piece for mark in marks for piece in (mark, (" ", MUTED))]
    count: Piece = (f" {here + 1}/{len(marks)}", BOLD)
    right = [*dots, count] if length(left) + length(dots) + 12 <= width else [count]
    if player.progress.notice:
        right = [("! progress  ", Ink("bad", bold=True)), *right]
    return bar(left, right, width)
