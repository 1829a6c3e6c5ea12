"""Nets from PyTorch source, read by Python's `ast`: neither run nor imported, and bounded.

`read` is the whole way, from a path to a `Program`. A file is gone through twice by one small interpreter (`machine`,
with `expressions`, `statements`, `calls` and what they know): leniently, for what stands around the net (`scan`,
`evidence`), and strictly through its constructor and `forward` (`attempt`), where each module that is called is taken
down (`builder`); `effort` bounds how much is looked at. What PyTorch has is known in one table (`library`, filled by
`functions_of_…`): add a function there.
"""

from bptui.sources.pytorch.choice import parsed_argument, parsed_shape
from bptui.sources.pytorch.effort import Effort
from bptui.sources.pytorch.problem import SourceError
from bptui.sources.pytorch.read import Options, Program, from_text, read

__all__ = ["Effort", "Options", "Program", "SourceError", "from_text", "parsed_argument", "parsed_shape", "read"]
