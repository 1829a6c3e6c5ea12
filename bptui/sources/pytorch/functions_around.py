"""What stands around a net in a file: costs, optimisers, data. Only seen, and kept as evidence."""

from __future__ import annotations

import ast
import math
from typing import Any

from bptui.sources.pytorch.evidence import Compared, Optimised
from bptui.sources.pytorch.later import Taken
from bptui.sources.pytorch.library import FUNCTIONS, At, Form, function
from bptui.sources.pytorch.problem import Refusal
from bptui.sources.pytorch.values import Later, Loss, Tensor, Unknown, Value, Variable

# -- costs

LOSSES = {
    "CrossEntropyLoss": "cross-entropy",
    "NLLLoss": "nll",
    "MSELoss": "squared",
    "L1Loss": "absolute",
    "BCEWithLogitsLoss": "binary",
}
LOSS_FUNCTIONS = {
    "cross_entropy": "cross-entropy",
    "nll_loss": "nll",
    "mse_loss": "squared",
    "l1_loss": "absolute",
    "binary_cross_entropy_with_logits": "binary",
}
OTHER_LOSSES = {
    "BCELoss", "CTCLoss", "CosineEmbeddingLoss", "GaussianNLLLoss", "HingeEmbeddingLoss", "HuberLoss",
    "KLDivLoss", "MarginRankingLoss", "MultiLabelMarginLoss", "MultiLabelSoftMarginLoss", "MultiMarginLoss",
    "PoissonNLLLoss", "SmoothL1Loss", "SoftMarginLoss", "TripletMarginLoss", "binary_cross_entropy", "ctc_loss",
    "cosine_embedding_loss", "gaussian_nll_loss", "hinge_embedding_loss", "huber_loss", "kl_div",
    "margin_ranking_loss", "poisson_nll_loss", "smooth_l1_loss", "soft_margin_loss", "triplet_margin_loss",
}  # fmt: skip


PLAIN = {
    "weight": None, "pos_weight": None, "label_smoothing": 0.0, "size_average": None, "reduce": None,
    "ignore_index": -100,
}  # fmt: skip
SETTINGS = {
    "CrossEntropyLoss": ("weight", "size_average", "ignore_index", "reduce", "reduction", "label_smoothing"),
    "NLLLoss": ("weight", "size_average", "ignore_index", "reduce", "reduction"),
    "MSELoss": ("size_average", "reduce", "reduction"),
    "L1Loss": ("size_average", "reduce", "reduction"),
    "BCEWithLogitsLoss": ("weight", "size_average", "reduce", "reduction", "pos_weight"),
}  # in the order in which they are taken without a name


def _loss(at: At, name: str, cost: str, settings: dict[str, Value]) -> Loss:
    """The cost with its settings. Raises Refusal for one that would give other numbers."""
    for setting, usual in PLAIN.items():
        if settings.get(setting, usual) != usual:
            raise _unsupported(at, f"{name} with {setting} is not supported")
    reduction = settings.get("reduction", "mean")
    if reduction not in ("mean", "sum"):
        raise _unsupported(at, f'{name} with reduction {reduction!r:.30} is not supported, wants "mean" or "sum"')
    loss = Loss(cost, reduction, at.line)
    at.machine.evidence.losses.append(loss)
    return loss


def _unsupported(at: At, why: str) -> Refusal:
    """A cost that the file has, and that is not read."""
    at.machine.evidence.losses.append(Loss(why, "mean", at.line))
    return Refusal(at.line, why)


def _loss_layer(name: str, cost: str) -> Form:
    def made(at: At, *arguments: Value, **settings: Value) -> Loss:
        names = SETTINGS[name]
        if len(arguments) > len(names) or not settings.keys() <= set(names[len(arguments) :]):
            raise Refusal(at.line, f"nn.{name} has the settings {', '.join(names)}")
        return _loss(at, f"nn.{name}", cost, dict(zip(names, arguments, strict=False)) | settings)

    return made


def _loss_function(name: str, cost: str) -> Form:
    def made(at: At, input: Value, target: Value, *more: Value, **settings: Value) -> Value:
        if more:
            raise Refusal(at.line, f"F.{name}: settings are understood by name, such as reduction='sum'")
        loss = _loss(at, f"F.{name}", cost, settings)
        return compared(at, loss, (input, target))

    return made


def compared(at: At, loss: Loss, arguments: Any, word: str = "") -> Value:
    """The cost is taken of a prediction and a target, for which the file says `word`."""
    if not at.machine.lenient:
        raise Refusal(
            at.line, "a cost within forward is not supported; bptui puts the file's cost at the end of the net"
        )
    if len(arguments) != 2:
        return Unknown("a cost is not known", at.line)
    prediction, target = arguments
    swapped = isinstance(target, Later) and not isinstance(prediction, Later)
    if swapped and loss.cost in ("squared", "absolute"):  # the same either way
        prediction, target, swapped = target, prediction, False
    at.machine.evidence.compared.append(Compared(loss, target, at.line, swapped))
    if not isinstance(prediction, Later) or isinstance(target, Later):
        return Unknown("a cost is not known", at.line)
    call = at.machine.at
    title = call.func.id if call is not None and isinstance(call.func, ast.Name) else "cost"
    words = [*call.args, *(each.value for each in call.keywords)] if call is not None else []
    word = word or (ast.unparse(words[1]) if len(words) > 1 else "")
    return Taken("cost", at.line, loss=loss, prediction=prediction, target=target, title=title, word=word)


for _name, _cost in LOSSES.items():
    FUNCTIONS[f"torch.nn.{_name}"] = _loss_layer(_name, _cost)
