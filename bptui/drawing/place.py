"""Places: from ranks and lanes to cells. Forward and derivative network share their columns, so twins line up."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise

from bptui.drawing.canvas import cells
from bptui.drawing.layers import MAIN, Ranks, backward_layers, forward_layers, is_joint
from bptui.drawing.parts import Link, Sketch
from bptui.drawing.route import Corner, Extent, Router
from bptui.drawing.sizes import Size
from bptui.drawing.wires import Wire, trace


@dataclass
class Placing:
    """Every box in cells, as (left, top, width, height), and all wires."""

    size: Size
    width: int = 0
    height: int = 0
    boxes: dict[str, tuple[int, int, int, int]] = field(default_factory=dict)
    wires: list[Wire] = field(default_factory=list)


class Networks:
    """The layers and routes of a sketch's two networks: all that does not depend on a size."""

    def __init__(self, sketch: Sketch, ranks: Ranks) -> None:
        self.sketch = sketch
        self.forward = forward_layers(sketch, ranks)
        self.backward = backward_layers(sketch, self.forward)
        penalties = {k for k, part in sketch.parts.items() if part.look == "cost" and k not in sketch.attached}
        penalties -= {key for key in penalties if not key.startswith("node:")}
        self.penalties = penalties | {link.target for link in sketch.links if link.source in penalties}
        taken = frozenset(cost for cost in sketch.attached if cost != sketch.end)
        self.routers = (
            Router(self.forward, 1, sketch.links, taken),
            Router(self.backward, -1, sketch.twins, frozenset(f"sum:{root}" for root in sketch.sums)),
        )


