"""A run's probes as a table of numbers, for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from bptui.session.train.probe import Probe


def as_csv(probes: Sequence[Probe]) -> str:
    """One row a probe: step, epoch, losses, accuracies, then each parameter's norms and each layer's units.

    Numbers are written so that they read back the same; what a run does not have stays empty.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    if probes:
        writer.writerow(_row(probes[0]))
    for probe in probes:
        writer.writerow(_row(probe).values())
    return out.getvalue()


def _row(probe: Probe) -> dict[str, object]:
    row: dict[str, object] = {"step": probe.step, "epoch": probe.epoch}
    for name, score in (("train", probe.train), ("validation", probe.validation)):
        row[f"{name} loss"] = score.loss if score else None
        row[f"{name} accuracy"] = score.accuracy if score else None
    for w in probe.weights:
        row |= {f"{w.name} norm": w.norm, f"{w.name} gradient norm": w.gradient, f"{w.name} zeros": w.zeros}
    for u in probe.units:
        row |= {
            f"{u.name} dead": len(u.dead),
            f"{u.name} saturated": u.saturated,
            f"{u.name} mean square": u.mean_square,
        }
    return row
