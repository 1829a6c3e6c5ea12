"""A run that is watched: trained on, scrubbed back, measured on the way. It knows no thread; `trainer` does."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

from bptui.data.minibatches import Clock
from bptui.engine.buffers import Array
from bptui.session.actions import Action, Jump
from bptui.session.experiment import Experiment
from bptui.session.history import Branch, History
from bptui.session.session import Session
from bptui.session.train.doctor import Finding, diagnose
from bptui.session.train.doctor.evidence import Evidence
from bptui.session.train.field import Field, Fields
from bptui.session.train.probe import Probe, Prober

MOST_PROBES = 600  # of one branch; beyond, every other one is let go, and they are taken half as often
LONGEST = 512  # training steps between two probes, where an epoch is longer
SIBLINGS = 4  # runs from other seeds beside a regression: with it, an ensemble of five
KEPT = 8  # experiments whose probers are kept


@dataclass
class Track:
    """The probes of one branch's own stretch, one every `stride` training steps, and how far it was trained."""

    stride: int
    end: int
    probes: dict[int, Probe] = field(default_factory=dict)

    def add(self, probe: Probe) -> None:
        """Keep a probe; if there are too many, every other one."""
        self.probes[probe.step] = probe
        if len(self.probes) > MOST_PROBES:
            self.stride *= 2
            self.probes = {step: kept for step, kept in self.probes.items() if step % self.stride == 0}


@dataclass(frozen=True)
class Look:
    """All that is measured at one step. Arrays are copies: they stay as they are while the run goes on.

    `train` and `validation` are the predicted classes of the samples, (N,), and empty where there are none.
    """

    clock: Clock
    probe: Probe
    parameters: dict[str, Array]
    gradients: dict[str, Array]
    train: Array
    validation: Array
    field: Field | None


