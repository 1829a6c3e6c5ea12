"""Cost and optimiser, from what was found in the file, or by default. What is decided is said."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from bptui.engine.modules import Linear, LogSoftMax, ReLU, Sigmoid, SoftMax
from bptui.engine.modules.costs import COSTS, Cost
from bptui.engine.optimisers import SGD, Adam, AdamW, Momentum, Nesterov, Optimiser, RMSProp
from bptui.engine.schedules import Constant, Cosine, Exponential, Schedule, Step
from bptui.session.names import meant
from bptui.sources.pytorch.builder import Builder
from bptui.sources.pytorch.evidence import Evidence, Optimised
from bptui.sources.pytorch.functions_around import OPTIMISERS
from bptui.sources.pytorch.later import Taken
from bptui.sources.pytorch.problem import Refusal
from bptui.sources.pytorch.shapes import dims_of
from bptui.sources.pytorch.values import Loss, Tensor, Unknown, Value

LR = 0.1  # where the file has no optimiser


MISTAKES: tuple[tuple[type[Any], str, str], ...] = (  # of a net's last module and its cost
    (SoftMax, "cross-entropy", "the net ends in SoftMax, and nn.CrossEntropyLoss takes a softmax of that once more"),
    (SoftMax, "nll", "the net ends in SoftMax, and nn.NLLLoss wants logarithms: log_softmax"),
    (Sigmoid, "binary", "the net ends in Sigmoid, and nn.BCEWithLogitsLoss takes a sigmoid of that once more"),
    (Linear, "nll", "the net ends in Linear, and nn.NLLLoss wants logarithms of probabilities: log_softmax"),
    (ReLU, "cross-entropy", "the net ends in ReLU: no logit can be negative, and a dead one learns nothing"),
)


@dataclass(frozen=True)
class Ending:
    """The cost at the end of the net: its module, whether the target is a class, the mean, and its line (0: none)."""

    cost: Cost
    classes: bool
    reduction: str
    line: int


def ending(
    builder: Builder, made: Tensor, evidence: Evidence, wanted: str | None = None, taken: Taken | None = None
) -> Ending:
    """The cost that the file takes of what the net makes, or one that fits; or the one that is `wanted`.

    `taken` is the one that it goes back from, if that is known.

    Raises Refusal.
    """
    dims_of(made, builder.drafts[-1].line if builder.drafts else 1)  # else no module has told it
    name = meant(wanted, COSTS) if wanted is not None else None
    if name is not None:
        return _wanted(made, COSTS[name]())
    known = [note.loss for note in evidence.compared] + evidence.losses
    if taken is not None and taken.loss is not None:
        known.insert(0, taken.loss)
    good = [loss for loss in known if loss.cost in COSTS]
    if not good:
        if known:
            raise Refusal(known[0].line, f"{known[0].cost}; --set cost=NAME takes one of {', '.join(COSTS)}")
        return _default(builder, made)
    loss = good[0]
    swapped = next((note for note in evidence.compared if note.swapped and note.loss.cost == loss.cost), None)
    if swapped is not None:
        raise Refusal(swapped.line, "the cost takes what the net makes, then the target; here the target comes first")
    others = {other.cost for other in good} - {loss.cost}
    if others:
        builder.say(f"line {loss.line}: the cost is {loss.cost}; the file has {', '.join(sorted(others))} too")
    else:
        builder.say(f"line {loss.line}: the cost is {COSTS[loss.cost].title}, its {_mean(loss)}")
    cost = COSTS[loss.cost]()
    if cost.classes and not made.is_flat:
        raise Refusal(loss.line, f"{cost.title} wants one vector a sample, the net makes {list(made.counts)}")
    warn_of_mistakes(builder, made, loss)
    if loss.reduction == "batch" and not made.is_flat:
        raise Refusal(loss.line, f"a sum over one axis of what the net makes, {list(made.counts)}, is not supported")
    reduction = loss.reduction if loss.reduction != "mean" else "batch" if cost.classes else "elements"
    line = next((note.line for note in evidence.compared if note.loss.cost == loss.cost), loss.line)
    line = taken.line if taken is not None else line
    return Ending(cost, cost.classes, reduction, line)


def warn_of_mistakes(builder: Builder, made: Tensor, loss: Loss) -> None:
    """Take down a usual mistake with a cost and the module before it."""
    for last, name, mistake in MISTAKES:
        if loss.cost == name and _last_is(builder, made, last):
            builder.warn(f"line {loss.line}: {mistake}")


def _wanted(made: Tensor, cost: Cost) -> Ending:
    classes = cost.classes and made.is_flat
    return Ending(cost, classes, "batch" if cost.classes else "elements", 0)


def _mean(loss: Loss) -> str:
    return {"sum": "sum over the batch", "batch": "mean over the batch"}.get(loss.reduction, "mean")


def _last_is(builder: Builder, made: Tensor, kind: type[Any]) -> bool:
    last = next((draft for draft in reversed(builder.drafts) if draft.makes is made.variable), None)
    return last is not None and isinstance(last.module, kind)


def _default(builder: Builder, made: Tensor) -> Ending:
    name, classes = "squared", False
    if made.is_flat and (made.width or 0) > 1:
        if _last_is(builder, made, LogSoftMax):
            name, classes = "nll", True
        elif _last_is(builder, made, SoftMax):
            name, classes = "squared", True
        elif builder.drafts and _last_is(builder, made, object) and _ends_in_linear(builder, made):
            name, classes = "cross-entropy", True
    builder.say(f"no cost is in the file: {COSTS[name].title}; --set cost=NAME takes another")
    return Ending(COSTS[name](), classes, "batch" if COSTS[name].classes else "elements", 0)


def _ends_in_linear(builder: Builder, made: Tensor) -> bool:
    return _last_is(builder, made, Linear)


# -- optimisers


@dataclass(frozen=True)
class Steps:
    """How parameters move. `decay` is PyTorch's weight_decay where it adds to the gradient; `groups` have their own."""

    optimiser: Optimiser
    lr: float
    decay: float = 0.0
    groups: tuple[tuple[Value, float], ...] = ()
    line: int = 0


