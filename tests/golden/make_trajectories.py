"""Runs the descents in PyTorch and writes trajectories.json. Needs torch 2.13 and NumPy:

PYTHONPATH=.:tests/golden python tests/golden/make_trajectories.py
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
from make_torch import optimiser_of, schedule_of
from torch.nn import functional as F  # noqa: N812
from trajectories import BATCH, KEPT, RATE, START, UPDATES, Descent, descents, samples

GOLDEN = Path(__file__).with_name("trajectories.json")


class _Numbers:
    """What `make_torch.optimiser_of` asks of a scenario."""

    rate, decay = RATE, 0.0


def run(descent: Descent) -> list[list[float]]:
    """The places (w, b) that the file keeps."""
    data = {name: torch.tensor(values) for name, values in samples().items()}
    w, b = (torch.tensor([[START[0]]], dtype=torch.float64), torch.tensor([START[1]], dtype=torch.float64))
    parameters = {"m0.weight": w.requires_grad_(), "m0.bias": b.requires_grad_()}
    optimiser = optimiser_of(descent.optimiser, _Numbers, parameters)
    for group in optimiser.param_groups:
        if descent.optimiser.kind == "AdamW":  # as PyTorch has it by default: weights and biases
            group["weight_decay"] = descent.optimiser.decay
    schedule, places, start = schedule_of(descent.schedule, optimiser), [], 0
    for update in range(1, UPDATES + 1):
        x, y = (data[name][start : start + BATCH] for name in ("x", "y"))
        start = 0 if start + BATCH >= len(data["x"]) else start + BATCH
        optimiser.zero_grad()
        (F.mse_loss(F.linear(x, w, b), y, reduction="sum") / len(x)).backward()
        optimiser.step()
        if descent.l1:
            w.data = F.softshrink(w.data, descent.l1 * optimiser.param_groups[0]["lr"])
        schedule.step()
        if update in KEPT:
            places.append([w.item(), b.item()])
    return places


if __name__ == "__main__":
    lines = [f"{json.dumps(descent.name)}: {json.dumps(run(descent))}" for descent in descents()]
    GOLDEN.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
