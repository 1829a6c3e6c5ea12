"""Landscapes: known hard functions of a point θ in the plane, for watching gradient descent.

Each is a cost without a target. A net that makes its one input 1 into θ has the point as its weights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from bptui.engine.buffers import Array
from bptui.engine.module import Entry, Module, Seen, ShapeError, Show, Spec, bracketed, register
from bptui.engine.site import Site

Point = tuple[float, float]


class Landscape(Module):
    """A scalar function f of θ = (a, b), summed over the batch.

    Shape:
        input (2,), output ().
    """

    inputs = 1
    role = "cost"
    scalar: ClassVar[str]  # f with {a} and {b} for the two entries, and the module's own settings by name
    formula: ClassVar[str]  # the same as NumPy and PyTorch have it; {np} is the one or the other
    partials: ClassVar[tuple[str, str]]  # by a and by b, as NumPy has them
    minima: ClassVar[tuple[Point, ...]] = ()  # where f is least; none if it has no least value
    window: ClassVar[tuple[Point, Point]] = ((-2.0, 2.0), (-2.0, 2.0))  # the stretch of a and of b worth a look

    def specs(self, *inputs: Spec) -> tuple[Spec, ...]:
        (x,) = inputs
        if x.shape != (2,) or not x.batched:
            raise ShapeError(f"got {x}, wants a point [2] for each sample")
        return (Spec((), batched=False),)

    def heights(self, at: Site, a: Array, b: Array, f: Array) -> None:
        """Bind the calls that fill `f` with f(a, b), one height a sample."""
        raise NotImplementedError

    def slopes(self, at: Site, a: Array, b: Array, da: Array, db: Array) -> None:
        """Bind the calls that fill `da` and `db` with f's partial derivatives, from what `heights` left behind."""
        raise NotImplementedError

    def hessian(self) -> Array | None:
        """The second derivatives, (2, 2), of a function that is quadratic; None for all others."""
        return None

    forward_label = "f({x})"
    saves = "{x}"
    forward_story = "{m} gave the height of the landscape at {x}: that is {y}."

    def forward(self, at: Site) -> None:
        f = at.buffer("heights", ())
        self.heights(at, at.x[:, 0], at.x[:, 1], f)
        at.call(np.dot, at.ones, f, out=at.y)

    backward_label = "f′({x})"
    backward_story = "{m} gave back its slope at {x}: that is d{x}, which points straight uphill."

    def backward(self, at: Site) -> None:
        if at.dx is not None:
            self.slopes(at, at.x[:, 0], at.x[:, 1], at.dx[:, 0], at.dx[:, 1])
            at.call(np.multiply, at.dx, at.dy, out=at.dx)

    def torch_text(self, names: Mapping[str, str]) -> str:
        return f"{{a}}, {{b}} = {{x}}.T\n({self.formula}).sum()".format_map(names)

    def numpy_forward_texts(self, names: Mapping[str, str]) -> tuple[str, ...]:
        return "{a}, {b} = {x}.T".format_map(names), f"{{y}} = ({self.formula}).sum()".format_map(names)

    def numpy_backward_texts(self, names: Mapping[str, str]) -> tuple[str, ...]:
        da, db = self.partials
        return (f"{{dx}} = np.stack([{da}, {db}], axis=1) * {{dy}}".format_map(names),)

    def entry(self, seen: Seen, output: int, index: tuple[int, ...], show: Show) -> Entry:
        name = seen.names["y"] if seen.batch == 1 else f"{seen.names['y']} of this sample"
        height = float(heights(self, seen.x[None])[0])
        letters, numbers = (
            self.scalar.format(a=a, b=b, **self.settings())
            for a, b in (("a", "b"), (bracketed(float(value), show) for value in seen.x))
        )
        return Entry(name, f"{name} = {letters}", height, steps=(f"{name} = {numbers} = {show(height)}",))


def heights(landscape: Landscape, points: Array) -> Array:
    """The landscape's heights, (N,), at points (N, 2), by the calls that training runs."""
    specs = landscape.specs(Spec((2,)))
    site = Site("heights", len(points), np.dtype(points.dtype), [points], [np.zeros(specs[0].shape, points.dtype)])
    landscape.forward(site)
    for call in site.calls:
        call.bound()()
    return site.buffer("heights", ())


