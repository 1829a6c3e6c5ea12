"""What the workbench shows: every pane's canvas, from a session and from what the learner looks at."""

from __future__ import annotations

from dataclasses import dataclass

from bptui.drawing import story
from bptui.drawing.canvas import Canvas, Ink, Region
from bptui.drawing.diagram import Layout, lay_out, picture
from bptui.drawing.events import Step, largest_index
from bptui.drawing.inspector import HIDDEN, inspect
from bptui.drawing.into import Place, into, place_of
from bptui.drawing.jacobians import jacobian
from bptui.drawing.lines import BOLD, MUTED, NOW, SOFT, TEXT, Piece, rule, wrap, write
from bptui.drawing.numbers import brief
from bptui.drawing.timeline import timeline
from bptui.engine.module import subscript
from bptui.engine.notation import symbol
from bptui.engine.optimisers import ProximalSGD
from bptui.session.actions import ActionError
from bptui.session.moment import Moment
from bptui.session.session import Session
from bptui.session.source import Source
from bptui.tui.frame import divider, tabs, title
from bptui.tui.grid import Size, arrange, with_source, with_watches
from bptui.tui.hiding import Hidden, hides_shapes, says, tells
from bptui.tui.panes import knobs, program, source, tables, watches
from bptui.tui.panes.source import AT_WORK, Reading
from bptui.tui.placing import Box
from bptui.tui.selection import Index, Quantity, neighbour, node_of, of_event, quantity, targets
from bptui.tui.view import View


