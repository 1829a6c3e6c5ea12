"""One learner in one lesson: a state machine over its steps. It shows nothing; screens and dialogues stand on it.

A step is entered by `go`; its texts come with the session's numbers. What is asked stays hidden (`hides`) until it
is over: answered, told, or reached. A learner may do anything on the stage: the question keeps its own session, so
that what is asked never changes under it. All that happens is noted in `progress` at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from bptui.course.goal import reached
from bptui.course.grade import Verdict, answer_text, graded, items, question_label
from bptui.course.lesson import Choice, Do, Lesson, Note, Ordering, Predict, Step
from bptui.course.moves import done
from bptui.course.progress import Attempt, Done, Progress, StepRecord
from bptui.course.prose import filled, slots
from bptui.course.quantity import Index, Quantity
from bptui.course.reroll import rerolled
from bptui.course.scene import PlayError as PlayError
from bptui.course.scene import Scene, Solved, plainly, solved
from bptui.course.state import State, record_of, state_of
from bptui.course.veil import kept, shows
from bptui.session.actions import Action
from bptui.session.session import Session

IDLE = 300.0  # seconds between two acts that count, at most: whoever is away does not learn


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
        self.states = [state_of(step, record.steps.get(step.id)) for step in lesson.steps]
        ids = [step.id for step in lesson.steps]
        self.testing = False  # whether the test-out question is asked, to skip the lesson
        self.returned = False  # whether the stage stands as the learner left it when they were here before
        self.last: Callable[[], int | None] = lambda: None  # the last step that may be entered, from 0
        self._came_from: int | None = None
        self._scenes: dict[int, Scene] = {}
        self._written = list(self.states)  # as the file has them, as far as we know
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
        """To any step. The stage stands there as it was left."""
        if not 0 <= index < len(self.lesson.steps):
            raise PlayError(f"this lesson has steps 1 to {len(self.lesson.steps)}")
        if (last := self.last()) is not None and index > max(last, self.index):
            raise PlayError(f"the class goes no farther than step {last + 1} for now")
        left, self.testing, self._came_from = self.index, False, None
        self._scene.left()
        self.index = index
        self.returned = self._scene.touched
        self._note(left)

    def next(self) -> bool:
        """To the step after this one; False at the end. A step that asks for nothing is done by reading on."""
        if self.step.ask is None:
            self._change(done=Done.DONE)
        if self.index < len(self.states) - 1:
            self.go(self.index + 1)
            return True
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
        session = self._scene.asked
        return question_label(self.step.ask, session) if isinstance(self.step.ask, Predict) and session else ""

    @property
    def options(self) -> tuple[str, ...]:
        """What one chooses from, or puts in order; empty for other questions."""
        match self.step.ask:
            case Predict(question=Choice(options)):
                return tuple(option.text for option in options)
            case Predict(question=Ordering() as question):
                with plainly():
                    return items(question, self._scene.asked, self.state.seed)
        return ()

    @property
    def hints(self) -> tuple[str, ...]:
        """The hints that were shown so far."""
        return tuple(self._filled(hint) for hint in self.step.ask.hints[: self.state.hints]) if self.step.ask else ()

    @property
    def explain(self) -> str:
        """What is said once it is over; before that, and while it is `forgotten`, nothing."""
        ask = self.step.ask
        if ask is None or not self.state.over or self.forgotten:
            return ""
        return self._filled(ask.explain) if self._scene.reached is None else self._scene.reached

    @property
    def forgotten(self) -> bool:
        """Whether the explanation has numbers that were reached some other day: `remember` brings them back."""
        ask, scene = self.step.ask, self._scene
        return isinstance(ask, Do) and self.state.over and scene.reached is None and bool(slots(ask.explain))

    def remember(self, solved: Solved | None = None) -> None:
        """Say of a task that is over what is said of it when the lesson's own solution does it (see `solution`).

        Raises PlayError.
        """
        if self.forgotten:
            self._scene.reached = (solved or self.solution()()).explain

    def solution(self) -> Callable[[], Solved]:
        """What does this step's task by the lesson's own solution: for a thread, since it may train for seconds.

        Raises PlayError where nothing is to be done; so may the call.
        """
        if not isinstance(self.step.ask, Do):
            raise PlayError("nothing is to be done here")
        return partial(solved, self.step.ask, self._scene.stage)

    @property
    def solved(self) -> str:
        """The right answer to a question that is over, as text; for something that was done, nothing."""
        if not isinstance(self.step.ask, Predict) or not self.state.over:
            return ""
        with plainly():
            return answer_text(self.step.ask, self._scene.asked)

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
        return () if self.step.ask is None or self.state.over else kept(self.step)

    @property
    def veil(self) -> frozenset[tuple[str, str]]:
        """All kinds and names under which one would see what is hidden, for a session's `moment().without(…)`."""
        return self.veil_on(self.session) if self.hidden else frozenset()

    def veil_on(self, session: Session) -> frozenset[tuple[str, str]]:
        """The same on another session, as that of a lab's training step."""
        return frozenset(pair for quantity in self.hidden for pair in shows(quantity, self.step, session))

    def hides(self, kind: str, name: str = "", index: Index | None = None) -> bool:
        """Whether an entry, or with no index any entry of the whole, must not be shown yet.

        `kind` is a quantity's: `hides("grad", "z", (0,))`; for a shape, `name` is what has it.
        """
        return any(
            (kind, name) in shows(quantity, self.step, self.session)
            and (index is None or quantity.kind == "move" or quantity.index in (None, index))
            for quantity in self.hidden
        )

    # -- what is done

    @property
    def session(self) -> Session:
        """The stage, for the learner to act on. Actions go through `apply` or `act`. Raises PlayError without one."""
        return self._scene.session

    @property
    def asked(self) -> Session | None:
        """The session that texts and answers are read from; None without a stage. Raises PlayError."""
        return self._scene.asked

    def take(self, session: Session) -> None:
        """Let the stage stand as this session does, which is the learner's from now on."""
        self._scene.take(session)

    @property
    def lab(self) -> object:
        """What a lab keeps beside the session, as a race with its racers; None for a stage that is new."""
        return self._scene.lab

    @lab.setter
    def lab(self, lab: object) -> None:
        self._scene.lab = lab

    def apply(self, action: Action) -> bool:
        """Do an action on the stage and say whether what was to be done is over. Raises PlayError."""
        with plainly():
            self.session.apply(action)
        return self.acted()

    def act(self, words: str) -> bool:
        """The same by a lesson's words (see `moves`)."""
        with plainly():
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
        ask, asked = self.step.ask, self._scene.asked
        if not isinstance(ask, Do) or self.state.over or asked is None:
            return None
        mine, wanted = session.experiment, asked.experiment
        if mine.net.name != wanted.net.name or (
            mine.data.kind != wanted.data.kind and "data" not in dict(ask.goal.knobs)
        ):
            return None
        with plainly():
            return self._filled(ask.explain, session) if reached(ask.goal, session) else None

    def reach(self, explain: str) -> None:
        """What was to be done is over, and this is said of it."""
        if isinstance(self.step.ask, Do) and not self.state.over:
            self._scene.reached = explain
            self._change(over=True, done=Done.DONE)
            self._note(self.index)

    def reset(self) -> None:
        """The stage as it was at first; what is over stays over."""
        self._scene.anew()
        self.returned = False

    def answer(self, text: str) -> Verdict:
        """Judge an answer. Raises AnswerError for what is none of this kind, which is no attempt; else PlayError."""
        ask, state = self.step.ask, self.state
        if not isinstance(ask, Predict):
            raise PlayError("nothing is asked here")
        if state.over:
            raise PlayError("this is answered already; new numbers make another question")
        with plainly():
            verdict = graded(ask, self._scene.asked, text, state.seed)
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

    def tell(self, solved: Solved | None = None) -> None:
        """Give the answer away; what was to be done is done by the lesson's own solution, at once or as it was
        `solved`. Raises PlayError.
        """
        ask = self.step.ask
        if self.testing:
            raise PlayError("no answers in a test-out")
        if ask is None or self.state.over:
            raise PlayError("nothing is asked here")
        if isinstance(ask, Do):
            solved = solved or self.solution()()
            self._scene.anew()
            self._scene.played, self._scene.reached = solved.session, solved.explain
        self._change(over=True, done=Done.SHOWN)
        self._note(self.index)

    def again(self, seed: int | None = None) -> None:
        """The same question with new numbers: the next ones, or those of a seed. Raises PlayError if it has none."""
        ask, stage = self.step.ask, self.step.stage
        if not isinstance(ask, Predict) or stage is None:
            raise PlayError("there are no numbers here to draw anew")
        seed = self.state.seed + 1 if seed is None else seed
        with plainly():
            rerolled(ask, stage, seed)
        self._scenes[self.index] = Scene(stage, ask, seed)
        self.returned = False
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
                skipped[self.lesson.steps[k].id] = record_of(self.states[k])
        return skipped

    # -- inside

    @property
    def _scene(self) -> Scene:
        if self.index not in self._scenes:
            self._scenes[self.index] = Scene(self.step.stage, self.step.ask, self.state.seed)
        return self._scenes[self.index]

    def _filled(self, text: str, session: Session | None = None) -> str:
        session = session or self._scene.asked
        with plainly():
            return filled(text, session) if session else text

    def _change(self, done: Done = Done.OPEN, **changes: Any) -> None:
        """Change how the step stands. What is done stays done."""
        self.states[self.index] = replace(self.state, done=max(self.state.done, done), **changes)

    def _note(self, index: int, others: Mapping[str, StepRecord] | None = None, attempt: Attempt | None = None) -> None:
        """Write down how a step stands, and that the time since the last act was spent in it."""
        now = self._clock()
        record = replace(record_of(self.states[index]), seconds=min(max(0.0, now - self._since), IDLE))
        self._since = now
        name = self.lesson.steps[index].id
        same: Collection[str] = [name] if self.states[index] == self._written[index] else ()
        self._written = list(self.states)
        self.progress.note(self.key, {name: record} | dict(others or {}), self.step.id, attempt, same)
