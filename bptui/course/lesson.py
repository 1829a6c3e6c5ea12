"""A lesson as it was read: frozen, every part with its line in the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bptui.course.goal import Goal
from bptui.course.place import Place
from bptui.course.quantity import Quantity
from bptui.data.samples import Nested
from bptui.engine.net import Net

LABS = ("step", "descend", "train")
PANES = ("diagram", "equation", "timeline", "values", "knobs", "source", "watches")

Values = tuple[tuple[str, Nested], ...]


@dataclass(frozen=True)
class Stage:
    """Where a step begins: a net, its numbers, a place of the cursor, and what a player shows and keeps hidden.

    `net` is a name (of a preset, or of one of the lab's experiments) or a net of the lesson's own. `samples` and
    `parameters` replace the experiment's; `knobs` are turned after that. `step` counts training steps from 0.
    `show` names panes; if it is empty, a player shows what it always does.
    """

    line: int
    net: str | Net
    lab: str = "step"
    samples: Values = ()
    parameters: Values = ()
    knobs: tuple[tuple[str, str], ...] = ()
    at: Place | None = None
    step: int = 0
    sample: int = 0
    hide: tuple[Quantity, ...] = ()
    show: tuple[str, ...] = ()


@dataclass(frozen=True)
class Measured:
    """The answer is a number, a vector, a matrix or a shape: that of a quantity. `digits` are the decimals wanted."""

    quantity: Quantity
    digits: int = 3


@dataclass(frozen=True)
class Option:
    """One option of a choice; `why` says what is wrong with one that is."""

    text: str
    right: bool = False
    why: str = ""


@dataclass(frozen=True)
class Choice:
    """The answer is one option."""

    options: tuple[Option, ...]


@dataclass(frozen=True)
class Pick:
    """The answer is a module or a variable of the diagram: any of `names`. `why` says what is wrong with others."""

    names: tuple[str, ...]
    why: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Ordering:
    """The answer is an order: of texts, given in theirs, or of quantities, by value, the smallest first."""

    items: tuple[str, ...] = ()
    quantities: tuple[Quantity, ...] = ()


Question = Measured | Choice | Pick | Ordering


@dataclass(frozen=True)
class Predict:
    """A question that is asked before the number shows.

    `light` are the quantities that explain the answer, lit once it was given. `reroll` are the variables that get new
    numbers; empty: all that were typed in; None: the question cannot be rolled anew.
    """

    line: int
    ask: str
    question: Question
    light: tuple[Quantity, ...] = ()
    reroll: tuple[str, ...] | None = ()
    hints: tuple[str, ...] = ()
    explain: str = ""


@dataclass(frozen=True)
class Do:
    """Something to reach on the stage, and actions that reach it, in a lesson's words (see `moves`)."""

    line: int
    ask: str
    goal: Goal
    solution: tuple[str, ...]
    hints: tuple[str, ...] = ()
    explain: str = ""


@dataclass(frozen=True)
class Note:
    """The correction of a common statement: what is said, where, and what holds instead."""

    line: int
    said: str
    where: str
    instead: str


@dataclass(frozen=True)
class Step:
    """One step. `text` is Markdown with `{{ quantity }}` in it; each step has at most one thing to predict or do."""

    id: str
    title: str
    line: int
    text: str
    stage: Stage | None
    ask: Predict | Do | None = None
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class Lesson:
    """One lesson. `needs` are the ids of lessons that come before it."""

    path: str
    id: str
    title: str
    goals: tuple[str, ...]
    minutes: int
    needs: tuple[str, ...]
    steps: tuple[Step, ...]

    def step(self, id: str) -> Step:
        """A step by its id. Raises KeyError."""
        found: Any = next((step for step in self.steps if step.id == id), None)
        if found is None:
            raise KeyError(id)
        return found  # type: ignore[no-any-return]
