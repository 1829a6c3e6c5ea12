"""Routes of wires between placed boxes, in the coordinates of the flow: `a` along it, `c` across it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

from bptui.drawing.layers import Layers, is_joint
from bptui.drawing.parts import Link

Corner = tuple[int, int]  # (a, c)
Step = tuple[Link, int]  # a link, and which step of its path
BESIDE = 0.01  # lanes between a lane and the line next to it


@dataclass(frozen=True)
class Extent:
    """A box in the coordinates of the flow, both ends inside: from `a0` to `a1` along it, `c0` to `c1` across it.

    Wires enter and leave on the line `port` across the flow.
    """

    a0: int
    a1: int
    c0: int
    c1: int
    port: int

    @property
    def middle(self) -> int:
        """The middle along the flow."""
        return (self.a0 + self.a1) // 2


@dataclass(frozen=True)
class Turn:
    """A change of lane behind `rank`. `leaves` and `enters` are the lanes whose line it uses in the gap, if any.

    `ends` are its boxes, each with its lane; joints are none. A turn in two has a second `half`.
    """

    step: Step
    rank: int
    low: float
    high: float
    leaves: float | None
    enters: float | None
    ends: tuple[tuple[str, float], ...] = ()
    half: int = 0

    def related(self, other: Turn) -> bool:
        """Whether both are parts of one fork or one join, and may share their lines."""
        mine, theirs = self.step[0], other.step[0]
        return mine.source == theirs.source or mine.target == theirs.target

    def clashes(self, other: Turn) -> bool:
        """Whether both need the same stretch across one gap."""
        return self.low <= other.high and other.low <= self.high and not self.related(other)

    def first(self, other: Turn) -> bool:
        """Whether this one must turn off before the other comes in, on the lane that the two share."""
        return self.leaves is not None and self.leaves == other.enters and not self.related(other)

    def beside(self, lane: float) -> float:
        """The line next to one of its lanes, on the side of the other."""
        return lane + (BESIDE if lane == self.low else -BESIDE)

    def halves(self, line: float) -> tuple[Turn, Turn]:
        """The same change in two, the first before and the second behind a stretch along a line between its lanes."""
        before, behind = replace(self, high=line, ends=()), replace(self, low=line, ends=())
        if self.leaves == self.high:
            before, behind = behind, before
        return replace(before, enters=line), replace(behind, leaves=line, half=1)


class Router:
    """Routes all links of one network. `flow` is 1 where it runs along rising ranks, −1 against them.

    `drops` are parameters' links that go straight across the flow, or nearly so. `tracks` says how many lines side by
    side each gap needs; gaps are named by the lower rank of the two. Parts in `closed` take no wires from the side.
    """

    def __init__(
        self, layers: Layers, flow: int, links: tuple[Link, ...], closed: frozenset[str] = frozenset()
    ) -> None:
        self.layers, self.flow, self._closed = layers, flow, closed
        self._sides: dict[Link, int] = {}
        self._track: dict[Step, int] = {}
        self._bend: dict[Step, tuple[str, int]] = {}  # the box beside which a turn in two runs, and its second track
        self.tracks: dict[int, int] = {}
        turns: dict[int, list[Turn]] = {}
        for link, path in sorted(layers.paths, key=lambda p: len(p[1])):
            for k, (here, there) in enumerate(pairwise(path)):
                leaves, enters = layers.lane[here], layers.lane[there]
                low, high = sorted((leaves, enters))
                if low == high:
                    continue
                if k == len(path) - 2 and self._open(here, there):
                    self._sides[link] = -1 if leaves < enters else 1
                    continue
                ends = tuple((key, layers.lane[key]) for key in (there, here) if not is_joint(key))
                turn = Turn((link, k), layers.rank[here], low, high, leaves, enters, ends)
                turns.setdefault(turn.rank, []).append(turn)
        routed = {link for link, _ in layers.paths}
        self.drops = [link for link in links if link.parameter is not None and link not in routed]
        for link in self.drops:
            if self._blocked(link):
                low, high = layers.lane[link.source], layers.lane[link.target]
                turn = Turn((link, 0), layers.rank[link.source], low, high, None, high if flow > 0 else None)
                turns.setdefault(turn.rank, []).append(turn)
        for rank, crowd in turns.items():
            bends = _untangle(crowd)
            tracks = _side_by_side(crowd)
            for turn, track in tracks.items():
                if turn.half:
                    self._bend[turn.step] = bends[turn.step], track
                else:
                    self._track[turn.step] = track
            self.tracks[min(rank, rank + flow)] = 1 + max(tracks.values())

    def _open(self, here: str, there: str) -> bool:
        """Whether a wire may run past its target and enter it from the side."""
        rank, lanes = self.layers.rank[there], sorted((self.layers.lane[here], self.layers.lane[there]))
        if not self.layers.free([rank], self.layers.lane[here]) or there in self._closed:
            return False
        return not any(r == rank and lanes[0] < lane < lanes[1] for r, lane in self.layers.box_at)

    def _blocked(self, link: Link) -> bool:
        """Whether a box stands between a module and where its parameter goes."""
        rank, low, high = (
            self.layers.rank[link.source],
            self.layers.lane[link.source],
            self.layers.lane[link.target],
        )
        return any(r == rank and low < lane < high for r, lane in self.layers.box_at)

    def side_entrances(self) -> set[tuple[str, int]]:
        """The targets that wires enter from the side, with the side: −1 from lower lanes, 1 from higher ones."""
        return {(link.target, side) for link, side in self._sides.items()}

    def detoured(self) -> set[str]:
        """Where parameters go that cannot go straight."""
        return {link.target for link, _ in self._track if link.parameter is not None}

    def bends(self) -> set[tuple[str, int]]:
        """The boxes beside which a wire runs to its second track, with the side as for entrances."""
        lane = self.layers.lane
        sides = set()
        for (link, k), (key, _) in self._bend.items():
            path = next(path for of, path in self.layers.paths if of == link)
            other = path[k] if key == path[k + 1] else path[k + 1]
            sides.add((key, -1 if lane[other] < lane[key] else 1))
        return sides

    def routes(self, at: dict[str, Extent]) -> list[tuple[Link, list[Corner]]]:
        """The corners of every link, from inside its source to inside its target."""
        return [(link, self._route(link, path, at)) for link, path in self.layers.paths]

    def detour(self, link: Link, at: dict[str, Extent]) -> int | None:
        """Where along the flow a parameter crosses the lanes, if it cannot go straight."""
        return self._line(link.source, self._track[link, 0], at) if (link, 0) in self._track else None

    def _route(self, link: Link, path: tuple[str, ...], at: dict[str, Extent]) -> list[Corner]:
        first, last = at[path[0]], at[path[-1]]
        corners = [(first.a1, first.port)]
        for k, (here, there) in enumerate(pairwise(path)):
            source, target = at[here], at[there]
            if k == len(path) - 2 and link in self._sides:
                corners.append((target.middle, source.port))
                corners.append((target.middle, target.c0 if self._sides[link] < 0 else target.c1))
                return corners
            if (link, k) in self._track:
                a = self._line(here, self._track[link, k], at)
                corners.append((a, source.port))
                if (link, k) in self._bend:
                    key, track = self._bend[link, k]
                    port, other = at[key].port, source.port if key == there else target.port
                    line = port + (1 if other > port else -1)
                    corners.append((a, line))
                    a = self._line(here, track, at)
                    corners.append((a, line))
                corners.append((a, target.port))
        corners.append((last.a0, last.port))
        return corners

    def _line(self, here: str, track: int, at: dict[str, Extent]) -> int:
        """Where in the gap a track runs: behind everything of the rank before, a cell off it where there is room."""
        rank = self.layers.rank
        end = max(box.a1 for key, box in at.items() if rank[key] == rank[here])
        start = min((box.a0 for key, box in at.items() if rank[key] == rank[here] + self.flow), default=end + 3)
        roomy = start - end - 1 >= self.tracks[min(rank[here], rank[here] + self.flow)] + 2
        return end + 1 + roomy + track


def _untangle(turns: list[Turn]) -> dict[Step, str]:
    """Take circles apart, in which every turn waits for another to leave its lane: one turn becomes two.

    The stretch between the two runs beside a box, whose key is returned.
    """
    bends: dict[Step, str] = {}
    lines: set[float] = set()
    tangled: set[Turn] = set()
    while circle := _circle([turn for turn in turns if turn not in tangled]):
        ways = ((t, key, t.beside(lane)) for t in circle for key, lane in t.ends if t.beside(lane) not in lines)
        turn, key, line = next(ways, (circle[0], "", 0.0))
        if not key:  # only joints: two wires then share a stretch
            tangled.add(turn)
            continue
        turns.remove(turn)
        turns += turn.halves(line)
        lines.add(line)
        bends[turn.step] = key
    return bends


def _circle(turns: list[Turn]) -> list[Turn]:
    """Turns each of which must come before the one ahead of it in the list, the first before the last; or none."""
    left = list(turns)
    while ready := [turn for turn in left if not any(other.first(turn) for other in left)]:
        left = [turn for turn in left if turn not in ready]
    path = left[:1]
    while path:
        before = next(other for other in left if other.first(path[-1]))
        if before in path:
            return path[path.index(before) :]
        path.append(before)
    return []


def _side_by_side(turns: list[Turn]) -> dict[Turn, int]:
    """A track for each turn of one gap: no two unrelated ones on the same stretch, and leaving before coming in."""
    tracks: dict[Turn, int] = {}
    waiting = list(turns)
    while waiting:
        ready = (turn for turn in waiting if not any(other.first(turn) for other in waiting))
        turn = next(ready, waiting[0])
        waiting.remove(turn)
        least = max((track + 1 for other, track in tracks.items() if other.first(turn)), default=0)
        busy = {track for other, track in tracks.items() if turn.clashes(other)}
        tracks[turn] = next(t for t in range(least, least + len(busy) + 1) if t not in busy)
    return tracks
