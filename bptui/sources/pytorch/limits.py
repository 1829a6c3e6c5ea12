"""How large a file, and the net in it, may be."""

from __future__ import annotations

BYTES = 4 << 20  # of a file
NODES = 400_000  # of its syntax tree
NESTING = 120  # of expressions and blocks
MODULES = 4_000  # made by the file, and called in forward
ENTRIES = 10_000  # of a list, a range, a text
WHOLE = 1 << 53  # the largest whole number
PARAMETERS = 4_000_000  # numbers in all parameters together: 32 MB
