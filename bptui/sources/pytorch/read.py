"""From a file of PyTorch source to an experiment: the whole way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bptui.engine.buffers import Shape
from bptui.engine.graph import GraphError
from bptui.engine.net import Net
from bptui.session.experiment import Experiment
from bptui.session.source import Source
from bptui.sources.pytorch.attempt import run_forward
from bptui.sources.pytorch.behind import Ended, ended, net_of
from bptui.sources.pytorch.builder import Builder
from bptui.sources.pytorch.choice import arguments_for, chosen
from bptui.sources.pytorch.effort import Effort
from bptui.sources.pytorch.evidence import Evidence, Made
from bptui.sources.pytorch.problem import Refusal, SourceError, Stopped
from bptui.sources.pytorch.rates import Rates, rates
from bptui.sources.pytorch.reading import parsed, text_of
from bptui.sources.pytorch.samples import data_for, written_parameters
from bptui.sources.pytorch.scan import scan
from bptui.sources.pytorch.settings import Steps, schedule, steps
from bptui.sources.pytorch.training import training


@dataclass(frozen=True)
class Options:
    """What the command line says of a file: arguments of the constructor, the class, shapes of one sample each.

    `cost` is a name from `COSTS`, in the place of the file's.
    """

    arguments: Mapping[str, Any] = field(default_factory=dict)
    cls: str | None = None
    shapes: tuple[Shape, ...] = ()
    cost: str | None = None


@dataclass(frozen=True)
class Program:
    """A net that was read: what is run, and where it stands in the file. `halts` is true if PyTorch would stop."""

    experiment: Experiment
    source: Source
    halts: bool = False


def read(path: str, options: Options | None = None) -> Program:
    """The net in a file of PyTorch source, which is neither run nor imported.

    Raises SourceError, one line: the file, the line in it, and what is supported.
    """
    return from_text(path, text_of(path), options or Options())


def from_text(path: str, text: str, options: Options | None = None, effort: Effort | None = None) -> Program:
    """The net in a text, which stands in the file `path`, read with no more than an effort. Raises SourceError."""
    try:
        return _program(path, text, options or Options(), effort or Effort())
    except (Refusal, Stopped) as refusal:
        raise SourceError(f"{path}:{refusal.line}: {refusal.message}") from None
    except RecursionError:
        raise SourceError(f"{path}:1: is nested too deeply") from None


def _program(path: str, text: str, options: Options, effort: Effort) -> Program:
    tree = parsed(text)
    scanned, loop = scan(tree.module, effort), training(tree.nodes)
    evidence = scanned.evidence
    note = chosen(scanned.classes, scanned.top, evidence, options.cls)
    if evidence.changed:
        what, line = evidence.changed[0]
        raise Refusal(line, f"{what}, which is not supported")
    arguments, keywords = arguments_for(note, options.arguments)
    note = Made(note.cls, arguments, keywords, note.line, note.whole, note.names)
    forward = run_forward(scanned, note, options.shapes)
    titles = note.cls.node.name if note.cls is not None else Path(path).stem, f"read from {Path(path).name}"
    end = None if forward.halts else ended(scanned, note, options.shapes, options.cost, forward, titles)
    forward = end.forward if end else forward
    builder, net = forward.builder, end.net if end else net_of(titles, forward)
    moves = steps(builder if end else Builder(), evidence)  # nothing is said of what is not run
    scheduled = schedule(builder if end else Builder(), evidence, together=loop.together)
    found = rates(builder, net, end.goal, moves, note) if end else Rates()
    changes = [] if end and end.understood else loop.changes
    unread = [("what is done to the cost before backward() is", line) for line in changes]
    for what, line in (*_unread(evidence), *unread, *loop.unread):
        builder.warn(f"line {line}: {what} not read")
    if loop.adds_up:
        builder.warn(f"line {loop.adds_up}: nothing zeroes the gradients before backward(), so they add up")
    lines = {draft.name: draft.line for draft in builder.drafts} | (end.lines if end else {})
    data = data_for(net, end.cost if end else None, builder, evidence, forward.inputs)
    experiment = _experiment(net, data, builder.batch, end, moves, found).changed(zero_gradients=not loop.adds_up)
    experiment = experiment.changed(schedule=scheduled, parameters=written_parameters(builder, evidence, experiment))
    source = Source(path, text, lines, (*builder.warned, *builder.said), len(builder.warned), loop.phases)
    return Program(_tried(experiment, note.line), source, forward.halts)


def _unread(evidence: Evidence) -> list[tuple[str, int]]:
    return list(dict(reversed(evidence.unread)).items())


def _experiment(net: Net, data: Any, batch: int, end: Ended | None, moves: Steps, found: Rates) -> Experiment:
    return Experiment(
        net,
        data,
        reduction=end.reduction if end else "sum",  # type: ignore[arg-type]
        optimiser=moves.optimiser,
        lr=moves.lr,
        batch=min(batch, data.count),
        l1=found.l1,
        l2=found.l2,
        decay_biases=found.biases,
        shuffle=data.kind != "given" or batch < data.count,
    )


def _tried(experiment: Experiment, line: int) -> Experiment:
    try:
        return experiment.validated()
    except GraphError as error:
        raise Refusal(line, str(error)) from None
    except ValueError as error:
        raise Refusal(line, str(error)) from None
