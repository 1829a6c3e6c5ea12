"""What the learner looks at in the workbench; nothing here changes a number."""

from __future__ import annotations

from dataclasses import dataclass

from bptui.tui.selection import Index

PANES = ("inspector", "program", "knobs", "watches", "jacobian", "why", "twiddle")


@dataclass
class View:
    """What is selected, and which panes are open.

    `selected` is a target, None while the selection follows the cursor. `entry` is the entry of it that was chosen.
    `row` is the chosen row of the knobs or of the watches, `nudge` the twiddle's ds. `problem` is why the last key
    could not be obeyed, `note` what it did where nothing else says so. `into` works the entry out term by term, from
    term `scroll` on. `dialled` is what the arrows have turned the chosen knob to, until it is set.
    """

    selected: str | None = None
    entry: Index | None = None
    pane: str = "inspector"
    into: bool = False
    row: int = 0
    scroll: int = 0
    nudge: float = 0.1
    upward: bool | None = None
    problem: str = ""
    note: str = ""
    dialled: str | None = None