@register
class Rosenbrock(Landscape):
    """f = (1 − a)² + 100 (b − a²)².

    Source: Rosenbrock, "An automatic method for finding the greatest or least value of a function", 1960.
    """

    kind = "Rosenbrock"
    scalar = "(1 − {a})² + 100·({b} − {a}²)²"
    minima = ((1.0, 1.0),)
    window = ((-2.0, 2.0), (-1.0, 3.0))
    forward_equation = "{y} = (1 − a)² + 100 (b − a²)², {x} = (a, b)"

    def heights(self, at: Site, a: Array, b: Array, f: Array) -> None:
        left, off, square = at.buffer("1 − a", ()), at.buffer("b − a²", ()), at.buffer("square", ())
        at.call(np.subtract, 1.0, a, out=left)
        at.call(np.multiply, a, a, out=off)
        at.call(np.subtract, b, off, out=off)
        at.call(np.multiply, left, left, out=square)
        at.call(np.multiply, off, off, out=f)
        at.call(np.multiply, f, 100.0, out=f)
        at.call(np.add, f, square, out=f)

    backward_equations = ("d{x} = (−2 (1 − a) − 400 a (b − a²), 200 (b − a²))·d{y}",)

    def slopes(self, at: Site, a: Array, b: Array, da: Array, db: Array) -> None:
        at.call(np.multiply, at.buffer("b − a²", ()), 200.0, out=db)
        at.call(np.multiply, a, db, out=da)
        at.call(np.add, da, at.buffer("1 − a", ()), out=da)
        at.call(np.multiply, da, -2.0, out=da)

    formula = "(1 - {a}) ** 2 + 100 * ({b} - {a}**2) ** 2"
    partials = ("-2 * (1 - {a}) - 400 * {a} * ({b} - {a}**2)", "200 * ({b} - {a}**2)")

    about = (
        "Rosenbrock's function is a bent valley with steep walls and a nearly flat floor. Downhill soon leads to the "
        "floor; along it the slope is so small that plain gradient descent crawls to the minimum at (1, 1)."
    )


@register
class Himmelblau(Landscape):
    """f = (a² + b − 11)² + (a + b² − 7)².

    Source: Himmelblau, "Applied nonlinear programming", 1972.
    """

    kind = "Himmelblau"
    scalar = "({a}² + {b} − 11)² + ({a} + {b}² − 7)²"
    minima = (
        (3.0, 2.0),
        (-2.8051180869527448, 3.1313125182505730),
        (-3.7793102533777469, -3.2831859912861694),
        (3.5844283403304917, -1.8481265269644036),
    )
    window = ((-5.0, 5.0), (-5.0, 5.0))
    forward_equation = "{y} = p² + q², p = a² + b − 11, q = a + b² − 7, {x} = (a, b)"

    def heights(self, at: Site, a: Array, b: Array, f: Array) -> None:
        p, q, square = at.buffer("p", ()), at.buffer("q", ()), at.buffer("square", ())
        for bent, straight, far, error in ((a, b, 11.0, p), (b, a, 7.0, q)):
            at.call(np.multiply, bent, bent, out=error)
            at.call(np.add, error, straight, out=error)
            at.call(np.subtract, error, far, out=error)
        at.call(np.multiply, p, p, out=square)
        at.call(np.multiply, q, q, out=f)
        at.call(np.add, f, square, out=f)

    backward_equations = ("d{x} = (4 a p + 2 q, 2 p + 4 b q)·d{y}",)

    def slopes(self, at: Site, a: Array, b: Array, da: Array, db: Array) -> None:
        p, q = at.buffer("p", ()), at.buffer("q", ())
        for entry, own, other, slope in ((a, p, q, da), (b, q, p, db)):
            at.call(np.multiply, entry, own, out=slope)
            at.call(np.multiply, slope, 2.0, out=slope)
            at.call(np.add, slope, other, out=slope)
            at.call(np.multiply, slope, 2.0, out=slope)

    formula = "({a}**2 + {b} - 11) ** 2 + ({a} + {b}**2 - 7) ** 2"
    partials = (
        "4 * {a} * ({a}**2 + {b} - 11) + 2 * ({a} + {b}**2 - 7)",
        "2 * ({a}**2 + {b} - 11) + 4 * {b} * ({a} + {b}**2 - 7)",
    )

    about = (
        "Himmelblau's function has four minima, all equally deep. Which one gradient descent finds is decided by where "
        "it starts, and sometimes by the noise of its steps."
    )