class Placer:
    """Places one sketch at one size. How much it takes is known at once; `draw` then puts everything in its cells."""

    def __init__(self, networks: Networks, size: Size, room: int) -> None:
        self.sketch, self.size = networks.sketch, size
        self.forward, self.backward, self.routers = networks.forward, networks.backward, networks.routers
        self._penalties = networks.penalties
        self.placing = Placing(size)
        self._columns(room)
        self._lanes()
        self.placing.width, self.placing.height = self.along, self.depth

    def draw(self) -> None:
        """Place all boxes and wires."""
        self._boxes()
        self._attach()
        self._wires()

    def fits(self, width: int, height: int) -> bool:
        """Whether all of it is seen in so many columns and rows."""
        return self.placing.width <= width and self.placing.height <= height

    @property
    def chain(self) -> bool:
        """Whether the forward network runs in one line."""
        return set(self.forward.lane.values()) == {MAIN}

    @property
    def line(self) -> bool:
        """Whether it runs in one line but for the branches of penalties."""
        lane = self.forward.lane
        return all(of == MAIN for key, of in lane.items() if not is_joint(key) and not self.penal(key))

    def beside(self, cost: str) -> bool:
        """Whether the target of a cost stands beside it; if not, above it."""
        return cost == self.sketch.end

    # -- along the flow

    def _columns(self, room: int) -> None:
        """Where each rank begins and how much it takes along the flow."""
        parts, size = self.sketch.parts, self.size
        ranks = {key: layers.rank[key] for layers in (self.forward, self.backward) for key in layers.lane}
        for cost, target in self.sketch.attached.items():
            if cost == self.sketch.end:
                ranks[target] = self.forward.rank[cost] + 1
        count = max(ranks.values()) + 1
        self.extent = [1] * count
        self.heights = {key: size.branch if self._branch(key) else size.rows for key in parts}
        self.widths = {key: size.width(part, self.heights[key]) for key, part in parts.items()}
        if size.rows == 3:
            self._match_twins()
        for key, rank in ranks.items():
            self.extent[rank] = max(self.extent[rank], self.widths.get(key, 1))
        tracks = [max(router.tracks.get(gap, 0) for router in self.routers) for gap in range(count - 1)]
        gaps = [max(size.least, needed + 1) for needed in tracks]
        spare = room - sum(self.extent) - sum(gaps)
        while spare > 0 and any(gap < size.most for gap in gaps):
            narrow = min(gaps)
            for k, gap in enumerate(gaps):
                if gap == narrow and gap < size.most and spare > 0:
                    gaps[k] += 1
                    spare -= 1
            if narrow >= size.most:
                break
        self.start = [0] * count
        for rank in range(1, count):
            self.start[rank] = self.start[rank - 1] + self.extent[rank - 1] + gaps[rank - 1]
        self.along = self.start[-1] + self.extent[-1]

    def _match_twins(self) -> None:
        """Make a box and its twin equally wide."""
        for key in list(self.widths):
            kind, _, name = key.partition(":")
            twin = {"node": "back:", "var": "grad:"}.get(kind, "") + name
            if twin in self.widths and self.heights[key] > 1:
                self.widths[key] = self.widths[twin] = max(self.widths[key], self.widths[twin])
        for root, module in self.sketch.sums.items():
            if self.size.branch > 1 and f"back:{module}" in self.widths:
                self.widths[f"sum:{root}"] = self.widths[f"back:{module}"]

    # -- across the flow

    def _lanes(self) -> None:
        """Where the boxes of each lane begin, for both networks, and where the derivative network begins."""
        self.across: tuple[dict[float, int], dict[float, int]] = ({}, {})
        self.lane_extent: tuple[dict[float, int], dict[float, int]] = ({}, {})
        at, last = self._tall_targets(), 1
        for side, layers in enumerate((self.forward, self.backward)):
            boxes: dict[float, list[str]] = {lane: [] for lane in layers.lane.values()}
            for key, lane in layers.lane.items():
                if not is_joint(key):
                    boxes[lane].append(key)
            at += side and not last and self.size.bars > 1  # a blank row between the networks
            above: list[str] = []
            for over, lane in pairwise((-math.inf, *sorted(boxes))):
                sums = [layers.rank[key] for key in boxes[lane] if key.startswith("sum:")]
                header, body, footer = self._lane(side, boxes[lane], free=last > 0 or layers.free(sums, over))
                at -= min(last, self._shared(above, boxes[lane], header)) if above else 0
                self.across[side][lane] = at + header
                self.lane_extent[side][lane] = body
                at += header + body + footer
                above, last = boxes[lane], footer
        self.depth = at

    def _shared(self, above: list[str], keys: list[str], header: int) -> int:
        """How many rows for targets above its costs a lane may share with those for values of the lane above."""
        rank = self.forward.rank
        targets = {rank[key] for key in keys if key in self.sketch.attached and not self.beside(key)}
        values = {rank[key] for key in above if key.startswith("var:")}
        values |= {rank[link.source] for link in self.routers[0].drops if link.source in above}
        return 0 if not targets or targets & values else header - (self.size.rows == 3)

    def _lane(self, side: int, keys: list[str], *, free: bool) -> tuple[int, int, int]:
        """Rows before the boxes of a lane, the boxes, and rows after them; `free` is the row before, above sums."""
        size = self.size
        if not keys:
            return 0, 1, 0
        body = max(self.heights[key] for key in keys)
        branch = all(self._branch(key) for key in keys)
        ways = self.routers[side].side_entrances() | (self.routers[side].bends() if size.rows == 1 else set())
        entered = any(key in keys and way == -1 for key, way in ways)
        below = any(key in keys and way == 1 for key, way in ways)
        sums = any(key.startswith("sum:") for key in keys)
        values = any(key.startswith(("var:", "grad:")) for key in keys)
        if size.rows == 1:
            above = any(key in self.sketch.attached and not self.beside(key) for key in keys)
            header: int = 2 if above else 1 if entered or sums else 0
            return header, 1, int(below) if sums or (branch and not size.labels) else size.bars if values else 1
        if sums:
            crossed = not self.routers[side].detoured().isdisjoint(keys)
            return int(crossed or not free), body, int(below)
        if branch:
            return int(entered), body, int(size.labels or below)
        if side == 1:
            return int(entered), body, size.bars + size.labels
        titled = any(self.sketch.parts[key].title for key in keys)
        single = all(is_joint(key) or of == MAIN for key, of in self.forward.lane.items())
        titled &= size.shapes or MAIN in {self.forward.lane[key] for key in keys}  # else it shares a row
        header = 2 if self._small_targets(keys) else 1 if titled or entered else 0
        return header, body, size.bars + size.shapes + (single and size.shapes)

    def _branch(self, key: str) -> bool:
        """Whether a part belongs to a penalty's branch, in either network."""
        kind, _, name = key.partition(":")
        return kind in ("sum", "param") or self.penal({"back": "node:", "grad": "var:"}.get(kind, f"{kind}:") + name)

    def penal(self, key: str) -> bool:
        """Whether a part of the forward network is a penalty, or the value that it makes."""
        return key in self._penalties

    def _tall_targets(self) -> int:
        """Rows to keep at the top for targets above their costs, which may rise into lanes of joints alone."""
        lanes = [self.forward.lane[c] for c in self.sketch.attached if not self.beside(c) and self._tall(c)]
        if not lanes:
            return 0
        above = {lane for lane in self.forward.lane.values() if lane < min(lanes)}
        return max(0, self.size.targets - len(above))

    def _tall(self, cost: str) -> bool:
        """Whether a target above its cost has room for a box of three rows: only joints above, not over this one."""
        lane, rank = self.forward.lane[cost], self.forward.rank[cost]
        if self.size.targets == 1 or any(lane_ < lane for _, lane_ in self.forward.box_at):
            return False
        return not any(r == rank and lane_ < lane for r, lane_ in self.forward.joint_at)

    def _small_targets(self, keys: list[str]) -> bool:
        return any(k in self.sketch.attached and not self.beside(k) and not self._tall(k) for k in keys)

    # -- cells

    def _boxes(self) -> None:
        size = self.size
        self.extents: tuple[dict[str, Extent], dict[str, Extent]] = ({}, {})
        for side, layers in enumerate((self.forward, self.backward)):
            for key, lane in layers.lane.items():
                rank, c0, flow = layers.rank[key], self.across[side][lane], 1 - 2 * side
                a0, a1 = self.start[rank], self.start[rank] + self.extent[rank] - 1
                c1 = c0 + self.lane_extent[side][lane] - 1
                port = (c0 + c1) // 2
                if not is_joint(key):
                    width = self.widths[key]
                    a0 += (a1 - a0 + 1 - width) // 2 if size.rows == 3 else 0
                    a1 = a0 + width - 1
                    height = self.heights[key]
                    c0 = port - (height - 1) // 2
                    c1 = c0 + height - 1
                    self.placing.boxes[key] = (a0, c0, width, height)
                near, far = sorted((flow * a0, flow * a1))
                self.extents[side][key] = Extent(near, far, c0, c1, port)

    def _attach(self) -> None:
        """Put targets beside or above their costs, with a wire."""
        for cost, target in self.sketch.attached.items():
            left, top, width, height = self.placing.boxes[cost]
            own, link = self.widths[target], Link(target, cost, (self.sketch.parts[cost].event,))
            if cost == self.sketch.end:
                column = self.forward.rank[cost] + 1
                shift = (self.extent[column] - own) // 2 if self.size.rows == 3 else 0
                box = (self.start[column] + shift, top, own, height)
                corners = [(box[0], top + height // 2), (left + width - 1, top + height // 2)]
            else:
                rows = self.size.targets if self._tall(cost) else 1
                own = own if rows > 1 else cells(self.size.text(self.sketch.parts[target])) + 2
                middle = left + (width - 1) // 2
                box = (middle - (own - 1) // 2, top - 1 - rows, own, rows)
                corners = [(middle, top - 2), (middle, top)]
            self.placing.boxes[target] = box
            self.placing.wires.append(trace(link, corners))

    def _wires(self) -> None:
        for side, flow in ((0, 1), (1, -1)):
            extents = self.extents[side]
            routes = self.routers[side].routes(extents)
            routes += [(link, self._drop(side, link)) for link in self.routers[side].drops]
            for link, corners in routes:
                self.placing.wires.append(trace(link, [(a * flow, c) for a, c in corners]))

    def _drop(self, side: int, link: Link) -> list[Corner]:
        """A parameter's way from its module across the flow, to a penalty on a later lane or to its sum."""
        at = self.extents[side]
        source, target = at[link.source], at[link.target]
        if self.size.branch == 1 and side and self.size.rows == 3:
            a = target.middle
        elif self.size.rows == 3 and side:
            a = (source.a0 + source.a1 + 1) // 2  # above the plus of its sum; the flow runs to the left
        else:
            a = source.a1 - 1 if side else source.a0 + 2
        corners, line = [(a, source.c1)], self.routers[side].detour(link, at)
        if line is None:
            line = a
        else:
            corners += [(a, source.c1 + 1), (line, source.c1 + 1)]
        if side:
            entry = target.c0 - 1
            return [*corners, (line, entry), (a, entry), (a, target.c0)]
        return [*corners, (line, target.port), (target.a0, target.port)]
