"""What the doctor says."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, log10

from bptui.session.knobs import number_text


@dataclass(frozen=True)
class Finding:
    """Something wrong with a run. `step` and `epoch` are its onset.

    `what` says it in a line, with the number; `why` is the evidence. `remedy` is a knob and the value to try instead.
    """

    kind: str
    step: int
    epoch: float
    what: str
    why: str
    remedy: tuple[str, str] | None = None


def rate_below(rate: float) -> str:
    """The nearest 1, 2 or 5 times a power of ten below a learning rate, as text."""
    power = 10.0 ** floor(log10(rate))
    return number_text(float(f"{next(m for m in (5, 2, 1) if m * power <= rate * (1 + 1e-9)) * power:.1g}"))
