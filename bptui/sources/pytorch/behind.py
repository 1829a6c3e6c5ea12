"""The net with its cost behind it: the one that the file goes back from, another of the file, or one that fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bptui.engine.buffers import Shape
from bptui.engine.modules.costs import Cost
from bptui.engine.net import Net
from bptui.sources.pytorch.attempt import Forward, run_forward
from bptui.sources.pytorch.cost import Assembled, assembled
from bptui.sources.pytorch.evidence import Evidence, Made
from bptui.sources.pytorch.goal import Goal, goal_of, keeps_rows
from bptui.sources.pytorch.machine import Machine
from bptui.sources.pytorch.problem import Refusal
from bptui.sources.pytorch.scan import Scanned
from bptui.sources.pytorch.settings import Ending, ending, warn_of_mistakes


@dataclass(frozen=True)
class Ended:
    """The net that was read with its costs, and the mean that is still to be taken of them.

    `cost` is their kind, where all are of one. `understood`: the file's own cost is all there. `lines` are those of
    nodes beside the builder's.
    """

    forward: Forward
    net: Net
    reduction: str
    cost: Cost | None
    goal: Goal | None
    understood: bool = True
    lines: dict[str, int] = field(default_factory=dict)


def net_of(titles: tuple[str, str], forward: Forward) -> Net:
    """What forward has called, without a cost; `titles` are a name and a description."""
    builder, names = forward.builder, forward.builder.names()
    return Net(*titles, tuple(builder.given(names)), tuple(builder.layers(names)))


def ended(
    scanned: Scanned,
    note: Made,
    shapes: Sequence[Shape],
    wanted: str | None,
    forward: Forward,
    titles: tuple[str, str],
) -> Ended:
    """Put the cost behind the net; `titles` are the net's name and description. Raises Refusal."""
    evidence, why = scanned.evidence, ""
    goal: Goal | None = None
    try:
        goal = goal_of(evidence, note)
        several = len(forward.made) > 1
        if goal is not None and (several or goal.alone is None) and wanted is None:
            made = assembled(Machine(forward.builder, evidence, scanned.effort, lenient=False), goal, forward.made)
            return _assembled(made, goal, forward, titles)
        if goal is not None and goal.alone is not None:
            _refuse_other_rows(goal, forward)
    except Refusal as refusal:
        why, goal = f"line {refusal.line}: how the cost is made is not read ({refusal.message})", None
        forward = run_forward(scanned, note, shapes)  # once more: modules may stand behind it now
    plain = _plain(evidence, goal, forward, wanted, titles)
    if why:
        forward.builder.warn(why)
    return plain


def _refuse_other_rows(goal: Goal, forward: Forward) -> None:
    taken, made = goal.alone, forward.only
    classes = taken is not None and taken.loss is not None and taken.loss.cost in ("cross-entropy", "nll")
    if taken is not None and classes and made.is_flat and not keeps_rows(taken.prediction, made.width):
        raise Refusal(taken.line, "the output is reshaped before it")


def _assembled(made: Assembled, goal: Goal, forward: Forward, titles: tuple[str, str]) -> Ended:
    builder = forward.builder
    for loss, prediction in made.taken:
        warn_of_mistakes(builder, prediction, loss)
    builder.say(f"line {goal.line}: the cost is put together as the file does")
    kinds = {type(cost) for cost in made.costs}
    return Ended(forward, net_of(titles, forward), made.reduction, made.costs[0] if len(kinds) == 1 else None, goal)


def _plain(
    evidence: Evidence, goal: Goal | None, forward: Forward, wanted: str | None, titles: tuple[str, str]
) -> Ended:
    """One cost of what the net makes, as it is."""
    end = ending(forward.builder, forward.only, evidence, wanted, goal.alone if goal is not None else None)
    net = _with_cost(net_of(titles, forward), forward, end)
    lines = {net.layers[-1].name: end.line} if end.line else {}
    understood = goal is not None
    return Ended(forward, net, end.reduction, end.cost, goal, understood, lines)


def _with_cost(net: Net, forward: Forward, end: Ending) -> Net:
    names = {given.name for given in net.given} | {name for layer in net.layers for name in layer.outputs}
    made = forward.only.variable
    prediction = next(
        layer.outputs[0]
        for draft, layer in zip(reversed(forward.builder.drafts), reversed(net.layers), strict=True)
        if draft.makes is made
    )
    target = _free(names, "y", "target", "t", "y_true")
    cost = _free(names | {target}, "C", "cost", "J", "E_")
    node = _free({layer.name for layer in net.layers}, "cost", "loss", "cost_")
    net = net.target(target, made.shape, classes=end.classes)
    return net.add(node, end.cost, (prediction, target), (cost,))


def _free(taken: set[str], *wanted: str) -> str:
    found = next((name for name in wanted if name not in taken), wanted[0])
    while found in taken:
        found += "_"
    return found
