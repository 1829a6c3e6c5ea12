"""What stands on the stage of one step: its numbers, the question's session and the learner's own, what was reached.

A scene is kept while the lesson is open, so that a learner who comes back finds the stage as it was left.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bptui.course.goal import GoalError
from bptui.course.lesson import Do, Predict, Stage
from bptui.course.moves import MoveError, done
from bptui.course.place import PlaceError
from bptui.course.prose import filled
from bptui.course.quantity import QuantityError
from bptui.course.reroll import RerollError, rerolled
from bptui.course.stage import StageError, opened
from bptui.session.actions import ActionError
from bptui.session.session import Session


class PlayError(ValueError):
    """What cannot be done here. One line."""


@contextmanager
def plainly() -> Iterator[None]:
    """Whatever cannot be done becomes a PlayError."""
    try:
        yield
    except (
        StageError, QuantityError, PlaceError, GoalError, MoveError, RerollError, ActionError
    ) as error:  # fmt: skip
        raise PlayError(str(error)) from None


@dataclass
class Scene:
    """One step with the numbers of `seed`. Nothing is done in the question's session; `played` is the learner's.

    `lab` is what a lab keeps beside the session; `reached` the explanation with the numbers that were reached.
    """

    given: Stage | None
    ask: Predict | Do | None
    seed: int = 0
    played: Session | None = None
    lab: object = None
    reached: str | None = None
    _stage: Stage | None = None
    _asked: Session | None = None
    _begun: int = 0  # actions in the learner's session when it was opened

    @property
    def stage(self) -> Stage:
        """The stage with the numbers of the seed. Raises PlayError without one."""
        if self.given is None:
            raise PlayError("this step has no stage")
        if self._stage is None:
            with plainly():
                again = isinstance(self.ask, Predict) and self.seed
                self._stage = rerolled(self.ask, self.given, self.seed) if again else self.given  # type: ignore[arg-type]
        return self._stage

    @property
    def asked(self) -> Session | None:
        """The session that texts and answers are read from; None without a stage. Raises PlayError."""
        if self._asked is None and self.given is not None:
            with plainly():
                self._asked = opened(self.stage)
        return self._asked

    @property
    def session(self) -> Session:
        """The stage, for the learner to act on. Raises PlayError without one."""
        if self.played is None:
            stage = self.stage
            with plainly():
                self.played = opened(stage)
            self._begun = len(self.played.log)
        return self.played

    def take(self, session: Session) -> None:
        """Let the stage stand as a session does that is the learner's from now on."""
        self.played, self._begun = session, -1

    @property
    def touched(self) -> bool:
        """Whether the learner has done something on the stage; a lab says so itself, its worker acts too."""
        if self.lab is not None or self.given is None or self.given.lab != "step":
            return self.lab is not None
        return self.played is not None and len(self.played.log) > self._begun

    def left(self) -> None:
        """The learner goes elsewhere: only what they did is kept."""
        self._asked = None
        if not self.touched:
            self.played = None

    def anew(self) -> None:
        """The stage as it was at first."""
        self.played = self.lab = None


@dataclass(frozen=True)
class Solved:
    """A task done by the lesson's own solution, and what is said of it."""

    session: Session
    explain: str


def solved(ask: Do, stage: Stage) -> Solved:
    """Do a task. It touches nothing else, so that a thread may do it: some train for seconds. Raises PlayError."""
    with plainly():
        session = opened(stage)
        for words in ask.solution:
            done(words, session)
        return Solved(session, filled(ask.explain, session))
