"""Runs the scenarios in PyTorch and writes torch.json. Needs torch 2.13 and NumPy:

PYTHONPATH=.:tests/golden python tests/golden/make_torch.py
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from scenarios import BATCH, STEPS, Scenario, scenarios
from torch.nn import functional as F  # noqa: N812

from bptui.engine.module import Module
from bptui.engine.modules.costs import Cost
from bptui.engine.optimisers import Optimiser

Tensor = torch.Tensor
GOLDEN = Path(__file__).with_name("torch.json")

FUNCTIONS: dict[str, Callable[[Any, list[Tensor], dict[str, Tensor]], Any]] = {
    "Linear": lambda m, xs, p: F.linear(xs[0], p["weight"], p.get("bias")),
    "ReLU": lambda m, xs, p: torch.relu(xs[0]),
    "LeakyReLU": lambda m, xs, p: F.leaky_relu(xs[0], m.slope),
    "Sigmoid": lambda m, xs, p: torch.sigmoid(xs[0]),
    "Tanh": lambda m, xs, p: torch.tanh(xs[0]),
    "Softplus": lambda m, xs, p: F.softplus(xs[0]),
    "SoftMax": lambda m, xs, p: F.softmax(xs[0], dim=1),
    "LogSoftMax": lambda m, xs, p: F.log_softmax(xs[0], dim=1),
    "Add": lambda m, xs, p: torch.stack(xs).sum(0),
    "Multiply": lambda m, xs, p: xs[0] * xs[1],
    "Max": lambda m, xs, p: torch.maximum(xs[0], xs[1]),
    "Concatenate": lambda m, xs, p: torch.cat(xs, dim=1),
    "Flatten": lambda m, xs, p: torch.flatten(xs[0], 1),
    "Scale": lambda m, xs, p: m.factor * xs[0],
    "Dropout": lambda m, xs, p: F.dropout(xs[0], m.p, training=False),
    "Duplicate": lambda m, xs, p: [xs[0].clone() for _ in range(m.copies)],
}


def cost_of(cost: Module, prediction: Tensor, target: Tensor, reduction: str) -> Tensor:
    """PyTorch's own cost with its own reduction; the lecture's mean over the batch is a sum divided."""
    own = "mean" if reduction == "elements" else "sum"
    if isinstance(cost, Cost) and cost.classes:
        function = {"CrossEntropy": F.cross_entropy, "NegativeLogLikelihood": F.nll_loss}[cost.kind]
        value = function(prediction, target.argmax(1), reduction=own)
    else:
        function = {
            "SquaredError": F.mse_loss,
            "AbsoluteError": F.l1_loss,
            "BinaryCrossEntropy": F.binary_cross_entropy_with_logits,
        }[cost.kind]
        value = function(prediction, target, reduction=own)
    return value / BATCH if reduction == "batch" else value


def loss_of(scenario: Scenario, values: dict[str, Tensor], parameters: dict[str, Tensor]) -> Tensor:
    """The forward pass, costs and penalties."""
    loss = torch.zeros((), dtype=torch.float64)
    values = dict(values)
    for layer in scenario.net.layers:
        inputs = [values[name] for name in layer.inputs]
        if isinstance(layer.module, Cost):
            loss = loss + cost_of(layer.module, inputs[0], inputs[1], scenario.reduction)
            continue
        owner = (layer.shares or layer.name) + "."
        own = {name.removeprefix(owner): p for name, p in parameters.items() if name.startswith(owner)}
        made = FUNCTIONS[layer.module.kind](layer.module, inputs, own)
        values |= zip(layer.outputs, made if isinstance(made, list) else [made], strict=True)
    for name, parameter in parameters.items():
        if name.endswith(".weight"):
            loss = loss + scenario.l1 * parameter.abs().sum() + scenario.l2 * (parameter**2).sum()
    return loss


def optimiser_of(o: Any, scenario: Scenario, parameters: dict[str, Tensor]) -> torch.optim.Optimizer:
    """PyTorch's optimiser; decay goes to weights only."""
    weights = [p for name, p in parameters.items() if name.endswith(".weight")]
    others = [p for name, p in parameters.items() if not name.endswith(".weight")]
    makers: dict[str, Callable[[Any], torch.optim.Optimizer]] = {
        "SGD": lambda ps: torch.optim.SGD(ps, scenario.rate),
        "proximal": lambda ps: torch.optim.SGD(ps, scenario.rate),
        "momentum": lambda ps: torch.optim.SGD(ps, scenario.rate, momentum=o.momentum),
        "nesterov": lambda ps: torch.optim.SGD(ps, scenario.rate, momentum=o.momentum, nesterov=True),
        "RMSProp": lambda ps: torch.optim.RMSprop(ps, scenario.rate, alpha=o.alpha, eps=o.eps),
        "Adam": lambda ps: torch.optim.Adam(ps, scenario.rate, betas=(o.beta1, o.beta2), eps=o.eps),
        "AdamW": lambda ps: torch.optim.AdamW(ps, scenario.rate, betas=(o.beta1, o.beta2), eps=o.eps, weight_decay=0.0),
    }
    made = makers[o.kind]([{"params": weights}, {"params": others}])
    if o.kind == "AdamW":
        made.param_groups[0]["weight_decay"] = scenario.decay
    return made


