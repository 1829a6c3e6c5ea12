"""Costs: scalar-valued functions C(ȳ, y), summed over the batch. An Average after them makes the mean."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bptui.engine.buffers import Array, flat
from bptui.engine.module import Entry, Module, Seen, ShapeError, Show, Spec, Term, bracketed, register, subscript
from bptui.engine.modules.softmax import shifted_exponentials, vector_spec, with_each_samples
from bptui.engine.site import Site


class Cost(Module):
    """A cost of a prediction (first input) and a target (second); no gradient goes to the target.

    Shape:
        prediction (*), target (*), output (): one number for the batch.
    """

    inputs = 2
    role = "cost"
    classes = False  # whether the target is one class of several

    def specs(self, *inputs: Spec) -> tuple[Spec, ...]:
        prediction, target = inputs
        if prediction != target:
            raise ShapeError(f"got {prediction} for the prediction, wants the target's shape {target}")
        return (Spec((), batched=False),)

    forward_label = "C({t}, {x})"
    saves = "{x}, {t}"

    def probabilities(self, x: Array) -> Array | None:
        """What predictions (…, K) give each class, same shape; None for a cost that knows no classes."""
        return None

    def addends(self, seen: Seen, formula: str, terms: Sequence[Term]) -> Entry:
        """The entry of a cost that is a sum over the entries of the sample in view.

        A cost is summed over the batch as well; the name says that this is one sample's share.
        """
        name = of_sample(seen)
        return Entry(name, f"{name} = {formula}", sum(term.product for term in terms), tuple(terms))


def of_sample(seen: Seen) -> str:
    """What the cost of the sample in view is called; with more samples it is not the whole."""
    return seen.names["y"] if seen.batch == 1 else f"{seen.names['y']} of this sample"


def each(x: Array) -> list[tuple[int, ...]]:
    """The indices of all entries, in order."""
    return [tuple(map(int, index)) for index in np.ndindex(x.shape)]


@register
class SquaredError(Cost):
    """C = Σ (ȳ − y)²; PyTorch's `MSELoss(reduction="sum")`."""

    kind = "SquaredError"
    title = "squared error"
    short = "SE"
    forward_equation = "{y} = ‖{x} − {t}‖²"
    forward_story = "The squared error compared {x} with {t}: the cost is the squared distance between them."

    def forward(self, at: Site) -> None:
        difference = at.like("difference", at.x)
        at.call(np.subtract, at.inputs[0], at.inputs[1], out=difference)
        at.sum_of_products(difference, difference, out=at.y)

    backward_equations = ("d{x} = 2·({x} − {t})·d{y}",)
    backward_label = "2({x}−{t})"
    backward_story = "The squared error sent back twice the difference {x} − {t}: the farther off, the stronger."

    def backward(self, at: Site) -> None:
        if at.dx is not None:
            at.call(np.multiply, at.like("difference", at.x), 2.0, out=at.dx)
            at.call(np.multiply, at.dx, at.dy, out=at.dx)

    torch = "nn.MSELoss({reduction})"
    numpy_forward = ("{y} = (({x} - {t}) ** 2).sum()",)
    numpy_backward = ("{dx} = 2 * ({x} - {t}) * {dy}",)

    about = (
        "The squared error is the squared distance between prediction and target. Its gradient is twice the "
        "difference: it pulls in proportion to how far off the prediction is."
    )

    def entry(self, seen: Seen, output: int, index: tuple[int, ...], show: Show) -> Entry:
        x, t, difference = seen.names["x"], seen.names["t"], seen.inputs[0] - seen.inputs[1]
        factors = [(f"({x} − {t}){subscript(i)}", float(difference[i])) for i in each(difference)]
        terms = [Term(label, value, label, value) for label, value in factors]
        return self.addends(seen, f"Σ ({x}[i] − {t}[i])²", terms)


@register
class AbsoluteError(Cost):
    """C = Σ |ȳ − y|; PyTorch's `L1Loss(reduction="sum")`. At a difference of exactly 0 the derivative is 0."""

    kind = "AbsoluteError"
    title = "absolute error"
    short = "AE"
    forward_equation = "{y} = Σ |{x} − {t}|"
    forward_story = "The absolute error summed how far each entry of {x} is from {t}."

    def forward(self, at: Site) -> None:
        difference, size = at.like("difference", at.x), at.like("size", at.x)
        at.call(np.subtract, at.inputs[0], at.inputs[1], out=difference)
        at.call(np.absolute, difference, out=size)
        ones = at.like("all ones", at.x)
        ones.fill(1.0)
        at.sum_of_products(size, ones, out=at.y)

    backward_equations = ("d{x} = sign({x} − {t})·d{y}",)
    backward_label = "sign({x}−{t})"
    backward_story = "The absolute error sent back only the sign of {x} − {t}: near or far, it pulls alike."

    def backward(self, at: Site) -> None:
        if at.dx is not None:
            at.call(np.sign, at.like("difference", at.x), out=at.dx)
            at.call(np.multiply, at.dx, at.dy, out=at.dx)

    torch = "nn.L1Loss({reduction})"
    numpy_forward = ("{y} = np.abs({x} - {t}).sum()",)
    numpy_backward = ("{dx} = np.sign({x} - {t}) * {dy}",)

    about = (
        "The absolute error sums how far each entry is from its target. Its gradient is only a sign: it pulls "
        "equally hard near and far, so a far outlier does not take over."
    )

    def entry(self, seen: Seen, output: int, index: tuple[int, ...], show: Show) -> Entry:
        x, t, sizes = seen.names["x"], seen.names["t"], np.abs(seen.inputs[0] - seen.inputs[1])
        terms = [Term("1", 1.0, f"|{x} − {t}|{subscript(i)}", float(sizes[i])) for i in each(sizes)]
        return self.addends(seen, f"Σ |{x}[i] − {t}[i]|", terms)

    def switch(self, inputs: Sequence[Array]) -> Array:
        side: Array = np.sign(inputs[0] - inputs[1])
        return side

    def convention(self) -> str:
        return "|x| has no slope at exactly 0; like PyTorch, we take sign(0) = 0."


