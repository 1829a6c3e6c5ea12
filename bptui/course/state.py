"""How a step stands for a learner, and how that is written down."""

from __future__ import annotations

from dataclasses import dataclass

from bptui.course.grade import Verdict
from bptui.course.lesson import Predict, Step
from bptui.course.progress import Done, StepRecord


@dataclass(frozen=True)
class State:
    """How one step stands. `attempts` and `verdict` belong to the numbers of `seed`, `hints` were shown so far."""

    done: Done = Done.OPEN
    over: bool = False
    seed: int = 0
    hints: int = 0
    attempts: int = 0
    verdict: Verdict | None = None


def state_of(step: Step, record: StepRecord | None) -> State:
    """How a step stood when it was last left. A lesson that has changed since has its say."""
    if record is None:
        return State()
    rolls = isinstance(step.ask, Predict) and step.ask.reroll is not None
    tries = [attempt for attempt in record.attempts if attempt.seed == record.seed]
    right = next((Verdict(True, attempt.answer) for attempt in tries if attempt.right), None) if record.over else None
    return State(record.done, record.over, record.seed if rolls else 0, record.hints, len(tries), right)


def record_of(state: State) -> StepRecord:
    """What is written of a step, but for its time and its attempts."""
    return StepRecord(state.done, state.over, state.seed, state.hints)
