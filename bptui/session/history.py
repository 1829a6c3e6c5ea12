"""The tree of edits, and the way back to any training step of any branch: replay from the nearest checkpoint."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from itertools import islice

from bptui.data.minibatches import Clock
from bptui.engine.buffers import Array
from bptui.session.actions import Edit
from bptui.session.experiment import Experiment
from bptui.session.runner import Checkpoint, Poke, Record, Runner

COARSE_BUDGET = 64 << 20  # bytes of checkpoints spread over the whole history
FINE_BUDGET = 24 << 20  # bytes of checkpoints close to where the learner has been lately
FIRST_STRIDE = 16
FAR_AHEAD = 1 << 60  # a goal that no step is close to
RUNNERS = 4  # experiments whose buffers are kept; others are bound anew when they are looked at


def hold_at_most(coarse: int, fine: int) -> None:
    """From now on, each session of this process holds checkpoints of so many bytes, where many sessions share it."""
    global COARSE_BUDGET, FINE_BUDGET
    COARSE_BUDGET, FINE_BUDGET = coarse, fine


@dataclass(frozen=True)
class Address:
    """A place in time: a branch, a training step, and an event of that step that has just happened."""

    branch: int
    step: int
    event: int


@dataclass
class Branch:
    """A stretch of history from step `start` on: what happens after one edit.

    `made_at` is where the edit was made, `edit` what it was; the first branch has neither. `pokes` are the entries set
    by hand in step `start`; those of `edit` come last. The branch goes on from its parent's state, or, if it begins
    `anew`, from the experiment's own beginning.
    """

    number: int
    parent: int | None
    made_at: Address | None
    edit: Edit | None
    experiment: Experiment
    start: int
    pokes: tuple[Poke, ...] = ()
    anew: bool = False
    stride: int = FIRST_STRIDE
    coarse: dict[int, Checkpoint] = field(default_factory=dict)

    @property
    def held(self) -> int:
        """The bytes of its coarse checkpoints, which are all of one size."""
        return sum(c.vector.nbytes for c in islice(self.coarse.values(), 1)) * len(self.coarse)


Way = Iterator[tuple[int, Branch, Record]]  # training steps in order: number, whose stretch it is on, what happened
Wanted = Callable[[int], Collection[str]]  # by a branch's number, the gradients that are to be known there


class History:
    """All branches of one session. Nothing is ever dropped but checkpoints, which replay brings back."""

    def __init__(self, experiment: Experiment) -> None:
        self.branches = [Branch(0, None, None, None, experiment, 0, anew=True)]
        self._runners: OrderedDict[int, Runner] = OrderedDict()
        self._fine: OrderedDict[tuple[int, int], Checkpoint] = OrderedDict()
        self._fine_bytes = 0
        self.on_step: Callable[[int], object] = lambda step: None  # told of each step on a way; may raise, to end it
        self._record: tuple[int, int, Record] | None = None
        self._standing: tuple[int, int] | None = None  # the branch and step that the latest runner stands at
        self.furthest = 0  # the last step that was reached by `train`, on any branch

    def owner(self, branch: int, step: int) -> Branch:
        """The branch, or that ancestor of it, to whose stretch a step belongs."""
        found = self.branches[branch]
        while step < found.start and found.parent is not None:
            found = self.branches[found.parent]
        return found

    def path(self, branch: int) -> list[Branch]:
        """The branches that a run is made of, from its beginning to `branch`; each gives way where the next starts."""
        path = [self.branches[branch]]
        while path[0].parent is not None and not path[0].anew:
            path.insert(0, self.branches[path[0].parent])
        return path

    def record(self, branch: int, step: int) -> Record:
        """One training step, run by the tape. The latest one is kept; it is valid until another is asked for."""
        owner = self.owner(branch, step)
        if self._record is None or self._record[:2] != (owner.number, step):
            self._record = (owner.number, step, self._replay(owner, step))
        return self._record[2]

    def train(self, branch: int, step: int, count: int) -> None:
        """Run `count` training steps by the plan, from `step` on. Quick where the latest call ended at `step`."""
        owner = self.owner(branch, step)
        runner = self._go_to(owner, step)
        goal = step + count
        while (now := runner.clock.step) < goal:
            pokes = self._pokes(owner, now)
            if pokes:
                runner.record(pokes)
            else:
                runner.train(min(goal, (now // owner.stride + 1) * owner.stride) - now)
            if runner.clock.step % owner.stride == 0:
                self._keep(owner, runner, FAR_AHEAD)
        self._standing = owner.number, runner.clock.step
        self.furthest = max(self.furthest, runner.clock.step)

    def parameters(self, branch: int, step: int) -> tuple[Clock, dict[str, Array]]:
        """The parameters by name with which a step begins, and its clock; valid until the history runs anything."""
        owner = self.owner(branch, step)
        runner = self._go_to(owner, step)
        self._standing = owner.number, step
        return runner.clock, runner.state.parameters

    def sweep(self, branch: int, start: int, stop: int, wanted: Wanted) -> Way:
        """The steps from `start` up to `stop` (not included), each valid until the next is asked for.

        `wanted` names the gradients that must be known on a branch: they come from the plan where that makes them all,
        else from the tape. Meanwhile nothing else may ask the history.
        """
        runner: Runner | None = None
        for step in range(start, stop):
            owner = self.owner(branch, step)
            if runner is None or step == owner.start:
                runner = self._go_to(owner, step)
            elif step % owner.stride == 0:
                self._keep(owner, runner, step + owner.stride)
            self.on_step(step)
            pokes = self._pokes(owner, step)
            yield step, owner, runner.record(pokes) if pokes else runner.planned(wanted(owner.number))

    def let_go(self) -> None:
        """Hold nothing that replay brings back, where nobody looks at it for a while."""
        for branch in self.branches:
            branch.coarse.clear()
        self._fine.clear()
        self._runners.clear()
        self._fine_bytes, self._record, self._standing = 0, None, None

    def fork(
        self,
        parent: Branch,
        made_at: Address,
        edit: Edit,
        experiment: Experiment,
        pokes: tuple[Poke, ...] = (),
        *,
        anew: bool = False,
    ) -> Branch:
        """A new branch that begins with the step of `made_at`, or anew with step 0."""
        start = 0 if anew else made_at.step
        branch = Branch(len(self.branches), parent.number, made_at, edit, experiment, start, pokes, anew)
        self.branches.append(branch)
        return branch

    def _runner(self, branch: Branch) -> Runner:
        """The runner for a branch's experiment; branches with the same experiment share it. Few are kept."""
        key = id(branch.experiment)  # branches are never dropped, so no other experiment can get this id
        if key not in self._runners:
            self._runners[key] = Runner(branch.experiment)
            if len(self._runners) > RUNNERS:
                self._runners.popitem(last=False)
        self._runners.move_to_end(key)
        return self._runners[key]

    def _replay(self, owner: Branch, step: int) -> Record:
        record = self._go_to(owner, step).record(self._pokes(owner, step))
        self._standing = owner.number, step + 1
        return record

    def _pokes(self, owner: Branch, step: int) -> tuple[Poke, ...]:
        return owner.pokes if step == owner.start else ()

    def _go_to(self, owner: Branch, step: int) -> Runner:
        """The owner's runner, put at the beginning of a step."""
        standing, self._standing, self._record = self._standing, None, None
        if standing == (owner.number, step):
            runner = self._runner(owner)
            self._keep(owner, runner, step)
            return runner
        nearest = self._nearest(owner, step)
        runner = self._runner(owner)
        runner.restore(nearest)
        while runner.clock.step < step:
            self.on_step(runner.clock.step)
            pokes = self._pokes(owner, runner.clock.step)
            if pokes:
                runner.record(pokes)
            else:
                runner.train()
            self._keep(owner, runner, step)
        return runner

    def _nearest(self, owner: Branch, step: int) -> Checkpoint:
        """The latest checkpoint of a branch that is not after a step."""
        stride, fine = owner.stride, self._fine_stride(owner)
        coarse = range(step // stride * stride, owner.start, -stride)
        best = next((at for at in coarse if at in owner.coarse), owner.start)
        for near in range(step // fine * fine, best, -fine):
            if (owner.number, near) in self._fine:
                self._fine.move_to_end((owner.number, near))
                return self._fine[owner.number, near]
        return self._origin(owner) if best == owner.start else owner.coarse[best]

    def _origin(self, branch: Branch) -> Checkpoint:
        """The state that a branch begins with, made anew from its parent's where it was let go."""
        wanted, missing = (branch.number, branch.start), []
        while (branch.number, branch.start) not in self._fine:
            missing.append(branch)
            if branch.parent is None or branch.anew:
                break
            branch = self.branches[branch.parent]
        for branch in reversed(missing):  # no recursion: a learner may turn a thousand knobs, one after the other
            if branch.parent is None or branch.anew:
                origin = self._runner(branch).beginning()
            else:
                former = self._go_to(self.branches[branch.parent], branch.start)
                origin = self._runner(branch).converted(former, former.checkpoint())
            self._hold((branch.number, branch.start), origin)
        self._fine.move_to_end(wanted)
        return self._fine[wanted]

    def _fine_stride(self, owner: Branch) -> int:
        return max(1, owner.stride // 16)

    def _keep(self, owner: Branch, runner: Runner, goal: int) -> None:
        """Take a checkpoint where the runner stands, if it is due: coarse everywhere, fine near the goal."""
        step = runner.clock.step
        if step == owner.start:  # its origin is made anew from what it goes on from
            return
        if step % owner.stride == 0 and step not in owner.coarse:
            owner.coarse[step] = runner.checkpoint()
            self._thin()
            return
        near = goal - step < owner.stride and step % self._fine_stride(owner) == 0
        if near and (owner.number, step) not in self._fine:
            self._hold((owner.number, step), runner.checkpoint())

    def _hold(self, place: tuple[int, int], checkpoint: Checkpoint) -> None:
        """Hold a fine checkpoint; beyond the budget, those that were not needed for longest are let go."""
        self._fine[place] = checkpoint
        self._fine_bytes += checkpoint.vector.nbytes
        while self._fine_bytes > FINE_BUDGET and len(self._fine) > 1:
            self._fine_bytes -= self._fine.popitem(last=False)[1].vector.nbytes

    def _thin(self) -> None:
        """Within the budget, keep checkpoints at every stride; beyond it, double the stride of the fullest branch."""
        sizes = {b.number: b.held for b in self.branches}
        while sum(sizes.values()) > COARSE_BUDGET:
            branch = self.branches[max(sizes, key=lambda number: sizes[number])]
            branch.stride *= 2
            branch.coarse = {step: kept for step, kept in branch.coarse.items() if step % branch.stride == 0}
            sizes[branch.number] = branch.held