@register
class NegativeLogLikelihood(Cost):
    """C = −Σ y · log p, with log-probabilities as prediction and one-hot y; PyTorch's `NLLLoss(reduction="sum")`."""

    kind = "NegativeLogLikelihood"
    title = "neg. log-likelihood"
    short = "NLL"
    classes = True
    forward_equation = "{y} = −{x}[class]"
    forward_story = "The negative log-likelihood of {x} was taken: how improbable it makes the right class."

    def forward(self, at: Site) -> None:
        negative = at.like("negative", at.x)
        at.call(np.negative, at.inputs[1], out=negative)
        at.sum_of_products(at.inputs[0], negative, out=at.y)

    backward_equations = ("d{x} = −onehot({t})·d{y}",)
    backward_label = "−onehot"
    backward_story = "The negative log-likelihood sent −1 back to the right class, and 0 to all others."

    def backward(self, at: Site) -> None:
        if at.dx is not None:
            at.call(np.multiply, at.like("negative", at.x), at.dy, out=at.dx)

    torch = "nn.NLLLoss({reduction})"
    numpy_forward = ("{y} = -({x} * {t}).sum()",)
    numpy_backward = ("{dx} = -{t} * {dy}",)

    about = (
        "The negative log-likelihood takes log-probabilities and reads off the one of the right class. Its gradient "
        "is −1 there and 0 elsewhere; LogSoftMax before it spreads that over all classes."
    )

    def entry(self, seen: Seen, output: int, index: tuple[int, ...], show: Show) -> Entry:
        right = int(np.argmax(seen.inputs[1]))
        name, value = f"{seen.names['x']}[{right}]", float(seen.x[right])
        return self.addends(seen, f"−{name}", [Term("−1", -1.0, name, value)])

    def probabilities(self, x: Array) -> Array:
        return np.asarray(np.exp(x))


@register
class CrossEntropy(Cost):
    """C = log Σⱼ e^sⱼ − s[class]: LogSoftMax and negative log-likelihood fused; PyTorch's `CrossEntropyLoss`.

    Fused, the gradient is softmax(s) − onehot(y), and nothing overflows.

    Shape:
        logits (n,), one-hot target (n,), output ().
    """

    kind = "CrossEntropy"
    title = "cross-entropy"
    short = "CE"
    classes = True

    def specs(self, *inputs: Spec) -> tuple[Spec, ...]:
        vector_spec(inputs[0])
        return super().specs(*inputs)

    forward_equation = "{y} = log Σⱼ e^{x}[j] − {x}[class]"
    forward_story = "Cross-entropy compared {x} with the target {t} and gave one number, the cost."
    saves = "{x}, {t}"

    def forward(self, at: Site) -> None:
        logits, target = at.inputs
        shifted, exponentials = at.like("shifted", logits), at.like("exponentials", logits)
        total, logarithm, right = shifted_exponentials(at, logits, shifted, exponentials), *_scalars(at)
        at.call(np.log, total, out=at.buffer("log of total", (1,)))
        at.call(np.dot, at.ones, flat(at.buffer("log of total", (1,))), out=logarithm)
        at.sum_of_products(shifted, target, out=right)
        at.call(np.subtract, logarithm, right, out=at.y)

    backward_equations = ("d{x} = (softmax {x} − onehot({t}))·d{y}",)
    backward_label = "ȳ − {t}"
    backward_story = "Cross-entropy sent back softmax({x}) minus the target: what was guessed minus what was right."

    def backward(self, at: Site) -> None:
        if at.dx is not None:
            with_each_samples(at, np.divide, at.like("exponentials", at.x), at.buffer("total", (1,)), out=at.dx)
            at.call(np.subtract, at.dx, at.inputs[1], out=at.dx)
            at.call(np.multiply, at.dx, at.dy, out=at.dx)

    torch = "nn.CrossEntropyLoss({reduction})"
    numpy_forward = (
        "{shifted} = {x} - {x}.max(axis=1, keepdims=True)",
        "{total} = np.exp({shifted}).sum(axis=1, keepdims=True)",
        "{y} = np.log({total}).sum() - ({shifted} * {t}).sum()",
    )
    numpy_backward = ("{dx} = (np.exp({shifted}) / {total} - {t}) * {dy}",)

    about = (
        "Cross-entropy is LogSoftMax and negative log-likelihood in one. Its gradient is the guessed probabilities "
        "minus the right ones: a confidently wrong answer is corrected at full strength, a right one hardly at all."
    )

    def entry(self, seen: Seen, output: int, index: tuple[int, ...], show: Show) -> Entry:
        name, x, right = of_sample(seen), seen.names["x"], int(np.argmax(seen.inputs[1]))
        top, logit = float(seen.x.max()), float(seen.x[right])
        logarithm = top + float(np.log(np.exp(seen.x - top).sum()))
        result = logarithm - logit
        step = f"{name} = {show(logarithm)} − {bracketed(logit, show)} = {show(result)}"
        return Entry(name, f"{name} = log Σⱼ e^{x}[j] − {x}[{right}]", result, steps=(step,))

    def probabilities(self, x: Array) -> Array:
        exponentials = np.exp(x - x.max(axis=-1, keepdims=True))
        return np.asarray(exponentials / exponentials.sum(axis=-1, keepdims=True))


