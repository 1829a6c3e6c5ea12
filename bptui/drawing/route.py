"""Routes of wires between placed boxes, in the coordinates of the flow: `a` along it, `c` across it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from bptui.drawing.layers import Layers
from bptui.drawing.parts import Link

Corner = tuple[int, int]  # (a, c)


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
    """A change of lane: between the ranks `gap` and `gap + 1` of the flow, from lane `low` to lane `high`."""

    gap: int
    low: float
    high: float
    source: str
    target: str

    def clashes(self, other: Turn) -> bool:
        """Whether both need the same stretch of a gap, and are not parts of one fork or one join."""
        apart = self.source != other.source and self.target != other.target
        return apart and self.gap == other.gap and self.low <= other.high and other.low <= self.high


class Router:
    """Routes all links of one network. `flow` is 1 where it runs along rising ranks, −1 against them.

    `tracks` says how many lines side by side each gap needs; gaps are named by the lower rank of the two. Parts in
    `closed` take no wires from the side.
    """

    def __init__(self, layers: Layers, flow: int, closed: frozenset[str] = frozenset()) -> None:
        self.layers, self.flow, self._closed = layers, flow, closed
        self._sides: dict[Link, int] = {}
        self._track: dict[tuple[Link, int], int] = {}
        self.tracks: dict[int, int] = {}
        taken: list[tuple[Turn, int]] = []
        for link, path in sorted(layers.paths, key=lambda p: len(p[1])):
            for k, (here, there) in enumerate(pairwise(path)):
                low, high = sorted((layers.lane[here], layers.lane[there]))
                if low == high:
                    continue
                if k == len(path) - 2 and self._open(here, there):
                    self._sides[link] = -1 if layers.lane[here] < layers.lane[there] else 1
                    continue
                turn = Turn(self.flow * layers.rank[here], low, high, link.source, link.target)
                busy = {t for other, t in taken if turn.clashes(other)}
                track = next(t for t in range(len(taken) + 1) if t not in busy)
                taken.append((turn, track))
                self._track[link, k] = track
                gap = min(layers.rank[here], layers.rank[there])
                self.tracks[gap] = max(self.tracks.get(gap, 0), track + 1)

    def _open(self, here: str, there: str) -> bool:
        """Whether a wire may run past its target and enter it from the side."""
        rank, lanes = self.layers.rank[there], sorted((self.layers.lane[here], self.layers.lane[there]))
        if not self.layers.free([rank], self.layers.lane[here]) or there in self._closed:
            return False
        return not any(r == rank and lanes[0] < lane < lanes[1] for r, lane in self.layers.box_at)

    def side_entrances(self) -> set[tuple[str, int]]:
        """The targets that wires enter from the side, with the side: −1 from lower lanes, 1 from higher ones."""
        return {(link.target, side) for link, side in self._sides.items()}

    def routes(self, at: dict[str, Extent]) -> list[tuple[Link, list[Corner]]]:
        """The corners of every link, from inside its source to inside its target."""
        return [(link, self._route(link, path, at)) for link, path in self.layers.paths]

    def _route(self, link: Link, path: tuple[str, ...], at: dict[str, Extent]) -> list[Corner]:
        first = at[path[0]]
        corners = [(first.a1, first.port)]
        for k, (here, there) in enumerate(pairwise(path)):
            source, target = at[here], at[there]
            if k == len(path) - 2 and link in self._sides:
                corners.append((target.middle, source.port))
                corners.append((target.middle, target.c0 if self._sides[link] < 0 else target.c1))
                return corners
            if (link, k) in self._track:
                a = self._line(here, there, self._track[link, k], at)
                corners += [(a, source.port), (a, target.port)]
        last = at[path[-1]]
        corners.append((last.a0, last.port))
        return corners

    def _line(self, here: str, there: str, track: int, at: dict[str, Extent]) -> int:
        """Where in the gap a track runs: behind everything of the rank before, a cell off it where there is room."""
        rank = self.layers.rank
        end = max(box.a1 for key, box in at.items() if rank.get(key) == rank[here])
        start = min(box.a0 for key, box in at.items() if rank.get(key) == rank[there])
        gap = min(rank[here], rank[there])
        roomy = start - end - 1 >= self.tracks[gap] + 2
        return end + 1 + roomy + track
