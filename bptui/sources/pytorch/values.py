"""What an expression of the file may stand for. Numbers, texts, tuples, lists and dicts stand for themselves."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from bptui.engine.buffers import Shape

Value = Any  # one of the classes below, or a plain constant of Python
ALL = "*"  # the attribute of an instance that holds the modules of a class that derives from Sequential


@dataclass(frozen=True)
class Batch:
    """The first axis of a tensor, where it counts the samples of a minibatch.

    `count` is how many there are; `known` says that the file calls the net with so many.
    """

    count: int
    known: bool = False


Dim = int | Batch
Dims = tuple[Dim, ...]


@dataclass(eq=False)
class Variable:
    """A variable of the net to be. `shape` is one sample's; `name` is the program's, `letter` one for want of it."""

    shape: Shape
    letter: str
    name: str | None = None


@dataclass(eq=False)
class Tensor:
    """A tensor of the program: which variable it is now, and the shape that PyTorch gives it.

    `dims` is None while the shape of the input `origin` is not known. In-place operations replace `variable`; `views`
    are other tensors on the same memory. `numbers` are the entries of a tensor that the file writes out.
    """

    variable: Variable
    dims: Dims | None
    origin: str = ""
    views: bool = False
    numbers: Any = None
    whole: bool = False  # class numbers, written without a decimal point

    @property
    def batched(self) -> bool:
        return self.dims is not None and len(self.dims) > 0 and isinstance(self.dims[0], Batch)

    @property
    def sample(self) -> Shape:
        """The shape of one sample, as PyTorch has it."""
        assert self.dims is not None, "asked only of shapes that are known"
        return tuple([d for d in self.dims if isinstance(d, int)])

    @property
    def width(self) -> int | None:
        """How many entries it has, if it is one vector a sample, beside axes of length 1; else None."""
        sample = self.sample
        return sample[-1] if sample and math.prod(sample[:-1]) == 1 else None

    @property
    def is_flat(self) -> bool:
        """Whether it is one vector a sample, and so is its variable in the engine."""
        sample = self.sample
        return bool(sample) and self.variable.shape == sample[-1:] and math.prod(sample[:-1]) == 1

    @property
    def counts(self) -> Shape:
        """PyTorch's shape with the batch as a number."""
        assert self.dims is not None, "asked only of shapes that are known"
        return tuple(d.count if isinstance(d, Batch) else d for d in self.dims)


@dataclass(frozen=True)
class Unknown:
    """What only running the file would tell, and why. It may be passed on, but nothing of the net may depend on it."""

    why: str
    line: int


@dataclass(frozen=True)
class Library:
    """Something imported, by its full name: `torch.nn.Linear`."""

    name: str


@dataclass(eq=False)
class Function:
    """A function of the file. `owner` is the class whose method it is, `this` the object that it is bound to."""

    node: ast.FunctionDef | ast.Lambda
    scope: Any
    owner: Class | None = None
    this: Value = None
    defaults: tuple[list[Value], dict[str, Value]] = field(default_factory=lambda: ([], {}))

    @property
    def name(self) -> str:
        return self.node.name if isinstance(self.node, ast.FunctionDef) else "lambda"


@dataclass(eq=False)
class Class:
    """A class of the file; `base` is another one, or something imported."""

    node: ast.ClassDef
    scope: Any
    base: Class | Library | None
    names: dict[str, Value] = field(default_factory=dict)

    @cached_property
    def spoken_of(self) -> frozenset[str]:
        """The names in its body, and those that it derives from."""
        return frozenset(part.id for part in ast.walk(self.node) if isinstance(part, ast.Name))

    @property
    def ancestry(self) -> list[Class]:
        """The class itself and those of the file that it derives from."""
        chain: list[Class] = [self]
        while isinstance(chain[-1].base, Class):
            chain.append(chain[-1].base)
        return chain

    @cached_property
    def root(self) -> Library | None:
        """What is imported at the end of its ancestry."""
        base = self.ancestry[-1].base
        return base if isinstance(base, Library) else None

    @cached_property
    def is_module(self) -> bool:
        return self.root is not None and self.root.name in ("torch.nn.Module", "torch.nn.Sequential")

    def find(self, name: str, after: Class | None = None) -> tuple[Value, Class] | None:
        """An attribute of the class, and which of its ancestry has it; `after` begins behind that one (`super`)."""
        chain = self.ancestry
        if after is not None:
            chain = chain[chain.index(after) + 1 :] if after in chain else []
        return next(((cls.names[name], cls) for cls in chain if name in cls.names), None)


