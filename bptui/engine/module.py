"""What a module is: a pair of adjacent methods, forward and backward, and the words that show them.

A module never computes when its methods are called. It *binds* NumPy calls to buffers (a `Site`), once; a tape or
a plan then runs those calls as often as it likes. That is how stepping and training share one definition, and why
their numbers are equal with `==`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar, NamedTuple

from bptui.engine.buffers import Array, Shape
from bptui.engine.site import Site


class ShapeError(ValueError):
    """A module got a shape that it cannot take. The message says what came and what is wanted."""


class Spec(NamedTuple):
    """The shape of a variable for one sample, and whether there is one per sample of the batch.

    Costs, penalties and parameters are not batched: there is one for the whole batch.
    """

    shape: Shape
    batched: bool = True

    def __str__(self) -> str:
        return "[" + "×".join(map(str, self.shape)) + "]"


@dataclass(frozen=True)
class Term:
    """One addend of a scalar equation: left·right = product, each factor with its name."""

    left: str
    left_value: float
    right: str
    right_value: float

    @property
    def product(self) -> float:
        return self.left_value * self.right_value


@dataclass(frozen=True)
class Entry:
    """How one entry of an output came about: a formula, its addends (if it is a sum), and the result.

    `steps` holds lines of the formula with numbers put in, for entries that are no sum of products. `bias` is the
    addend without a partner, with its name.
    """

    name: str
    formula: str
    result: float
    terms: tuple[Term, ...] = ()
    bias: tuple[str, float] | None = None
    steps: tuple[str, ...] = ()


@dataclass(frozen=True)
class Seen:
    """What one module saw for one sample: its values, and the names they go by at this place of the graph.

    `batch` is how many samples there are; `drawn` holds what the module drew by chance (dropout's mask).
    """

    names: Mapping[str, str]
    inputs: tuple[Array, ...]
    outputs: tuple[Array, ...]
    parameters: Mapping[str, Array]
    batch: int = 1
    drawn: tuple[Array, ...] = ()

    @property
    def x(self) -> Array:
        return self.inputs[0]

    @property
    def y(self) -> Array:
        return self.outputs[0]


Show = Callable[[float], str]  # a number as text, as precisely as the view has room for


def bracketed(value: float, show: Show) -> str:
    """A number as it stands behind a sign: in brackets if it has a sign of its own."""
    return f"({show(value)})" if value < 0 else show(value)


def copied(name: str, source: str, value: float) -> Entry:
    """The entry of a module that only passes a number on."""
    return Entry(name, f"{name} = {source}", value, (Term("1", 1.0, source, value),))


@dataclass(frozen=True)
class Module:
    """A differentiable function with any number of inputs, outputs and parameters.

    Subclasses give `specs`, `forward` and `backward`, and the texts beside them; one with settings of its own is a
    frozen dataclass too. In texts, `{x}` (`{x1}`, `{x2}`, …) stands for inputs, `{y}` (`{y1}`, …) for outputs, `{W}`
    and `{b}` for parameters, `{m}` for the module's name; `d{x}` is a gradient.

    In the texts for programs (`torch`, `numpy_forward`, `numpy_backward`) these stand for what the program calls them,
    a gradient is `{dx}` (`{dx1}`, …, `{dy}`, `{dW}`), and a setting goes by its own name. `{n}` (`{n1}`, …) is the
    first extent of an input, `{rank}` how many it has, `{B}` the number of samples, `{xs}` all inputs, `{reduction}` a
    cost's. Any other name in braces is one for the lines' own use.
    """

    kind: ClassVar[str]
    title: ClassVar[str] = ""  # the kind as one writes it above a box; the kind itself if empty
    short: ClassVar[str] = ""  # the kind in a few letters, for a timeline; the kind itself if empty
    inputs: ClassVar[int | None] = 1  # None: any number
    sign: ClassVar[str] = ""  # what stands between its inputs where they are drawn entry by entry: +, ⊙, max
    role: ClassVar[str] = "function"  # function, cost, or penalty
    dead: ClassVar[int | None] = None  # the side of its kink, by `switch`, up to which a unit lets no gradient through
    limits: ClassVar[tuple[float, float] | None] = None  # what its units saturate at, as a sigmoid at 0 and 1

    forward_equation: ClassVar[str]
    backward_equations: ClassVar[tuple[str, ...]]
    forward_label: ClassVar[str]
    backward_label: ClassVar[str]
    saves: ClassVar[str] = ""
    forward_story: ClassVar[str]
    backward_story: ClassVar[str]
    about: ClassVar[str]

    torch: ClassVar[str] = ""  # a module to construct, "nn.ReLU()", or an expression of the inputs, "{x1} * {x2}"
    numpy_forward: ClassVar[tuple[str, ...]] = ()  # lines that make the outputs
    numpy_backward: ClassVar[tuple[str, ...]] = ()  # lines that make the gradients of inputs and parameters

    def specs(self, *inputs: Spec) -> tuple[Spec, ...]:
        """The shapes of the outputs. Raises ShapeError if the inputs do not fit."""
        raise NotImplementedError

    def parameters(self, *inputs: Spec) -> dict[str, Shape]:
        """The parameters' shapes by PyTorch's local names, in PyTorch's order."""
        return {}

    def forward(self, at: Site) -> None:
        """Bind the calls that fill `at.outputs`."""
        raise NotImplementedError

    def backward(self, at: Site) -> None:
        """Bind the calls that fill the wanted ones of `at.grad_inputs`, and all of `at.grad_parameters`."""
        raise NotImplementedError

    def alias(self, x: Array) -> Array | None:
        """The output as a view of the input, for a module that only renames entries; None for all others."""
        return None

    def switch(self, inputs: Sequence[Array]) -> Array | None:
        """Which side of its kink each entry is on (−1, 0 on it, 1); None for a module without kinks."""
        return None

    def convention(self) -> str:
        """What is done exactly at a kink, as a sentence; empty for a module without one."""
        return ""

    def otherwise(self) -> Module:
        """The same function with the other choice made exactly at its kink; itself where there is none to show."""
        return self

    def entry(self, seen: Seen, output: int, index: tuple[int, ...], show: Show) -> Entry:
        """The scalar equation of entry `index` of output number `output`, with its numbers."""
        name = seen.names["y"] if len(seen.outputs) == 1 else seen.names[f"y{output + 1}"]
        equation = self.forward_texts(seen.names)
        return Entry(name + subscript(index), equation, float(seen.outputs[output][index]))

    def partial_name(self, names: Mapping[str, str], input: int, i: tuple[int, ...], j: tuple[int, ...]) -> str:
        """What ∂(output entry i)/∂(entry j of that input) is called in this module's own letters."""
        y, x = names["y"], names[f"x{input + 1}"]
        return f"∂{y}{subscript(i)}/∂{x}{subscript(j)}"

    def settings(self) -> dict[str, Any]:
        """The module's own numbers, as in its constructor, for files."""
        return {f.name: getattr(self, f.name) for f in fields(self)}

    def forward_texts(self, names: Mapping[str, str]) -> str:
        """The forward equation with the names of this place put in."""
        return self.forward_equation.format_map(names)

    def backward_texts(self, names: Mapping[str, str]) -> tuple[str, ...]:
        """The backward equations with the names of this place put in."""
        return tuple(text.format_map(names) for text in self.backward_equations)

    # -- in programs

    def own_names(self, names: Mapping[str, str]) -> dict[str, str]:
        """What the module itself puts into its texts for programs: its settings."""
        return {name: repr(value) for name, value in self.settings().items()}

    def torch_text(self, names: Mapping[str, str]) -> str:
        """The module in PyTorch; where that takes several lines, the last one is the expression."""
        return self.torch.format_map(names)

    def numpy_forward_texts(self, names: Mapping[str, str]) -> tuple[str, ...]:
        """The lines of NumPy that make the outputs."""
        return tuple(text.format_map(names) for text in self.numpy_forward)

    def numpy_backward_texts(self, names: Mapping[str, str]) -> tuple[str, ...]:
        """The lines of NumPy that make the gradients of inputs and parameters."""
        return tuple(text.format_map(names) for text in self.numpy_backward)


def subscript(index: tuple[int, ...]) -> str:
    """An entry's index in brackets, counted from 0; nothing for a scalar."""
    return "[" + ",".join(map(str, index)) + "]" if index else ""


REGISTRY: dict[str, type[Module]] = {}


def register(cls: type[Module]) -> type[Module]:
    """Make a module known by its `kind`, so that files can name it."""
    REGISTRY[cls.kind] = cls
    return cls
