"""One learner in one lesson: a state machine over its steps. It shows nothing; screens and dialogues stand on it.

A step is entered by `go`; its texts come with the session's numbers. What is asked stays hidden (`hides`) until it
is over: answered, told, or reached. A learner may do anything on the stage: the question keeps its own session, so
that what is asked never changes under it. All that happens is noted in `progress` at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from bptui.course.goal import GoalError, reached
from bptui.course.grade import Verdict, answer_text, graded, items, question_label
from bptui.course.lesson import Choice, Do, Lesson, Measured, Note, Ordering, Predict, Stage, Step
from bptui.course.moves import MoveError, done
from bptui.course.place import PlaceError
from bptui.course.progress import Attempt, Done, Progress, StepRecord
from bptui.course.prose import filled
from bptui.course.quantity import Index, Quantity, QuantityError
from bptui.course.reroll import RerollError, rerolled
from bptui.course.stage import StageError, opened
from bptui.session.actions import Action, ActionError
from bptui.session.session import Session

IDLE = 300.0  # seconds between two acts that count, at most: whoever is away does not learn


class PlayError(ValueError):
    """What cannot be done here. One line."""


@dataclass(frozen=True)
class State:
    """How one step stands. `attempts` and `verdict` belong to the numbers of `seed`, `hints` were shown so far."""

    done: Done = Done.OPEN
    over: bool = False
    seed: int = 0
    hints: int = 0
    attempts: int = 0
    verdict: Verdict | None = None


@dataclass
class _Scene:
    """All that belongs to one step with one set of numbers. `asked` is the question's session, `played` the learner's;
    `reached` is the explanation with the numbers that were reached.
    """

    stage: Stage | None = None
    asked: Session | None = None
    played: Session | None = None
    reached: str | None = None


class Player:
    """A lesson as it is played. `key` is its name in the progress; the lesson's id, if it is not given.

    It goes on where the learner stopped. `index` counts steps from 0.
    """

    def __init__(
        self, lesson: Lesson, progress: Progress, key: str = "", clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.lesson, self.progress, self.key = lesson, progress, key or lesson.id
        self._clock, self._since = clock, clock()
        record = progress.lesson(self.key)
        self.states = [_state(step, record.steps.get(step.id)) for step in lesson.steps]
        ids = [step.id for step in lesson.steps]
        self.testing = False  # whether the test-out question is asked, to skip the lesson
        self._came_from: int | None = None
        self._scene = _Scene()
        self.index = ids.index(record.step) if record.step in ids else 0

    def renewed(self, lesson: Lesson) -> Player:
        """The same learner in the lesson as it is now: at the same step or, where that has gone, at its place."""
        self.leave()
        other = Player(lesson, self.progress, self.key, self._clock)
        ids = [step.id for step in lesson.steps]
        other.index = ids.index(self.step.id) if self.step.id in ids else min(self.index, len(ids) - 1)
        return other

    # -- where one is

    @property
    def step(self) -> Step:
        """The step that is played."""
        return self.lesson.steps[self.index]

    @property
    def state(self) -> State:
        """How it stands."""
        return self.states[self.index]

    @property
    def finished(self) -> bool:
        """Whether every step is done, in one way or another."""
        return all(state.done for state in self.states)

    def go(self, index: int) -> None:
        """To any step. A step that asks for nothing is done as soon as one leaves it."""
        if not 0 <= index < len(self.lesson.steps):
            raise PlayError(f"this lesson has steps 1 to {len(self.lesson.steps)}")
        left, self.testing, self._came_from = self.index, False, None
        if self.step.ask is None and index > left:
            self._change(done=Done.DONE)
        self.index = index
        self._scene = _Scene()
        self._note(left)

    def next(self) -> bool:
        """To the step after this one; False at the end, where a step that asks for nothing is done then."""
        if self.index < len(self.states) - 1:
            self.go(self.index + 1)
            return True
        if self.step.ask is None:
            self._change(done=Done.DONE)
        self._note(self.index)
        return False

    def back(self) -> None:
        """To the step before this one; from a test-out, to where one was. Raises PlayError at the beginning."""
        if self._came_from is not None:
            return self.go(self._came_from)
        if self.index == 0:
            raise PlayError("this is the first step")
        return self.go(self.index - 1)

    def leave(self) -> None:
        """Note the time that was spent since the last act."""
        self._note(self.index)

    # -- what is told

    @property
    def text(self) -> str:
        """The step's Markdown, with its numbers."""
        return self._filled(self.step.text)

    @property
    def ask(self) -> str:
        """What is asked or to be done; empty where nothing is."""
        return self._filled(self.step.ask.ask) if self.step.ask else ""

    @property
    def label(self) -> str:
        """What stands before the place for the answer, such as `dC/dz[0] =`; may be empty."""
        session = self._question()
        return question_label(self.step.ask, session) if isinstance(self.step.ask, Predict) and session else ""

    @property
    def options(self) -> tuple[str, ...]:
        """What one chooses from, or puts in order; empty for other questions."""
        match self.step.ask:
            case Predict(question=Choice(options)):
                return tuple(option.text for option in options)
            case Predict(question=Ordering() as question):
                with _plainly():
                    return items(question, self._question(), self.state.seed)
        return ()

    @property
    def hints(self) -> tuple[str, ...]:
        """The hints that were shown so far."""
        return tuple(self._filled(hint) for hint in self.step.ask.hints[: self.state.hints]) if self.step.ask else ()

    @property
    def explain(self) -> str:
        """What is said once it is over; before that, nothing."""
        ask = self.step.ask
        if ask is None or not self.state.over:
            return ""
        if isinstance(ask, Do):
            if self._scene.reached is None:
                self._scene.reached = self._filled(ask.explain, self._by_solution(ask))
            return self._scene.reached
        return self._filled(ask.explain)

    @property
    def solved(self) -> str:
        """The right answer to a question that is over, as text; for something that was done, nothing."""
        if not isinstance(self.step.ask, Predict) or not self.state.over:
            return ""
        with _plainly():
            return answer_text(self.step.ask, self._question())

    @property
    def light(self) -> tuple[Quantity, ...]:
        """The quantities that explain the answer, once it is over."""
        return self.step.ask.light if isinstance(self.step.ask, Predict) and self.state.over else ()

    @property
    def notes(self) -> tuple[Note, ...]:
        """The corrections that belong to this step; they would give an answer away, so they wait until it is over."""
        return self.step.notes if self.step.ask is None or self.state.over else ()

    @property
    def hidden(self) -> tuple[Quantity, ...]:
        """What must not be shown yet: what the stage hides, and what is asked for."""
        stage, ask = self.step.stage, self.step.ask
        if ask is None or self.state.over:
            return ()
        asked: tuple[Quantity, ...] = ()
        match ask:
            case Predict(question=Measured(quantity)):
                asked = (quantity,)
            case Predict(question=Ordering(quantities=quantities)):
                asked = quantities
        return tuple(dict.fromkeys((*(stage.hide if stage else ()), *asked)))

    @property
    def veil(self) -> frozenset[tuple[str, str]]:
        """All kinds and names under which one would see what is hidden, for a session's `moment().without(…)`."""
        return frozenset(pair for quantity in self.hidden for pair in self._shows(quantity))

    def hides(self, kind: str, name: str = "", index: Index | None = None) -> bool:
        """Whether an entry, or with no index any entry of the whole, must not be shown yet.

        `kind` is a quantity's: `hides("grad", "z", (0,))`; for a shape, `name` is what has it.
        """
        return any(
            (kind, name) in self._shows(quantity)
            and (index is None or quantity.kind == "move" or quantity.index in (None, index))
            for quantity in self.hidden
        )

    def _shows(self, quantity: Quantity) -> tuple[tuple[str, str], ...]:
        """All kinds and names under which one would see a quantity."""
        name = quantity.of.name if quantity.kind == "shape" and quantity.of else quantity.name
        mine, graph = (quantity.kind, name), self.session.graph
        match mine:
            case "loss", _:
                return mine, ("value", graph.loss)
            case "value", _ if name == graph.loss:
                return mine, ("loss", "")
            case (("slope" | "jacobian"), _):
                return ("slope", name), ("jacobian", name)
            case "grad", _ if (reader := graph.reader.get(name)) and graph.loss in reader.outputs:
                return mine, ("jacobian", reader.name)  # times 1
            case "update", _ if self.step.stage and self.session.address.step > self.step.stage.step:
                return mine, ("value", name)
            case _:
                return (mine,)

    # -- what is done

    @property
    def session(self) -> Session:
        """The stage, for the learner to act on. Actions go through `apply` or `act`. Raises PlayError without one."""
        if self._scene.played is None:
            self._scene.played = self._opened()
        return self._scene.played

    def apply(self, action: Action) -> bool:
        """Do an action on the stage and say whether what was to be done is over. Raises PlayError."""
        with _plainly():
            self.session.apply(action)
        return self.acted()

    def act(self, words: str) -> bool:
        """The same by a lesson's words (see `moves`)."""
        with _plainly():
            done(words, self.session)
        return self.acted()

    def acted(self) -> bool:
        """Look at what was done on the stage; whether what was to be done is over. Raises PlayError."""
        explain = self.reached_in(self.session)
        if explain is not None:
            self.reach(explain)
        return self.state.over

    def reached_in(self, session: Session) -> str | None:
        """What to say, with its numbers, where a session is at what is to be done; None where it is not.

        One that was led to another net, or to other data, never is. It reads alone, so that a lab's worker may ask.
        Raises PlayError.
        """
        ask, asked = self.step.ask, self._question()
        if not isinstance(ask, Do) or self.state.over or asked is None:
            return None
        mine, wanted = session.experiment, asked.experiment
        if mine.net.name != wanted.net.name or (
            mine.data.kind != wanted.data.kind and "data" not in dict(ask.goal.knobs)
        ):
            return None
        with _plainly():
            return self._filled(ask.explain, session) if reached(ask.goal, session) else None

    def reach(self, explain: str) -> None:
        """What was to be done is over, and this is said of it."""
        if isinstance(self.step.ask, Do) and not self.state.over:
            self._scene.reached = explain
            self._change(over=True, done=Done.DONE)
            self._note(self.index)

    def reset(self) -> None:
        """The stage as it was at first; what is over stays over."""
        self._scene.played = None

    def answer(self, text: str) -> Verdict:
        """Judge an answer. Raises AnswerError for what is none of this kind, which is no attempt; else PlayError."""
        ask, state = self.step.ask, self.state
        if not isinstance(ask, Predict):
            raise PlayError("nothing is asked here")
        if state.over:
            raise PlayError("this is answered already; new numbers make another question")
        with _plainly():
            verdict = graded(ask, self._question(), text, state.seed)
        if verdict.nearly:
            self._change(verdict=verdict)
            return verdict
        attempt = Attempt(state.seed, text.strip(), verdict.right)
        done_now = Done.DONE if verdict.right else Done.OPEN
        self._change(verdict=verdict, attempts=state.attempts + 1, over=verdict.right, done=done_now)
        skipped = self._skipped() if self.testing and verdict.right else {}
        self.testing = False
        self._note(self.index, skipped, attempt)
        return verdict

    def hint(self) -> str:
        """One more hint. Raises PlayError if there is none, or in a test-out."""
        ask, shown = self.step.ask, self.state.hints
        if self.testing:
            raise PlayError("there are no hints in a test-out")
        if ask is None or self.state.over:
            raise PlayError("nothing is asked here")
        if shown >= len(ask.hints):
            raise PlayError("there are no more hints" if ask.hints else "there are no hints here")
        self._change(hints=shown + 1)
        self._note(self.index)
        return self.hints[-1]

    def tell(self) -> None:
        """Give the answer away; what was to be done is done by the lesson's own solution. Raises PlayError."""
        ask = self.step.ask
        if self.testing:
            raise PlayError("no answers in a test-out")
        if ask is None or self.state.over:
            raise PlayError("nothing is asked here")
        if isinstance(ask, Do):
            played = self._by_solution(ask)
            self._scene.played, self._scene.reached = played, self._filled(ask.explain, played)
        self._change(over=True, done=Done.SHOWN)
        self._note(self.index)

    def again(self, seed: int | None = None) -> None:
        """The same question with new numbers: the next ones, or those of a seed. Raises PlayError if it has none."""
        ask, stage = self.step.ask, self.step.stage
        if not isinstance(ask, Predict) or stage is None:
            raise PlayError("there are no numbers here to draw anew")
        seed = self.state.seed + 1 if seed is None else seed
        with _plainly():
            stage = rerolled(ask, stage, seed)
        self._scene = _Scene(stage)
        self._change(seed=seed, over=False, attempts=0, verdict=None)
        self._note(self.index)

    # -- skipping a lesson

    def test_out(self) -> None:
        """To the lesson's last question. Right at the first try, and all open steps are skipped; wrong, and it is a
        question like any other, from which `back` leads to where one was. Raises PlayError.

        Its numbers are new ones if it was seen before, and has any.
        """
        last, came = len(self.states) - 1, self.index
        if not isinstance(self.lesson.steps[last].ask, Predict):
            raise PlayError("this lesson has no question at its end")
        seen = self.states[last] != State()
        self.go(last)
        if seen:
            try:
                self.again()
            except PlayError:
                self._change(over=False, attempts=0, verdict=None)
        self.testing, self._came_from = True, came

    def _skipped(self) -> dict[str, StepRecord]:
        """Skip the steps that are still open."""
        skipped = {}
        for k, state in enumerate(self.states):
            if not state.done:
                self.states[k] = replace(state, done=Done.SKIPPED)
                skipped[self.lesson.steps[k].id] = _record(self.states[k])
        return skipped

    # -- inside

    def _question(self) -> Session | None:
        """The session that the texts and the answer are read from; None without a stage. Nothing is done in it."""
        if self._scene.asked is None and self.step.stage is not None:
            self._scene.asked = self._opened()
        return self._scene.asked

    def _opened(self) -> Session:
        """A session that stands at the step's stage, with the numbers of its seed."""
        ask, stage = self.step.ask, self._scene.stage or self.step.stage
        with _plainly():
            if stage is None:
                raise StageError("this step has no stage")
            if self._scene.stage is None and isinstance(ask, Predict):
                stage = rerolled(ask, stage, self.state.seed)
            self._scene.stage = stage
            return opened(stage)

    def _by_solution(self, ask: Do) -> Session:
        session = self._opened()
        with _plainly():
            for words in ask.solution:
                done(words, session)
        return session

    def _filled(self, text: str, session: Session | None = None) -> str:
        session = session or self._question()
        with _plainly():
            return filled(text, session) if session else text

    def _change(self, done: Done = Done.OPEN, **changes: Any) -> None:
        """Change how the step stands. What is done stays done."""
        self.states[self.index] = replace(self.state, done=max(self.state.done, done), **changes)

    def _note(self, index: int, others: Mapping[str, StepRecord] | None = None, attempt: Attempt | None = None) -> None:
        """Write down how a step stands, and that the time since the last act was spent in it."""
        now = self._clock()
        record = replace(_record(self.states[index]), seconds=min(max(0.0, now - self._since), IDLE))
        self._since = now
        steps = {self.lesson.steps[index].id: record} | dict(others or {})
        self.progress.note(self.key, steps, self.step.id, attempt)


def _state(step: Step, record: StepRecord | None) -> State:
    """How a step stood when it was last left. A lesson that has changed since has its say."""
    if record is None:
        return State()
    rolls = isinstance(step.ask, Predict) and step.ask.reroll is not None
    tries = [attempt for attempt in record.attempts if attempt.seed == record.seed]
    right = next((Verdict(True, attempt.answer) for attempt in tries if attempt.right), None) if record.over else None
    return State(record.done, record.over, record.seed if rolls else 0, record.hints, len(tries), right)


def _record(state: State) -> StepRecord:
    return StepRecord(state.done, state.over, state.seed, state.hints)


@contextmanager
def _plainly() -> Iterator[None]:
    """Whatever cannot be done becomes a PlayError."""
    try:
        yield
    except (
        StageError, QuantityError, PlaceError, GoalError, MoveError, RerollError, ActionError
    ) as error:  # fmt: skip
        raise PlayError(str(error)) from None
