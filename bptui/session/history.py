"""The tree of edits, and the way back to any training step of any branch: replay from the nearest checkpoint."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from bptui.session.experiment import Experiment
from bptui.session.runner import Checkpoint, Poke, Record, Runner

COARSE_BUDGET = 96 << 20  # bytes of checkpoints spread over the whole history
FINE_BUDGET = 32 << 20  # bytes of checkpoints close to where the learner has been lately
FIRST_STRIDE = 16


@dataclass(frozen=True)
class Address:
    """A place in time: a branch, a training step, and an event of that step that has just happened."""

    branch: int
    step: int
    event: int


@dataclass
class Branch:
    """A stretch of history from step `start` on: what happens after one edit.

    `made_at` is where the edit was made, `edit` says what it was. `origin` is the state at the beginning of step
    `start`; `pokes` are the entries set by hand in that one step.
    """

    number: int
    parent: int | None
    made_at: Address | None
    edit: str
    experiment: Experiment
    start: int
    origin: Checkpoint
    pokes: tuple[Poke, ...] = ()
    stride: int = FIRST_STRIDE
    coarse: dict[int, Checkpoint] = field(default_factory=dict)


class History:
    """All branches of one session. Nothing is ever dropped but checkpoints, which replay brings back."""

    def __init__(self, experiment: Experiment) -> None:
        runner = Runner(experiment)
        self._runners = {0: runner}
        self.branches = [Branch(0, None, None, "the beginning", experiment, 0, runner.beginning())]
        self._fine: OrderedDict[tuple[int, int], Checkpoint] = OrderedDict()
        self._fine_bytes = 0
        self._record: tuple[int, int, Record] | None = None

    def owner(self, branch: int, step: int) -> Branch:
        """The branch, or that ancestor of it, to whose stretch a step belongs."""
        found = self.branches[branch]
        while step < found.start and found.parent is not None:
            found = self.branches[found.parent]
        return found

    def runner(self, branch: Branch) -> Runner:
        """The runner for a branch's experiment; branches with the same experiment share it."""
        return self._runners[branch.number]

    def record(self, branch: int, step: int) -> Record:
        """One training step, run by the tape. The latest one is kept; it is valid until another is asked for."""
        owner = self.owner(branch, step)
        if self._record is None or self._record[:2] != (owner.number, step):
            self._record = (owner.number, step, self._replay(owner, step))
        return self._record[2]

    def state_before(self, branch: int, step: int) -> tuple[Branch, Checkpoint]:
        """The owner of a step, and the state and clock that the step begins with."""
        owner = self.owner(branch, step)
        self._record = None
        self._go_to(owner, step)
        return owner, self.runner(owner).checkpoint()

    def fork(
        self,
        parent: Branch,
        made_at: Address,
        edit: str,
        experiment: Experiment,
        origin: Checkpoint,
        pokes: tuple[Poke, ...],
    ) -> Branch:
        """A new branch that begins with the step of `origin`."""
        number = len(self.branches)
        branch = Branch(number, parent.number, made_at, edit, experiment, origin.clock.step, origin, pokes)
        same = experiment is parent.experiment
        self._runners[number] = self.runner(parent) if same else Runner(experiment)
        self.branches.append(branch)
        return branch

    def _replay(self, owner: Branch, step: int) -> Record:
        self._go_to(owner, step)
        return self.runner(owner).record(self._pokes(owner, step))

    def _pokes(self, owner: Branch, step: int) -> tuple[Poke, ...]:
        return owner.pokes if step == owner.start else ()

    def _go_to(self, owner: Branch, step: int) -> None:
        """Put the owner's runner at the beginning of a step."""
        runner, latest = self.runner(owner), self._record
        self._record = None
        ahead = latest is not None and latest[0] == owner.number and latest[1] + 1 == step
        if not ahead:  # else the runner stands just there: it has recorded the step before
            runner.restore(self._nearest(owner, step))
        while runner.clock.step < step:
            pokes = self._pokes(owner, runner.clock.step)
            if pokes:
                runner.record(pokes)
            else:
                runner.train()
            self._keep(owner, runner, step)
        if ahead:
            self._keep(owner, runner, step)

    def _nearest(self, owner: Branch, step: int) -> Checkpoint:
        """The latest checkpoint of a branch that is not after a step."""
        best = owner.origin
        coarse = step // owner.stride * owner.stride
        while coarse > best.clock.step:
            if coarse in owner.coarse:
                best = owner.coarse[coarse]
                break
            coarse -= owner.stride
        fine = self._fine_stride(owner)
        near = step // fine * fine
        while near > best.clock.step:
            if (owner.number, near) in self._fine:
                self._fine.move_to_end((owner.number, near))
                return self._fine[owner.number, near]
            near -= fine
        return best

    def _fine_stride(self, owner: Branch) -> int:
        return max(1, owner.stride // 16)

    def _keep(self, owner: Branch, runner: Runner, goal: int) -> None:
        """Take a checkpoint where the runner stands, if it is due: coarse everywhere, fine near the goal."""
        step = runner.clock.step
        if step % owner.stride == 0 and step not in owner.coarse:
            owner.coarse[step] = runner.checkpoint()
            self._thin()
        elif goal - step < owner.stride and step % self._fine_stride(owner) == 0:
            key = (owner.number, step)
            if key not in self._fine:
                self._fine[key] = runner.checkpoint()
                self._fine_bytes += self._fine[key].vector.nbytes
            while self._fine_bytes > FINE_BUDGET:
                self._fine_bytes -= self._fine.popitem(last=False)[1].vector.nbytes

    def _thin(self) -> None:
        """Within the budget, keep checkpoints at every stride; beyond it, double the stride of the fullest branch."""
        sizes = {b.number: len(b.coarse) * b.origin.vector.nbytes for b in self.branches}
        while sum(sizes.values()) > COARSE_BUDGET:
            branch = self.branches[max(sizes, key=lambda number: sizes[number])]
            branch.stride *= 2
            branch.coarse = {step: kept for step, kept in branch.coarse.items() if step % branch.stride == 0}
            sizes[branch.number] = len(branch.coarse) * branch.origin.vector.nbytes
