"""Forward, run strictly: with a batch, and where that makes no sense, of one sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from bptui.engine.buffers import Shape
from bptui.sources.pytorch import modules
from bptui.sources.pytorch.builder import Builder
from bptui.sources.pytorch.doubt import kept
from bptui.sources.pytorch.evidence import Called, Made
from bptui.sources.pytorch.functions import default_of, parameter_names
from bptui.sources.pytorch.limits import PARAMETERS
from bptui.sources.pytorch.machine import Machine
from bptui.sources.pytorch.problem import Halted, MixesBatchError, Refusal, ShapeFound
from bptui.sources.pytorch.scan import Scanned
from bptui.sources.pytorch.values import ALL, Function, Instance, Leaf, Tensor, Unknown, Value, is_module

LARGEST_BATCH = 256


@dataclass(eq=False)
class Forward:
    """What came of it: the modules called, and the tensors that are returned (none if PyTorch would have stopped).

    `line` is where forward stands, `inputs` are the arguments of the call in the file, by the names of forward's
    parameters.
    """

    builder: Builder
    made: list[Tensor]
    inputs: dict[str, Value]
    line: int = 1

    @property
    def halts(self) -> bool:
        return not self.made

    @property
    def only(self) -> Tensor:
        """The tensor that is returned. Raises Refusal if there are several."""
        if len(self.made) != 1:
            raise Refusal(
                self.line,
                f"forward returns {len(self.made)} things, wants one tensor, or a cost of them all that the file goes "
                "back from: loss = cost(a, y) + cost(b, t); loss.backward()",
            )
        return self.made[0]


def run_forward(scanned: Scanned, note: Made, shapes: Sequence[Shape]) -> Forward:
    """Make the net and call it. Raises Refusal."""
    call = _call_of(scanned, note)
    size = scanned.evidence.loaders[0][0] if scanned.evidence.loaders else None  # the one to train on comes first
    loader = size if isinstance(size, int) and size > 0 else None
    plan = _Plan(scanned, note, call, tuple(shapes), loader)
    if plan.rank == 1:
        return _attempt(plan, batched=False)
    try:
        return _attempt(plan, batched=True)
    except MixesBatchError as mixed:
        if scanned.evidence.loaders and not plan.rank:
            raise
        try:
            found = _attempt(plan, batched=False)
        except Refusal:
            raise mixed from None
        if found.halts and plan.rank and _flattened_batch(found, plan):
            raise mixed from None
        found.builder.say(f"forward takes one sample, not a batch (line {mixed.line})")
        return found


@dataclass(frozen=True, eq=False)
class _Plan:
    scanned: Scanned
    note: Made
    call: Called | None
    shapes: tuple[Shape, ...]
    loader: int | None

    @property
    def dims(self) -> tuple[int, ...] | None:
        """The shape of the first tensor in the file's call."""
        values = (*self.call.arguments, *self.call.keywords.values()) if self.call else ()
        found = next((v.dims for v in values if isinstance(v, Tensor) and v.dims), None)
        return None if self.shapes or found is None else tuple(d for d in found if isinstance(d, int))

    @property
    def rank(self) -> int:
        """How many axes it has; 0 if there is none."""
        return len(self.dims or ())


def _call_of(scanned: Scanned, note: Made) -> Called | None:
    """The first call in the file whose shapes are known, else the first."""
    calls = [c for c in scanned.evidence.called if c.made.cls is note.cls and c.made.whole is note.whole]
    known = [c for c in calls if any(isinstance(v, Tensor) for v in (*c.arguments, *c.keywords.values()))]
    return next(iter(known or calls), None)


def _flattened_batch(found: Forward, plan: _Plan) -> bool:
    """Whether the program stops since a whole batch has become one vector, where one sample was wanted."""
    last = found.builder.drafts[-1]
    first = (plan.dims or (1,))[0]
    words = getattr(last.module, "problem", "")
    return any(len(v.shape) == 1 and f"and {v.shape[0] // first}x" in words for v in last.reads if v.shape)


def _attempt(plan: _Plan, *, batched: bool) -> Forward:
    """Once through constructor and forward; from the start again whenever a module tells the shape of an input."""
    found: dict[str, Shape] = {}
    notes: list[str] = []
    while True:
        try:
            forward = _once(plan, found, batched=batched)
        except ShapeFound as told:
            if told.input in found or len(found) > 100:
                raise Refusal(1, f"the shape of {told.input} is not clear; --input-shape gives it") from None
            found[told.input] = told.shape
            size = "×".join(map(str, told.shape))
            notes.append(f"a sample of {told.input} is {size} numbers, {told.why}")
            continue
        forward.builder.said[:0] = notes
        return forward


def _once(plan: _Plan, found: dict[str, Shape], *, batched: bool) -> Forward:
    plan.scanned.untouched.restore()
    builder = Builder(_batch(plan, batched), batched, counted=bool(plan.dims))
    machine = Machine(builder, plan.scanned.evidence, plan.scanned.effort, lenient=False)
    _stand(plan, plan.note.names)
    root = _made(machine, plan.note)
    builder.reserved |= modules.name_all(root)
    _refuse_large(root)
    inputs = _inputs(machine, plan, root, found)
    _stand(plan, plan.call.names if plan.call else None)
    try:
        made = machine.call(root, (), inputs[0], plan.call.line if plan.call else plan.note.line)
    except Halted:
        return Forward(builder, [], inputs[1])
    _say_unused(builder, root)
    return Forward(builder, _returned(made, root, builder), inputs[1], _return_line(root))


