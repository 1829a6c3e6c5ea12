"""Bottom-up places: one part to a row, its twin at its right, and rails at both sides for wires that pass others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from bptui.drawing.parts import Link, Sketch
from bptui.drawing.place import Placing
from bptui.drawing.sizes import Size
from bptui.drawing.wires import Cell, Wire, trace, upright

Rails = dict[Link, int]  # the rail that a link runs on, 0 next to the boxes


class Tower:
    """The rows and rails of a sketch bottom-up: all that does not depend on a size.

    A `slot` is a part's place in the order of computing, 0 at the bottom. A wire to the next slot goes straight. Any
    other leaves its box at the side, runs along a rail and comes in at the side, or, where wires leave there too,
    through the line that enters the box. So no two wires share a stretch unless they share their source or their
    target.
    """

    def __init__(self, sketch: Sketch) -> None:
        self.sketch = sketch
        targets = set(sketch.attached.values())
        order = [key for key in sketch.parts if key.startswith(("var:", "node:")) and key not in targets]
        twins = [_twin(key) for key in order]
        self.slot = {key: k for keys in (order, twins) for k, key in enumerate(keys)}
        if sketch.seed is not None:
            self.slot.setdefault(sketch.seed, len(order))
        self.slot |= self._sums()
        sums = [*self.summed, *(f"param:{root}" for root in sketch.sums)]
        self.columns = {"forward": order, "twins": [*twins, sketch.seed or ""], "sums": sums}
        within, outer = self._returning()
        forward, inner = _long(sketch.links, self.slot), _long(within, self.slot)
        self.rails = _rails(forward, self.slot)
        self.inner, self.outer = _rails(inner, self.slot), _rails(_off_row(outer, self.slot), self.slot)
        leaving = {link.source for link in (*forward, *inner, *outer)}
        self.low = {link.target for link in (*forward, *inner) if link.target in leaving}  # entered through the line
        self._rows()

    def _sums(self) -> dict[str, int]:
        """The slot of each sum of gradients, next to its module if possible, and below it that of the gradient."""
        self.summed = {f"sum:{root}" for root in self.sketch.sums}
        slots: dict[str, int] = {}
        if not self.summed:
            return slots
        adding = {self.slot[link.source] for link in self.sketch.twins if link.target in self.summed}
        for root, module in self.sketch.sums.items():
            own = slot = self.slot[f"back:{module}"]
            while {slot, slot - 1} & {*slots.values()} or (slot != own and slot in adding):
                slot -= 1
            slots |= {f"sum:{root}": slot, f"param:{root}": slot - 1}
        return slots

    def _returning(self) -> tuple[Sequence[Link], Sequence[Link]]:
        """The links of the derivative network that join two boxes in its column, and those to sums."""
        twins = self.sketch.twins
        if not self.summed:
            return twins, ()
        inner = [link for link in twins if not link.target.startswith(("sum:", "param:"))]
        return inner, [link for link in twins if link.target in self.summed]

    def _rows(self) -> None:
        """The row of each slot. A gap takes a row, and one more where a wire from a rail joins the line in it."""
        forward = {self.slot[key] - 1 for key in self.low if key.startswith(("var:", "node:"))}
        backward = {self.slot[key] for key in self.low if key.startswith(("back:", "grad:"))}
        slots = range(min(self.slot.values()), max(self.slot.values()) + 1)
        rows, row = {}, 0
        for slot in reversed(slots):
            rows[slot] = row
            row += 2 + (slot - 1 in forward or slot - 1 in backward)
        self.height = rows[slots[0]] + 1
        self.row = {key: rows[slot] for key, slot in self.slot.items()}


class Widths:
    """How wide the boxes of a tower are at a size, and the widest of each column."""

    def __init__(self, tower: Tower, size: Size) -> None:
        self.of = {key: size.width(part, 1) for key, part in tower.sketch.parts.items()}
        self.widest = {
            name: max([self.of.get(key, 0) for key in keys], default=0) for name, keys in tower.columns.items()
        }


class Stack:
    """Places one sketch bottom-up at one size: forward network, derivative network, and sums of gradients beyond it."""

    def __init__(self, tower: Tower, widths: Widths, size: Size) -> None:
        self.tower, self.sketch, self.size = tower, tower.sketch, size
        self.widths, self.widest = widths.of, widths.widest
        self._columns()

    def draw(self) -> None:
        """Place all boxes and wires."""
        tower = self.tower
        self.middle: dict[str, int] = {}
        for name, keys in tower.columns.items():
            self.middle |= dict.fromkeys(keys, self.starts[name] + (self.widest[name] - 1) // 2)
        middle, row = self.middle, tower.row
        self.placing.boxes = {
            key: (middle[key] - (width - 1) // 2, row[key], width, 1)
            for key, width in self.widths.items()
            if key in row
        }
        for cost, target in self.sketch.attached.items():
            left, top, width, _ = self.placing.boxes[cost]
            x = self.edge + self.arm
            self.placing.boxes[target] = (x, top, self.widths[target], 1)
            link = Link(target, cost, (self.sketch.parts[cost].event,))
            self.placing.wires.append(trace(link, [(x, top), (left + width - 1, top)]))
        for links, rails in ((self.sketch.links, tower.rails), (self.sketch.twins, tower.inner | tower.outer)):
            straight = [link for link in links if link not in rails] if rails else links
            self.placing.wires += map(self._straight, straight)
            self.placing.wires += [trace(link, self._along(link, rail)) for link, rail in rails.items()]

    # -- columns

    def _columns(self) -> None:
        tower, widest = self.tower, self.widest
        self.arm = 5 if self.size.aside > 10 else 3
        targets = [self.arm + self.widths[target] + 1 for target in self.sketch.attached.values()]
        left = 2 * _count(tower.rails)
        self.edge = left + widest["forward"]
        self.twins = self.edge + max([self.size.aside, *targets])
        self.right = self.twins + widest["twins"]
        tracks = _count(tower.inner) + _count(tower.outer)
        sums = self.right + 2 * tracks + 1 + (not tracks)
        self.starts = {"forward": left, "twins": self.twins, "sums": sums}
        width = sums + widest["sums"] if tower.summed else self.right + 2 * tracks
        self.placing = Placing(self.size, width, tower.height)

    # -- wires

    def _straight(self, link: Link) -> Wire:
        """The way to the next slot, or to the sum at the side."""
        row, start, end = self.tower.row, link.source, link.target
        if row[start] != row[end]:
            return upright(link, self.middle[start], row[start], row[end])
        return trace(link, [(self._end(start), row[start]), (self.placing.boxes[end][0], row[end])])

    def _along(self, link: Link, rail: int) -> list[Cell]:
        """The way along a rail."""
        tower = self.tower
        forward = link in tower.rails
        source, target = tower.row[link.source], tower.row[link.target]
        if forward:
            x = 2 * (_count(tower.rails) - 1 - rail)
        else:
            x = self.right + 1 + 2 * (rail + _count(tower.inner) * (link in tower.outer))
        way = [(self._end(link.source), source), (x, source)]
        if link.target in tower.low:
            joined, middle = target + (2 if forward else -2), self.middle[link.target]
            return [*way, (x, joined), (middle, joined), (middle, target)]
        enters = self.placing.boxes[link.target][0] if link in tower.outer else self._end(link.target)
        return [*way, (x, target), (enters, target)]

    def _end(self, key: str) -> int:
        """The end of a box on the side of its rails."""
        left, _, width, _ = self.placing.boxes[key]
        return left if key.startswith(("var:", "node:")) else left + width - 1


def _twin(key: str) -> str:
    kind, _, name = key.partition(":")
    return f"{'back' if kind == 'node' else 'grad'}:{name}"


def _long(links: Iterable[Link], slot: Mapping[str, int]) -> list[Link]:
    """The links that cannot go straight: not to the next slot, or parameters, or the second between two parts."""
    found, straight = [], set[tuple[str, str]]()
    for link in links:
        source, target, _, parameter = link
        if abs(slot[source] - slot[target]) == 1 and parameter is None and (source, target) not in straight:
            straight.add((source, target))
        else:
            found.append(link)
    return found


def _off_row(links: Iterable[Link], slot: Mapping[str, int]) -> list[Link]:
    return [link for link in links if slot[link.source] != slot[link.target]]


def _rails(links: Sequence[Link], slot: Mapping[str, int]) -> Rails:
    """A rail for each link: one for all from one source, one for all single ones to one target, none shared else."""
    sent = Counter((link.source, link.parameter) for link in links)
    groups: dict[tuple[str | None, ...], list[Link]] = {}
    for link in links:
        several = sent[link.source, link.parameter] > 1
        key = ("from", link.source, link.parameter) if several else ("to", link.target)
        groups.setdefault(key, []).append(link)
    ends = [[slot[key] for link in group for key in (link.source, link.target)] for group in groups.values()]
    spans = sorted(zip(map(min, ends), map(max, ends), groups.values(), strict=True), key=lambda s: (s[1] - s[0], s[0]))
    taken: list[list[tuple[int, int]]] = []
    rails: Rails = {}
    for low, high, group in spans:
        free = (k for k, spans in enumerate(taken) if all(high < start or end < low for start, end in spans))
        rail = next(free, len(taken))
        if rail == len(taken):
            taken.append([])
        taken[rail].append((low, high))
        rails |= dict.fromkeys(group, rail)
    return rails


def _count(rails: Rails) -> int:
    return max(rails.values(), default=-1) + 1
