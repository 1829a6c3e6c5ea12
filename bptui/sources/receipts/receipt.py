"""What a receipt holds, and whether the numbers are the saved ones once it has been run again."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from bptui import __version__
from bptui.engine.buffers import Array
from bptui.session.history import Address, History
from bptui.session.session import Session
from bptui.session.source import Source

AT_ONCE = 100  # steps between two words of where a run is
NEAR = 1e-9  # how far numbers may differ, relatively, where another processor or NumPy made them


@dataclass(frozen=True)
class Look:
    """What was looked at in the workbench: a target (`node:m0`) and an entry of it, a pane, and how it stood.

    The names are those of the workbench's view; what it does not know, it leaves aside.
    """

    selected: str | None = None
    entry: tuple[int, ...] | None = None
    pane: str = "inspector"
    into: bool = False
    row: int = 0
    scroll: int = 0
    nudge: float = 0.1
    upward: bool | None = None


@dataclass(frozen=True)
class Receipt:
    """A run that was read: a session at the address, its edits made, not yet run up to there.

    `digest` is that of the parameters as they were saved, `shadows` what it takes to see whether others are near them;
    a plain experiment has neither.
    """

    session: Session
    digest: str = ""
    shadows: tuple[float, ...] = ()
    made_with: str = ""
    look: Look | None = None
    source: Source | None = None

    @property
    def is_run(self) -> bool:
        """Whether there is more than an experiment at its beginning."""
        return bool(self.digest) or len(self.session.branches) > 1

    def arrived(self) -> str:
        """What there is to say at the address: whether the numbers are those that were saved, in one line.

        Runs up to there, unless the session's history stands there.
        """
        at = self.session.address
        if not self.digest:
            return ""
        run_up(self.session.history, at)
        parameters = self.session.history.parameters(at.branch, at.step)[1]
        again = f"run again, {at.step} step{'s' * (at.step != 1)}"
        if digest(parameters) == self.digest:
            return f"{again}: every bit as it was saved"
        made = f"{self.made_with or 'another version'}; here are {versions()}"
        if self.shadows and _near(shadows(parameters), self.shadows):
            return f"{again}: as it was saved to {NEAR:g}, not to the bit; saved with {made}"
        return f"{again}, and the numbers differ from those that were saved with {made}"


def digest(parameters: Mapping[str, Array]) -> str:
    """32 hexadecimal digits that differ wherever any bit of the parameters does."""
    found = blake2b(digest_size=16)
    for name in sorted(parameters):
        found.update(name.encode())
        found.update(np.ascontiguousarray(parameters[name]).tobytes())
    return found.hexdigest()


def shadows(parameters: Mapping[str, Array]) -> tuple[float, ...]:
    """The norm of all parameters as one vector, and its product with two fixed directions: nearly equal for nearly
    equal parameters, and hardly ever for others.
    """
    vector = np.concatenate([np.zeros(0), *(np.ravel(parameters[name]) for name in sorted(parameters))]).astype(float)
    directions = np.random.Generator(np.random.Philox(0)).standard_normal((2, vector.size))
    return tuple(float(x) for x in (np.sqrt(vector @ vector), *(directions @ vector)))


def _near(found: tuple[float, ...], saved: tuple[float, ...]) -> bool:
    return len(found) == len(saved) and bool(np.allclose(found, saved, rtol=0.0, atol=NEAR * max(1.0, abs(saved[0]))))


def run_up(history: History, at: Address) -> None:
    """Run to the beginning of a step by the plan, through all stretches of its branch.

    The history's `on_step` is told now and then, and may raise.
    """
    path = history.path(at.branch)
    ends = [min(later.start, at.step) for later in path[1:]]
    for branch, end in zip(path, [*ends, at.step], strict=True):
        for step in range(branch.start, end, AT_ONCE):
            history.on_step(step)
            history.train(branch.number, step, min(AT_ONCE, end - step))


def versions() -> str:
    """What decides the last bits of a number, in a few words."""
    return f"bptui {__version__}, NumPy {np.__version__}, {platform.machine() or 'an unknown processor'}"