def steps(builder: Builder, evidence: Evidence) -> Steps:
    """The file's optimiser, or plain gradient descent."""
    if not evidence.optimisers:
        builder.say(f"no optimiser is in the file: SGD, learning rate {LR}")
        return Steps(SGD(), LR)
    found = evidence.optimisers[0]
    if len({(each.name, each.line) for each in evidence.optimisers}) > 1:
        builder.say(f"line {found.line}: the first optimiser of the file is taken")
    try:
        made = _optimiser(found)
    except Refusal as refusal:
        builder.warn(f"line {refusal.line}: {refusal.message}; SGD, learning rate {LR}, instead")
        return Steps(SGD(), LR)
    except ValueError as error:
        builder.warn(f"line {found.line}: {error}; SGD, learning rate {LR}, instead")
        return Steps(SGD(), LR)
    decay = f", weight decay {made.decay:g}" if made.decay else ""
    builder.say(f"line {found.line}: the optimiser is {made.optimiser.kind}, learning rate {made.lr:g}{decay}")
    return made


def schedule(builder: Builder, evidence: Evidence, *, together: bool) -> Schedule:
    """The file's schedule, where it takes a step with the optimiser: elsewhere its steps are not those of bptui."""
    if not evidence.schedules:
        return Constant()
    found = evidence.schedules[0]
    why = "" if together else "; it is where schedule.step() follows each optimiser.step()"
    lines = {(each.name, each.line) for each in evidence.schedules}
    made = _schedule(found) if together and len(lines) == 1 else None
    if made is None:
        builder.warn(f"line {found.line}: the schedule of the learning rate is not read{why}")
        return Constant()
    end = f", up to step {made.total}" if isinstance(made, Cosine) else ""
    builder.say(f"line {found.line}: the schedule is {made.kind}: {made.equation}{end}")
    return made


def _schedule(found: Optimised) -> Schedule | None:
    """The equal schedule of bptui; None if there is none."""
    given = dict(found.settings)
    if given.pop("last_epoch", -1) != -1 or given.pop("eta_min", 0) != 0:
        return None
    gamma, count = given.pop("gamma", 0.1), given.pop("T_max", given.pop("step_size", None))
    if given or not isinstance(gamma, int | float) or not (isinstance(count, int | None) and count != 0):
        return None
    try:
        if found.name == "StepLR" and count is not None:
            return Step(count, float(gamma))
        if found.name == "ExponentialLR" and "gamma" in found.settings:
            return Exponential(float(gamma))
        return Cosine(count) if found.name == "CosineAnnealingLR" and count is not None else None
    except ValueError:
        return None


def _optimiser(found: Optimised) -> Steps:
    name, line, given = found.name, found.line, dict(found.settings)
    if name not in OPTIMISERS:
        raise Refusal(line, f"optim.{name} is not known here")
    for setting, value in given.items():
        if isinstance(value, Unknown):
            raise Refusal(line, f"optim.{name}: {setting} is only known when the file runs")
    lr = _number(line, given.pop("lr", 0.01 if name == "RMSprop" else 1e-3), "lr")
    decay = _number(line, given.pop("weight_decay", 0.01 if name == "AdamW" else 0.0), "weight_decay")
    usual = {"dampening": 0, "amsgrad": False, "centered": False, "maximize": False}
    for setting, value in usual.items():
        if given.pop(setting, value) not in (value,):
            raise Refusal(line, f"optim.{name} with {setting} is not supported")
    for setting in ("foreach", "fused", "capturable", "differentiable"):
        given.pop(setting, None)
    if name == "SGD":
        momentum = _number(line, given.pop("momentum", 0.0), "momentum")
        nesterov = given.pop("nesterov", False)
        optimiser: Optimiser = SGD() if not momentum else Nesterov(momentum) if nesterov else Momentum(momentum)
    elif name == "RMSprop":
        if given.pop("momentum", 0):
            raise Refusal(line, "optim.RMSprop with momentum is not supported")
        alpha, eps = _number(line, given.pop("alpha", 0.99), "alpha"), _number(line, given.pop("eps", 1e-8), "eps")
        optimiser = RMSProp(alpha, eps)
    else:
        betas = given.pop("betas", (0.9, 0.999))
        if not isinstance(betas, tuple | list) or len(betas) != 2:
            raise Refusal(line, f"optim.{name}: betas wants two numbers")
        first, second = (_number(line, beta, "betas") for beta in betas)
        eps = _number(line, given.pop("eps", 1e-8), "eps")
        if name == "AdamW":
            optimiser, decay = AdamW(first, second, eps, decay), 0.0
        else:
            optimiser = Adam(first, second, eps)
    if given:
        raise Refusal(line, f"optim.{name} with {next(iter(given))} is not supported")
    groups = tuple((members, _number(line, own, "weight_decay")) for members, own in found.groups)
    return Steps(optimiser, lr, 0.0 if groups else decay, groups, line)


def _number(line: int, value: Value, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise Refusal(line, f"{name} is no number from 0 that is known")
    return float(value)
