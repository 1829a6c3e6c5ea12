"""Everything a learner can do to a session. Actions are plain values: they can be logged, saved and replayed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bptui.session.conditions import Condition, Of


class ActionError(ValueError):
    """An action that cannot be done here. One line: what, and why."""


@dataclass(frozen=True)
class Forward:
    """Step n events forward, into the next minibatch where this one ends."""

    n: int = 1


@dataclass(frozen=True)
class Back:
    """Step n events back, into the minibatch before where this one begins."""

    n: int = 1


@dataclass(frozen=True)
class NextStep:
    """Step over a minibatch: to the same event, n training steps later."""

    n: int = 1


@dataclass(frozen=True)
class PreviousStep:
    """To the same event, n training steps earlier."""

    n: int = 1


@dataclass(frozen=True)
class RunToNode:
    """Forward to the next event of one module."""

    node: str


@dataclass(frozen=True)
class RunToEnd:
    """Forward to the end of the forward pass, of the backward pass, or of the epoch."""

    of: Literal["forward", "backward", "epoch"]


@dataclass(frozen=True)
class Jump:
    """To any event of any training step of this branch."""

    step: int
    event: int


@dataclass(frozen=True)
class ShowSample:
    """Look at another sample of the minibatch; only the view changes."""

    sample: int


@dataclass(frozen=True)
class SetEntry:
    """Set one entry of an input or target (for this step) or of a parameter (from here on). Starts a branch.

    For a target that is a class, `value` is the class and `index` is not used.
    """

    name: str
    index: tuple[int, ...]
    value: float

    def __str__(self) -> str:
        return f"{self.name}{list(self.index) or ''} = {self.value:g}"


@dataclass(frozen=True)
class SetKnob:
    """Turn a knob, by name and as text. Starts a branch; this step is run anew with it."""

    name: str
    text: str

    def __str__(self) -> str:
        return f"{self.name} = {self.text}"


Edit = SetEntry | SetKnob


@dataclass(frozen=True)
class Undo:
    """Back to the parent branch, at the place where the edit was made."""


@dataclass(frozen=True)
class SwitchBranch:
    """To the same place of another branch."""

    branch: int


@dataclass(frozen=True)
class ToggleBreakpoint:
    """Stop, or stop no longer, at the events of one module."""

    node: str


@dataclass(frozen=True)
class AddCondition:
    """Stop where a condition holds."""

    condition: Condition


@dataclass(frozen=True)
class RemoveCondition:
    """Stop for it no longer."""

    condition: Condition


@dataclass(frozen=True)
class AddWatch:
    """Keep a quantity in view: one entry, or with no index the whole."""

    name: str
    of: Of = "value"
    index: tuple[int, ...] | None = None


@dataclass(frozen=True)
class RemoveWatch:
    """Keep it in view no longer."""

    watch: AddWatch


@dataclass(frozen=True)
class Continue:
    """Run forward to the next breakpoint or condition."""


@dataclass(frozen=True)
class ReverseContinue:
    """Run back to the last breakpoint or condition."""


@dataclass(frozen=True)
class Origin:
    """Run back to the event where an entry last changed, became 0, or became not finite; without an index, any one."""

    name: str
    index: tuple[int, ...] | None = None
    of: Of = "value"
    what: Literal["changed", "zero", "not finite"] = "changed"


Action = (
    Forward
    | Back
    | NextStep
    | PreviousStep
    | RunToNode
    | RunToEnd
    | Jump
    | ShowSample
    | SetEntry
    | SetKnob
    | Undo
    | SwitchBranch
    | ToggleBreakpoint
    | AddCondition
    | RemoveCondition
    | AddWatch
    | RemoveWatch
    | Continue
    | ReverseContinue
    | Origin
)
