"""What is typed in a lesson: an answer, or keys for the stage."""

from __future__ import annotations

from textual import events

from bptui.course.grade import option_names
from bptui.course.lesson import Choice, Pick, Predict
from bptui.course.player import Player
from bptui.tui.lesson.parts import Answer
from bptui.tui.pane_screen import PaneScreen

STARTS = "0123456789.-−("  # a key that begins an answer of numbers; with [ the stage goes to another entry
MOST = 200  # characters of an answer


class Keyboard(PaneScreen):
    """What is typed goes to the answer, the rest to the stage."""

    player: Player
    answer: Answer
    drawer: bool

    # -- what a lesson on the screen does with it

    def worked(self) -> None:
        """The learner is about to do something on the stage."""

    def show_lesson(self) -> None:
        """Bring the text, the question and the bars up to date."""
        raise NotImplementedError

    def stage_enters(self) -> bool:
        """Whether the stage waits for an enter of its own: for a knob that is turned, or among them while a question or
        a task is open; after that, enter goes on.
        """
        return False

    @property
    def asks(self) -> bool:
        """Whether something is still to be answered or done."""
        return self.player.step.ask is not None and not self.player.state.over

    def enters(self) -> bool:
        """Check what was typed or selected; go on where nothing is open. False where the key is the stage's."""
        raise NotImplementedError

    def scrolls(self, by: int) -> bool:
        """Scroll the text. False where the key is the stage's."""
        raise NotImplementedError

    def action_lesson_text(self) -> None:
        """Open or close the text, where it has no column of its own."""
        raise NotImplementedError

    @property
    def has_drawer(self) -> bool:
        """Whether the text lies over the stage, or is closed, for want of a column of its own."""
        raise NotImplementedError

    # -- keys

    @property
    def waits(self) -> bool:
        """Whether the stage searches: then all keys wait."""
        return not self.check_action("lesson_enter", ())

    def on_key(self, event: events.Key) -> None:
        if self.waits:
            return
        if self._takes(event):
            event.stop()
            event.prevent_default()
        elif self._is_stages(event.key):
            self.worked()
            self.answer = Answer(self.answer.typed)  # what was said has been read
            self.show_lesson()
            if self.has_drawer and self.drawer:
                self.action_lesson_text()  # who works on the stage wants to see it

    def _is_stages(self, key: str) -> bool:
        """Whether a key does something on the stage."""
        from bptui.tui.explain import bindings_of  # only now: a lesson stands a little earlier without

        found = (binding for binding in bindings_of(self) if key in binding.key.split(","))
        return any(str(b.id).partition(".")[0] not in ("lesson", "app") and b.action != "out" for b in found)

    def on_paste(self, event: events.Paste) -> None:
        """A line that is pasted is typed, without the bracket that it may begin with."""
        first = next(iter(event.text.splitlines()), "").strip().removeprefix("[")
        if first and not self.waits and (self.answer.typed or self._begins(first[0])) and not self.player.state.over:
            event.stop()
            self.type((self.answer.typed + first)[:MOST])

    def _takes(self, event: events.Key) -> bool:
        """Whether a key is the lesson's; then what it says is done."""
        typed, state, ask = self.answer.typed, self.player.state, self.player.step.ask
        if event.key == "enter":
            return self.enters()
        if event.key in ("pagedown", "pageup"):
            return self.scrolls(1 if event.key == "pagedown" else -1)
        if not isinstance(ask, Predict) or state.over:
            return False
        character = event.character if event.is_printable else None
        if event.key == "escape" and typed:
            self.type("")
        elif event.key == "backspace" and (typed or not self.stage_enters()):
            self.type(typed[:-1])
        elif character and character in self._option_names():  # an option takes the place of the one before
            self.type(character)
        elif character and (self._begins(character) or (typed and typed not in self._option_names())):
            self.type((typed + character)[:MOST])
        else:
            return False
        return True

    def _begins(self, character: str) -> bool:
        ask = self.player.step.ask
        if not isinstance(ask, Predict) or isinstance(ask.question, Pick):
            return False
        names = self._option_names()
        return character in names or (character in STARTS and not (names and names[0].isdecimal()))

    def _option_names(self) -> tuple[str, ...]:
        """By what an option is chosen; where options are numbers, these are letters, and a number can be typed."""
        ask = self.player.step.ask
        choice = isinstance(ask, Predict) and isinstance(ask.question, Choice)
        return option_names(self.player.options) if choice else ()

    def type(self, text: str) -> None:
        self.answer = Answer(text)
        self.show_lesson()