@register
class Beale(Landscape):
    """f = (1.5 − a + ab)² + (2.25 − a + ab²)² + (2.625 − a + ab³)².

    Source: Beale, "On an iterative method for finding a local minimum of a function of more than one variable", 1958.
    """

    kind = "Beale"
    scalar = "(1.5 − {a} + {a}·{b})² + (2.25 − {a} + {a}·{b}²)² + (2.625 − {a} + {a}·{b}³)²"
    minima = ((3.0, 0.5),)
    window = ((-1.0, 4.0), (-1.5, 1.5))
    forward_equation = "{y} = (1.5 − a + ab)² + (2.25 − a + ab²)² + (2.625 − a + ab³)², {x} = (a, b)"

    def heights(self, at: Site, a: Array, b: Array, f: Array) -> None:
        square, power = at.buffer("square", ()), b
        for k, constant in enumerate((1.5, 2.25, 2.625), 1):
            error = at.buffer(f"error {k}", ())
            if k > 1:
                at.call(np.multiply, power, b, out=at.buffer(f"b^{k}", ()))
                power = at.buffer(f"b^{k}", ())
            at.call(np.subtract, power, 1.0, out=error)
            at.call(np.multiply, error, a, out=error)
            at.call(np.add, error, constant, out=error)
            at.call(np.multiply, error, error, out=f if k == 1 else square)
            if k > 1:
                at.call(np.add, f, square, out=f)

    backward_equations = ("d{x} = 2 (e₁ (b − 1) + e₂ (b² − 1) + e₃ (b³ − 1), a (e₁ + 2 e₂ b + 3 e₃ b²))·d{y}",)

    def slopes(self, at: Site, a: Array, b: Array, da: Array, db: Array) -> None:
        first, second, third = (at.buffer(f"error {k}", ()) for k in (1, 2, 3))
        part, square = at.buffer("part", ()), at.buffer("b^2", ())
        at.call(np.subtract, b, 1.0, out=part)
        at.call(np.multiply, part, first, out=da)
        for power, error in ((square, second), (at.buffer("b^3", ()), third)):
            at.call(np.subtract, power, 1.0, out=part)
            at.call(np.multiply, part, error, out=part)
            at.call(np.add, da, part, out=da)
        at.call(np.multiply, da, 2.0, out=da)
        at.call(np.multiply, second, b, out=db)
        at.call(np.multiply, db, 2.0, out=db)
        at.call(np.add, db, first, out=db)
        at.call(np.multiply, third, square, out=part)
        at.call(np.multiply, part, 3.0, out=part)
        at.call(np.add, db, part, out=db)
        at.call(np.multiply, db, a, out=db)
        at.call(np.multiply, db, 2.0, out=db)

    formula = "(1.5 - {a} + {a} * {b}) ** 2 + (2.25 - {a} + {a} * {b}**2) ** 2 + (2.625 - {a} + {a} * {b}**3) ** 2"
    partials = (
        "2 * ((1.5 - {a} + {a} * {b}) * ({b} - 1) + (2.25 - {a} + {a} * {b}**2) * ({b}**2 - 1)"
        " + (2.625 - {a} + {a} * {b}**3) * ({b}**3 - 1))",
        "2 * {a} * ((1.5 - {a} + {a} * {b}) + (2.25 - {a} + {a} * {b}**2) * 2 * {b}"
        " + (2.625 - {a} + {a} * {b}**3) * 3 * {b}**2)",
    )

    about = (
        "Beale's function is nearly flat around its minimum at (3, 0.5) and rises to steep corners far from it. One "
        "learning rate for all of it is either too bold at the corners or too timid on the plain. e₁, e₂ and e₃ are "
        "the three brackets."
    )


