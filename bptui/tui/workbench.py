"""The workbench: step through a net, both ways in time, with every number in view."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Literal, cast

import numpy as np
from textual import work
from textual.binding import BindingType

from bptui.drawing.canvas import Canvas, Region
from bptui.drawing.diagram import cursor_box
from bptui.drawing.into import place_of
from bptui.drawing.lines import NOW, TEXT, write
from bptui.engine.module import subscript
from bptui.engine.notation import symbol
from bptui.session import actions as act
from bptui.session.actions import Action, ActionError
from bptui.session.dial import notch
from bptui.session.session import Session
from bptui.session.source import Source
from bptui.tui import asking
from bptui.tui.canvas_view import CanvasView
from bptui.tui.explain import paragraphs
from bptui.tui.grid import Size
from bptui.tui.pane_screen import PaneScreen
from bptui.tui.panes import knobs, watches
from bptui.tui.placing import Box
from bptui.tui.prompt import Prompt
from bptui.tui.saving import saved, unused
from bptui.tui.selection import Index, neighbour, node_of, of_event, pointed, quantity, targets
from bptui.tui.stage import Stage
from bptui.tui.view import PANES, View
from bptui.tui.workbench_keys import BINDINGS, bar_of

if TYPE_CHECKING:
    from bptui.sources.receipts import Look
    from bptui.tui.app import BptuiApp

_NAMES = ("title", "story", "diagram", "divider", "timeline", "tabs", "main", "program", "knobs", "watches", "strip")


class Workbench(PaneScreen):
    """One session on the screen. Keys and the mouse become actions; everything shown is read from the session."""

    BINDINGS: ClassVar[list[BindingType]] = [*BINDINGS]

    def __init__(self, session: Session, look: Look | None = None) -> None:
        super().__init__()
        self.session = session
        self.view = View(**vars(look)) if look is not None and look.pane in PANES else View()
        self.source: Source | None = None  # the file that the net was read from
        self.stage: Stage | None = None
        self.searching = self._left = False
        self._reached = 0
        self._placed: dict[str, Box] = {}
        self._shown = ("", "")
        self.views = {name: CanvasView(id=name) for name in _NAMES}
        self.views |= {name: CanvasView(ground="panel", id=name) for name in ("title", "keys")}

    # -- showing

    def settle(self) -> None:
        if not self.searching:
            self.stage = self.new_stage()
            self.show()

    def take(self, session: Session, view: View) -> None:
        """Show another session from now on."""
        self.session, self.view, self._shown = session, view, ("", "")
        self.settle()

    def new_stage(self) -> Stage:
        """What the panes show, for the room that there is."""
        room = self.room()
        return Stage(self.session, self.view, Size(room.width, room.height), source=self.source)

    def show(self) -> None:
        """Bring the screen up to date; only rows that differ are painted."""
        stage = self.stage
        if stage is None or self.searching:
            return
        canvases = stage.paint()
        if stage.boxes != self._placed:
            self._placed = stage.boxes
            self.stand(stage.boxes)
        in_sight = None if stage.folded else self._in_sight(stage)
        for name, canvas in canvases.items():
            self.views[name].show(canvas, in_sight if name == "diagram" else None)
        self.show_keys(
            bar_of(self.view, within=stage.within is not None, settable=stage.settable == stage.quantity.name)
        )
        if (stage.main, stage.target) != self._shown:
            self._shown = stage.main, stage.target
            self.views["main"].scroll_canvas(0, 0)
        if in_sight is not None:
            self.views["diagram"].follow(in_sight)
        if self.view.pane == "watches":
            view = self.views["watches" if "watches" in stage.boxes else "main"]
            for region in view.canvas.regions:
                if region.target == f"row:{self.view.row}":
                    view.follow(region)

    def _in_sight(self, stage: Stage) -> Region:
        """The box that the diagram must not hide: the selected one, else the one at the cursor."""
        selected = self.view.selected
        if selected in stage.layout.placing.boxes:
            return stage.layout.box(str(selected))
        return cursor_box(stage.layout, stage.graph.events[self.session.address.event])

    def do(self, action: Action) -> None:
        """Apply an action to the session and show the result; where it cannot be done, say so."""
        self._set_dialled()
        self._apply(action)
        self.show()

    def travel(self, action: Action) -> None:
        """Move in time; the selection follows the cursor again."""
        self._set_dialled()
        if self._apply(action):
            self.view.selected, self.view.entry = None, self.view.entry if self.view.into else None
        self.show()

    def _apply(self, action: Action) -> bool:
        self.view.problem = ""
        try:
            self.session.apply(action)
        except ActionError as error:
            self.view.problem = str(error)
        return not self.view.problem

    def _search(self, action: Action, *, select: str | None = None) -> None:
        """Go far in time, in a thread: until it has arrived, the thread alone may touch the session."""
        self._set_dialled()
        self.searching, self._left, self._reached = True, False, self.session.address.step
        self.set_timer(0.3, self._say_searching)
        self._look(action, select)

    @work(thread=True, exit_on_error=True)
    def _look(self, action: Action, select: str | None) -> None:
        session, start = self.session, self.session.address
        session.history.on_step = self._pass
        found = self._apply(action)
        try:
            if found:
                session.moment()  # a jump is run to here, not when it is painted
        except ActionError as error:
            session.apply(act.Jump(start.step, start.event))
            found, self.view.problem = False, str(error)
        session.history.on_step = lambda step: None
        if self.is_running:
            self.app.call_from_thread(self._found, found, select)

    def _pass(self, step: int) -> None:
        """Note a training step on the way of a search; where the learner has had enough, end it."""
        self._reached = step
        if self._left:
            raise ActionError(f"stopped at step {step + 1} on the way; here all is as it was")

    def _found(self, found: bool, select: str | None) -> None:
        self.searching, view = False, self.view
        if found:
            entry = view.entry if self.session.chosen is None else self.session.chosen
            view.selected, view.entry = select, entry if select or view.into else None
        self.settle()

    def _say_searching(self) -> None:
        if self.searching:
            canvas = Canvas(self._stage.boxes["story"].width, self._stage.boxes["story"].height)
            write(canvas, 0, 0, [("now", NOW), (f"   running: training step {self._reached + 1}; esc stops", TEXT)])
            self.views["story"].show(canvas)
            self.set_timer(0.1, self._say_searching)

    def on_unmount(self) -> None:
        self._left = True

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a search runs, keys wait; but escape ends it."""
        return bool(super().check_action(action, parameters)) and (not self.searching or action == "out")

    def select(self, target: str | None, entry: Index | None = None) -> None:
        """Look at a target, or at whatever the cursor is at."""
        self.view.selected, self.view.entry = target, entry
        self.show()

    @property
    def _stage(self) -> Stage:
        assert self.stage is not None  # no key arrives before the first resize
        return self.stage

    # -- time

    def action_step(self) -> None:
        if self.view.pane == "knobs":
            self._turn(1)
        else:
            self.travel(act.Forward())

    def action_back(self) -> None:
        if self.view.pane == "knobs":
            self._turn(-1)
        else:
            self.travel(act.Back())

    def action_next_step(self) -> None:
        self.do(act.NextStep())

    def action_previous_step(self) -> None:
        self.do(act.PreviousStep())

    def action_run(self, of: str) -> None:
        ends = {
            "forward": act.RunToEnd("forward"),
            "backward": act.RunToEnd("backward"),
            "epoch": act.RunToEnd("epoch"),
        }
        self.travel(ends[of])

    def action_run_to_node(self) -> None:
        node = node_of(self._stage.graph, self._stage.target)
        if node is None:
            self._refuse("select a module first (↑↓ or a click): m runs to it")
        else:
            self.travel(act.RunToNode(node))

    def action_continue(self) -> None:
        self._search(act.Continue())

    def action_reverse(self) -> None:
        self._search(act.ReverseContinue())

    def action_origin(self, what: Literal["changed", "zero"]) -> None:
        stage, moment = self._stage, self._stage.moment()
        name, of = stage.quantity
        entry = None if what == "zero" and self.view.entry is None else stage.entry(moment)
        values = moment.gradient(name) if of == "gradient" else moment.value(name)
        broken = (
            what == "zero" and values is not None and not np.isfinite(values if entry is None else values[entry]).all()
        )
        self._search(act.Origin(name, entry, of, "not finite" if broken else what), select=stage.target)

    def action_jump(self) -> None:
        def jump(text: str) -> None:
            step, event = asking.place(text)
            self._search(act.Jump(step, self.session.address.event if event is None else event))

        self._ask("jump to step", "", "12, or 12 4 for its fourth event", jump)

    # -- selection

    def action_up(self) -> None:
        self._choose(-1)

    def action_down(self) -> None:
        self._choose(1)

    def _choose(self, by: int) -> None:
        view, stage = self.view, self._stage
        self._set_dialled()
        if view.pane in ("knobs", "watches"):
            count = (
                len(knobs.names(self.session.experiment))
                if view.pane == "knobs"
                else len(watches.rows(self.session, self._stage.moment(), self.source))
            )
            view.row = max(0, min(count - 1, view.row + by))
            self.show()
        elif stage.within is not None:
            self.action_entry(by)
        else:
            known = targets(stage.graph)
            at = known.index(stage.target) if stage.target in known else (-1 if by > 0 else len(known))
            self.select(known[max(0, min(len(known) - 1, at + by))])

    def action_entry(self, by: int) -> None:
        stage = self._stage
        entry, shape = stage.entry(stage.moment()), stage.graph.variables[stage.quantity.name].shape
        chosen = entry if self.view.entry is None else neighbour(shape, entry, by)
        self.select(stage.target, chosen)

    def action_sample(self) -> None:
        moment = self._stage.moment()
        self.do(act.ShowSample((moment.sample + 1) % len(moment.record.indices)))

    # -- panes

    def action_pane(self, name: str) -> None:
        self._set_dialled()
        self.view.pane, self.view.row, self.view.problem = name, 0, ""
        self.show()

    def action_next_pane(self, by: int) -> None:
        standing = {"program"} & set(self._stage.boxes)
        cycle = [name for name in PANES if name not in standing]
        at = cycle.index(self.view.pane) if self.view.pane in cycle else 0
        self.action_pane(cycle[(at + by) % len(cycle)])

    def action_scroll_main(self, by: int) -> None:
        """Scroll the pane; where that goes no further, the terms of the sum that one has stepped into."""
        view = self.views["main"]
        top = view.top
        view.scroll_canvas(view.left, top + by * max(1, view.size.height - 1))
        if self._stage.inside is not None and view.top == top:
            self.view.scroll = max(0, self.view.scroll + 5 * by)
            self.show()

    def action_turn(self) -> None:
        """Turn the diagram and keep it so, whatever the terminal's size; a second time, let the size decide again."""
        view = self.view
        view.upward = None if view.upward is not None else not self._stage.layout.size.upward
        self.settle()
        way = "upward" if self._stage.layout.size.upward else "sideways"
        kept = "at every size; v lets the size decide again"
        self._note(f"the diagram goes {way} {kept if view.upward is not None else 'as it fits this size'}")

    def action_nudge(self, factor: float) -> None:
        self.view.nudge = max(1e-6, min(1e3, self.view.nudge * factor))
        self.action_pane("twiddle")

    def action_enter(self) -> None:
        view = self.view
        if view.dialled is not None:
            self._set_dialled()
            self.show()
        elif view.pane == "knobs":
            self._type_knob()
        elif view.pane == "watches":
            row = self._row()
            if row is not None and row.go is not None:
                self.do(row.go)
        elif place_of(self._stage.graph, self._stage.target) is None:
            self._refuse("no module to step into here: step on (→) or select one (↑↓)")
        else:
            entry = self._stage.entry(self._stage.moment())
            view.pane, view.into, view.scroll = "inspector", True, 0
            self.select(view.selected, entry)

    def action_out(self) -> None:
        view = self.view
        if self.searching:
            self._left = True
            return
        if view.dialled is not None:
            view.dialled = None
        elif view.into and view.pane == "inspector":
            view.into, view.entry = False, None
            if view.selected == of_event(self._stage.graph.events[self.session.address.event]):
                view.selected = None  # as before one stepped in: it follows the cursor
        elif view.pane != "inspector":
            view.pane = "inspector"
        else:
            view.selected, view.entry = None, None
        view.problem = ""
        self.show()

    # -- marks

    def action_break(self) -> None:
        node = node_of(self._stage.graph, self._stage.target)
        if node is None:
            self._refuse("select a module first (↑↓ or a click): a breakpoint stops there")
        else:
            self.do(act.ToggleBreakpoint(node))

    def action_condition(self) -> None:
        self._ask("stop when", "", self.stop_hint, self.stop_when)

    stop_hint = "not finite, all zero, above 5 dm0.weight, dead, saturated"

    def stop_when(self, text: str) -> None:
        """Stop on a condition in words. Raises ActionError, one line, for what is none."""
        for condition in asking.conditions(text, self.session.graph):
            self.do(act.AddCondition(condition))

    def action_watch(self) -> None:
        name, of = self._stage.quantity
        watch = act.AddWatch(name, of, self.view.entry)
        self.do(act.RemoveWatch(watch) if watch in self.session.watches else watch)

    def action_remove(self) -> None:
        row = self._row()
        if row is not None and row.remove:
            for action in row.remove[:-1]:
                self._apply(action)
            self.do(row.remove[-1])

    def _row(self) -> watches.Row | None:
        found = watches.rows(self.session, self._stage.moment(), self.source) if self.view.pane == "watches" else []
        return found[self.view.row] if self.view.row < len(found) else None

    # -- edits

    def action_set(self) -> None:
        stage = self._stage
        name = stage.settable
        if name is None:
            self._refuse(f"{stage.quantity.symbol} is computed; inputs, targets and parameters can be set")
            return
        if name != stage.quantity.name:
            self.select(f"param:{name}")
        variable, entry = stage.graph.variables[name], stage.entry(stage.moment())
        self.select(self.view.selected, entry)
        where = "" if variable.classes else subscript(entry)
        self._ask(
            f"set {symbol(name)}{where} to",
            "",
            f"a class from 0 to {variable.shape[0] - 1}" if variable.classes else "a number",
            lambda text: self.do(act.SetEntry(name, entry, asking.number(text))),
        )

    def action_undo(self) -> None:
        if self.view.dialled is not None:
            self.action_out()
        else:
            self.do(act.Undo())

    def action_flip(self) -> None:
        if self.view.pane == "knobs":
            name, self.view.dialled = self._knob(), None
            text = knobs.toggled(self.session.experiment, name)
            self._type_knob() if text is None else self.do(act.SetKnob(name, text))

    def _knob(self) -> str:
        found = knobs.names(self.session.experiment)
        self.view.row = min(self.view.row, len(found) - 1)
        return found[self.view.row]

    def _turn(self, by: int) -> None:
        """Dial the chosen knob. It is set once, at the end: each edit is a branch, a held key would leave dozens."""
        view, experiment, name = self.view, self.session.experiment, self._knob()
        now = knobs.reading(experiment, name)
        text = notch(experiment, name, view.dialled or now, by)
        view.dialled, view.problem = None if text == now else text, ""
        self.show()

    def _set_dialled(self) -> None:
        """Set the chosen knob to what the arrows have turned it to."""
        text, self.view.dialled = self.view.dialled, None
        if text is not None:
            self._apply(act.SetKnob(self._knob(), text))

    def _type_knob(self) -> None:
        name = self._knob()
        value = knobs.reading(self.session.experiment, name)
        self._ask(name, value, "", lambda text: self.do(act.SetKnob(name, text)))

    def _ask(self, label: str, value: str, hint: str, then: Callable[[str], object]) -> None:
        """Ask for a line and do something with it; what cannot be read is said where the sentences stand."""

        def answered(text: str | None) -> None:
            if text:
                try:
                    then(text)
                except ActionError as error:
                    self._refuse(str(error))

        story, room = self._stage.boxes["story"], self.room()
        line = Box(story.x, story.y + story.height - 1, story.width, 1).moved(room.x, room.y)
        self.app.push_screen(Prompt(label, value, hint, line), answered)

    def _note(self, text: str) -> None:
        """Say something until the next key."""
        self.view.note = text
        self.show()
        self.view.note = ""

    def _refuse(self, problem: str) -> None:
        self.view.problem = problem
        self.show()

    # -- the rest

    def action_save(self) -> None:
        self._set_dialled()
        name = unused(self.session.graph.name)
        self._ask("save this run as", name, "a new file", lambda path: self._note(saved(path, self.receipt(), "step")))

    def receipt(self) -> str:
        """The run up to here, with marks and all that is looked at."""
        from bptui.session.redo import marks_of  # only now, as all that is not in the first frame
        from bptui.sources.receipts import Look, to_receipt

        if self.searching:
            raise ActionError("one moment: this run goes on; esc stops it")
        session, at = self.session, self.session.address
        look = Look(**{name: getattr(self.view, name) for name in vars(Look())})
        parameters = session.history.parameters(at.branch, at.step)[1]
        return to_receipt(session.history, at, parameters, marks_of(session), look, self.source)

    def action_explain(self) -> None:
        self.explain(*paragraphs(self._stage.graph, self._stage.target, self.view.pane))

    def action_leave(self) -> None:
        cast("BptuiApp", self.app).leave(self, self.session.graph.name)

    # -- the mouse

    async def on_canvas_view_clicked(self, message: CanvasView.Clicked) -> None:
        kind, _, name = (message.target or "").partition(":")
        if self.searching:
            return
        if kind in ("node", "back", "var", "grad", "param"):
            self.select(message.target)
            if message.times > 1:
                self.action_enter()
        elif kind in ("entry", "shade"):
            self._click_entry(message, name, halves=kind == "shade")
        elif kind == "event":
            self.travel(act.Jump(self.session.address.step, int(name)))
        elif kind == "pane":
            self.action_pane(name)
        elif kind == "knob":
            self._click_knob(name)
        elif kind == "row":
            self.action_pane("watches")
            self.view.row = int(name)
            self.show()
        elif kind == "key":
            await self.run_action(name)

    def _click_entry(self, message: CanvasView.Clicked, target: str, *, halves: bool) -> None:
        """Choose the entry that was clicked: of what is being looked at, if it is that, else of the clicked tensor."""
        graph, stage = self._stage.graph, self._stage
        if target not in targets(graph):  # a copy of a shared parameter
            return
        region = next(r for r in reversed(message.view.canvas.regions) if r.holds(message.x, message.y))
        shape, size = graph.variables[quantity(graph, target).name].shape, (region.width, region.height)
        entry = pointed(shape, size, message.x - region.left, message.y - region.top, halves=halves)
        same = quantity(graph, target) == stage.quantity
        self.select(stage.view.selected if same else target, entry)
        if message.times > 1:
            self.action_enter()

    def _click_knob(self, name: str) -> None:
        self.action_pane("knobs")
        found = knobs.names(self.session.experiment)
        self.view.row = found.index(name)
        self.action_flip()

    def on_canvas_view_dragged(self, message: CanvasView.Dragged) -> None:
        kind, _, name = (message.target or "").partition(":")
        if (
            not self.searching
            and message.view is self.views["timeline"]
            and kind == "event"
            and int(name) != self.session.address.event
        ):
            self.travel(act.Jump(self.session.address.step, int(name)))

    def on_canvas_view_wheeled(self, message: CanvasView.Wheeled) -> None:
        if not self.searching and message.view in (self.views["diagram"], self.views["timeline"]):
            self.travel(act.Forward() if message.turn > 0 else act.Back())