@register
class BinaryCrossEntropy(Cost):
    """C = Σ log(1 + e^s) − y·s with logits s; PyTorch's `BCEWithLogitsLoss(reduction="sum")`.

    Shape:
        logits (*), target (*) of numbers between 0 and 1, output ().
    """

    kind = "BinaryCrossEntropy"
    title = "binary cross-entropy"
    short = "BCE"
    forward_equation = "{y} = Σ log(1 + e^{x}) − {t}·{x}"
    forward_story = "Binary cross-entropy compared the logits {x} with the yes-or-no target {t}."

    def forward(self, at: Site) -> None:
        # log(1 + e^s) = max(s, 0) + log(1 + e^−|s|), which never overflows
        logits, target = at.inputs
        small, softplus, (soft, linear) = at.like("small", logits), at.like("softplus", logits), _scalars(at)
        ones = at.like("all ones", logits)
        ones.fill(1.0)
        at.call(np.absolute, logits, out=small)
        at.call(np.negative, small, out=small)
        at.call(np.exp, small, out=small)
        at.call(np.log1p, small, out=softplus)
        at.sum_of_products(softplus, ones, out=soft)
        at.call(np.maximum, logits, 0.0, out=softplus)
        at.sum_of_products(softplus, ones, out=linear)
        at.call(np.add, soft, linear, out=soft)
        at.sum_of_products(logits, target, out=linear)
        at.call(np.subtract, soft, linear, out=at.y)

    backward_equations = ("d{x} = (σ({x}) − {t})·d{y}",)
    backward_label = "σ({x})−{t}"
    backward_story = "Binary cross-entropy sent back σ({x}) − {t}: what was guessed minus what was right."

    def backward(self, at: Site) -> None:
        if at.dx is None:
            return
        small = at.like("small", at.x)  # e^−|s|, saved by forward; σ(s) = e^min(s,0) / (1 + e^−|s|)
        below = at.like("below", at.x)
        at.call(np.minimum, at.x, 0.0, out=below)
        at.call(np.exp, below, out=below)
        at.call(np.add, small, 1.0, out=at.dx)
        at.call(np.divide, below, at.dx, out=at.dx)
        at.call(np.subtract, at.dx, at.inputs[1], out=at.dx)
        at.call(np.multiply, at.dx, at.dy, out=at.dx)

    torch = "nn.BCEWithLogitsLoss({reduction})"
    numpy_forward = (
        "{small} = np.exp(-np.abs({x}))",
        "{y} = (np.log1p({small}) + np.maximum({x}, 0) - {x} * {t}).sum()",
    )
    numpy_backward = ("{dx} = (np.exp(np.minimum({x}, 0)) / (1 + {small}) - {t}) * {dy}",)

    about = (
        "Binary cross-entropy asks a yes-or-no question of each logit. Fused with the sigmoid, its gradient is the "
        "guessed probability minus the right one, and it does not vanish where the sigmoid is flat."
    )

    def entry(self, seen: Seen, output: int, index: tuple[int, ...], show: Show) -> Entry:
        x, t, logits, target = seen.names["x"], seen.names["t"], *seen.inputs
        shares = np.logaddexp(0.0, logits) - target * logits
        terms = [Term("1", 1.0, f"ℓ{subscript(i)}", float(shares[i])) for i in each(shares)]
        return self.addends(seen, f"Σ ℓ[i], ℓ = log(1 + e^{x}) − {t}·{x}", terms)


def _scalars(at: Site) -> tuple[Array, Array]:
    return at.buffer("first sum", (), batched=False), at.buffer("second sum", (), batched=False)


COSTS: dict[str, type[Cost]] = {
    "squared": SquaredError,
    "absolute": AbsoluteError,
    "nll": NegativeLogLikelihood,
    "cross-entropy": CrossEntropy,
    "binary": BinaryCrossEntropy,
}
