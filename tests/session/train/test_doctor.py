"""The doctor names planted failures, with their onset and true numbers, and leaves healthy runs alone."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bptui.engine.optimisers import SGD
from bptui.session.actions import SetEntry, SetKnob
from bptui.session.descend.objective import Objective
from bptui.session.descend.spectrum import spectrum
from bptui.session.knobs import turned
from bptui.session.train.doctor import KINDS, Finding, diagnose
from bptui.session.train.doctor.chart import HOLD, lasting
from bptui.session.train.doctor.curvature import highest_curvature
from bptui.session.train.training import Training
from bptui.sources.labs import DESCEND, TRAIN
from tests.bench.doctor import HEALTHY, buried, cases, seeded, trained

SEED = 41
STRONG = {case.kind: case for case in cases()}  # the last strength of each kind


def the(kind: str, training: Training) -> Finding:
    return next(finding for finding in training.findings() if finding.kind == kind)


def on(training: Training, epochs: int) -> None:
    goal = training.step + epochs * training.steps_an_epoch()
    while training.step < goal:
        training.advance(goal - training.step)


@pytest.mark.some(3)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("kind", KINDS)
def test_a_planted_failure_is_named_stays_named_and_goes_with_the_remedy(kind: str) -> None:
    case = STRONG[kind]
    training = trained(case.plant(seeded(TRAIN[case.data[0]], SEED)), case.epochs)
    found = the(kind, training)
    assert 0 <= found.step <= training.step and any(digit in found.what + found.why for digit in "123456789")
    assert found.remedy is not None
    cured = trained(turned(training.experiment, *found.remedy), case.epochs)
    assert kind not in {finding.kind for finding in cured.findings()}
    probes = training.probes()
    said = [kind in {f.kind for f in diagnose(probes[:n])} for n in range(1, len(probes) + 1)]
    first = said.index(True)
    assert all(said[first:])


@pytest.mark.some(5)
@pytest.mark.parametrize("values", HEALTHY[:3], ids=str)
@pytest.mark.parametrize("name", TRAIN)
def test_nothing_is_wrong_with_a_healthy_run(name: str, values: dict[str, str]) -> None:
    experiment = seeded(TRAIN[name], SEED)
    for knob, text in values.items():
        experiment = turned(experiment, knob, text)
    assert trained(experiment, 60).findings() == ()


def test_dead_units_are_named_one_by_one() -> None:
    training = trained(buried(9)(TRAIN["moons"]), 10)
    found = the("dead ReLU units", training)
    look = training.look()
    x = training.experiment.samples["x"] @ look.parameters["m0.weight"].T + look.parameters["m0.bias"]
    dead = np.flatnonzero((x <= 0).all(axis=0))
    assert found.step == 0
    assert found.what == f"{len(dead)} of 16 ReLU units dead in m0 since epoch 0"
    assert [int(n) for n in re.findall(r"\d+", found.why)][: min(8, len(dead))] == dead[:8].tolist()


def test_units_that_come_back_are_not_called_dead() -> None:
    training = trained(buried(9)(TRAIN["moons"]), 10)
    for unit in training.probes()[-1].units[0].dead:
        training.apply(SetEntry("m0.bias", (unit,), 5.0))
    on(training, 1)
    assert training.probes()[-1].units[0].dead == ()
    assert "dead ReLU units" not in {finding.kind for finding in training.findings()}


def test_the_onset_is_where_a_run_went_wrong() -> None:
    training = trained(TRAIN["spirals"], 10)
    assert training.findings() == ()
    training.apply(SetKnob("lr", "3"))
    edited = training.step
    on(training, 8)
    found = the("dead ReLU units", training)
    assert edited < found.step <= edited + 2 * training.steps_an_epoch()
    assert found.epoch == found.step / training.steps_an_epoch()


@pytest.mark.parametrize("share", [0.8, 1.2])
def test_a_rate_is_held_against_the_curvature(share: float) -> None:
    full = DESCEND["line"].changed(batch=32, optimiser=SGD())
    bears = spectrum(Objective(full), Objective(full).start).largest_rate
    training = trained(full.changed(lr=share * bears), 40)
    kinds = {finding.kind for finding in training.findings()}
    assert ("diverging" in kinds) == (share > 1)
    if share > 1:
        found = the("diverging", training)
        assert found.step == 0 and f"is over 2/λmax = {bears:.2g}" in found.why
        assert found.remedy is not None and found.remedy[0] == "lr" and float(found.remedy[1]) < bears


def test_looking_for_evidence_leaves_the_run_as_it_is() -> None:
    experiment = turned(turned(TRAIN["spirals"], "optimiser", "SGD"), "lr", "10")
    alone, watched = trained(experiment, 12), trained(experiment, 0)
    while watched.step < alone.step:
        watched.advance(7)
        watched.findings()
    assert the("diverging", watched) == the("diverging", alone)
    mine, other = watched.look(), alone.look()
    assert all(np.array_equal(mine.parameters[name], values) for name, values in other.parameters.items())


@pytest.mark.parametrize("name", ["line", "two-layer", "logistic"])
def test_power_iteration_finds_the_largest_eigenvalue(name: str) -> None:
    objective = Objective(DESCEND[name])
    wanted = spectrum(objective, objective.start).highest
    assert highest_curvature(objective, objective.start) == pytest.approx(wanted, rel=1e-2)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_the_first_number_that_broke_is_found_to_the_event() -> None:
    experiment = turned(turned(turned(TRAIN["cubic"], "activation", "none"), "optimiser", "SGD"), "lr", "0.5")
    training = trained(experiment, 60)
    found = the("not a number", training)
    history = training.session.history
    node = re.match(r"first in (\w+)", found.why)
    assert node is not None
    for step in range(max(0, found.step - 30), found.step + 1):
        program = history.record(0, step).program
        graph = experiment.graph
        made = [(name, node.name) for node in graph.nodes for name in node.outputs]
        broken = [maker for name, maker in made if not np.isfinite(program.values[name]).all()]
        assert broken[:1] == ([node[1]] if step == found.step else [])


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_run_that_is_broken_from_its_first_step() -> None:
    experiment = TRAIN["cubic"].changed(init="constant", scale=1e200)
    training = trained(experiment, 3)
    (found,) = training.findings()
    assert (found.kind, found.step, found.epoch) == ("not a number", 0, 0)
    assert "training step 0" in found.why


@given(st.lists(st.booleans(), max_size=40))
def test_a_state_lasts_from_its_first_probe_until_it_is_gone_for_long(seen: list[bool]) -> None:
    place = lasting(seen, seen)
    text = "".join("x" if hit else "." for hit in seen)
    begun = [m.start() for m in re.finditer("x" * HOLD, text)]
    over = [m.start() for m in re.finditer(re.escape("." * HOLD), text)]
    last_over = max(over, default=-1)
    open_now = [k for k in begun if k > last_over]
    assert (place is None) == (not open_now)
    if place is not None:
        assert seen[place : place + HOLD] == [True] * HOLD and "." * HOLD not in text[place:]
