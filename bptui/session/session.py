"""One learner in one experiment. `apply` is the only way to change anything; views read `moment()`."""

from __future__ import annotations

from dataclasses import replace

from bptui.data.minibatches import Clock
from bptui.engine.graph import Graph
from bptui.engine.module import subscript
from bptui.engine.notation import gradient_symbol, numeral, symbol
from bptui.session.actions import (
    Action,
    ActionError,
    AddCondition,
    AddWatch,
    Back,
    Continue,
    Forward,
    Jump,
    NextStep,
    Origin,
    PreviousStep,
    RemoveCondition,
    RemoveWatch,
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
from bptui.session.conditions import Condition, ConditionError, Stops
from bptui.session.experiment import Experiment
from bptui.session.history import Address, Branch, History
from bptui.session.knobs import KNOBS, KnobError, turned
from bptui.session.moment import Moment
from bptui.session.runner import Poke
from bptui.session.search import FORWARD_LIMIT, backward_to_stop, forward_to_stop, moment_at, origin

FAR = 20_000  # training steps beyond the furthest visited one that a single move may go


class Session:
    """A cursor in the history of one experiment.

    What it shows is a function of the experiment, the actions and the cursor alone. `message` says, in one line, why
    the last action ended where it did; it is empty where that needs no word. `chosen` is the entry that it found
    where it was free to choose one. `log` holds all actions that were done.
    """

    def __init__(self, experiment: Experiment) -> None:
        self.history = History(experiment.validated())
        self.address = Address(0, 0, 0)
        self.sample = 0
        self.breakpoints: frozenset[str] = frozenset()
        self.conditions: tuple[Condition, ...] = ()
        self.watches: tuple[AddWatch, ...] = ()
        self.message = ""
        self.chosen: tuple[int, ...] | None = None
        self.log: list[Action] = []
        self._furthest = 0

    # -- reading

    @property
    def experiment(self) -> Experiment:
        """The experiment in force at the cursor."""
        return self.history.owner(self.address.branch, self.address.step).experiment

    @property
    def graph(self) -> Graph:
        """The graph in force at the cursor."""
        return self.experiment.graph

    @property
    def branches(self) -> list[Branch]:
        """All branches, in the order in which their edits were made."""
        return self.history.branches

    def moment(self) -> Moment:
        """What is known at the cursor. Valid until the session moves."""
        return moment_at(self.history, self.address, self.sample)

    # -- changing

    def apply(self, action: Action) -> None:
        """Do one action. Raises ActionError, one line, if it cannot be done; then nothing has changed."""
        self.message, self.chosen = "", None
        self._do(action)
        self._furthest = max(self._furthest, self.address.step)
        self.log.append(action)

    def _do(self, action: Action) -> None:
        match action:
            case Forward(n):
                self._move(n)
            case Back(n):
                self._move(-n)
            case NextStep(n):
                self._jump(self.address.step + n, self._event_in(self.address.step + n))
            case PreviousStep(n):
                self._jump(self.address.step - n, self._event_in(max(0, self.address.step - n)))
            case Jump(step, event):
                self._jump(step, event)
            case RunToNode(node):
                self._run_to_node(node)
            case RunToEnd(of):
                self._run_to_end(of)
            case ShowSample(sample):
                self._show(sample)
            case SetEntry():
                self._set_entry(action)
            case SetKnob():
                self._set_knob(action)
            case Undo():
                self._undo()
            case SwitchBranch(branch):
                self._switch(branch)
            case Continue() | ReverseContinue():
                self._continue(forward=isinstance(action, Continue))
            case Origin():
                self._origin(action)
            case _:
                self._mark(action)

    # -- moving

    def _events(self, step: int) -> int:
        return len(self.history.owner(self.address.branch, step).experiment.graph.events)

    def _event_in(self, step: int) -> int:
        """The present event's counterpart in another training step, whose graph may differ."""
        return self._counterpart(self.history.owner(self.address.branch, max(0, step)).experiment.graph)

    def _counterpart(self, graph: Graph) -> int:
        return counterpart(self.graph, self.address.event, graph)

    def _jump(self, step: int, event: int) -> None:
        if step < 0:
            raise ActionError("this is the first minibatch")
        self._refuse_far(step)
        if not 0 <= event < self._events(step):
            raise ActionError(f"step {step} has events 0 to {self._events(step) - 1}; {event} is none of them")
        self.address = replace(self.address, step=step, event=event)

    def _refuse_far(self, step: int) -> None:
        """Every step on the way has to be run: a slip of the finger must not take minutes."""
        furthest = max(self._furthest, self.history.furthest)
        if step > furthest + FAR:
            raise ActionError(f"step {step} is too far to run in one go, wants at most {furthest + FAR}")

    def _move(self, by: int) -> None:
        step, event = self.address.step, self.address.event + by
        while event >= self._events(step):
            event -= self._events(step)
            step += 1
            self._refuse_far(step)
        while event < 0:
            if step == 0:
                raise ActionError("this is the beginning: nothing came before")
            step -= 1
            event += self._events(step)
        self._jump(step, event)

    def _run_to_node(self, node: str) -> None:
        if node not in self.graph.node:
            raise ActionError(f"no module {node!r} in this net")
        for step in (self.address.step, self.address.step + 1):
            for event in self.history.owner(self.address.branch, step).experiment.graph.events:
                if event.node == node and (step > self.address.step or event.index > self.address.event):
                    return self._jump(step, event.index)
        raise ActionError(f"{node} has no event")

    def _run_to_end(self, of: str) -> None:
        if of == "epoch":
            return self._run_epoch()
        phases = ("forward", "cost") if of == "forward" else ("backward",)
        for step in (self.address.step, self.address.step + 1):
            graph = self.history.owner(self.address.branch, step).experiment.graph
            if graph.halts and of != "forward":
                raise ActionError("the program stops with an error, so nothing comes back")
            last = max(e.index for e in graph.events if e.phase in phases)
            if step > self.address.step or last > self.address.event:
                return self._jump(step, last)
        return None

    def _run_epoch(self) -> None:
        """To the last event of this epoch's last minibatch; from there, to the next epoch's."""
        clock = self._last_of_epoch(self.moment().record.clock)
        if (clock.step, self._events(clock.step) - 1) == (self.address.step, self.address.event):
            clock = self._last_of_epoch(self._after(clock))
        self._jump(clock.step, self._events(clock.step) - 1)

    def _last_of_epoch(self, clock: Clock) -> Clock:
        """The clock of the epoch's last step; an edit on the way may have changed the batch."""
        after = self._after(clock)
        while after.epoch == clock.epoch:
            clock, after = after, self._after(after)
        return clock

    def _after(self, clock: Clock) -> Clock:
        experiment = self.history.owner(self.address.branch, clock.step).experiment
        return clock.after(experiment.batch, experiment.count)

    def _show(self, sample: int) -> None:
        size = len(self.moment().record.indices)
        if not 0 <= sample < size:
            raise ActionError(f"this minibatch has samples 0 to {size - 1}")
        self.sample = sample

    def _continue(self, *, forward: bool) -> None:
        stops = Stops(self.breakpoints, self.conditions)
        if not stops and forward and self.graph.halts:
            self._jump(self.address.step, len(self.graph.events) - 1)
            return
        if not stops:
            raise ActionError("nothing to stop at: set a breakpoint (b) or a condition (B) first")
        found = (forward_to_stop if forward else backward_to_stop)(self.history, self.address, stops)
        if found is None:
            reach = f"in the next {FORWARD_LIMIT} training steps" if forward else "before this"
            raise ActionError(f"nothing stops the run {reach}")
        self.address, self.message = found

    def _origin(self, action: Origin) -> None:
        if action.name not in self.graph.variables:
            raise ActionError(f"no variable {action.name!r} in this net")
        if action.index is not None:
            self._refuse_index(action.name, action.index)
        wanted = replace(action, name=self._stored(action.name)) if action.of == "value" else action
        name = (gradient_symbol if action.of == "gradient" else symbol)(action.name)
        found = origin(self.history, self.address, wanted, self.sample)
        if found is None:
            done = {"changed": "changed", "zero": "became 0", "not finite": "became not finite"}[action.what]
            which = f"no entry of {name} ever" if action.index is None else f"{name}{subscript(action.index)} never"
            raise ActionError(f"{which} {done} up to here")
        self.address, became = found
        self.chosen = became.index if action.index is None else None
        verb = "changed to" if action.what == "changed" else "became"
        before = ", its first value" if became.former is None else f", before it was {numeral(became.former, 6)}"
        self.message = f"here {name}{subscript(became.index)} {verb} {numeral(became.value, 6)}{before}"

    def _stored(self, name: str) -> str:
        """The parameter that a copy of it shows; any other name as it is."""
        return self.graph.copy_of.get(name, name)

    def _refuse_index(self, name: str, index: tuple[int, ...]) -> None:
        shape = self.graph.variables[name].shape
        if len(index) != len(shape) or not all(0 <= i < n for i, n in zip(index, shape, strict=True)):
            raise ActionError(f"{name} has shape {list(shape)}, no entry {list(index)}")

    # -- edits: each starts a branch

    def _set_entry(self, action: SetEntry) -> None:
        graph, at = self.graph, self.address
        variable = graph.variables.get(action.name)
        if variable is None or variable.role == "computed":
            raise ActionError(f"{action.name}: only inputs, targets and parameters can be set; the rest follows")
        if variable.role == "target" and variable.classes:
            entries = self._class_entries(action, variable.shape[0])
        else:
            entries = [(action.index, action.value)]
        after = 0
        if variable.role == "parameter":
            after = -1 if at.event < self.experiment.written.update[action.name] else at.event
        pokes = []
        for index, value in entries:
            self._refuse_index(action.name, index)
            whole = (self.moment().sample, *index) if variable.batched else index
            pokes.append(Poke(after, action.name, whole, value))
        parent = self.history.owner(at.branch, at.step)
        former = parent.pokes if parent.start == at.step else ()
        branch = self.history.fork(parent, at, action, parent.experiment, (*former, *pokes))
        self.address = replace(at, branch=branch.number)

    @staticmethod
    def _class_entries(action: SetEntry, count: int) -> list[tuple[tuple[int, ...], float]]:
        if action.value not in range(count):
            raise ActionError(f"{action.name} is a class from 0 to {count - 1}, not {action.value:g}")
        return [((k,), float(k == action.value)) for k in range(count)]

    def _set_knob(self, action: SetKnob) -> None:
        name, at = action.name, self.address
        try:
            experiment = turned(self.experiment, name, action.text)
        except KnobError as error:
            raise ActionError(str(error)) from None
        if experiment == self.experiment:
            return
        graph, event = self.graph, self._counterpart(experiment.graph)
        restarts = name in KNOBS and KNOBS[name].restarts
        parent = self.history.owner(at.branch, at.step)
        former = parent.pokes if parent.start == at.step and not restarts else ()
        pokes = [replace(p, after=counterpart(graph, p.after, experiment.graph)) if p.after > 0 else p for p in former]
        branch = self.history.fork(parent, at, action, experiment, tuple(pokes), anew=restarts)
        self.address = Address(branch.number, branch.start, event)
        if restarts:
            self.message = f"{name} decides how the run begins: it starts anew"

    def _undo(self) -> None:
        branch = self.history.branches[self.address.branch]
        if branch.made_at is None:
            raise ActionError("nothing to undo: no edit was made on this branch")
        self.address = branch.made_at
        self.message = f"undone: {branch.edit} (branch {branch.number} is kept)"

    def _switch(self, number: int) -> None:
        if not 0 <= number < len(self.history.branches):
            raise ActionError(f"no branch {number}; there are 0 to {len(self.history.branches) - 1}")
        event = self._counterpart(self.history.owner(number, self.address.step).experiment.graph)
        self.address = Address(number, self.address.step, event)

    # -- marks: they change neither the run nor the cursor

    def _mark(self, action: Action) -> None:
        match action:
            case ToggleBreakpoint(node):
                if node not in self.graph.node and node not in self.breakpoints:  # a knob may have taken it away
                    raise ActionError(f"no module {node!r} in this net")
                self.breakpoints = self.breakpoints ^ {node}
            case AddCondition(condition):
                try:
                    checked = condition.checked(self.graph)
                except ConditionError as error:
                    raise ActionError(str(error)) from None
                self.conditions = (*(c for c in self.conditions if c != checked), checked)
            case RemoveCondition(condition):
                self.conditions = tuple(c for c in self.conditions if c != condition)
            case AddWatch(name, _, index):
                if name not in self.graph.variables:
                    raise ActionError(f"no variable {name!r} in this net")
                if index is not None:
                    self._refuse_index(name, index)
                self.watches = (*(w for w in self.watches if w != action), action)
            case RemoveWatch(watch):
                self.watches = tuple(w for w in self.watches if w != watch)


def counterpart(old: Graph, event: int, new: Graph) -> int:
    """An event of one graph in another, or the last one before it that exists there."""
    there = {(e.phase, e.node, e.parameter): e.index for e in new.events}
    found = (there.get((e.phase, e.node, e.parameter)) for e in reversed(old.events[: event + 1]))
    return next((index for index in found if index is not None), 0)