def schedule_of(s: Any, optimiser: torch.optim.Optimizer) -> torch.optim.lr_scheduler.LRScheduler:
    schedulers = torch.optim.lr_scheduler
    makers: dict[str, Callable[[], torch.optim.lr_scheduler.LRScheduler]] = {
        "constant": lambda: schedulers.ConstantLR(optimiser, factor=1.0),
        "step": lambda: schedulers.StepLR(optimiser, s.every, s.gamma),
        "exponential": lambda: schedulers.ExponentialLR(optimiser, s.gamma),
        "cosine": lambda: schedulers.CosineAnnealingLR(optimiser, s.total),
        "1/t": lambda: schedulers.LambdaLR(optimiser, lambda step: 1.0 / (1.0 + step / s.tau)),
    }
    return makers[s.kind]()


def soften(optimiser: Optimiser, scenario: Scenario, parameters: dict[str, Tensor]) -> None:
    """The proximal step after SGD's."""
    if optimiser.kind == "proximal":
        for name, parameter in parameters.items():
            if name.endswith(".weight"):
                parameter.data = F.softshrink(parameter.data, scenario.rate * scenario.threshold)


def run(scenario: Scenario) -> dict[str, Any]:
    """Five steps: losses, the first step's gradients of parameters and inputs, and the parameters at the end."""
    parameters = {name: torch.tensor(value, requires_grad=True) for name, value in scenario.parameters().items()}
    optimiser = optimiser_of(scenario.optimiser, scenario, parameters)
    schedule = schedule_of(scenario.schedule, optimiser)
    targets = {given.name for given in scenario.net.given if given.target}
    losses: list[float] = []
    gradients: dict[str, Any] = {}
    for step in range(STEPS):
        rows = scenario.indices(step)
        values = {n: torch.tensor(v[rows], requires_grad=n not in targets) for n, v in scenario.samples().items()}
        optimiser.zero_grad()
        loss = loss_of(scenario, values, parameters)
        loss.backward()
        losses.append(loss.item())
        if step == 0:
            inputs = {name: value for name, value in values.items() if name not in targets}
            gradients = {name: tensor.grad.tolist() for name, tensor in (inputs | parameters).items()}
        optimiser.step()
        soften(scenario.optimiser, scenario, parameters)
        schedule.step()
    return {"losses": losses, "gradients": gradients, "parameters": {n: p.tolist() for n, p in parameters.items()}}


if __name__ == "__main__":
    lines = [f"{json.dumps(scenario.name)}: {json.dumps(run(scenario))}" for scenario in scenarios()]
    GOLDEN.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
