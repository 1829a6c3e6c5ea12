"""Takes down the modules that the program calls, and gives them and what they make their names.

Nodes are called as PyTorch calls the modules (`fc1`, `layers.0`), a second call of one `fc1-2`; functions go by
their kind (`relu`, `relu2`). Variables go by the program's own names. One that is assigned again is numbered (x, x2,
x3; h1, h1b, h1c), and the value of an expression without a name gets a letter: s of a Linear, z of a non-linearity,
p of a SoftMax, u of a Dropout, v of others.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import NoReturn

from bptui.engine.buffers import Shape
from bptui.engine.module import Module, Spec
from bptui.engine.modules import (
    LeakyReLU,
    Linear,
    LogSoftMax,
    Max,
    Multiply,
    ReLU,
    Sigmoid,
    SoftMax,
    Softplus,
    Tanh,
)
from bptui.engine.modules.halt import Halt
from bptui.engine.net import Given, Layer
from bptui.sources.pytorch.limits import MODULES
from bptui.sources.pytorch.problem import Halted, Refusal, Stopped
from bptui.sources.pytorch.values import Batch, Dims, Tensor, Value, Variable

SAVE_OUTPUTS = (ReLU, Sigmoid, Tanh, SoftMax, LogSoftMax)
SAVE_INPUTS = (Linear, LeakyReLU, Softplus, Multiply, Max)


@dataclass(eq=False)
class Draft:
    """One module that was called. `reads` holds variables, which get their names at the end."""

    name: str
    module: Module
    reads: tuple[Variable, ...]
    makes: Variable
    line: int
    shares: str | None = None


@dataclass(eq=False)
class Builder:
    """The net so far.

    `batched` says whether the first axis of tensors counts samples, `counted` whether the file itself says how many.
    `reserved` are names that modules have, or functions; `counts` says up to where they are numbered. Variables that
    are `gone` may not be read. Of `overwriting` ones PyTorch keeps the numbers: those that they came from are gone.
    """

    batch: int = 1
    batched: bool = True
    counted: bool = False
    inputs: list[Variable] = field(default_factory=list)
    targets: dict[Variable, tuple[bool, Value]] = field(default_factory=dict)  # whether it is a class; the file's own
    drafts: list[Draft] = field(default_factory=list)
    reserved: set[str] = field(default_factory=set)
    said: list[str] = field(default_factory=list)
    warned: list[str] = field(default_factory=list)
    gone: set[Variable] = field(default_factory=set)
    overwriting: set[Variable] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def called(self) -> bool:
        """Whether forward has begun; before that, the net is made."""
        return bool(self.inputs)

    def input(self, name: str, shape: Shape | None) -> Tensor:
        """One more input. Without a shape, the first module that wants one tells it."""
        variable = Variable(shape or (1,), "x", name)
        self.inputs.append(variable)
        if shape is None:
            return Tensor(variable, None, origin=name)
        return Tensor(variable, (Batch(self.batch, self.counted), *shape) if self.batched else shape)

    def add(
        self,
        name: str,
        module: Module,
        tensors: Sequence[Tensor],
        dims: Dims | None,
        line: int,
        *,
        letter: str = "v",
        shares: str | None = None,
    ) -> Tensor:
        """One more module, and the tensor of shape `dims` that it makes."""
        if len(self.drafts) >= MODULES:
            raise Stopped(line, f"calls more than {MODULES:,} modules")
        reads = tuple([tensor.variable for tensor in tensors])
        if self.gone and not self.gone.isdisjoint(reads):
            raise Refusal(line, "this product is used with its bias and without, which is not supported")
        shape = reads[0].shape if dims is None else module.specs(*[Spec(each.shape) for each in reads])[0].shape
        made = Variable(shape, letter)
        self.drafts.append(Draft(name, module, reads, made, line, shares))
        return Tensor(made, dims, origin=tensors[0].origin if dims is None else "")

    def instead(self, tensor: Tensor, module: Module) -> Tensor:
        """Another module in the place of the last one, which made `tensor`: nothing may read that any more."""
        self.gone.add(tensor.variable)
        made = Variable(tensor.variable.shape, tensor.variable.letter)
        self.drafts[-1].module, self.drafts[-1].makes = module, made
        return Tensor(made, tensor.dims)

    def saved(self, variable: Variable) -> bool:
        """Whether PyTorch keeps this variable's numbers for backward: as what a module made, or as what one read.

        The last module is the one that overwrites it.
        """
        *before, _ = self.drafts
        made = any(draft.makes is variable and isinstance(draft.module, SAVE_OUTPUTS) for draft in before)
        read = any(variable in draft.reads and isinstance(draft.module, SAVE_INPUTS) for draft in before)
        return made or read or variable in self.overwriting

    def halt(self, place: str, problem: str, tensors: Iterable[Tensor], line: int, hint: str = "") -> NoReturn:
        """The module at which the program stops, with what PyTorch says there."""
        reads = tuple(dict.fromkeys(tensor.variable for tensor in tensors))
        self.drafts.append(Draft(place, Halt(problem, len(reads), hint), reads, Variable((), "error"), line))
        self.warn(f"line {line}: PyTorch stops here: {problem}{f'; {hint}' if hint else ''}")
        raise Halted(problem)

    def free(self, name: str) -> str:
        """A name for a module that is none of the program's: the kind, numbered from its second use on."""
        found = name
        while found in self.reserved:
            self.counts[name] = self.counts.get(name, 1) + 1
            found = f"{name}{self.counts[name]}"
        self.reserved.add(found)
        return found

    def say(self, text: str) -> None:
        """Take down a decision."""
        if text not in self.said:
            self.said.append(text)

    def warn(self, text: str) -> None:
        """Take down what the learner must know: a usual mistake, or what is not read of the file."""
        if text not in self.warned:
            self.warned.append(text)

    # -- at the end

    def given(self, names: Mapping[Variable, str]) -> list[Given]:
        """The inputs that something reads, and the targets."""
        read = {variable for draft in self.drafts for variable in draft.reads}
        given = [Given(names[variable], variable.shape) for variable in self.inputs if variable in read]
        more = [(names[v], v.shape, classes) for v, (classes, _) in self.targets.items()]
        return given + [Given(name, shape, target=True, classes=classes) for name, shape, classes in more]

    def layers(self, names: Mapping[Variable, str]) -> list[Layer]:
        """All modules, with the names of what they read and make."""
        return [
            Layer(d.name, d.module, tuple([names[v] for v in d.reads]), (names[d.makes],), d.shares)
            for d in self.drafts
        ]

    def name_of(self, variable: Variable) -> str:
        """The name that a variable has in the end."""
        return self.names()[variable]

    def names(self) -> dict[Variable, str]:
        """The names that all variables have in the end."""
        variables = [*self.inputs, *self.targets, *(draft.makes for draft in self.drafts)]
        names: dict[Variable, str] = {}
        taken: set[str] = set()
        again: dict[str, Iterator[str]] = {}  # names for those that are assigned again
        for variable in variables:
            if variable.name is not None:
                found = variable.name
                if found in taken:
                    if found not in again:
                        again[found] = _again(found)
                    found = next(ending for ending in again[found] if ending not in taken)
                names[variable] = found
                taken.add(found)
        counts: dict[str, int] = {}
        nameless = [variable for variable in variables if variable.name is None]
        for variable in nameless:
            letter = variable.letter
            counts[letter] = counts.get(letter, 0) + 1
        alone = {letter for letter in ("p", "logp", "error") if counts.get(letter) == 1 and letter not in taken}
        counts.clear()
        for variable in nameless:
            letter = variable.letter
            found = letter
            while letter not in alone and (found == letter or found in taken):
                counts[letter] = counts.get(letter, 0) + 1
                found = f"{letter}{counts[letter]}"
            names[variable] = found
        return names


def _again(name: str) -> Iterator[str]:
    """Names for a variable that is assigned once more: numbered, or lettered where it ends in a number."""
    if name[-1].isdigit():
        return (name + letter * k for k in count(1) for letter in string.ascii_lowercase[1:])
    return (f"{name}{k}" for k in count(2))
