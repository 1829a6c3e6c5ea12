"""Layers: a rank for every part along the flow, and a lane for every run of parts across it.

Ranks are longest paths. A link over several ranks passes through a joint in each rank between, so wires only ever run
between neighbours. The longest path is the main lane; other runs go below it, links that skip ahead above.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from bptui.drawing.parts import Link, Sketch

Path = tuple[str, ...]
MAIN = 0.0


@dataclass
class Layers:
    """Where each part and joint stands, as rank and lane, and each link as the path through its joints.

    A lane is a number; those that only joints use lie between whole ones. `box_at` says which part holds a place.
    """

    rank: dict[str, int] = field(default_factory=dict)
    lane: dict[str, float] = field(default_factory=dict)
    paths: list[tuple[Link, Path]] = field(default_factory=list)
    box_at: dict[tuple[int, float], str] = field(default_factory=dict)
    joint_at: dict[tuple[int, float], str] = field(default_factory=dict)

    def free(self, ranks: Iterable[int], lane: float) -> bool:
        """Whether nothing holds these places."""
        return not any((r, lane) in self.box_at or (r, lane) in self.joint_at for r in ranks)

    def place(self, key: str, lane: float) -> None:
        """Put a ranked part or joint on a lane."""
        self.lane[key] = lane
        (self.joint_at if is_joint(key) else self.box_at)[self.rank[key], lane] = key

    def run(self, keys: list[str], near: float, step: float, reserve: Iterable[int] = ()) -> None:
        """Put a run on the first free lane from `near` in steps of `step`."""
        ranks = {*(self.rank[key] for key in keys), *reserve}
        lane = near + step
        while not self.free(ranks, lane):
            lane += step
        for key in keys:
            self.place(key, lane)


def is_joint(key: str) -> bool:
    """Whether a key names a joint of a long link."""
    return key.startswith("joint:")


def deeper(links: Iterable[Link], most: int) -> bool:
    """Whether it is plain from the first links that more than so many parts of the forward network follow one another.

    For a deep net this is known long before all its ranks.
    """
    depth: dict[str, int] = {}
    for link in links:
        reached = depth[link.target] = max(depth.get(link.target, 0), depth.get(link.source, 1) + 1)
        if reached > most:
            return True
    return False


class Ranks:
    """The parts of the forward network without the targets attached to costs, their neighbours, and their ranks.

    Ranks are longest paths from the inputs; inputs then move up to their readers, penalties behind the modules they
    read.
    """

    def __init__(self, sketch: Sketch) -> None:
        targets = {*sketch.attached.values()}
        keys = [k for k in sketch.parts if k.startswith(("var:", "node:")) and k not in targets]
        self.before: dict[str, list[str]] = {key: [] for key in keys}
        self.after: dict[str, list[str]] = {key: [] for key in keys}
        self.owners: dict[str, list[str]] = {}  # of each penalty, the modules whose parameters it reads
        for link in sketch.links:
            if link.parameter is None:
                self.before[link.target].append(link.source)
                self.after[link.source].append(link.target)
            else:
                self.owners.setdefault(link.target, []).append(link.source)
        self.rank: dict[str, int] = {}
        rank, before = self.rank, self.before
        for key in keys:
            rank[key] = max((rank[k] + 1 for k in (*before[key], *self.owners.get(key, ()))), default=0)
        for key in keys:
            if not before[key] and key not in self.owners and self.after[key]:
                rank[key] = min(rank[k] for k in self.after[key]) - 1


def forward_layers(sketch: Sketch, ranked: Ranks) -> Layers:
    """The layers of the forward network."""
    layers, before, after, penalised = Layers({**ranked.rank}), ranked.before, ranked.after, ranked.owners
    links = [link for link in sketch.links if link.parameter is None]
    steps: dict[tuple[str, str], list[str]] = {}
    for link in links:
        steps[link.source, link.target] = _joints(layers, link)
        layers.paths.append((link, (link.source, *steps[link.source, link.target], link.target)))

    last = set(penalised)  # penalties and what follows from them go below all else
    last |= {link.target for link in links if link.source in last}
    main = [sketch.end]
    while before[main[-1]]:
        main.append(max(before[main[-1]], key=lambda k: (k not in last, layers.rank[k])))
        layers_between = steps[main[-1], main[-2]]
        for joint in layers_between:
            layers.place(joint, MAIN)
    for key in main:
        layers.place(key, MAIN)
    for cost in sketch.attached:
        if cost == sketch.end:  # the target stands right of the last cost: keep the place
            layers.box_at[layers.rank[cost] + 1, MAIN] = sketch.attached[cost]

    for key in sorted((k for k in before if k not in layers.lane), key=lambda k: (k in last, layers.rank[k])):
        if key in layers.lane:
            continue
        run, here = [key], key
        while after[here]:
            target = after[here][0]
            run += [j for j in steps[here, target] if j not in layers.lane]
            if target in layers.lane:
                break
            run.append(target)
            here = target
        owners = penalised.get(key, [])
        reserve = range(min(layers.rank[owner] for owner in owners), layers.rank[key]) if owners else range(0)
        layers.run(run, max((layers.lane[owner] for owner in owners), default=MAIN), 1.0, reserve)
        for rank in reserve:
            layers.joint_at[rank, layers.lane[key]] = f"joint:{key}"
    for link, path in sorted(layers.paths, key=lambda p: len(p[1])):
        joints = [key for key in path[1:-1] if key not in layers.lane]
        if not joints:
            continue
        ranks = [layers.rank[joint] for joint in joints]
        ends = [layers.lane[link.source], layers.lane[link.target]]
        straight = next((lane for lane in ends if layers.free(ranks, lane)), None)
        if straight is not None and ends[0] != ends[1]:
            for joint in joints:
                layers.place(joint, straight)
        else:
            layers.run(joints, min(ends), -0.0625)
    return layers


def _joints(layers: Layers, link: Link) -> list[str]:
    """The joints of a link, one in each rank that it passes."""
    passed = _between(layers, link)
    joints = [f"joint:{link.source}>{link.target}@{rank}" for rank in passed]
    layers.rank |= dict(zip(joints, passed, strict=True))
    return joints


def backward_layers(sketch: Sketch, forward: Layers) -> Layers:
    """The layers of the derivative network: every twin at its part's place, sums of gradients on lanes below."""
    layers = Layers()
    twin_of = {key: _twin(key) for key in forward.lane}
    for key, twin in twin_of.items():
        if is_joint(key) or twin in sketch.parts:
            layers.rank[twin] = forward.rank[key]
            layers.place(twin, forward.lane[key])
    if sketch.seed is not None and sketch.seed not in layers.rank:
        layers.rank[sketch.seed] = forward.rank[sketch.end] + 1
        layers.place(sketch.seed, MAIN)
    _place_sums(layers, sketch, forward)
    ahead = {(link.source, link.target): path for link, path in reversed(forward.paths) if link.parameter is None}
    mirrors = {(_twin(target), _twin(source)): path for (source, target), path in ahead.items()}
    for link in sketch.twins:
        if link.parameter is not None and layers.rank[link.source] == layers.rank[link.target]:
            continue
        mirrored = mirrors.get((link.source, link.target))
        if mirrored is not None:
            layers.paths.append((link, tuple(_twin(key) for key in reversed(mirrored))))
        elif link.target.startswith("sum:"):
            joints = [f"joint:{link.target}@{rank}" for rank in _between(layers, link)]
            layers.paths.append((link, (link.source, *joints, link.target)))
        else:
            layers.paths.append((link, (link.source, link.target)))
    return layers


