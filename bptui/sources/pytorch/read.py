"""From a file of PyTorch source to an experiment: the whole way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bptui.engine.graph import GraphError
from bptui.engine.module import Shape
from bptui.engine.net import Net
from bptui.session.experiment import Experiment
from bptui.session.source import Source
from bptui.sources.pytorch.attempt import Forward, run_forward
from bptui.sources.pytorch.builder import Builder
from bptui.sources.pytorch.choice import arguments_for, chosen
from bptui.sources.pytorch.evidence import Evidence, Made
from bptui.sources.pytorch.problem import Refusal, SourceError, Stopped
from bptui.sources.pytorch.reading import parsed, text_of
from bptui.sources.pytorch.samples import data_for
from bptui.sources.pytorch.scan import scan
from bptui.sources.pytorch.settings import Ending, Steps, ending, steps
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


def from_text(path: str, text: str, options: Options | None = None) -> Program:
    """The net in a text, which stands in the file `path`. Raises SourceError."""
    try:
        return _program(path, text, options or Options())
    except (Refusal, Stopped) as refusal:
        raise SourceError(f"{path}:{refusal.line}: {refusal.message}") from None
    except RecursionError:
        raise SourceError(f"{path}:1: is nested too deeply") from None


def _program(path: str, text: str, options: Options) -> Program:
    tree = parsed(text)
    scanned, loop = scan(tree), training(tree)
    evidence = scanned.evidence
    note = chosen(scanned.classes, scanned.top, evidence, options.cls)
    if evidence.changed:
        what, line = evidence.changed[0]
        raise Refusal(line, f"{what} after it is made, which is not supported")
    arguments, keywords = arguments_for(note, options.arguments)
    note = Made(note.cls, arguments, keywords, note.line, note.whole, note.names)
    forward = run_forward(scanned, note, options.shapes)
    builder = forward.builder
    names = {given.name for given in builder.given()} | {name for layer in builder.layers() for name in layer.outputs}
    title = note.cls.node.name if note.cls is not None else Path(path).stem
    net = Net(title, f"read from {Path(path).name}", tuple(builder.given()), tuple(builder.layers()))
    lines = {draft.name: draft.line for draft in builder.drafts}
    end = None
    if not forward.halts:
        assert forward.made is not None, "forward gives a tensor unless it halts"
        end = ending(builder, forward.made, evidence, options.cost)
        net = _with_cost(net, forward, end, names)
        if end.line:
            lines[net.layers[-1].name] = end.line
    moves = steps(Builder() if forward.halts else builder, evidence)  # nothing is said of what is not run
    for what, line in (*_unread(evidence), *loop.unread):
        builder.warn(f"line {line}: {what} not read")
    if loop.adds_up:
        builder.warn(f"line {loop.adds_up}: nothing zeroes the gradients before backward(), so they add up")
    data = data_for(net, end.cost if end else None, builder.batch, builder, evidence, forward.inputs)
    experiment = _experiment(net, data, builder.batch, end, moves).changed(zero_gradients=not loop.adds_up)
    source = Source(path, text, lines, (*builder.warned, *builder.said), len(builder.warned), loop.phases)
    return Program(_tried(experiment, note.line), source, forward.halts)


def _unread(evidence: Evidence) -> list[tuple[str, int]]:
    return list(dict(reversed(evidence.unread)).items())


def _with_cost(net: Net, forward: Forward, end: Ending, names: set[str]) -> Net:
    assert forward.made is not None, "there is a cost only where forward gives a tensor"
    prediction = forward.builder.name_of(forward.made.variable)
    target = _free(names, "y", "target", "t", "y_true")
    cost = _free(names | {target}, "C", "cost", "J", "E_")
    node = _free({layer.name for layer in net.layers}, "cost", "loss", "cost_")
    net = net.target(target, forward.made.variable.shape, classes=end.classes)
    return net.add(node, end.cost, (prediction, target), (cost,))


def _free(taken: set[str], *wanted: str) -> str:
    found = next((name for name in wanted if name not in taken), wanted[0])
    while found in taken:
        found += "_"
    return found


def _experiment(net: Net, data: Any, batch: int, end: Ending | None, moves: Steps) -> Experiment:
    return Experiment(
        net,
        data,
        reduction=end.reduction if end else "sum",  # type: ignore[arg-type]
        optimiser=moves.optimiser,
        lr=moves.lr,
        batch=min(batch, data.count),
        l2=moves.decay / 2.0,
        decay_biases=bool(moves.decay),
        shuffle=data.kind != "given" or batch < data.count,
    )


def _tried(experiment: Experiment, line: int) -> Experiment:
    try:
        return experiment.validated()
    except GraphError as error:
        raise Refusal(line, str(error)) from None
    except ValueError as error:
        raise Refusal(line, str(error)) from None
