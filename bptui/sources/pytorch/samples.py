"""Samples for a net that was read: those that the file writes out, or made ones of the right shapes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from bptui.data.samples import MOST, Data, Nested, nested
from bptui.data.toys import TOYS
from bptui.engine.buffers import Array, Shape
from bptui.engine.modules.costs import COSTS, BinaryCrossEntropy, Cost
from bptui.engine.net import Given, Net
from bptui.session.experiment import Experiment
from bptui.sources.pytorch.builder import Builder
from bptui.sources.pytorch.evidence import Evidence
from bptui.sources.pytorch.problem import Refusal
from bptui.sources.pytorch.values import Tensor, Value

COUNT = 64  # samples that are made, unless they are large, or a minibatch is larger
LARGEST = 1_000_000  # numbers in them


def data_for(net: Net, cost: Cost | None, builder: Builder, evidence: Evidence, called: dict[str, Value]) -> Data:
    """The samples; what they are is said. Raises Refusal for a class that the net has no output for."""
    _refuse_other_classes(net, builder, evidence)
    batch = builder.batch
    given = _written_out(net, builder, evidence, called)
    if given is not None:
        builder.say(f"the samples are the {given.count} that the file writes out")
        _warn_of_broadcasting(net, builder, evidence)
        return given
    size = sum(math.prod(given.shape) for given in net.given)
    count = max(batch, min(COUNT, max(8, LARGEST // size)), 8 if batch < 8 else batch)
    data = _made(net, cost, min(count, max(1, MOST // size)))
    words = WORDS[data.kind] if any(given.target for given in net.given) else "random inputs"
    builder.say(f"the samples are made: {data.count} of {words}")
    return data


WORDS = {
    "prototypes": "noisy pictures, one picture a class",
    "teacher": "random inputs, with targets that follow from them",
    "spiral": "spirals wound into each other",
    "moons": "two half moons",
    "cubic": "a noisy curve",
    "given": "random inputs, with answers 0 or 1 that follow from them",
}


def _made(net: Net, cost: Cost | None, count: int) -> Data:
    if isinstance(cost, BinaryCrossEntropy) and not TOYS["moons"].places(net):
        return _answers(net, count)
    target = next((given for given in net.given if given.target), None)
    inputs = [given for given in net.given if not given.target]
    if target is None or len(inputs) != 1:
        return Data("teacher", count, 0.1, seed=1)
    toys = ("moons",) if isinstance(cost, BinaryCrossEntropy) else ("spiral",) if target.classes else ("cubic",)
    for kind in toys:
        if TOYS[kind].places(net):
            return Data(kind, max(count, 120), 0.1, seed=1)
    if target.classes and len(inputs[0].shape) > 1:
        return Data("prototypes", count, 0.3, seed=1)
    return Data("teacher", count, 0.1, seed=1)


def _answers(net: Net, count: int) -> Data:
    """A teacher's samples with its targets as yes or no."""
    samples = Data("teacher", count, 0.1, seed=1).samples(net)
    given = tuple(
        (each.name, nested((samples[each.name] > 0).astype(float) if each.target else samples[each.name]))
        for each in net.given
    )
    return Data("given", count, 0.1, seed=1, given=given)


# -- written out in the file


def written_parameters(builder: Builder, evidence: Evidence, experiment: Experiment) -> tuple[tuple[str, Nested], ...]:
    """The parameters that the file loads into the net, number by number; what does not fit is said not to be read."""
    for written, line in evidence.parameters[-1:]:
        shapes = {parameter.name: parameter.shape for parameter in experiment.graph.parameters}
        arrays = {name: np.asarray(tensor.numbers, float) for name, tensor in written.items()}
        if shapes.items() <= {name: array.shape for name, array in arrays.items()}.items():  # more: of unused modules
            builder.say(f"line {line}: the parameters are those that the file writes out")
            return tuple((name, nested(arrays[name])) for name in shapes)
        builder.warn(f"line {line}: parameters that the file sets are not read")
    return ()


def _written_out(net: Net, builder: Builder, evidence: Evidence, called: dict[str, Value]) -> Data | None:
    """Inputs from the call of the net, targets from that of the cost, if both stand there number by number."""
    rows: dict[str, Array] = {}
    own = {builder.name_of(variable): value for variable, (_, value) in builder.targets.items()}
    for given in net.given:
        found = [own[given.name]] if given.name in own else [note.target for note in evidence.compared]
        found = found if given.target else [called.get(given.name)]
        array = next((a for a in (_rows(value, given) for value in found) if a is not None), None)
        if array is None:
            return None
        rows[given.name] = array
    counts = {len(array) for array in rows.values()}
    if len(counts) != 1 or not net.given or not any(given.target for given in net.given):
        return None
    typed = tuple((name, nested(array)) for name, array in rows.items())
    return Data("given", counts.pop(), given=typed)


def _rows(value: Value, given: Given) -> Array | None:
    """A tensor's numbers as samples of a variable; None if they are none."""
    if not isinstance(value, Tensor) or value.numbers is None:
        return None
    array: Array = np.asarray(value.numbers, float)
    if given.classes and array.ndim == 1 and _are_classes(array, given.shape):
        return array
    if given.classes and array.shape[1:] != given.shape:
        return None
    if array.shape == given.shape:
        return array[None]
    if array.ndim and array.size == len(array) * math.prod(given.shape):
        return array.reshape(len(array), *given.shape)
    return None


def _refuse_other_classes(net: Net, builder: Builder, evidence: Evidence) -> None:
    """A class number that is written out, and out of range."""
    own = {id(value): builder.name_of(variable) for variable, (_, value) in builder.targets.items()}
    shapes = {given.name: given.shape for given in net.given if given.target and given.classes}
    only = next(iter(shapes), None) if len(shapes) == 1 else None
    for note in evidence.compared:
        name = own.get(id(note.target), only)
        if name not in shapes or not isinstance(note.target, Tensor) or not note.target.whole:
            continue
        numbers = np.asarray(note.target.numbers)
        odd = [int(value) for value in numbers.ravel() if not 0 <= value < shapes[name][0]]
        if numbers.ndim == 1 and COSTS[note.loss.cost].classes and odd:
            most = shapes[name][0] - 1
            raise Refusal(note.line, f"the target has the class {odd[0]}, the net has outputs for classes 0 to {most}")


def _warn_of_broadcasting(net: Net, builder: Builder, evidence: Evidence) -> None:
    """Targets without the last axis of what they are compared with: PyTorch compares each with every sample's."""
    wanted = next(given for given in net.given if given.target)
    for note in evidence.compared:
        numbers = note.target.numbers if isinstance(note.target, Tensor) else None
        if not wanted.classes and wanted.shape == (1,) and numbers is not None and np.ndim(numbers) == 1:
            count = len(np.asarray(numbers))
            builder.warn(
                f"line {note.line}: the target has the shape [{count}], the net makes [{count}, 1], so PyTorch "
                "compares each with all; here each is compared with its own"
            )


def _are_classes(array: Any, shape: Shape) -> bool:
    return bool((array == array.astype(int)).all() and (array >= 0).all() and (array < shape[0]).all())
