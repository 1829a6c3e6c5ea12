"""Any sequence of actions shows what a slow walk shows: a tape run event by event, edits made by hand on the way."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bptui.data.minibatches import Clock, epoch_order
from bptui.engine.buffers import Array
from bptui.engine.graph import Graph
from bptui.engine.tape import Tape
from bptui.session.actions import (
    Action,
    ActionError,
    AddCondition,
    Back,
    Continue,
    Forward,
    Jump,
    NextStep,
    Origin,
    PreviousStep,
    RemoveCondition,
    ReverseContinue,
    RunToEnd,
    RunToNode,
    SetEntry,
    SetKnob,
    ShowSample,
    SwitchBranch,
    ToggleBreakpoint,
    Undo,
)
from bptui.session.conditions import Condition
from bptui.session.experiment import Experiment
from bptui.session.knobs import KNOBS
from bptui.session.session import Session
from bptui.sources.presets import PRESETS

MARK = -7.25e37  # what stands in every buffer that a step has not filled yet
FURTHEST = 40  # training steps into a run that the walk goes

State = dict[str, dict[str, Array]]  # by stretch and parameter
Key = tuple[str, str | None, str | None]  # an event, whatever the graph


@dataclass
class Line:
    """One branch of the oracle: like a session's, but that pokes name their events."""

    parent: int | None
    start: int
    experiment: Experiment
    pokes: tuple[tuple[Key | None, str, tuple[int, ...], float], ...] = ()


@dataclass
class Snapshot:
    """All arrays as they stand when an event has just happened; None for what is not known yet."""

    values: dict[str, Array | None]
    gradients: dict[str, Array | None]
    slots: dict[str, dict[str, Array]]


def key_of(graph: Graph, event: int) -> Key:
    e = graph.events[event]
    return e.phase, e.node, e.parameter


class Oracle:
    """Runs every step of every branch from its beginning, one event after the other, and copies everything."""

    def __init__(self, experiment: Experiment) -> None:
        self.lines = [Line(None, 0, experiment)]
        self.known: dict[tuple[int, int], tuple[Clock, Array, list[Snapshot], State, Clock]] = {}

    def owner(self, line: int, step: int) -> int:
        while step < self.lines[line].start:
            parent = self.lines[line].parent
            assert parent is not None
            line = parent
        return line

    def step(self, line: int, step: int) -> tuple[Clock, Array, list[Snapshot]]:
        line = self.owner(line, step)
        for earlier in range(self.lines[line].start, step + 1):
            if (line, earlier) not in self.known:
                self.known[line, earlier] = self._run(line, *self._before(line, earlier))
        return self.known[line, step][:3]

    def _before(self, line: int, step: int) -> tuple[State, Clock]:
        this = self.lines[line]
        if step > this.start:
            return self.known[line, step - 1][3:]
        e = this.experiment
        if this.parent is None:
            return {"parameters": e.initial()}, Clock()
        if step > 0:
            self.step(this.parent, step - 1)
        owner = self.owner(this.parent, step)
        state, clock = self._before(owner, step)
        dtype = self.lines[owner].experiment.dtype  # what float32 has rounded stays rounded
        state = {k: {n: np.asarray(v, dtype) for n, v in by_name.items()} for k, by_name in state.items()}
        former = self.lines[owner].experiment.optimiser
        if (former.slots, former.clock) != (e.optimiser.slots, e.optimiser.clock):
            state, clock = {k: state[k] for k in ("parameters", "gradients") if k in state}, replace(clock, age=0)
        return state, clock

    def _run(self, line: int, state: State, clock: Clock) -> tuple[Clock, Array, list[Snapshot], State, Clock]:
        this, e = self.lines[line], self.lines[line].experiment
        order = epoch_order(e.seed, clock.epoch, e.count, e.shuffle)
        indices = order[clock.offset : clock.offset + e.batch]
        tape = Tape(e.graph, e.settings(len(indices)))
        program = tape.program
        for stretch, by_name in state.items():
            for name, values in by_name.items():
                tape.state.views(stretch)[name][...] = values
        pokes = [p for p in this.pokes if clock.step == this.start]
        pokes = [p for p in pokes if not e.graph.variables[p[1]].batched or p[2][0] < len(indices)]
        for when, name, index, value in pokes:
            if when is None:
                program.values[name][index] = value
        computed = [
            v.name for v in e.graph.variables.values() if v.role == "computed" and v.name not in e.graph.copy_of
        ]
        with np.errstate(all="ignore"):
            for name in computed:
                program.values[name].fill(MARK)
            for gradient in program.gradients.values():
                if not any(np.shares_memory(gradient, view) for view in tape.state.gradients.values()):
                    gradient.fill(MARK)
        tape.begin(e.samples, indices, clock.step, clock.age)
        snapshots = []
        for event in e.graph.events:
            tape.run(event.index, event.index + 1)
            for when, name, index, value in pokes:
                if when == key_of(e.graph, event.index):
                    program.values[name][index] = value
            snapshots.append(self._snapshot(tape))
        after = {stretch: {n: v.copy() for n, v in tape.state.views(stretch).items()} for stretch in tape.state.flat}
        offset = clock.offset + e.batch
        over = offset >= e.count
        later = Clock(clock.step + 1, clock.epoch + over, 0 if over else offset, clock.age + 1)
        return clock, indices, snapshots, after, later

    @staticmethod
    def _snapshot(tape: Tape) -> Snapshot:
        program, graph = tape.program, tape.program.graph

        def taken(array: Array) -> Array | None:
            with np.errstate(all="ignore"):
                return None if (array == np.array(MARK, array.dtype)).all() else array.copy()

        values = {name: taken(program.values[name]) for name in graph.variables}
        gradients = {n: taken(program.gradients[n]) for n in graph.differentiable}
        gradients |= {n: v.copy() for n, v in tape.state.gradients.items() if n in graph.differentiable}
        names = tape.program.settings.optimiser.slots
        slots = {p.name: {s: tape.state.views(s)[p.name].copy() for s in names} for p in graph.parameters}
        return Snapshot(values, gradients, slots)


