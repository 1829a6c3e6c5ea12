"""Receipts: a run as a few lines of TOML, from which it is run again to the same numbers.

A receipt is an experiment, the edits of one branch, an address, and a digest of the parameters there; saved in the
workbench, also its marks and what was looked at. The experiment is one that comes with bptui, by name, with the knobs
that differ; any other is written out. Reading executes nothing. `armour` makes of it a text that is copied and pasted.
"""

from __future__ import annotations

from bptui.sources.receipts.armour import armoured, characters, is_armoured, is_end, is_plain, is_whole, unarmoured
from bptui.sources.receipts.reading import from_receipt
from bptui.sources.receipts.receipt import Look, Receipt, run_up
from bptui.sources.receipts.writing import KNOWN, to_receipt

__all__ = [
    "KNOWN",
    "Look",
    "Receipt",
    "armoured",
    "characters",
    "from_receipt",
    "is_armoured",
    "is_end",
    "is_plain",
    "is_whole",
    "run_up",
    "to_receipt",
    "unarmoured",
]