@register
@dataclass(frozen=True)
class Valley(Landscape):
    """f = (a² + c b²) / 2: a long valley along a, `steepness` c times as steep across as along."""

    steepness: float = 25.0

    kind = "Valley"
    scalar = "({a}² + {steepness:g}·{b}²) / 2"
    minima = ((0.0, 0.0),)
    window = ((-4.0, 4.0), (-2.0, 2.0))
    forward_equation = "{y} = (a² + c b²) / 2, {x} = (a, b)"

    def heights(self, at: Site, a: Array, b: Array, f: Array) -> None:
        along = at.buffer("along", ())
        at.call(np.multiply, a, a, out=along)
        at.call(np.multiply, b, b, out=f)
        at.call(np.multiply, f, self.steepness, out=f)
        at.call(np.add, f, along, out=f)
        at.call(np.multiply, f, 0.5, out=f)

    backward_equations = ("d{x} = (a, c b)·d{y}",)

    def slopes(self, at: Site, a: Array, b: Array, da: Array, db: Array) -> None:
        at.call(np.positive, a, out=da)
        at.call(np.multiply, b, self.steepness, out=db)

    def hessian(self) -> Array:
        return np.diag([1.0, self.steepness])

    formula = "({a}**2 + {steepness} * {b}**2) / 2"
    partials = ("{a}", "{steepness} * {b}")

    about = (
        "A long valley: c times as steep across as along. The steepest direction points at the wall, not at the "
        "minimum, so gradient descent bounces from side to side while it creeps along. A learning rate above 2/c "
        "makes the bounces grow."
    )


@register
class Saddle(Landscape):
    """f = (a² − b²) / 2. It has no least value: along b it falls for ever."""

    kind = "Saddle"
    scalar = "({a}² − {b}²) / 2"
    forward_equation = "{y} = (a² − b²) / 2, {x} = (a, b)"

    def heights(self, at: Site, a: Array, b: Array, f: Array) -> None:
        down = at.buffer("down", ())
        at.call(np.multiply, b, b, out=down)
        at.call(np.multiply, a, a, out=f)
        at.call(np.subtract, f, down, out=f)
        at.call(np.multiply, f, 0.5, out=f)

    backward_equations = ("d{x} = (a, −b)·d{y}",)

    def slopes(self, at: Site, a: Array, b: Array, da: Array, db: Array) -> None:
        at.call(np.positive, a, out=da)
        at.call(np.negative, b, out=db)

    def hessian(self) -> Array:
        return np.diag([1.0, -1.0])

    formula = "({a}**2 - {b}**2) / 2"
    partials = ("{a}", "-{b}")

    about = (
        "A saddle rises along a and falls along b. At (0, 0) the slope is 0, and yet it is no minimum: from a start "
        "with b = 0 gradient descent stops there, and from one close to it, it lingers before it finds the way down."
    )


@register
class Staircase(Landscape):
    """f = ⌊|a|⌋ + ⌊|b|⌋. The derivative is 0 almost everywhere; on the edges, where there is none, 0 is taken."""

    kind = "Staircase"
    scalar = "floor(|{a}|) + floor(|{b}|)"
    minima = ((0.0, 0.0),)
    window = ((-4.0, 4.0), (-4.0, 4.0))
    forward_equation = "{y} = floor(|a|) + floor(|b|), {x} = (a, b)"
    forward_story = "{m} gave the height of the stair that {x} stands on: that is {y}."

    def heights(self, at: Site, a: Array, b: Array, f: Array) -> None:
        other = at.buffer("other", ())
        for entry, height in ((a, f), (b, other)):
            at.call(np.absolute, entry, out=height)
            at.call(np.floor, height, out=height)
        at.call(np.add, f, other, out=f)

    backward_equations = ("d{x} = 0",)
    backward_label = "0"
    backward_story = "{m} gave back 0: a stair is level, so its slope does not tell where down is."

    def slopes(self, at: Site, a: Array, b: Array, da: Array, db: Array) -> None:
        for slope in (da, db):
            at.call(np.positive, 0.0, out=slope)

    formula = "{np}.floor(abs({a})) + {np}.floor(abs({b}))"
    partials = ("0 * {a}", "0 * {b}")

    about = (
        "A staircase goes down to its middle, but each stair is level: its derivative is 0 almost everywhere, and "
        "gradient descent does not move at all. What is no use here is the gradient, not the function: trying a few "
        "places, or learning a smooth stand-in, still finds the way."
    )

    def switch(self, inputs: Sequence[Array]) -> Array:
        distance = np.abs(inputs[0])
        stair = np.floor(distance)
        sides: Array = np.where((stair == distance) & (stair > 0), 0.0, 1.0 - 2.0 * (stair % 2.0))
        return sides

    def convention(self) -> str:
        return "On the edge of a stair there is no derivative; we take 0, which it is on either side."


LANDSCAPES: dict[str, Landscape] = {
    landscape.kind.lower(): landscape
    for landscape in (Rosenbrock(), Himmelblau(), Beale(), Valley(), Saddle(), Staircase())
}
