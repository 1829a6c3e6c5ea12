"""The engine against PyTorch: golden values always, and live where PyTorch is installed."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

GOLDEN = Path(__file__).parents[1] / "golden"
sys.path.insert(0, str(GOLDEN))

from scenarios import BATCH, STEPS, Scenario, results_match, scenarios  # noqa: E402

from bptui.engine.program import Settings  # noqa: E402
from bptui.engine.rewire import Wiring, rewire  # noqa: E402
from bptui.engine.tape import Tape  # noqa: E402

ALL = {scenario.name: scenario for scenario in scenarios()}
WANTED = json.loads((GOLDEN / "torch.json").read_text(encoding="utf-8"))


def run(scenario: Scenario) -> dict[str, Any]:
    """The same five steps as `make_torch.run`, by the engine."""
    l1, l2 = scenario.weights(scenario.l1), scenario.weights(scenario.l2)
    graph = rewire(scenario.net, Wiring(BATCH, reduction=scenario.reduction, l1=l1, l2=l2))
    settings = Settings(
        batch=BATCH,
        optimiser=scenario.optimiser,
        rate=scenario.rate,
        schedule=scenario.schedule,
        training=False,
        decay=scenario.weights(scenario.decay),
        threshold=scenario.weights(scenario.threshold),
    )
    tape = Tape(graph, settings)
    for name, value in scenario.parameters().items():
        tape.state.parameters[name][...] = value
    losses, gradients, samples = [], {}, scenario.samples()
    for step in range(STEPS):
        losses.append(tape.step(samples, scenario.indices(step), step))
        if step == 0:
            names = [v.name for v in (*graph.inputs, *graph.parameters)]
            gradients = {name: tape.program.gradients[name].tolist() for name in names}
    parameters = {name: value.tolist() for name, value in tape.state.parameters.items()}
    return {"losses": losses, "gradients": gradients, "parameters": parameters}


def test_the_golden_file_has_every_scenario() -> None:
    assert list(WANTED) == list(ALL)


@pytest.mark.parametrize("name", ALL)
def test_golden(name: str) -> None:
    results_match(run(ALL[name]), WANTED[name])


@pytest.mark.slow
@pytest.mark.parametrize("name", ALL)
def test_live(name: str) -> None:
    pytest.importorskip("torch")
    from make_torch import run as run_in_torch

    results_match(run(ALL[name]), run_in_torch(ALL[name]))


def test_l2_is_half_of_pytorchs_weight_decay() -> None:
    torch = pytest.importorskip("torch")
    from make_torch import loss_of
    from make_torch import run as run_in_torch

    scenario = ALL["L2"]
    parameters = {n: torch.tensor(v, requires_grad=True) for n, v in scenario.parameters().items()}
    weights = [p for n, p in parameters.items() if n.endswith(".weight")]
    biases = [p for n, p in parameters.items() if n.endswith(".bias")]
    groups = [{"params": weights, "weight_decay": 2 * scenario.l2}, {"params": biases}]
    optimiser = torch.optim.SGD(groups, scenario.rate)
    plain = Scenario(scenario.name, scenario.net, rate=scenario.rate)
    for step in range(STEPS):
        values = {n: torch.tensor(v[scenario.indices(step)]) for n, v in scenario.samples().items()}
        optimiser.zero_grad()
        loss_of(plain, values, parameters).backward()
        optimiser.step()
    results_match({n: p.tolist() for n, p in parameters.items()}, run_in_torch(scenario)["parameters"])