for _name, _cost in LOSS_FUNCTIONS.items():
    FUNCTIONS[f"torch.nn.functional.{_name}"] = _loss_function(_name, _cost)


# -- optimisers

OPTIMISERS: dict[str, tuple[str, ...]] = {
    "SGD": ("lr", "momentum", "dampening", "weight_decay", "nesterov"),
    "Adam": ("lr", "betas", "eps", "weight_decay", "amsgrad"),
    "AdamW": ("lr", "betas", "eps", "weight_decay", "amsgrad"),
    "RMSprop": ("lr", "alpha", "eps", "weight_decay", "momentum", "centered"),
}


def optimiser(at: At, name: str, arguments: tuple[Value, ...], keywords: dict[str, Value]) -> Value:
    """An optimiser of torch.optim: its settings by name."""
    names = OPTIMISERS.get(name, ())
    settings = dict(zip(names, arguments[1:], strict=False)) | {k: v for k, v in keywords.items() if k != "params"}
    over = arguments[0] if arguments else keywords.get("params")
    groups: tuple[tuple[Value, Value], ...] = ()
    if isinstance(over, list | tuple) and any(isinstance(each, dict) for each in over):
        if name != "AdamW" and all(isinstance(each, dict) and _is_decaying(each) for each in over):
            usual = settings.get("weight_decay", 0.0)
            groups = tuple((each["params"], each.get("weight_decay", usual)) for each in over)
        else:
            at.machine.evidence.unread.append(("groups of parameters with settings of their own are", at.line))
    at.machine.evidence.optimisers.append(Optimised(name, settings, at.line, groups))
    return Unknown("an optimiser is not run", at.line)


SCHEDULES: dict[str, tuple[str, ...]] = {
    "StepLR": ("step_size", "gamma"),
    "ExponentialLR": ("gamma",),
    "CosineAnnealingLR": ("T_max", "eta_min"),
}


def schedule(at: At, name: str, arguments: tuple[Value, ...], keywords: dict[str, Value]) -> Value:
    """A schedule of torch.optim.lr_scheduler: its settings by name."""
    given = dict(zip(("optimizer", *SCHEDULES.get(name, ())), arguments, strict=False)) | keywords
    settings = {setting: value for setting, value in given.items() if setting != "optimizer"}
    at.machine.evidence.schedules.append(Optimised(name, settings, at.line))
    return Unknown("a schedule is not run", at.line)


def _is_decaying(group: dict[Value, Value]) -> bool:
    """Whether a group of parameters has nothing of its own but its weight decay."""
    return "params" in group and group.keys() <= {"params", "weight_decay"}


# -- data

MADE = "a tensor that the file makes is not supported in a net; wants only what follows from its inputs"


@function(
    "manual_seed",
    "set_default_dtype",
    "set_printoptions",
    "use_deterministic_algorithms",
    forms="torch",
)
def nothing(at: At, *arguments: Value, **keywords: Value) -> None:
    """Changes nothing of the net."""


@function("set_grad_enabled", forms="torch")
def set_grad_enabled(at: At, mode: Value) -> None:
    """Changes nothing around a net; within one, what goes back through it."""
    if not at.machine.lenient and mode is not True:
        raise Refusal(at.line, "set_grad_enabled within a net is not supported")


@function("randn", "rand", "zeros", "ones", "empty", forms="torch")
def created(at: At, *shape: Value, size: Value = None, **keywords: Value) -> Value:
    """A tensor that the file makes: only its shape counts."""
    if not at.machine.lenient:
        return Unknown(MADE, at.line)
    sizes = size if size is not None else shape
    if len(sizes) == 1 and isinstance(sizes[0], tuple | list):
        sizes = sizes[0]
    if not all(isinstance(each, int) and each > 0 for each in sizes):
        return Unknown("the shape of this tensor is not known", at.line)
    return Tensor(Variable(tuple(sizes), "x"), tuple(sizes))


@function("Tensor", "FloatTensor", forms="torch")
def of_sizes_or_numbers(at: At, *arguments: Value) -> Value:
    """torch.Tensor(2, 3) has that shape, torch.Tensor([2, 3]) those numbers."""
    if len(arguments) == 1 and isinstance(arguments[0], list | tuple):
        return written_out(at, arguments[0])
    return created(at, *arguments)


@function("tensor", "as_tensor", forms="torch")
def written_out(at: At, data: Value, *arguments: Value, **keywords: Value) -> Value:
    """A tensor whose numbers stand in the file."""
    if not at.machine.lenient:
        return Unknown(MADE, at.line)
    shape = _shape(data)
    if shape is None:
        return Unknown("the shape of this tensor is not known", at.line)
    return Tensor(Variable(shape or (1,), "x"), shape, numbers=data, whole=_whole(data))


@function(
    "arange",
    "linspace",
    "eye",
    "randint",
    "randperm",
    "zeros_like",
    "ones_like",
    "randn_like",
    "rand_like",
    "full",
    "where",
    "from_numpy",
    "no_grad",
    "load",
    "save",
    forms="torch",
)
def not_followed(at: At, *arguments: Value, **keywords: Value) -> Value:
    if at.machine.lenient:
        return Unknown("this is not followed", at.line)
    return Unknown(MADE, at.line)


def _shape(data: Value) -> tuple[int, ...] | None:
    """The shape of nested lists of numbers; None if they are anything else."""
    if isinstance(data, int | float):
        return () if math.isfinite(data) else None
    if not isinstance(data, list | tuple) or not data:
        return None
    shapes = {_shape(each) for each in data}
    inner = shapes.pop()
    return None if shapes or inner is None else (len(data), *inner)


def _whole(data: Value) -> bool:
    return all(map(_whole, data)) if isinstance(data, list | tuple) else isinstance(data, int)
