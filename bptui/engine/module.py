"""What a module is: a pair of adjacent methods, forward and backward, and the words that show them.

A module never computes when its methods are called. It *binds* NumPy calls to buffers (a `Site`), once; a tape or
a plan then runs those calls as often as it likes. That is how stepping and training share one definition, and why
their numbers are equal with `==`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from ctypes import addressof, c_char
from dataclasses import dataclass, fields
from functools import partial
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Shape = tuple[int, ...]


CACHE_LINE = 64  # bytes
SMALL = 4096  # entries up to which a ufunc's own set-up costs more than its work
MANY = 200  # samples from which on NumPy's loop over short rows costs more than their numbers
TILE = 20  # samples at most that a bias is written out for, before it is added to many
SLOW_WITH_A_SCALAR = (np.maximum, np.minimum, np.fmax, np.fmin)  # a whole array of it takes half the time


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


class Call(NamedTuple):
    """One NumPy call on fixed buffers: a ufunc on arrays and floats, `np.dot`, or a function that takes `out` last.

    `out` is the buffer it fills; all else is read.
    """

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    out: Array
    keywords: Mapping[str, Any]

    def bound(self) -> partial[Any]:
        """The call as a function without arguments, in the form that costs NumPy least.

        `out` goes by position where NumPy allows it, and a dot product is the array's own method. The arguments of a
        ufunc are turned so that the last axis is the one next to each other in memory, and brought to the shape of
        `out` or to a scalar where that is the same: then NumPy need not set up its broadcasting.
        """
        function, arguments, out, keywords = self
        if function is np.dot:
            return partial(arguments[0].dot, *arguments[1:], out)
        if function is spread:
            return partial(out.__setitem__, ..., *arguments)
        if not isinstance(function, np.ufunc):
            return partial(function, *arguments, out)
        turned = not out.flags.c_contiguous and out.T.flags.c_contiguous
        if turned:
            out = out.T
        # in place means the very same object: NumPy then need not look for an overlap
        fitting = [out if a is self.out else self._fitting(a, turned) for a in arguments]
        if keywords:
            keywords = {k: self._fitting(v, turned) for k, v in keywords.items()}
        if function in (np.maximum, np.minimum):  # to these NumPy wants `out` by name
            return partial(function, *fitting, out=out, **keywords)
        return partial(function, *fitting, out, **keywords)

    def _fitting(self, argument: Any, turned: bool) -> Any:
        """An argument of a ufunc as it best meets `out` (or its transpose); broadcasting gives the same."""
        if isinstance(argument, float):
            floats = [a.dtype for a in (*self.arguments, self.out) if isinstance(a, np.ndarray) and a.dtype.kind == "f"]
            if self.function not in SLOW_WITH_A_SCALAR:
                return np.array(argument, floats[0])
            number, argument = argument, new_like(self.out, floats[0])
            argument.fill(number)
        if argument.size == 1:
            return argument.reshape(()) if argument.ndim else argument
        if (missing := self.out.ndim - argument.ndim) > 0:
            argument = argument.reshape((1,) * missing + argument.shape)
        return argument.T if turned else argument


def spread(values: Array, out: Array) -> None:
    """Fill `out` with values of a smaller shape, broadcast."""
    out[...] = values


class Site:
    """The place where one module's calls are bound: its buffers in one program, and the calls made so far.

    Buffers of batched variables have a leading batch axis. `x`, `y`, `dx`, `dy` name the first input, the first
    output and their gradients. A gradient that nobody wants is None.
    """

    def __init__(
        self,
        name: str,
        batch: int,
        dtype: np.dtype[Any],
        inputs: Sequence[Array],
        outputs: Sequence[Array],
        *,
        parameters: Mapping[str, Array] | None = None,
        training: bool = True,
        seed: int = 0,
        features_first: bool = False,
    ) -> None:
        self.name, self.batch, self.dtype, self.training, self.seed = name, batch, dtype, training, seed
        self.inputs, self.outputs, self.parameters = tuple(inputs), tuple(outputs), dict(parameters or {})
        self.grad_inputs: tuple[Array | None, ...] = (None,) * len(self.inputs)
        self.grad_outputs: tuple[Array, ...] = ()
        self.grad_parameters: dict[str, Array] = {}
        self.calls: list[Call] = []
        self.draws: list[tuple[Callable[[int], None], Array]] = []
        self._features_first = features_first
        self._buffers: dict[str, Array] = {}

    # -- buffers

    @property
    def x(self) -> Array:
        return self.inputs[0]

    @property
    def y(self) -> Array:
        return self.outputs[0]

    @property
    def dx(self) -> Array | None:
        return self.grad_inputs[0]

    @property
    def dy(self) -> Array:
        return self.grad_outputs[0]

    @property
    def ones(self) -> Array:
        """A vector of ones, one per sample: a sum over the batch is a dot product with it."""
        if "ones" not in self._buffers:
            self._buffers["ones"] = np.ones(self.batch, self.dtype)
        return self._buffers["ones"]

    def buffer(self, key: str, shape: Shape, *, batched: bool = True, dtype: Any = None) -> Array:
        """A named buffer of this module's own, the same at each call: what forward saves, backward finds."""
        if key not in self._buffers:
            self._buffers[key] = new_buffer(
                shape, self.batch if batched else None, dtype or self.dtype, self._features_first
            )
        return self._buffers[key]

    def like(self, key: str, array: Array, *, dtype: Any = None) -> Array:
        """A named buffer with the shape and memory layout of `array`."""
        if key not in self._buffers:
            self._buffers[key] = new_like(array, dtype or array.dtype)
        return self._buffers[key]

    # -- calls

    def call(self, function: Callable[..., Any], *arguments: Any, out: Array, **keywords: Any) -> None:
        """Bind `function(*arguments, out=out, **keywords)`."""
        if isinstance(function, np.ufunc) and out.size <= SMALL:
            arguments = tuple([self._spread(a, out) for a in arguments])
        self.calls.append(Call(function, arguments, out, keywords))

    def _spread(self, argument: Any, out: Array) -> Any:
        """An argument as it is, or where it needs broadcasting, broadcast into a buffer first.

        A ufunc takes 0.5 µs to set up its own broadcasting, which dominates for small arrays.
        """
        if not isinstance(argument, np.ndarray) or argument.size in (1, out.size):
            return argument
        wide = new_like(out, argument.dtype)
        self.calls.append(Call(spread, (argument,), wide, {}))
        return wide

    def dot(self, a: Array, b: Array, out: Array) -> None:
        """Bind the matrix product a·b; where `out` is laid out features-first, its transpose is formed instead."""
        if out.flags.c_contiguous:
            self.call(np.dot, a, b, out=out)
        else:
            self.call(np.dot, b.T, a.T, out=out.T)

    def add_to_each_sample(self, values: Array, out: Array) -> None:
        """Bind out += values, (n,), for each sample, (B, n).

        Of many samples, some are taken together as one long row, to which as many copies of the values are added.
        """
        if self.batch < MANY or not out.flags.c_contiguous:
            self.call(np.add, out, values, out=out)
            return
        together = max(k for k in range(1, TILE + 1) if self.batch % k == 0)
        tile, rows = aligned((together, *values.shape), out.dtype), out.reshape(self.batch // together, -1)
        self.call(spread, values, out=tile)
        self.call(np.add, rows, tile.reshape(-1), out=rows)

    def sum_over_batch(self, a: Array, out: Array) -> None:
        """Bind the sum of `a` over the samples, as a dot product with ones; with one sample there is none to make."""
        if self.batch == 1:
            self.call(np.positive, a[0], out=out)
        else:
            self.call(np.dot, self.ones, a, out=out)

    def sum_of_products(self, a: Array, b: Array, out: Array) -> None:
        """Bind Σ a·b over all entries, one dot product over memory."""
        self.call(np.dot, flat(a), flat(b), out=out)

    def before_each_step(self, draw: Callable[[int], None], fills: Array) -> None:
        """Have `draw(step)` fill a buffer before the forward pass of each training step (dropout's mask)."""
        self.draws.append((draw, fills))


def new_buffer(shape: Shape, batch: int | None, dtype: Any, features_first: bool = False) -> Array:
    """An empty buffer with a leading batch axis (none if `batch` is None); features-first puts it last in memory."""
    if batch is None:
        return aligned(shape, dtype)
    if features_first:
        return np.moveaxis(aligned((*shape, batch), dtype), -1, 0)
    return aligned((batch, *shape), dtype)


def new_like(array: Array, dtype: Any) -> Array:
    """An empty buffer with the shape and memory layout of `array`."""
    if array.flags.c_contiguous:
        return aligned(array.shape, dtype)
    return np.moveaxis(aligned((*array.shape[1:], array.shape[0]), dtype), -1, 0)


def aligned(shape: Shape, dtype: Any) -> Array:
    """Zeros that begin at a cache line: wide vector instructions then run up to a third faster.

    What is shorter than one begins anywhere.
    """
    size = math.prod(shape) * np.dtype(dtype).itemsize
    if size < CACHE_LINE:
        return np.zeros(shape, dtype)
    memory = np.zeros(size + CACHE_LINE, np.uint8)
    start = -addressof(c_char.from_buffer(memory.data)) % CACHE_LINE  # in half the time of NumPy's own `ctypes.data`
    return np.ndarray(shape, dtype, memory, start)


def bits(array: Array) -> Array:
    """The same memory as whole numbers: their products with 1 and 0 keep and clear an entry, be it infinite or NaN."""
    return array.view(f"i{array.itemsize}")


def flat(array: Array) -> Array:
    """All entries as one vector in memory order, without a copy."""
    return array.ravel(order="K")


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
    frozen dataclass too. In texts, `{x}` (`{x1}`, `{x2}`, …)
    stands for inputs, `{y}` (`{y1}`, …) for outputs, `{W}` and `{b}` for parameters, `{m}` for the module's name;
    `d{x}` is a gradient.

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