class Training:
    """A session's run as the train lab follows it. `step` is its cursor, at the beginning of a training step.

    It is measured every `every` epochs, more often where an epoch is long, and less where the run is.
    """

    def __init__(self, session: Session, every: int = 1) -> None:
        self.session, self.every = session, every
        self.step = session.address.step
        self.size = (80, 48)  # of the field, columns × rows
        self._tracks: dict[int, Track] = {}
        self._diagnosed: tuple[int, int, int] | None = None
        self._findings: tuple[Finding, ...] = ()
        self._evidence = Evidence(session.history)
        self._measuring: dict[int, tuple[Prober, Fields]] = {}
        first = session.history.branches[0].experiment
        self._siblings = [
            History(first.changed(seed=first.seed + k)) for k in range(1, SIBLINGS + 1) if Fields(first).kind == "fit"
        ]
        self._mirror()

    # -- reading

    @property
    def branch(self) -> int:
        """The number of the branch that the run is on."""
        return self.session.address.branch

    @property
    def experiment(self) -> Experiment:
        """The experiment in force at the cursor."""
        return self._owner(self.step).experiment

    @property
    def end(self) -> int:
        """The furthest step of this branch that was trained to."""
        return max(self._track(self.path()[-1]).end, self.step)

    def path(self) -> list[Branch]:
        """The branches that this run is made of, the first one first; each gives way where the next one starts."""
        return self.session.history.path(self.branch)

    def probes(self) -> tuple[Probe, ...]:
        """All probes of this run, in order."""
        path = self.path()
        ends = [*(later.start for later in path[1:]), math.inf]
        return tuple(
            track.probes[step]
            for track, end in zip(map(self._track, path), ends, strict=True)
            for step in sorted(track.probes)
            if step < end
        )

    def best(self) -> tuple[float, float] | None:
        """The lowest validation loss up to the cursor, and the epoch where it was; None without validation samples."""
        scores = [(p.validation.loss, p.epoch) for p in self.probes() if p.validation and p.step <= self.step]
        return min((score for score in scores if math.isfinite(score[0])), default=None)

    def steps_an_epoch(self) -> int:
        """Training steps in an epoch, at the cursor."""
        return math.ceil(self.experiment.count / self.experiment.batch)

    def look(self) -> Look:
        """Measure the run at the cursor."""
        prober, fields = self._measure(self._owner(self.step))
        clock, parameters = self.session.history.parameters(self.branch, self.step)
        probe = prober.probe(clock, parameters)
        members = [parameters] + [history.parameters(self.branch, self.step)[1] for history in self._siblings]
        return Look(
            clock,
            probe,
            {name: values.copy() for name, values in parameters.items()},
            {name: values.copy() for name, values in prober.gradients.items()},
            *prober.predictions(),
            fields.make(members, self.size),
        )

    def findings(self) -> tuple[Finding, ...]:
        """What the doctor finds wrong with this run up to the furthest step, the most pressing first."""
        probes = self.probes()
        key = (len(probes), probes[-1].step if probes else 0, self.branch)
        if key != self._diagnosed:
            before = max((probe.step for probe in probes if probe.finite), default=0)
            found = diagnose(probes)
            self._findings = tuple(self._evidence.examined(finding, self.branch, before) for finding in found)
            self._diagnosed = key
        return self._findings

    # -- moving

    def go(self, step: int) -> None:
        """Scrub to a step that was trained to."""
        self.step = min(max(0, step), self.end)

    def advance(self, most: int) -> bool:
        """Train for at most `most` steps, up to the next probe, and take it if it is due: then return True."""
        owner, track = self._owner(self.step), self._track(self._owner(self.step))
        if self.step == owner.start:
            self._probe(owner, track)
        next_start = next((b.start for b in self.path() if b.start > self.step), math.inf)
        due = (self.step // track.stride + 1) * track.stride
        count = int(min(most, due - self.step, next_start - self.step))
        for history in (self.session.history, *self._siblings):
            history.train(self.branch, self.step, count)
        self.step += count
        track.end = max(track.end, self.step)
        if self.step == due:
            self._probe(owner, track)
        return self.step == due

    def apply(self, action: Action) -> None:
        """Do an action of the session's at the cursor. Raises ActionError; then nothing has changed."""
        self.rest()
        self.session.apply(action)
        self.resume()

    def rest(self) -> None:
        """Leave the session's own cursor where this one is, for other views to go on from."""
        self.session.apply(Jump(self.step, 0))

    def resume(self) -> None:
        """Go on from where the session's own cursor is, whatever was done to it."""
        self.step = self.session.address.step
        self._mirror()

    def _mirror(self) -> None:
        """Make the edits in the sibling runs too, whose seeds stay different."""
        for k, sibling in enumerate(self._siblings, start=1):
            for b in self.session.history.branches[len(sibling.branches) :]:
                assert b.parent is not None and b.made_at is not None and b.edit is not None
                experiment = b.experiment.changed(seed=b.experiment.seed + k)
                sibling.fork(sibling.branches[b.parent], b.made_at, b.edit, experiment, b.pokes, anew=b.anew)

    # -- measuring

    def _owner(self, step: int) -> Branch:
        return self.session.history.owner(self.branch, step)

    def _track(self, branch: Branch) -> Track:
        if branch.number not in self._tracks:
            each = math.ceil(branch.experiment.count / branch.experiment.batch)
            self._tracks[branch.number] = Track(min(self.every * each, LONGEST), branch.start)
        return self._tracks[branch.number]

    def _measure(self, branch: Branch) -> tuple[Prober, Fields]:
        """What measures a branch's runs; those that were not used for longest are let go."""
        key = id(branch.experiment)  # branches are never dropped, so no other experiment can get this id
        found = self._measuring.pop(key, None) or (Prober(branch.experiment), Fields(branch.experiment))
        self._measuring[key] = found
        while len(self._measuring) > KEPT:
            del self._measuring[next(iter(self._measuring))]
        return found

    def _probe(self, owner: Branch, track: Track) -> None:
        if self.step not in track.probes:
            clock, parameters = self.session.history.parameters(self.branch, self.step)
            track.add(self._measure(owner)[0].probe(clock, parameters))


def replica(session: Session) -> Session:
    """A session of its own that goes the way of this one's present branch, edits included, from its first step."""
    path = session.history.path(session.address.branch)
    copy = Session(path[0].experiment)
    for b in path[1:]:
        assert b.made_at is not None and b.edit is not None
        latest = copy.history.branches[-1]
        copy.history.fork(latest, replace(b.made_at, branch=latest.number), b.edit, b.experiment, b.pokes)
    copy.address = replace(copy.address, branch=len(path) - 1)
    return copy
