"""Where a module's NumPy calls are bound to buffers, once; a tape or a plan then runs them as often as it likes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from bptui.engine.buffers import Array, Shape, aligned, flat, new_buffer, new_like

SMALL = 4096  # entries up to which a ufunc's own set-up costs more than its work
MANY = 200  # samples from which on NumPy's loop over short rows costs more than their numbers
TILE = 20  # samples at most that a bias is written out for, before it is added to many
SLOW_WITH_A_SCALAR = (np.maximum, np.minimum, np.fmax, np.fmin)  # a whole array of it takes half the time


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