@dataclass
class Stage:
    """The panes of one screen size and one graph. `boxes` says where they stand, `paint` what they show."""

    session: Session
    view: View
    size: Size
    hidden: Hidden = frozenset()  # what a lesson asks for
    source: Source | None = None  # the file that the net was read from
    reading: Reading = AT_WORK  # and how it is looked at

    def __post_init__(self) -> None:
        self.settle()

    def settle(self) -> None:
        """Lay the diagram out for this size and graph."""
        size, graph, view = self.size, self.session.graph, self.view
        self.graph = graph
        self._timelines: dict[tuple[int, frozenset[int], int, int], Canvas] = {}
        if view.selected is not None and view.selected not in targets(graph):
            view.selected, view.entry = None, None
        self.layout: Layout = lay_out(
            graph, size.stage, size.room, upward=view.upward, large=size.part, aside=size.aside
        )
        narrow = self.layout.height > size.room and self.layout.width <= size.stage - 40 and not size.compact
        self.beside = self.layout.size.upward or narrow  # whether the diagram stands beside the inspector
        if hides_shapes(self.hidden):
            self.layout = self.layout.without_shapes()
        self.boxes = self.arranged()

    def moment(self) -> Moment:
        """What may be shown of the instant at the cursor."""
        return self.session.moment().without(self.hidden)

    def arranged(self) -> dict[str, Box]:
        """Every pane's box. Stepping into a module folds the lane of the diagram where nothing happens."""
        inside = self.inside
        if inside is None:
            return self._standing()
        return self._standing(self.layout.height - self.green if inside.backward else self.green - 1)

    def _standing(self, into: int | None = None) -> dict[str, Box]:
        shown = self.layout.width, self.layout.height
        boxes = arrange(self.size, shown, beside=self.beside, into=into)
        if self.source is not None:
            boxes = with_source(boxes)
        alongside = watches.count(self.session, self.source) if self.view.pane != "watches" else 0
        return with_watches(boxes, alongside)

    @property
    def green(self) -> int:
        """The diagram's row on which the derivative network begins; the one below all where there is none."""
        twins = [box for key, box in self.layout.placing.boxes.items() if not key.startswith(("var:", "node:"))]
        return min((box[1] for box in twins), default=self.layout.height)

    @property
    def folded(self) -> bool:
        """Whether the diagram shows only the lane in which one has stepped into a module."""
        return self.inside is not None and not self.beside

    @property
    def inside(self) -> Place | None:
        """What `within` is, where the inspector shows it."""
        return self.within if self.main == "inspector" else None

    @property
    def within(self) -> Place | None:
        """The module that the learner has stepped into, and what it makes there, whichever pane is in view."""
        return place_of(self.graph, self.target) if self.view.into else None

    # -- what is meant

    @property
    def target(self) -> str:
        """The selection, or what the event at the cursor is about."""
        return self.view.selected or of_event(self.graph.events[self.session.address.event])

    @property
    def quantity(self) -> Quantity:
        """The numbers that the selection stands for."""
        return quantity(self.graph, self.target)

    @property
    def settable(self) -> str | None:
        """What can be set of the selection: of a module its first parameter; None for what is computed."""
        kind, _, name = self.target.partition(":")
        own = self.graph.node[name].parameters.values() if kind in ("node", "back") else ()
        for parameter in own:
            return self.graph.copy_of.get(parameter, parameter)
        given = self.quantity.name
        return None if self.graph.variables[given].role == "computed" else given

    def entry(self, moment: Moment) -> Index:
        """The chosen entry of the selection; without one, the entry largest in size."""
        name, of = self.quantity
        shape = self.graph.variables[name].shape
        chosen = self.view.entry
        if chosen is not None and len(chosen) == len(shape) and all(i < n for i, n in zip(chosen, shape, strict=True)):
            return chosen
        values = moment.gradient(name) if of == "gradient" else moment.value(name)
        return largest_index(values) if values is not None else (0,) * len(shape)

    @property
    def main(self) -> str:
        """The pane that the main box shows: one that has a box of its own leaves it to the inspector."""
        return "inspector" if self.view.pane in self._standing() else self.view.pane

    # -- painting

    def paint(self) -> dict[str, Canvas]:
        """Every visible pane's canvas."""
        if self.session.graph is not self.graph:
            self.settle()
        if self.view.pane == "watches":  # what stood above the chosen row may have gone
            self.view.row = max(0, min(self.view.row, watches.count(self.session, self.source) - 1))
        self.boxes = self.arranged()
        note = self._comparison()
        moment = self.moment()
        boxes, view, session = self.boxes, self.view, self.session
        shown = {
            "title": title(session, moment, self.size, shapes=not hides_shapes(self.hidden)),
            "story": self._story(moment, boxes["story"]),
            "diagram": self._diagram(moment),
            "timeline": self._timeline(moment, boxes["timeline"]),
            "main": self._main(moment, boxes["main"], note),
        }
        if "strip" in boxes:
            box = boxes["strip"]
            shown["strip"] = knobs.strip(session.experiment, box.width, box.height)
        if "program" in boxes:
            box = boxes["program"]
            shown["program"] = self._program(moment, box.width, box.height)
        if "knobs" in boxes:
            box = boxes["knobs"]
            chosen = view.row if view.pane == "knobs" else None
            shown["knobs"] = knobs.panel(session.experiment, box.width, box.height, chosen, dialled=view.dialled)
        if "watches" in boxes:
            box = boxes["watches"]
            chosen = view.row if view.pane == "watches" else None
            shown["watches"] = watches.panel(session, moment, self.source, box.width, box.height, chosen, note=note)
        if "divider" in boxes:
            shown["divider"] = divider(boxes["divider"].height)
        if "tabs" in boxes:
            shown["tabs"] = tabs(view.pane, boxes["tabs"].width, source=self.source is not None)
        return shown

    def _story(self, moment: Moment, box: Box) -> Canvas:
        canvas = Canvas(box.width, box.height)
        room = box.width - 6
        problem, said = self.view.problem, self.session.message
        message = self.view.note or (HIDDEN if says(said, self.hidden) else said)
        first, second = story.now(moment, room), story.next(moment, room)
        rows: list[tuple[Piece, Piece]] = [(("now", NOW), (first, TEXT)), (("next", MUTED), (second, MUTED))]
        inside = self.inside
        if inside is not None:
            rows = self._inside(moment, inside, room)
        if message:
            rows[min(1, box.height - 1)] = ("note", NOW), (story.shortened(message, room), BOLD)
        if problem:
            rows[min(1, box.height - 1)] = ("no", Ink("bad", bold=True)), (story.shortened(problem, room), BOLD)
        for y, (label, text) in enumerate(rows[: box.height]):
            write(canvas, 0, y, [label])
            write(canvas, 6 if box.height > 1 else 5, y, [text])
        return canvas

    def _inside(self, moment: Moment, inside: Place, room: int) -> list[tuple[Piece, Piece]]:
        entry, shape = self.entry(moment), self.graph.variables[inside.name].shape
        name = Quantity(inside.name, "gradient" if inside.backward else "value").symbol
        following = neighbour(shape, entry, 1)
        first = f"Inside {inside.node.name}: {name}{subscript(entry)}, one number, worked out term by term."
        more = "This is the last entry; " if following == entry else f"↓ the next entry, {name}{subscript(following)}; "
        second = more + "esc closes, and the diagram stands where it stood."
        return [
            (("now", NOW), (story.shortened(first, room), TEXT)),
            (("next", MUTED), (story.shortened(second, room), MUTED)),
        ]

    def _diagram(self, moment: Moment) -> Canvas:
        stops = {f"{kind}:{node}" for node in self.session.breakpoints for kind in ("node", "back")}
        drawn = picture(self.layout, moment, selected=self.view.selected, breakpoints=stops)
        if not self.folded or self.inside is None:
            return drawn
        top = self.green if self.inside.backward else 0
        drawn.reach(Region(0, 0, drawn.width, drawn.height, ""))
        lane = Canvas(drawn.width, self.boxes["diagram"].height)
        lane.paste(drawn, 0, -top)
        lane.regions = [region for region in lane.regions if region.top >= 0]
        return lane

    def _timeline(self, moment: Moment, box: Box) -> Canvas:
        marked = self.session.breakpoints
        stops = frozenset(e.index for e in self.graph.events if e.node in marked) if marked else frozenset()
        key = moment.cursor, stops, box.width, box.height
        if key not in self._timelines:
            e, named = moment.experiment, box.height > 2
            soft = e.l1 > 0 and isinstance(e.optimiser, ProximalSGD)
            self._timelines[key] = timeline(self.graph, moment.cursor, stops, box.width, names=named, soft=soft)
        return self._timelines[key]

    def _program(self, moment: Moment, width: int, height: int) -> Canvas:
        stops = self.session.breakpoints
        if self.source is None:
            return program.headed(moment, stops, width, height)
        selected = node_of(self.graph, self.view.selected) if self.view.selected else None
        return source.headed(self.source, moment, stops, selected, width, height, self.reading)

    def _main(self, moment: Moment, box: Box, note: str) -> Canvas:
        width, height, view = max(1, box.width), max(1, box.height), self.view
        titled = "tabs" not in self.boxes
        pane = self.main
        if pane == "program":
            return self._program(moment, width, height)
        if pane == "knobs":
            return knobs.panel(self.session.experiment, width, height, view.row, title=titled, dialled=view.dialled)
        if pane == "watches":
            return watches.panel(self.session, moment, self.source, width, height, view.row, title=titled, note=note)
        event = self.session.address.event
        if tells(pane, self.target, self.inside, self.graph, event, self.hidden):
            return _said(HIDDEN, pane, width, height, titled=titled)
        if pane in ("why", "twiddle"):
            return self._table(moment, pane, width, height)
        if pane == "jacobian":
            return jacobian(moment, self.target, width, height, headed=titled)
        if self.inside is not None:
            return into(moment, self.target, self.entry(moment), width, height, scroll=view.scroll)
        return inspect(
            moment,
            self.target,
            width,
            height,
            entry=view.entry,
            step=_step(self.session, moment, self.quantity.name),
            headed=titled,
        )

    def _table(self, moment: Moment, pane: str, width: int, height: int) -> Canvas:
        from bptui.session.twiddle import twiddle  # only now, as all that is not in the first frame
        from bptui.session.why import why

        name, entry = self.quantity.name, self.entry(moment)
        titled = "tabs" not in self.boxes or height > 5
        try:
            if name == self.graph.loss:
                raise ActionError(f"{self.quantity.symbol} is the end of the net: select something before it (↑)")
            if pane == "why":
                known = moment.gradient_made(name)
                return tables.why_panel(why(moment, name, entry), width, height, known=known, title=titled)
            return tables.twiddle_panel(twiddle(moment, name, entry, self.view.nudge), width, height, title=titled)
        except ActionError as error:
            return _said(str(error), pane, width, height, titled=titled)

    def _comparison(self) -> str:
        """How the branch chosen among the watches, or the latest other one, stands against the present one."""
        session = self.session
        visible = self.view.pane == "watches" or "watches" in self.boxes
        if not visible or len(session.branches) < 2 or ("value", self.graph.loss) in self.hidden:
            return ""
        from bptui.session.compare import compare

        here, step = session.address.branch, session.address.step
        row = self.view.row - (watches.count(session, self.source) - len(session.branches))
        other = row if self.view.pane == "watches" and row >= 0 else len(session.branches) - 1
        if other == here:
            other = here - 1 if here else 1
        found = compare(session.history, here, other, step)
        one, two = (brief(loss, 4) for loss in found.losses)
        most = max(found.parameters, key=lambda name: found.parameters[name], default="")
        apart = f"; most apart: {symbol(most)}, by {brief(found.parameters[most])}" if most else ""
        return f"cost of this step: branch {here} {one}, branch {other} {two}{apart}"


def _said(text: str, pane: str, width: int, height: int, *, titled: bool) -> Canvas:
    """Why a pane shows nothing."""
    lines = wrap(text, width - 2)
    canvas = Canvas(width, max(height, titled + len(lines)))
    if titled:
        canvas.paste(rule(width, pane), 0, 0)
    for y, line in enumerate(lines, titled):
        canvas.put(1, y, line, SOFT)
    return canvas


def _step(session: Session, moment: Moment, name: str) -> Step:
    """What the inspector has to know of the run; the optimiser is the one that moves the parameter of this name."""
    experiment, record = session.experiment, moment.record
    indices = tuple(int(i) for i in record.indices)
    return Step(indices, experiment.count, experiment.optimiser_of(name), moment.rate)
