"""What a lesson adds to a screen: its text, its question, a line to answer on, and its keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.binding import BindingType

from bptui.course.answer import AnswerError
from bptui.course.grade import option_names
from bptui.course.lesson import Choice, Do, Pick, Predict
from bptui.course.player import Player, PlayError
from bptui.drawing.canvas import Canvas, Ink
from bptui.drawing.lines import BOLD, MUTED, NOW, SOFT, Piece, length
from bptui.tui.bars import Key, bar, keys
from bptui.tui.canvas_view import CanvasView
from bptui.tui.lesson.boxes import BESIDE, Ground, ground
from bptui.tui.lesson.keys import BINDINGS, bar_of
from bptui.tui.lesson.page import Answer, page, question
from bptui.tui.lesson.reload import File
from bptui.tui.pane_screen import PaneScreen
from bptui.tui.placing import Box, place

if TYPE_CHECKING:
    from bptui.tui.app import BptuiApp

OWN = ("place", "page", "ask", "keys")
STARTS = "0123456789.-−("  # a key that begins an answer of numbers; with [ the stage goes to another entry
MOST = 200  # characters of an answer
LOOK = 0.5  # seconds between two looks at a file of the learner's own
_HELP = (
    "This is a lesson. Where something is asked, type the answer and press enter: a number, a fraction, several "
    "numbers with spaces, the number of an option; or select a box. What is asked stays hidden until then. Where "
    "something is to be done, do it on the stage, with its own keys; nothing that you do there can break the lesson."
)
_MARKS: dict[int, Piece] = {0: ("○", MUTED), 1: ("◌", SOFT), 2: ("●", SOFT), 3: ("●", Ink("good"))}


class Lectern(PaneScreen):
    """A mixin for the workbench and the labs; `attend` gives it the player."""

    BINDINGS: ClassVar[list[BindingType]] = [*BINDINGS]
    lab: ClassVar[bool] = True  # whether the stage wants a lab's width

    def attend(self, player: Player) -> None:
        """Play a lesson here."""
        self.player = player
        self.answer = Answer()
        self.drawer = True
        self._stage_keys: tuple[Key, ...] = ()
        self._standing: dict[str, Box] = {}
        self._shown_lesson: tuple[object, ...] = ()
        self._file = File(player.key)
        self.views |= {"place": CanvasView(ground="panel", id="place"), "ask": CanvasView(ground="panel", id="ask")}
        self.views["page"] = CanvasView(ground="surface", id="page")
        self.views["keys"] = CanvasView(ground="panel", id="keys")

    def on_mount(self) -> None:
        if self._file.own:
            self.set_interval(LOOK, self._reread)

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

    @property
    def _ground(self) -> Ground:
        asked = 4 if self.player.step.ask is not None else 1
        return ground(*self.size, lab=self.lab, drawer=self.drawer, asked=asked)

    def room(self) -> Box:
        return self._ground.room

    def stand(self, boxes: Mapping[str, Box]) -> None:
        self._standing = dict(boxes)
        own, room = self._ground
        place(self.views, {name: b.moved(room.x, room.y) for name, b in boxes.items() if name not in OWN} | own)

    def show_keys(self, shown: tuple[Key, ...]) -> None:
        self._stage_keys = shown
        self.show_lesson()

    def show_lesson(self) -> None:
        """Bring the text, the question and the bars up to date."""
        own, answer, player = self._ground.boxes, self.answer, self.player
        notice = player.progress.notice
        shown = (player, player.index, player.state, player.testing, answer, notice, tuple(own.items()))
        if shown != self._shown_lesson:
            self._shown_lesson = shown
            if "page" in own:
                self._show_page(own["page"])
            if "ask" in own:
                self.views["ask"].show(question(player, answer, own["ask"].width, own["ask"].height))
            self.views["place"].show(_place(player, own["place"].width))
        mine = bar_of(player, typed=bool(answer.typed), drawer=self.drawer if self._has_drawer else None)
        taken = {key for key, _, _ in mine}
        app = cast("BptuiApp", self.app)
        rest = tuple(key for key in self._stage_keys if key[0] not in taken and app.allows(key[2]))
        self.views["keys"].show(keys((*mine, *rest), own["keys"].width, ascii_only=app.ascii_only))

    @property
    def _has_drawer(self) -> bool:
        """Whether the text lies over the stage, or is closed, for want of a column of its own."""
        return self.size.width < BESIDE

    def _show_page(self, box: Box) -> None:
        shown = page(self.player, self.answer, box.width, box.height)
        view = self.views["page"]
        view.show(shown.canvas)
        state = self.player.state
        begun = self.answer != Answer() or state.verdict or state.hints or state.over
        if begun and not shown.focus - box.height < view.top <= shown.focus - 2:  # else it is in sight
            view.scroll_canvas(0, shown.focus - box.height + 3)

    # -- keys: what is typed goes to the answer, the rest to the stage

    @property
    def _waits(self) -> bool:
        """Whether the stage searches: then all keys wait."""
        return not self.check_action("lesson_enter", ())

    def on_key(self, event: events.Key) -> None:
        if not self._waits and self._takes(event):
            event.stop()
            event.prevent_default()

    def on_paste(self, event: events.Paste) -> None:
        """A line that is pasted is typed, without the bracket that it may begin with."""
        first = next(iter(event.text.splitlines()), "").strip().removeprefix("[")
        if first and not self._waits and (self.answer.typed or self._begins(first[0])) and not self.player.state.over:
            event.stop()
            self._type((self.answer.typed + first)[:MOST])

    def _takes(self, event: events.Key) -> bool:
        """Whether a key is the lesson's; then what it says is done."""
        typed, state, ask = self.answer.typed, self.player.state, self.player.step.ask
        if event.key == "enter":
            return self._entered()
        if event.key in ("pagedown", "pageup"):
            return self._scrolled(1 if event.key == "pagedown" else -1)
        if not isinstance(ask, Predict) or state.over:
            return False
        choice = isinstance(ask.question, Choice)  # an option takes the place of the one before
        character = event.character if event.is_printable else None
        if event.key == "escape" and typed:
            self._type("")
        elif event.key == "backspace" and typed:
            self._type(typed[:-1])
        elif character and (self._begins(character) or (typed and not choice)):
            self._type(character if choice else (typed + character)[:MOST])
        else:
            return False
        return True

    def _scrolled(self, by: int) -> bool:
        """Whether there was more of the text; where there is not, the stage scrolls."""
        view = self.views["page"]
        top = view.top
        if view.display:
            view.scroll_canvas(0, top + by * max(1, view.size.height - 3))
        return view.top != top

    def _begins(self, character: str) -> bool:
        ask = self.player.step.ask
        if not isinstance(ask, Predict) or isinstance(ask.question, Pick):
            return False
        names = "".join(option_names(self.player.options)) if isinstance(ask.question, Choice) else STARTS
        return character in names

    def _type(self, text: str) -> None:
        self.answer = Answer(text)
        self.show_lesson()

    def _entered(self) -> bool:
        """Check what was typed or selected; go on where nothing is open. False where the key is the stage's."""
        ask, over = self.player.step.ask, self.player.state.over
        if ask is None or over:
            self.action_lesson_next()
        elif isinstance(ask, Predict):
            text = self.answer.typed or (self.pointed() if isinstance(ask.question, Pick) else "")
            if not text:
                self._say("select it on the stage, by arrows or a click" if isinstance(ask.question, Pick) else "")
                return isinstance(ask.question, Pick)
            self._check(text)
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
        if not self._entered():
            await self.run_action("enter")

    def action_lesson_next(self) -> None:
        if self.player.next():
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
        self.answer, self.drawer = Answer(), True
        self.views["page"].scroll_canvas(0, 0)
        self.arrive()

    def action_lesson_hint(self) -> None:
        if self._attempt(self.player.hint):
            self.show_lesson()

    def action_lesson_tell(self) -> None:
        if self._attempt(self.player.tell):
            if isinstance(self.player.step.ask, Do):
                self.arrive()  # its solution was played
            else:
                self._over()

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
        self.arrive()

    def action_lesson_text(self) -> None:
        if self._has_drawer:
            self.drawer = not self.drawer
            self.stand(self._standing)
            self.show_lesson()

    def action_lesson_map(self) -> None:
        from bptui.tui.course.screen import CourseMap  # only now: few open it

        self.player.leave()
        self.app.push_screen(CourseMap(self.player.key))

    def explain(self, title: str, paragraphs: Sequence[str]) -> None:
        super().explain(title, [*paragraphs, _HELP])

    def action_leave(self) -> None:
        self.player.leave()
        cast("BptuiApp", self.app).leave(self)

    async def on_canvas_view_clicked(self, message: CanvasView.Clicked) -> None:
        kind, _, name = (message.target or "").partition(":")
        if message.view is self.views["ask"]:
            self.action_lesson_text()
        elif kind == "option" and not self.player.state.over and not self._waits:
            if self.answer.typed == name:
                self._check(name)
            else:
                self._type(name)

    # -- a file of the learner's own

    def _reread(self) -> None:
        """Play the file anew where it was saved; one with a mistake is told, and what stands goes on."""
        found = self._file.changed() if self.is_active and not self._waits else None
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
