"""A watched run is the very run that the session replays, however it was cut into pieces."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bptui.engine.buffers import Array
from bptui.session.actions import Jump, SetKnob
from bptui.session.knobs import KNOBS, KnobError, turned
from bptui.session.session import Session
from bptui.session.train import training as module
from bptui.session.train.field import Fit, Regions
from bptui.session.train.trainer import Trainer
from bptui.session.train.training import Training
from bptui.sources.labs import TRAIN
from bptui.sources.presets import PRESETS

SPIRAL = PRESETS["spiral"].changed(batch=16)
SPIRAL = SPIRAL.changed(data=replace(SPIRAL.data, count=90, noise=0.1))


def parameters(session: Session, step: int) -> dict[str, Array]:
    """What a session, by itself, has as parameters when a step begins."""
    values = session.history.parameters(session.address.branch, step)[1]
    return {name: array.copy() for name, array in values.items()}


@given(st.lists(st.integers(1, 9), min_size=1, max_size=12))
def test_a_run_in_pieces_is_the_run(pieces: list[int]) -> None:
    training = Training(Session(SPIRAL))
    for piece in pieces:
        training.advance(piece)
    alone = parameters(Session(SPIRAL), training.step)
    assert all(np.array_equal(alone[name], values) for name, values in training.look().parameters.items())


def test_probes_are_at_the_same_steps_however_the_run_was_cut() -> None:
    whole, cut = Training(Session(SPIRAL)), Training(Session(SPIRAL))
    while whole.step < 60:
        whole.advance(60 - whole.step)
    while cut.step < 60:
        cut.advance(min(7, 60 - cut.step))
    assert whole.probes() == cut.probes()
    assert [probe.step for probe in whole.probes()] == list(range(0, 61, 6))  # 90 samples in 16s: 6 steps an epoch


def test_an_edit_in_the_middle_replays_exactly() -> None:
    training = Training(Session(SPIRAL))
    while training.step < 25:
        training.advance(25 - training.step)
    training.apply(SetKnob("l2", "0.01"))
    while training.step < 50:
        training.advance(50 - training.step)
    other = Session(SPIRAL)
    other.apply(Jump(25, 0))
    other.apply(SetKnob("l2", "0.01"))
    alone = parameters(other, 50)
    assert all(np.array_equal(alone[name], values) for name, values in training.look().parameters.items())
    assert [probe.step for probe in training.probes()] == [0, 6, 12, 18, 24, 25, 30, 36, 42, 48]


def test_scrubbing_back_and_on_changes_nothing() -> None:
    training = Training(Session(SPIRAL))
    while training.step < 40:
        training.advance(5)
    before, probes = training.look(), training.probes()
    training.go(11)
    assert training.look().clock.step == 11
    training.advance(3)
    training.go(10_000)
    after = training.look()
    assert after.clock == before.clock and training.probes() == probes
    assert all(np.array_equal(after.parameters[name], values) for name, values in before.parameters.items())


def test_probes_are_thinned_and_still_cover_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_PROBES", 10)
    training = Training(Session(SPIRAL))
    while training.step < 600:
        training.advance(600 - training.step)
    steps = [probe.step for probe in training.probes()]
    assert len(steps) <= 10 and steps[0] == 0 and len(set(np.diff(steps))) == 1 and steps[-1] > 500


def test_more_steps_than_a_jump_may_take() -> None:
    tiny = PRESETS["perceptron"]
    training = Training(Session(tiny))
    while training.step < 21_000:
        training.advance(21_000 - training.step)
    training.apply(SetKnob("lr", "0.01"))
    assert training.step == 21_000 and training.experiment.lr == 0.01


def test_the_worker_takes_orders_between_steps() -> None:
    done = threading.Event()
    trainer: Trainer

    def published() -> None:
        if trainer.snapshot.experiment.l2 == 0.01 and not trainer.snapshot.running:
            done.set()

    ready = threading.Event()

    def gated() -> None:
        ready.wait()
        published()

    trainer = Trainer(Training(Session(SPIRAL)), gated)
    ready.set()
    trainer.run()
    trainer.act(SetKnob("l2", "0.01"))
    trainer.act(SetKnob("l2", "nonsense"))
    trainer.pause()
    trainer.step(7)
    assert done.wait(30), trainer.failed
    trainer.close()
    session = trainer.training.session
    edit = session.history.branches[1]
    assert str(edit.edit) == "l2 = 0.01" and session.address.step >= edit.start + 7
    other = Session(SPIRAL)
    other.apply(Jump(edit.start, 0))
    other.apply(SetKnob("l2", "0.01"))
    mine, alone = (parameters(s, session.address.step) for s in (session, other))
    assert all(np.array_equal(alone[name], values) for name, values in mine.items())


def test_a_refused_order_is_said_and_nothing_is_lost() -> None:
    said = threading.Event()
    trainer = Trainer(Training(Session(SPIRAL)), lambda: said.set() if trainer.snapshot.message else None)
    trainer.act(SetKnob("l2", "nonsense"))
    assert said.wait(30)
    assert "l2" in trainer.snapshot.message and trainer.snapshot.branch == 0
    trainer.close()


def test_a_screen_that_never_lets_go_stops_neither_the_run_nor_its_end() -> None:
    went_on = threading.Event()
    trainer = Trainer(Training(Session(SPIRAL)), lambda: went_on.set() if trainer.snapshot.step else None, 100_000)
    trainer.hold()
    trainer.run()
    assert went_on.wait(30), trainer.failed
    trainer.close()
    assert trainer.training.session.address.step >= trainer.snapshot.step > 0


def test_fields_follow_the_net() -> None:
    regions = Training(Session(SPIRAL)).look().field
    assert isinstance(regions, Regions) and regions.probabilities.shape == (48, 80, 3)
    assert np.allclose(regions.probabilities.sum(axis=2), 1.0)
    assert Training(Session(PRESETS["two-layer"])).look().field is None


def test_a_regression_is_an_ensemble_of_five() -> None:
    training = Training(Session(PRESETS["chain"].changed(parameters=())))
    for _ in range(10):
        training.advance(5)
    fit = training.look().field
    assert isinstance(fit, Fit) and len(fit.curves) == 5
    assert len({curve.tobytes() for curve in fit.curves}) == 5
    inside, outside = fit.spreads()
    assert inside > 0 and outside > 0


def test_early_stopping_pauses_where_patience_ends() -> None:
    noisy = SPIRAL.changed(data=replace(SPIRAL.data, validation=0.3, noise=0.6), lr=2.0, patience=5)
    paused = threading.Event()
    trainer = Trainer(
        Training(Session(noisy)), lambda: paused.set() if "stopped early" in trainer.snapshot.message else None
    )
    trainer.run()
    assert paused.wait(60), trainer.snapshot.probes[-1]
    first = trainer.snapshot
    losses = [probe.validation.loss for probe in first.probes if probe.validation]
    best = losses.index(min(losses))
    assert not first.running and first.probes[-1].epoch - first.probes[best].epoch == 5
    paused.clear()
    trainer.run()  # told to go on, it waits for as long again, unless it finds something better
    assert paused.wait(60) and trainer.snapshot.step > first.step
    trainer.close()


def test_the_ensemble_keeps_its_seeds_apart_through_edits() -> None:
    training = Training(Session(PRESETS["chain"].changed(parameters=())))
    training.advance(5)
    training.apply(SetKnob("lr", "0.05"))
    training.advance(3)
    training.apply(SetKnob("seed", "9"))
    training.advance(3)
    fit = training.look().field
    assert isinstance(fit, Fit) and len({curve.tobytes() for curve in fit.curves}) == 5


@pytest.mark.parametrize("cost", KNOBS["cost"].choices or ())
def test_every_cost_can_be_watched(cost: str) -> None:
    try:
        experiment = turned(TRAIN["moons"], "cost", cost)
    except KnobError:
        return
    look = Training(Session(experiment)).look()
    assert (look.field is None) == (look.probe.train.accuracy is None)
