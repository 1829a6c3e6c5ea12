"""Gradients taken apart add up again; nudges arrive as predicted, and the error falls with their square."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from bptui.data.samples import Data
from bptui.engine.jacobian import local_jacobian
from bptui.engine.modules import Linear, SquaredError, Tanh
from bptui.engine.net import Net
from bptui.session.actions import ActionError, NextStep, RunToEnd, SetKnob
from bptui.session.experiment import Experiment
from bptui.session.rehearsal import Rehearsal
from bptui.session.session import Session
from bptui.session.twiddle import twiddle
from bptui.session.why import why
from bptui.sources.presets import PRESETS

SMALL = [name for name in PRESETS if name not in ("mynet", "spiral", "switch")]


def at_the_end(name: str, **knobs: str) -> Session:
    session = Session(PRESETS[name])
    for knob, text in knobs.items():
        session.apply(SetKnob(knob, text))
    session.apply(RunToEnd("backward"))
    return session


@pytest.mark.some(5)
@pytest.mark.parametrize("knobs", [{}, {"l2": "0.1", "l1": "0.01"}, {"zero": "off"}], ids=str)
@pytest.mark.parametrize("name", [*SMALL, "switch"])
def test_parts_and_paths_add_up_to_the_gradient(name: str, knobs: dict[str, str]) -> None:
    moment = at_the_end(name, **knobs).moment()
    graph = moment.graph
    for variable in graph.variables.values():
        if variable.name in graph.differentiable and variable.name != graph.loss:
            for index in np.ndindex(variable.shape):
                answer = why(moment, variable.name, index)
                whole = moment.gradient(variable.name)
                assert whole is not None
                assert answer.gradient == whole[index]
                assert np.isclose(sum(part.value for part in answer.parts), whole[index], rtol=1e-12, atol=1e-14)
                assert np.isclose(sum(path.value for path in answer.paths), whole[index], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(("kink", "shares"), [("torch", (0.5, 0.5)), ("other", (1.0, 0.0))])
def test_at_a_tie_all_follow_the_choice(kink: str, shares: tuple[float, float]) -> None:
    moment = at_the_end("switch", kink=kink).moment()
    dz = moment.gradient("z")
    assert dz is not None and dz[2] != 0.0
    for name, share in zip(("s0", "s1"), shares, strict=True):
        answer = why(moment, name, (2,))
        assert answer.gradient == share * dz[2]
        assert [(part.factor, part.incoming) for part in answer.parts] == [(share, dz[2])]
        assert local_jacobian(moment, "max", name)[2].tolist() == [0.0, 0.0, share]
        first = twiddle(moment, name, (2,), 0.25).moved[0]
        assert (first.predicted[2], first.actual[2]) == (0.25 * share, 0.25)


def test_a_skip_has_two_paths() -> None:
    answer = why(at_the_end("skip").moment(), "x", (0,))
    assert {path.modules for path in answer.paths} == {
        ("dup x", "m0", "add", "relu", "cost"),
        ("dup x", "add", "relu", "cost"),
    }
    assert {part.incoming_name for part in answer.parts} == {"dx′[0]", "dx″[0]"}


def test_a_batch_is_taken_apart_by_sample() -> None:
    session = at_the_end("two-layer", batch="4")
    answer = why(session.moment(), "m1.weight", (0, 0))
    assert len(answer.parts) <= 4
    assert all("sample" in part.factor_name for part in answer.parts)
    assert np.isclose(sum(p.value for p in answer.parts), answer.gradient)


@pytest.mark.some(5)
@pytest.mark.parametrize("batch", ["1", "2"])
@pytest.mark.parametrize("name", SMALL)
def test_a_small_nudge_arrives_as_predicted(name: str, batch: str) -> None:
    knobs = {} if name == "average" else {"batch": batch}
    moment = at_the_end(name, l2="0.05", **knobs).moment()
    graph = moment.graph
    for variable in graph.variables.values():
        if variable.name in graph.differentiable and variable.name != graph.loss:
            for index in list(np.ndindex(variable.shape))[:3]:
                result = twiddle(moment, variable.name, index, 1e-5)
                for moved in result.moved:
                    assert np.allclose(moved.actual, moved.predicted, atol=1e-8)
                assert np.isclose(result.actual, result.predicted, atol=1e-8)
                assert np.isclose(float(result.moved[-1].predicted), result.predicted, rtol=1e-9, atol=1e-14)


def test_halving_the_nudge_quarters_the_error() -> None:
    result = twiddle(at_the_end("chain").moment(), "m0.weight", (0, 0), 0.1)
    errors = [error for _, error in result.errors]
    assert all(3.0 < big / small < 5.0 for big, small in pairwise(errors))


def test_twiddling_changes_nothing_in_the_session() -> None:
    session = at_the_end("two-layer")
    before = session.moment().value("s2").copy()  # type: ignore[union-attr]
    twiddle(session.moment(), "x", (0,), 1.0)
    why(session.moment(), "x", (0,))
    assert (session.moment().value("s2") == before).all()


def test_mynet_is_quick_enough_and_right() -> None:
    moment = at_the_end("mynet").moment()
    result = twiddle(moment, "m0.weight", (3, 17), 1e-6)
    assert np.isclose(result.actual, result.predicted, rtol=1e-3, atol=1e-12)


def test_a_weight_is_nudged_in_a_wide_batch_for_all_samples_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    passes: list[str] = []
    through = Rehearsal.backward
    monkeypatch.setattr(Rehearsal, "backward", lambda self, node: (passes.append(node.name), through(self, node)))

    def nudged(batch: str) -> int:
        passes.clear()
        result = twiddle(at_the_end("mynet", batch=batch).moment(), "m0.weight", (3, 17), 1e-4)
        assert np.isclose(result.actual, result.predicted, rtol=1e-3)
        return len(passes)

    one = nudged("1")
    assert 0 < nudged("256") < 2 * one  # not 256 times as many


RECURRENT = (
    Net("recurrent")
    .input("x", 2)
    .add("m0", Linear(2), "x", "s1")
    .add("h1", Tanh(), "s1", "z1")
    .add("again", Linear(2), "z1", "s2", shares="m0")
    .target("y", 2)
    .add("cost", SquaredError(), "s2 y", "C")
)
DEAD_ENDS = (
    Net("dead ends")
    .input("x", 2)
    .add("m0", Linear(2), "x", "s1")
    .add("aside", Linear(2), "x", "s2", shares="m0")
    .target("y", 2)
    .add("cost", SquaredError(), "s1 y", "C")
    .add("later", Tanh(), "s2", "z")
)
TWO_COSTS = (
    Net("two costs")
    .input("x", 2)
    .add("m0", Linear(2), "x", "s1")
    .target("y", 2)
    .add("cost1", SquaredError(), "s1 y", "C1")
    .add("h", Tanh(), "s1", "z")
    .target("t", 2)
    .add("cost2", SquaredError(), "z t", "C2")
)


@pytest.mark.some(5)
@pytest.mark.parametrize("layout", ["rows", "features"])
@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("net", [RECURRENT, DEAD_ENDS, TWO_COSTS], ids=lambda net: net.name)
def test_every_entry_of_a_tangled_net_is_taken_apart_and_nudged(net: Net, batch: int, layout: str) -> None:
    session = Session(Experiment(net, Data(count=5), batch=batch, layout=layout))  # type: ignore[arg-type]
    session.apply(RunToEnd("backward"))
    moment, graph = session.moment(), session.graph
    for name in graph.differentiable - {graph.loss}:
        for index in np.ndindex(graph.variables[name].shape):
            answer, result = why(moment, name, index), twiddle(moment, name, index, 1e-6)
            assert answer.gradient == moment.gradient(name)[index]  # type: ignore[index]
            assert np.isclose(sum(part.value for part in answer.parts), answer.gradient)
            assert np.isclose(sum(path.value for path in answer.paths), answer.gradient)
            assert result.moved[-1].name == graph.loss
            for moved in result.moved:
                assert np.allclose(moved.actual, moved.predicted, atol=1e-9), (name, moved.name)


def test_gradients_that_pile_up_are_taken_apart_with_what_was_there_before() -> None:
    session = at_the_end("two-layer", zero="off")
    session.apply(NextStep(2))
    answer = why(session.moment(), "m1.weight", (0, 0))
    assert answer.gradient == session.moment().gradient("m1.weight")[0, 0]  # type: ignore[index]
    assert np.isclose(sum(part.value for part in answer.parts), answer.gradient)
    assert any("before" in part.incoming_name and part.value for part in answer.parts)


@pytest.mark.parametrize(
    ("name", "index", "ds"), [("C", (), 1.0), ("y", (0,), 1.0), ("x", (9,), 1.0), ("x", (0,), 0.0)]
)
def test_what_cannot_be_nudged_says_so(name: str, index: tuple[int, ...], ds: float) -> None:
    with pytest.raises(ActionError):
        twiddle(at_the_end("two-layer").moment(), name, index, ds)