def _place_sums(layers: Layers, sketch: Sketch, forward: Layers) -> None:
    """Put each sum of a parameter's gradients under its module, joined from the right by all penalties.

    A shared parameter's stands under the first module that uses it; later ones join it from the right too. The lowest
    modules come first: theirs are the nearest, and the other parameters go round.
    """
    added = [link for link in sketch.twins if link.target.startswith("sum:")]
    lanes = {layers.lane[link.source] for link in added if link.parameter is None}
    for root, module in sorted(sketch.sums.items(), key=lambda s: -forward.lane[f"node:{s[1]}"]):
        key = f"sum:{root}"
        users = [layers.rank[link.source] for link in added if link.target == key and link.parameter is not None]
        rank = min([forward.rank[f"node:{module}"], *users])
        layers.rank |= {key: rank, f"param:{root}": rank - 1}
        last = max(layers.rank[link.source] for link in added if link.target == key)
        joints = {f"joint:{key}@{passed}": passed for passed in range(rank + 1, last)}
        layers.rank |= joints
        layers.run([f"param:{root}", key, *joints], max(lanes) - 1, 1.0)


def _between(layers: Layers, link: Link) -> range:
    """The ranks that a link passes, from its source on."""
    low, high = layers.rank[link.source], layers.rank[link.target]
    return range(low + 1, high) if low < high else range(low - 1, high, -1)


_TWINS = {"node": "back", "var": "grad", "joint": "joint"}


def _twin(key: str) -> str:
    kind, _, name = key.partition(":")
    return f"{_TWINS[kind]}:{name}"