def same(a: Array | None, b: Array | None) -> bool:
    return a is None if b is None else a is not None and a.dtype == b.dtype and a.tobytes() == b.tobytes()


TURNS = [
    ("l1", "0.03"), ("l1", "0"), ("l2", "0.1"), ("l2", "0"), ("dropout", "0.4"), ("dropout", "0"),
    ("lr", "0.01"), ("lr", "0.3"), ("batch", "1"), ("batch", "2"), ("batch", "3"), ("batch", "7"),
    ("cost", "squared error"), ("reduction", "sum"), ("reduction", "elements"), ("reduction", "batch"),
    ("init", "xavier"), ("scale", "0.5"), ("seed", "4"), ("schedule", "cosine"), ("schedule", "step"),
    ("every", "3"), ("shuffle", "on"), ("shuffle", "off"), ("zero", "on"), ("zero", "off"),
    ("mode", "training"), ("mode", "evaluation"), ("biases", "on"), ("dtype", "float32"), ("dtype", "float64"),
    *(("optimiser", name) for name in KNOBS["optimiser"].choices or ()),
    ("momentum", "0.5"), ("total", "9" * 400), ("lr", "nan"), ("batch", "10000"), ("nothing", "1"),
]  # fmt: skip


class Walk(RuleBasedStateMachine):
    """A learner who does anything at all."""

    small = tuple(name for name in PRESETS if name not in ("mynet", "spiral"))

    @initialize(name=st.sampled_from(small), layout=st.sampled_from(["rows", "rows", "features"]))
    def open(self, name: str, layout: str) -> None:
        self.start = PRESETS[name].changed(layout=layout)
        self.session, self.oracle = Session(self.start), Oracle(self.start)
        self.undone: list[object] = []

    def do(self, action: Action) -> bool:
        """Apply an action; where it is refused, nothing may have changed."""
        session = self.session
        before = (session.address, session.sample, len(session.branches), list(session.log), session.breakpoints)
        try:
            session.apply(action)
        except ActionError as error:
            assert "\n" not in str(error)
            assert before == (session.address, session.sample, len(session.branches), session.log, session.breakpoints)
            return False
        return True

    # -- moving

    @rule(n=st.integers(0, 40))
    def forward(self, n: int) -> None:
        if self.session.address.step < FURTHEST:
            self.do(Forward(n))

    @rule(n=st.integers(0, 40))
    def back(self, n: int) -> None:
        self.do(Back(n))

    @rule(n=st.integers(1, 3), later=st.booleans())
    def another_step(self, n: int, later: bool) -> None:
        if self.session.address.step < FURTHEST:
            self.do(NextStep(n) if later else PreviousStep(n))

    @rule(step=st.integers(0, FURTHEST), event=st.integers(-1, 30))
    def jump(self, step: int, event: int) -> None:
        if self.do(Jump(step, event)):
            assert (self.session.address.step, self.session.address.event) == (step, event)

    @rule(far=st.sampled_from([Jump(10**9, 0), Forward(10**9), NextStep(10**9), Back(10**9), PreviousStep(10**9)]))
    def too_far(self, far: Action) -> None:
        assert not self.do(far)

    @rule(data=st.data())
    def run_to_node(self, data: st.DataObject) -> None:
        self.do(RunToNode(data.draw(st.sampled_from([n.name for n in self.session.graph.nodes]))))

    @rule(of=st.sampled_from(["forward", "backward", "epoch"]))
    def run_to_end(self, of: str) -> None:
        session, here = self.session, (self.session.address.step, self.session.address.event)
        if here[0] < FURTHEST:
            assert self.do(RunToEnd(of))  # type: ignore[arg-type]
            step, event = session.address.step, session.address.event
            assert (step, event) > here
            if of == "epoch":
                epochs = [self.oracle.step(session.address.branch, s)[0].epoch for s in (step, step + 1)]
                assert epochs[1] == epochs[0] + 1
                assert event == len(session.graph.events) - 1

    @rule(sample=st.integers(0, 4))
    def show_sample(self, sample: int) -> None:
        size = len(self.session.moment().record.indices)
        assert self.do(ShowSample(sample)) == (sample < size)

    # -- editing

    @rule(data=st.data(), value=st.sampled_from([0.0, 1.0, 0.5, -3.0, 1e300, float("nan")]))
    def set_entry(self, data: st.DataObject, value: float) -> None:
        session, graph, at = self.session, self.session.graph, self.session.address
        name = data.draw(st.sampled_from([v.name for v in graph.variables.values() if v.role != "computed"]))
        v = graph.variables[name]
        index = () if v.classes else tuple(data.draw(st.integers(0, n - 1)) for n in v.shape)
        sample, here = session.moment().sample, self._screen()
        with np.errstate(all="ignore"):
            done = self.do(SetEntry(name, index, value))
        assert done == (not v.classes or value in range(v.shape[0]))
        if not done:
            return
        when: Key | None = key_of(graph, 0)
        if v.role == "parameter":
            update = next(e.index for e in graph.events if e.parameter == name)
            when = None if at.event < update else key_of(graph, at.event)
        places = [((k,), float(k == value)) for k in range(v.shape[0])] if v.classes else [(index, value)]
        pokes = tuple((when, name, (sample, *i) if v.batched else i, x) for i, x in places)
        self._forked(at.branch, at.step, session.experiment, pokes)
        shown = session.moment().value(name)
        assert shown is not None
        assert all(np.array_equal(shown[i], np.array(x, shown.dtype), equal_nan=True) for i, x in places)
        self._undoes(here)

    @rule(turn=st.sampled_from(TURNS))
    def set_knob(self, turn: tuple[str, str]) -> None:
        session, at, former = self.session, self.session.address, self.session.experiment
        here, event = self._screen(), key_of(self.session.graph, at.event)
        branches = len(session.branches)
        if not self.do(SetKnob(*turn)) or len(session.branches) == branches:
            return
        if turn[0] in ("init", "scale", "seed"):
            self.oracle.lines.append(Line(None, 0, session.experiment))
        else:
            self._forked(at.branch, at.step, session.experiment, ())
            now = key_of(session.graph, session.address.event)
            assert now == event or event not in {key_of(session.graph, e.index) for e in session.graph.events}
        assert session.experiment != former
        self._undoes(here)

    def _forked(self, branch: int, step: int, experiment: Experiment, pokes: tuple[object, ...]) -> None:
        owner = self.oracle.owner(branch, step)
        line = self.oracle.lines[owner]
        kept = line.pokes if line.start == step else ()
        self.oracle.lines.append(Line(owner, step, experiment, (*kept, *pokes)))  # type: ignore[arg-type]

    def _undoes(self, here: object) -> None:
        """Undo leads back to the very same screen, and the branch is kept."""
        branch, there = self.session.address, self._screen()
        assert self.do(Undo())
        assert self._screen() == here
        assert self.do(SwitchBranch(branch.branch))
        assert self.do(Jump(branch.step, branch.event))
        assert self._screen() == there

    @rule()
    def undo(self) -> None:
        self.do(Undo())

    @rule(data=st.data())
    def switch(self, data: st.DataObject) -> None:
        self.do(SwitchBranch(data.draw(st.integers(0, len(self.session.branches)))))

    # -- searching

    @rule(data=st.data(), forward=st.booleans())
    def run_to_a_stop(self, data: st.DataObject, forward: bool) -> None:
        session, graph = self.session, self.session.graph
        if session.address.step >= FURTHEST:
            return
        node = data.draw(st.sampled_from([n.name for n in graph.nodes if not n.collapsed]))
        condition = Condition("below", data.draw(st.sampled_from(sorted(graph.variables))), "value", 0.01)
        stops: list[ToggleBreakpoint | AddCondition] = [ToggleBreakpoint(node), AddCondition(condition)]
        stop = data.draw(st.sampled_from(stops))
        if not self.do(stop):
            return
        branch, here = session.address.branch, (session.address.step, session.address.event)
        found = None
        steps = range(here[0], FURTHEST + 5) if forward else range(here[0], -1, -1)
        for step in steps:
            events = self.oracle.lines[self.oracle.owner(branch, step)].experiment.graph.events
            for e in events if forward else reversed(events):
                place = (step, e.index)
                if found is None and (place > here if forward else place < here) and self._stops(stop, branch, *place):
                    found = place
            if found:
                break
        if found or not forward:
            assert self.do(Continue() if forward else ReverseContinue()) == (found is not None)
            assert (session.address.step, session.address.event) == (found or here)
        assert self.do(stop if isinstance(stop, ToggleBreakpoint) else RemoveCondition(session.conditions[0]))
        assert not session.breakpoints
        assert not session.conditions

    def _stops(self, stop: Action, branch: int, step: int, event: int) -> bool:
        graph = self.oracle.lines[self.oracle.owner(branch, step)].experiment.graph
        if isinstance(stop, ToggleBreakpoint):
            return graph.events[event].node == stop.node
        assert isinstance(stop, AddCondition)
        name = stop.condition.name
        if name not in graph.variables:
            return False
        name = graph.copy_of.get(name, name)
        variable, e = graph.variables[name], graph.events[event]
        made = {"parameter": e.parameter == name, "computed": e.node == variable.maker and e.phase != "backward"}
        if not made.get(variable.role, event == 0):
            return False
        values = self.oracle.step(branch, step)[2][event].values[name]
        return values is not None and bool((np.abs(values) < 0.01).any())

    @rule(data=st.data())
    def origin(self, data: st.DataObject) -> None:
        session, graph, at = self.session, self.session.graph, self.session.address
        name = data.draw(st.sampled_from(sorted(graph.variables)))
        v, asked = graph.variables[name], name
        name = graph.copy_of.get(name, name)  # steps before a penalty have the weight, and no copy of it
        index = tuple(data.draw(st.integers(0, n - 1)) for n in v.shape)
        sample, found, now = session.sample, None, None
        for step in range(at.step + 1):
            snapshots = self.oracle.step(at.branch, step)[2]
            for event, snapshot in enumerate(snapshots):
                if (step, event) <= (at.step, at.event) and (values := snapshot.values.get(name)) is not None:
                    value = float(values[(min(sample, len(values) - 1), *index) if v.batched else index])
                    if now is None or not (value == now or (value != value and now != now)):
                        found = (step, event)
                    now = value
            if name not in snapshots[-1].values:
                now = None
        assert self.do(Origin(asked, index)) == (found is not None)
        assert (session.address.step, session.address.event) == (found or (at.step, at.event))

    # -- holding it against the slow walk

    def _screen(self) -> object:
        session = self.session
        moment, result = session.moment(), []
        for name in session.graph.variables:
            for array in (moment.value(name), moment.gradient(name)):
                result.append(None if array is None else array.tobytes())
        return session.address, moment.record.clock, moment.record.indices.tobytes(), result

    @precondition(lambda self: hasattr(self, "session"))
    @invariant()
    def shows_what_the_slow_walk_shows(self) -> None:
        session, at = self.session, self.session.address
        with np.errstate(all="ignore"):
            clock, indices, snapshots = self.oracle.step(at.branch, at.step)
            moment, snapshot = session.moment(), snapshots[at.event]
        assert moment.record.clock == clock
        assert moment.record.indices.tolist() == indices.tolist()
        assert len(snapshots) == len(session.graph.events)
        for name in session.graph.variables:
            assert same(moment.batch_value(name), snapshot.values[name]), (name, "value")
            assert same(moment.batch_gradient(name), snapshot.gradients.get(name)), (name, "gradient")
        for p in session.graph.parameters:
            for slot, values in moment.slots(p.name).items():
                assert same(values, snapshot.slots[p.name][slot]), (p.name, slot)
        assert moment.rate <= session.experiment.lr
        assert (moment.loss is None) == (snapshot.values[session.graph.loss] is None)

    def teardown(self) -> None:
        if hasattr(self, "session"):
            again, screen = Session(self.start), self._screen()
            with np.errstate(all="ignore"):
                for action in self.session.log:
                    again.apply(action)
            self.session = again
            assert self._screen() == screen


PATIENT = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_short_walk() -> None:
    run_state_machine_as_test(
        Walk, settings=settings(max_examples=15, stateful_step_count=20, deadline=None, suppress_health_check=PATIENT)
    )


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(("coarse", "fine"), [(96 << 20, 32 << 20), (3000, 1000)])
def test_a_long_walk(coarse: int, fine: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bptui.session.history.COARSE_BUDGET", coarse)
    monkeypatch.setattr("bptui.session.history.FINE_BUDGET", fine)
    run_state_machine_as_test(
        Walk, settings=settings(max_examples=60, stateful_step_count=50, deadline=None, suppress_health_check=PATIENT)
    )
