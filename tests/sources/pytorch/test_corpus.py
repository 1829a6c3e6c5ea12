"""The corpus: each source gives the graph and the numbers that it must, or the refusal."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from cases import STEPS, Case, cases, condensed, graph_of  # noqa: E402
from numbers_for import SAMPLES, parameters_for, samples_for  # noqa: E402

from bptui.engine.modules.halt import Halt  # noqa: E402
from bptui.engine.tape import Tape  # noqa: E402
from bptui.session.experiment import Experiment  # noqa: E402
from bptui.session.knobs import KNOBS, setting_names  # noqa: E402
from bptui.session.toml import from_toml, to_toml  # noqa: E402
from bptui.sources.pytorch import SourceError  # noqa: E402

ALL = cases()
RUNS, HALTS = [c for c in ALL if c.runs], [c for c in ALL if "halts" in c.head]
REFUSED = [c for c in ALL if "refuses" in c.head]
GRAPHS = HERE / "graphs.json"
WANTED = json.loads((HERE / "torch.json").read_text(encoding="utf-8"))


def by_name(some: list[Case]) -> Any:
    return pytest.mark.parametrize("case", some, ids=lambda case: case.name)


def run(experiment: Experiment) -> dict[str, list[float]]:
    """The same as `make_corpus_golden.run`, by the engine."""
    experiment = experiment.changed(training=False, batch=SAMPLES)
    tape = Tape(experiment.graph, experiment.settings(SAMPLES))
    for name, value in parameters_for(experiment).items():
        tape.state.parameters[name][...] = value
    samples, results = samples_for(experiment), {}
    costs = [layer for layer in experiment.net.layers if layer.module.role == "cost"]
    for step in range(STEPS):
        tape.step(samples, np.arange(SAMPLES), step)
        if step == 0:
            graph, values = experiment.graph, tape.program.values
            loss = next((n.outputs[0] for n in graph.nodes if n.name == "average"), costs[0].outputs[0])
            results["output"] = condensed(values[costs[0].inputs[0]])
            results["loss"] = [float(values[loss])]
            gradients = [v.name for v in (*graph.inputs, *graph.parameters)]
            results |= {f"d {name}": condensed(tape.program.gradients[name]) for name in gradients}
    return results | {f"after {name}": condensed(value) for name, value in tape.state.parameters.items()}


def match(case: Case, wanted: dict[str, list[float]]) -> None:
    """Raise AssertionError unless the engine's results are PyTorch's, to 1e-10.

    A penalty of ours is a part of the loss, and of the gradients; PyTorch's weight_decay is in neither.
    """
    got = run(case.read().experiment)
    plain = run(case.read().experiment.changed(l2=0.0))
    for name, value in wanted.items():
        ours = got if name.startswith("after") else plain
        np.testing.assert_allclose(ours[name], value, rtol=1e-10, atol=1e-12, err_msg=name)


def test_the_corpus_is_large_and_the_sidecars_know_all_of_it() -> None:
    assert len(ALL) >= 60
    assert set(WANTED) == {case.name for case in (*RUNS, *HALTS)}
    if not os.environ.get("RENEW_GOLDEN"):
        assert set(json.loads(GRAPHS.read_text(encoding="utf-8"))) == {case.name for case in (*RUNS, *HALTS)}


@by_name([*RUNS, *HALTS])
def test_graph(case: Case) -> None:
    got = graph_of(case.read().experiment)
    if os.environ.get("RENEW_GOLDEN"):  # one process: pytest -n 0
        known = json.loads(GRAPHS.read_text(encoding="utf-8")) if GRAPHS.exists() else {}
        known[case.name] = got
        GRAPHS.write_text(json.dumps(known, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    assert got == json.loads(GRAPHS.read_text(encoding="utf-8"))[case.name]


@pytest.mark.some(3)
@by_name(RUNS)
def test_numbers_are_pytorchs(case: Case) -> None:
    match(case, WANTED[case.name])


@pytest.mark.slow
@by_name(RUNS)
def test_numbers_are_pytorchs_live(case: Case) -> None:
    pytest.importorskip("torch")
    from make_corpus_golden import run as run_in_torch

    match(case, run_in_torch(case, case.read().experiment))


@by_name([case for case in RUNS if "with" in case.head])
def test_settings(case: Case) -> None:
    experiment = case.read().experiment
    for word in case.head["with"].split():
        knob, _, value = word.partition("=")
        part = setting_names(experiment).get(knob)
        got = str(getattr(getattr(experiment, part), knob)) if part else KNOBS[knob].read(experiment)
        assert got == value, knob


@by_name(HALTS)
def test_a_program_that_stops_is_opened_and_says_what_pytorch_says(case: Case) -> None:
    program = case.read()
    last = program.experiment.net.layers[-1]
    assert program.halts
    assert isinstance(last.module, Halt)
    assert last.module.problem == WANTED[case.name]
    assert program.source.lines[last.name] == int(case.head["halts"])


@by_name(REFUSED)
def test_refusal(case: Case) -> None:
    with pytest.raises(SourceError) as caught:
        case.read()
    text = str(caught.value)
    assert "\n" not in text
    place, _, message = text.partition(f"{case.path}:")
    assert place == ""
    assert message.strip().startswith(case.head["refuses"])


@by_name([*RUNS, *HALTS])
def test_lines_are_lines_of_the_file(case: Case) -> None:
    program = case.read()
    count = len(program.source.text.splitlines())
    names = {layer.name for layer in program.experiment.net.layers}
    assert program.source.lines.keys() <= names
    assert all(1 <= line <= count for line in program.source.lines.values())
    unsaid = names - program.source.lines.keys()
    assert unsaid <= {"cost", "loss"}


@pytest.mark.some(5)
@by_name([*RUNS, *HALTS])
def test_what_was_read_goes_into_a_file_and_comes_back(case: Case) -> None:
    experiment = case.read().experiment
    assert from_toml(to_toml(experiment)) == experiment