@dataclass(eq=False)
class Instance:
    """An object of a class of the file. It is `ready` for modules once nn.Module's constructor has run."""

    cls: Class
    line: int
    names: dict[str, Value] = field(default_factory=dict)
    path: str | None = None
    ready: bool = False


@dataclass(eq=False)
class Super:
    """`super()` in a method of `owner`, for `this`."""

    this: Instance
    owner: Class


@dataclass(eq=False)
class Leaf:
    """A module of PyTorch's own. `apply` binds it to a call; `path` is its name in `named_modules`, once known."""

    kind: str
    line: int
    apply: Callable[..., Value]
    features: tuple[int, int, bool] | None = None  # of a Linear: in, out, and whether it has a bias
    path: str | None = None
    calls: int = 0
    reads: set[str] = field(default_factory=set)  # of a Linear: the parameters that something has used


@dataclass(eq=False)
class Container:
    """Sequential, ModuleList or ModuleDict: modules by name."""

    kind: str
    line: int
    items: dict[str, Value] = field(default_factory=dict)
    path: str | None = None


@dataclass(frozen=True, eq=False)
class Parameter:
    """The weight or the bias of a Linear, named in an expression; `turned` is its transpose."""

    owner: Leaf
    local: str
    turned: bool = False

    @property
    def shape(self) -> Shape:
        assert self.owner.features is not None, "only a Linear has parameters"
        inputs, outputs, _ = self.owner.features
        if self.local == "bias":
            return (outputs,)
        return (inputs, outputs) if self.turned else (outputs, inputs)


@dataclass(frozen=True, eq=False)
class Stack:
    """torch.stack of tensors of one shape, to be summed or averaged along its new axis."""

    tensors: tuple[Tensor, ...]
    dim: int


@dataclass(frozen=True, eq=False)
class Method:
    """A method of a value that has no code in the file: a tensor's, a list's, a module's."""

    this: Value
    name: str


@dataclass(frozen=True, eq=False)
class Net:
    """A net that the file makes, in the lenient run: only that it is made, and called, is of interest."""

    made: Any


@dataclass(eq=False)
class Later:
    """What follows from a net's outputs or parameters, by an operation with a short name: `+`, `abs`, `norm`.

    `form` computes it from a machine, `parts` and `keywords`.

    `labels` are the names that the file gives it.
    """

    what: str
    line: int
    form: Callable[..., Value] | None = None
    parts: tuple[Value, ...] = ()
    keywords: dict[str, Value] = field(default_factory=dict)
    labels: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Loss:
    """A cost of PyTorch's: its name in `COSTS`, and its reduction: mean, sum, or batch for a mean over samples."""

    cost: str
    reduction: str
    line: int


def is_vague(value: Value) -> bool:
    """Whether only running the file tells what a value is, or whether it counts as true."""
    if isinstance(value, Library):  # a class or a function counts as true; other things of a library are not known
        return not value.name.startswith(("torch.nn.", "builtins.")) and value.name not in KNOWN_FUNCTIONS
    return isinstance(value, Unknown | Method | Later)


KNOWN_FUNCTIONS = ("torch.relu", "torch.tanh", "torch.sigmoid", "torch.softmax", "torch.log_softmax")
LIBRARY_MODULES = (Leaf, Container)


def is_module(value: Value) -> bool:
    return value.cls.is_module if isinstance(value, Instance) else isinstance(value, LIBRARY_MODULES)
