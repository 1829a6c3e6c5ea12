"""What is led in a lab, written down and run again: a run by its receipt, a descent by its racers."""

from __future__ import annotations

import json
import time
from typing import cast

import numpy as np

from bptui.classroom.places import OnStep
from bptui.session.descend.lab import Counting, Descent
from bptui.session.descend.plane import entry_plane, random_plane
from bptui.session.toml import from_toml, to_toml
from bptui.session.train.trainer import Trainer
from bptui.session.train.training import Training
from bptui.sources.receipts import from_receipt


def training_of(receipt: str, on_step: OnStep = lambda step: None) -> Training:
    """A run from its receipt, run again to where it stood, with all that was measured on the way.

    `on_step` is told of it now and then, and may raise. Raises ValueError.
    """
    session = from_receipt(receipt, on_step).session
    session.history.on_step = lambda step: None
    training = Training(session)
    trainer = Trainer(training)
    trainer.repeat(lambda: "")
    trainer.wait()
    try:
        while trainer.snapshot.running and trainer.failed is None:
            on_step(trainer.snapshot.step)
            time.sleep(0.01)
    finally:
        trainer.close()
    training.resume()
    return training


def descent_text(descent: Descent) -> str:
    """A descent as text: the surface, the racers, the start, what is in view, and the instant. Raises ValueError."""
    return json.dumps(
        {
            "experiment": to_toml(descent.experiment),
            "racers": [to_toml(racer) for racer in descent.racers],
            "start": descent.start.tolist(),
            "axes": list(descent.plane.labels),
            "view": descent.view_seed,
            "chosen": descent.chosen,
            "counting": descent.counting,
            "at": descent.at,
            "horizon": descent.horizon,
        }
    )


def descent_of(text: str) -> Descent:
    """A descent from its text, still to be run. Raises ValueError."""
    found = json.loads(text)
    try:
        descent = Descent(from_toml(found["experiment"]), [from_toml(racer) for racer in found["racers"]])
        descent.start, descent.view_seed = np.array(found["start"], float), int(found["view"])
        axes, graph = found["axes"], descent.objective.graph
        if axes[0].startswith("direction"):
            descent.look_along(random_plane(graph, descent.start, descent.view_seed))
        else:
            descent.look_along(entry_plane(graph, descent.start, *axes))
        descent.chosen, descent.counting = int(found["chosen"]), cast("Counting", found["counting"])
        descent.at, descent.horizon = int(found["at"]), int(found["horizon"])
    except (KeyError, TypeError, IndexError, AttributeError) as error:
        raise ValueError(f"is no descent: {error}") from None
    return descent