def _stand(plan: _Plan, names: dict[str, Value] | None) -> None:
    """Have the names at the top of the file as they stood when the net was made, or called; else as in the end."""
    plan.scanned.scope.names = kept(plan.scanned.top if names is None else names)


def _batch(plan: _Plan, batched: bool) -> int:
    if not batched:
        return 1
    wanted = plan.dims[0] if plan.dims else plan.loader or 1
    return min(wanted, LARGEST_BATCH) if not plan.dims else wanted


def _made(machine: Machine, note: Made) -> Value:
    if note.cls is None:
        return modules.fresh(machine, note.whole)
    memo: dict[int, Value] = {}
    arguments = [modules.fresh(machine, each, memo) for each in note.arguments]
    keywords = {name: modules.fresh(machine, each, memo) for name, each in note.keywords.items()}
    return modules.made(machine, note.cls, arguments, keywords, note.line)


def _refuse_large(root: Value) -> None:
    waiting, total, seen = [root], 0, set()
    while waiting:
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if not isinstance(value, Leaf):
            waiting += [child for _, child in modules.children(value)]
        elif value.features is not None:
            total += value.features[0] * value.features[1]
            if total > PARAMETERS:
                raise Refusal(value.line, f"the net has more than {PARAMETERS:,} weights")


def _say_unused(builder: Builder, root: Value) -> None:
    waiting, seen = [root], set()
    while waiting:
        value = waiting.pop(0)
        if id(value) in seen:
            continue
        seen.add(id(value))
        if not isinstance(value, Leaf):
            waiting += [child for _, child in modules.children(value)]
        elif value.features is not None and not value.calls:
            builder.warn(f"line {value.line}: {value.path} is made and never called, so it is not drawn")


def _inputs(
    machine: Machine, plan: _Plan, root: Value, found: dict[str, Shape]
) -> tuple[dict[str, Value], dict[str, Value]]:
    """Forward's arguments by name, tensors as inputs of the net; and what the file's own call gives for each."""
    method = _forward_of(root)
    if method is None:
        names, defaults = ["x"], {}
    else:
        names, defaults = parameter_names(replace(method, this=root)), default_of(method)
    given = _by_name(plan, names)
    values: dict[str, Value] = {}
    shapes = list(plan.shapes)
    for name in names:
        value = given.get(name)
        if name in given and not isinstance(value, Tensor | Unknown):
            values[name] = value  # a number, a flag
            continue
        if name not in given and name in defaults:
            continue
        shape = found.get(name)
        if shapes:
            shape = shapes.pop(0)
        elif isinstance(value, Tensor) and value.dims is not None and shape is None:
            dims = tuple(d for d in value.dims if isinstance(d, int))
            shape = dims[1:] if machine.builder.batched else dims
            if machine.builder.batched and (not dims or dims[0] != machine.builder.batch):
                raise MixesBatchError(plan.call.line if plan.call else 1, f"{name} has another batch than the others")
        values[name] = machine.builder.input(name, shape)
        if shape == ():
            raise MixesBatchError(plan.call.line if plan.call else 1, f"{name} is one number a sample")
    if shapes:
        raise Refusal(
            1, f"--input-shape: got {len(plan.shapes)} shapes, forward takes {len(plan.shapes) - len(shapes)}"
        )
    return ({"input": values["x"]} if method is None else values), given


def _forward_of(root: Value) -> Function | None:
    if not isinstance(root, Instance):
        return None
    found = root.cls.find("forward")
    if found is None and ALL in root.names:
        return None
    if found is None or not isinstance(found[0], Function):
        raise Refusal(root.cls.node.lineno, f"{root.cls.node.name} has no forward")
    return found[0]


def _by_name(plan: _Plan, names: list[str]) -> dict[str, Value]:
    if plan.call is None:
        return {}
    given: dict[str, Any] = dict(zip(names, plan.call.arguments, strict=False))
    return given | {name: value for name, value in plan.call.keywords.items() if name in names}


def _returned(made: Value, root: Value, builder: Builder) -> list[Tensor]:
    """The tensors that forward gives. Raises Refusal if it gives another thing."""
    line = _return_line(root)
    if isinstance(made, tuple | list):
        tensors = [each for each in made if each is not None]
        if len(tensors) != 1 and not all(isinstance(each, Tensor) for each in tensors):
            raise Refusal(line, f"forward returns {len(tensors)} things, wants one tensor")
        if len(tensors) > 1:
            return tensors
        made = tensors[0] if tensors else None
    if isinstance(made, Unknown):
        raise Refusal(made.line, made.why)
    if not isinstance(made, Tensor):
        raise Refusal(line, "forward returns no tensor" if made is not None else "forward returns nothing")
    if not any(draft.makes is made.variable for draft in reversed(builder.drafts)):
        raise Refusal(line, "forward returns its input as it is; wants at least one module")
    return [made]


def _return_line(root: Value) -> int:
    method = _forward_of(root) if is_module(root) else None
    line = method.node.lineno if method is not None else getattr(root, "line", 1)
    return int(line)
