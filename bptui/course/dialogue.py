"""A lesson as a linear dialogue, for a screen reader or a pipe: lines come in, text goes out. Nothing is drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bptui.course.aloud import event, inventory, named, paragraphs, shown, wrapped
from bptui.course.answer import AnswerError
from bptui.course.grade import option_names
from bptui.course.lesson import Choice, Do, Note, Predict
from bptui.course.player import Player, PlayError
from bptui.course.progress import Done
from bptui.course.quantity import QuantityError
from bptui.session.names import suggestion

HELP = """Enter alone goes on, or repeats what is asked. An answer is typed as it is: 0.5, 3/4, two numbers with a space
between, a number from a list.

hint: one more hint. tell: the answer, without an attempt. again: the same question with new numbers; again 3: those
of seed 3. answer TEXT: an answer, where it looks like a command.

next, back: the step after or before this one. go 3: step 3. map: all steps. skip: the question at the end; right at
the first try, the lesson's open steps count as skipped. where: where you are. read: this step once more. quit: stop;
the lesson goes on here the next time.

look: all that is on the stage. show z, show grad z[0], show m.weight: one thing. reset: the stage as it was. What a
lesson calls dC/dz, the gradient of the cost with respect to z, is called dz on the stage.

On the stage: forward, forward 3, back 1 (with a number), run to m, run to end of forward, run to end of backward,
go backward m, set z[0] = 0.5, knob lr = 0.05, next step, previous step, sample 1, break m, continue,
reverse continue, undo."""

_STAGE = ("forward", "back", "next", "previous", "go", "run", "set", "knob", "sample", "undo", "break", "continue",
          "reverse")  # fmt: skip
_MARKS = {Done.OPEN: "open", Done.SKIPPED: "skipped", Done.SHOWN: "answer told", Done.DONE: "done"}

Said = Iterator[str]


def dialogue(player: Player, lines: Iterator[str]) -> Iterator[str]:
    """Play a lesson: each line is a command, an answer, or an action. Ends with the lines, or by `quit`."""
    talk = _Dialogue(player)
    try:
        yield from talk.opening()
        for line in lines:
            yield from talk.reply(line)
            if talk.ended:
                return
    except KeyboardInterrupt:
        yield "\n"
        yield from talk.quit("")
        raise
    yield "\n"
    yield from talk.quit("")


class _Dialogue:
    def __init__(self, player: Player) -> None:
        self.player, self.ended = player, False
        self._noticed = ""
        self._commands: dict[str, Callable[[str], Said]] = {
            "hint": self._hint,
            "tell": self._tell,
            "again": self._again,
            "answer": self._answer,
            "next": self._next,
            "back": self._back,
            "go": self._go,
            "map": self._map,
            "skip": self._skip,
            "where": self._where,
            "read": lambda _: self._step(),
            "quit": self.quit,
            "help": lambda _: iter(_paragraph(HELP)),
            "look": lambda _: self._listed(inventory(player)),
            "show": self._show,
            "reset": self._reset,
        }

    def opening(self) -> Said:
        lesson = self.player.lesson
        yield from _paragraph(f"Lesson: {lesson.title}. {len(lesson.steps)} steps, about {lesson.minutes} minutes.")
        yield from _paragraph("help lists what can be typed.")
        if self.player.finished:
            yield from _paragraph("You have finished this lesson.")
        if self.player.index:
            yield from _paragraph("It goes on where you stopped.")
        yield from self._answered(self._step())

    def reply(self, line: str) -> Said:
        """What follows a line that was typed."""
        return self._answered(self._said(" ".join(line.split())))

    def _answered(self, said: Said) -> Said:
        """With what cannot be done in a sentence, and with a prompt."""
        try:
            yield from said
        except (PlayError, QuantityError) as error:
            yield from _paragraph(_sentence(str(error)))
        if not self.ended:
            yield from self._prompt()

    def _said(self, words: str) -> Said:
        verb, _, rest = words.partition(" ")
        verb = verb.casefold()
        alone = verb in ("next", "back") and rest
        if not words:
            yield from self._on()
        elif verb in self._commands and not alone and not (verb == "go" and not rest.isdecimal()):
            yield from self._commands[verb](rest)
        elif verb in _STAGE:
            yield from self._act(words)
        elif self._open(Predict):
            yield from self._answer(words)
        else:
            yield from self._unknown(words, verb)

    def _unknown(self, words: str, verb: str) -> Said:
        near = suggestion(verb, (*self._commands, *_STAGE))
        yield from _paragraph(_sentence(f"{words[:40]!r} is no command here; {near or 'help lists them'}"))

    # -- what is told

    def _open(self, kind: type) -> bool:
        return isinstance(self.player.step.ask, kind) and not self.player.state.over

    def _prompt(self) -> Said:
        notice = self.player.progress.notice
        if notice != self._noticed:
            self._noticed = notice
            yield from _as_it_is(_sentence(notice) if notice else "")
        yield "Answer: " if self._open(Predict) else "Action: " if self._open(Do) else "Enter goes on: "

    def _step(self) -> Said:
        player = self.player
        yield from _paragraph(f"Step {player.index + 1} of {len(player.states)}. {_sentence(player.step.title)}")
        yield from _paragraph(player.text)
        if player.returned:
            yield from _paragraph("The stage is as you left it; reset sets it up anew.")
        if player.testing:
            yield from _paragraph("This is the test-out: one try, no hints. back returns to where you were.")
        yield from self._asked()
        yield from self._over()

    def _asked(self) -> Said:
        player = self.player
        if player.step.ask is None:
            return
        yield from _paragraph(f"{'Question' if isinstance(player.step.ask, Predict) else 'To do'}: {player.ask}")
        ask, options = player.step.ask, player.options
        if options:
            choice = isinstance(ask, Predict) and isinstance(ask.question, Choice)
            names = option_names(options) if choice else [str(n) for n in range(1, len(options) + 1)]
            yield "\n".join(wrapped(f"{name}. {option}") for name, option in zip(names, options, strict=True)) + "\n\n"
            if not choice:
                yield from _paragraph("Type their numbers in order.")
        if self._open(Do):
            yield from self._listed(event(player))

    def _over(self) -> Said:
        """The answer and what belongs to it, once it is there."""
        player = self.player
        if player.state.over and player.solved:
            is_about = "is about" if player.label.endswith("≈") else "is"
            named = f"{player.label.rstrip('=≈ ')} {is_about} " if player.label else "The answer: "
            yield from _paragraph(f"{named}{player.solved.removesuffix('.')}.")
        elif player.state.over:
            yield from _paragraph("Done.")
        player.remember()
        yield from _paragraph(player.explain)
        for note in player.notes:
            yield from _paragraph(_note(note))

    def _listed(self, sentences: Iterator[str]) -> Said:
        yield "\n".join(map(wrapped, sentences)) + "\n\n"

    # -- commands

    def _on(self) -> Said:
        if self._open(Predict) or self._open(Do):
            return self._asked()
        return self._next("")

    def _next(self, _: str) -> Said:
        player = self.player
        if player.next():
            yield from self._step()
            return
        left = [str(n) for n, state in enumerate(player.states, 1) if not state.done]
        yield from _paragraph(f"This is the end of the lesson. {self._count()}")
        if left:
            yield from _paragraph(f"Open are {', '.join(left)}: go {left[0]} leads there. quit stops.")
        else:
            self.ended = True

    def _count(self) -> str:
        states = self.player.states
        return f"{sum(state.done > 0 for state in states)} of {len(states)} steps are done."

    def _back(self, _: str) -> Said:
        self.player.back()
        yield from self._step()

    def _go(self, number: str) -> Said:
        self.player.go(int(number[:4]) - 1)
        yield from self._step()

    def _map(self, _: str) -> Said:
        player = self.player
        for number, (step, state) in enumerate(zip(player.lesson.steps, player.states, strict=True), 1):
            here = ", you are here" if number == player.index + 1 else ""
            yield wrapped(f"{number}. {step.title}: {_MARKS[state.done]}{here}.") + "\n"
        yield "\n"

    def _skip(self, _: str) -> Said:
        self.player.test_out()
        yield from self._step()

    def _where(self, _: str) -> Said:
        player, state = self.player, self.player.state
        yield from _paragraph(
            f"Lesson: {player.lesson.title}. Step {player.index + 1} of {len(player.states)}, {player.step.title}: "
            f"{_MARKS[state.done]}. {self._count()}"
        )
        if isinstance(player.step.ask, Predict):
            hints = len(player.step.ask.hints)
            yield from _paragraph(f"Attempts: {state.attempts}. Hints: {state.hints} of {hints}. Seed: {state.seed}.")
        if player.step.stage is not None:
            yield from self._listed(event(player))

    def _hint(self, _: str) -> Said:
        hint = self.player.hint()
        ask = self.player.step.ask
        yield from _paragraph(f"Hint {self.player.state.hints} of {len(ask.hints) if ask else 0}: {hint}")

    def _tell(self, _: str) -> Said:
        self.player.tell()
        ask = self.player.step.ask
        if isinstance(ask, Do):
            yield from _paragraph(f"Done by: {', then '.join(ask.solution)}.")
            yield from self._listed(event(self.player))
        yield from self._over()

    def _again(self, seed: str) -> Said:
        if seed and not (seed.isascii() and seed.isdecimal() and len(seed) < 10):
            raise PlayError(f"again: got {seed[:40]!r}, wants the number of a seed")
        self.player.again(int(seed) if seed else None)
        yield from _paragraph(f"New numbers, seed {self.player.state.seed}.")
        yield from _paragraph(self.player.text)
        yield from self._asked()

    def _answer(self, words: str) -> Said:
        player, tested = self.player, self.player.testing
        try:
            verdict = player.answer(words)
        except AnswerError as error:
            near = suggestion(words, self._commands)
            yield from _paragraph(_sentence(f"That is no answer here: it {error}{near and '; '}{near}"))
            return
        if verdict.right:
            yield from _paragraph("Right.")
            yield from self._over()
            if tested:
                yield from _paragraph(f"The lesson is skipped. {self._count()}")
            return
        yield from _paragraph(" ".join(("Nearly." if verdict.nearly else "Not yet.", *verdict.remarks)))
        if tested and not player.testing:
            yield from _paragraph("The test-out is over. back returns to where you were; or try on here.")
        elif (ask := player.step.ask) and player.state.hints < len(ask.hints):
            yield from _paragraph(f"hint gives hint {player.state.hints + 1} of {len(ask.hints)}.")
        else:
            yield from _paragraph("tell gives the answer.")

    def _act(self, words: str) -> Said:
        player, before = self.player, self.player.state.over
        over = player.act(named(words, player.session.graph))
        yield from self._listed(event(player))
        if player.session.message:
            yield from _paragraph(_sentence(player.session.message))
        if over and not before:
            yield from self._over()

    def _show(self, words: str) -> Said:
        if not words:
            raise PlayError("show: wants a name, such as show z or show grad z[0]; look lists them")
        yield from _paragraph(shown(self.player, named(words, self.player.session.graph)))

    def _reset(self, _: str) -> Said:
        self.player.reset()
        yield from self._listed(event(self.player))

    def quit(self, _: str) -> Said:
        """The end, with all that was done written down."""
        self.ended = True
        self.player.leave()
        if not self.player.progress.notice.startswith("progress is not saved"):
            yield from _paragraph(f"{self._count()} Saved: the lesson goes on here the next time.")
        else:
            yield from _paragraph(self._count())
            yield from _as_it_is(_sentence(self.player.progress.notice))


def _paragraph(text: str) -> Said:
    if text:
        yield paragraphs(text) + "\n\n"


def _as_it_is(text: str) -> Said:
    """A text with the path of a file in it, of which nothing is put into words."""
    if text:
        yield text + "\n\n"


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?")) else f"{text}."


def _note(note: Note) -> str:
    return f'A note. It is often said: "{note.said}" ({note.where}). {note.instead}'
