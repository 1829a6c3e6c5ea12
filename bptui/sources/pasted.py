"""What was pasted: a run that was taken home, a receipt, or the source of a net. It is read as data, never run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from time import thread_time

from bptui.session.experiment import Experiment
from bptui.session.toml_values import TomlError
from bptui.sources.opening import Opened, begun, of_receipt
from bptui.sources.pytorch import Effort, SourceError, from_text
from bptui.sources.receipts import from_receipt, is_armoured, is_plain

BYTES = 64 * 1024  # of a text: as many as a class takes of one paste
MODULES = 100  # of a net: to draw and to write more takes seconds, in which a class would wait
STEPS = 50_000  # of a source that are looked at; nets of lectures take some hundred
SECONDS = 2.0  # of a thread's time in which a source is read: others wait meanwhile
NAME = "pasted.py"  # what a source is called


def pasted(text: str, on_step: Callable[[int], object] = lambda step: None) -> tuple[Opened, str]:
    """What a text opens, and the place for it. `on_step` is told of each training step on the way, and of 0 now and
    then while a source is read; it may raise.

    Raises ValueError, one line; for a source with its line.
    """
    if len(text.encode()) > BYTES:
        raise TomlError(f"this is too long: more than {BYTES} bytes")
    if not text.strip():
        raise TomlError("nothing is pasted yet")
    if is_armoured(text) or is_plain(text):
        receipt = from_receipt(text, on_step)
        history = receipt.session.history
        _refuse_large(history.branches[0].experiment)
        opened = of_receipt("this run", receipt)
        history.on_step = lambda step: None
        return opened
    until = thread_time() + SECONDS

    def look() -> None:
        on_step(0)
        if thread_time() > until:
            raise TomlError("this source takes too long to read")

    try:
        program = from_text(NAME, text, effort=Effort(STEPS, look))
    except SourceError as error:
        raise SourceError(f"line {str(error).removeprefix(f'{NAME}:')}") from None
    _refuse_large(program.experiment)
    source = program.source
    return replace(begun(program.experiment), said=source.first, source=source), "step"


def _refuse_large(experiment: Experiment) -> None:
    count = len(experiment.net.layers)
    if count > MODULES:
        raise TomlError(f"this net has {count} modules; what is pasted may have {MODULES}")
