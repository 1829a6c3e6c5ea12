"""The desk: panes that read the room, and keys that act on it. The class never sees it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, cast

from textual.binding import BindingType

from bptui.classroom.desk import boxes, join, lead, poll, roster
from bptui.classroom.desk.keys import BINDINGS, HELP, KEYS
from bptui.classroom.desk.poster import Poster
from bptui.classroom.lead.lesson import ShownLesson
from bptui.classroom.polls import Group, groups
from bptui.classroom.questions import of_lesson, of_selection
from bptui.classroom.roster import SORTS, Entry, as_csv, chosen, minutes
from bptui.classroom.roster import roster as everybody
from bptui.drawing.canvas import Canvas, Ink, Region
from bptui.drawing.lines import BOLD, MUTED, NOW, SOFT, Piece, clipped, rule, write
from bptui.tui.bars import bar
from bptui.tui.canvas_view import CanvasView
from bptui.tui.pane_screen import PaneScreen
from bptui.tui.placing import Box
from bptui.tui.prompt import Prompt
from bptui.tui.workbench import Workbench

if TYPE_CHECKING:
    from bptui.classroom.desk.app import DeskApp
    from bptui.classroom.seat import Seat

LOOK = 0.25  # seconds between two looks at the class
LONGEST = 200  # characters of a message


class Desk(PaneScreen):
    """What the teacher sees of the class, beside what she shows it."""

    BINDINGS: ClassVar[list[BindingType]] = [*BINDINGS]

    def __init__(self, seat: Seat) -> None:
        super().__init__()
        self.seat, self.class_ = seat, seat.room
        self.pane = "roster"
        self.chosen = ""  # the key of the chosen one
        self.group = 0
        self.sort, self.words, self.note = "name", "", ""
        self._noted = 0.0  # when that was; what the class has to say since then is said instead
        self._seen: object = None
        self.views = {name: CanvasView(ground="surface", id=name) for name in boxes.PANES}
        self.views |= {"title": CanvasView(ground="panel", id="title"), "keys": CanvasView(ground="panel", id="keys")}
        self.views |= {"tabs": CanvasView(id="tabs"), "note": CanvasView(id="note")}

    def on_mount(self) -> None:
        self.set_interval(LOOK, self._look)
        self.call_after_refresh(cast("DeskApp", self.app).stands)

    def _look(self) -> None:
        """Draw what has changed, while somebody looks."""
        if self.is_current:
            self.show()

    # -- what there is

    @property
    def entries(self) -> list[Entry]:
        """The rows of the roster, as they are ordered and sifted."""
        return chosen(everybody(self.class_), self.sort, self.words)

    @property
    def groups(self) -> list[Group]:
        """The groups of answers."""
        found = self.class_.roll.poll
        return groups(found) if found is not None else []

    def _row(self, entries: Sequence[Entry]) -> int:
        return next((k for k, entry in enumerate(entries) if entry.key == self.chosen), 0)

    def _seat(self) -> Seat | None:
        """The seat of the chosen one."""
        entries = self.entries
        return self.class_.seats.get(entries[self._row(entries)].key) if entries else None

    def _status(self) -> lead.Status:
        led = self.class_.lead
        if not led.leading or led.place is None:
            return lead.Status()
        place = led.place
        driver = "" if led.driver is None or led.driver.role == "teacher" else led.driver.name
        last = "" if led.last_allowed is None else str(led.last_allowed)
        spotlit = led.spotlit.name if led.spotlit is not None else ""
        step = f"{place.step} of {place.steps}" if place.steps else f"{place.step:,}"
        event = str(place.event) if place.event else ""
        return lead.Status(place.title, step, event, driver, spotlit, led.frozen, last, self.class_.left)

    # -- showing

    def settle(self) -> None:
        self._seen = None
        self.show()

    def show(self) -> None:
        """Bring the screen up to date."""
        width, height = self.size
        if not width:
            return
        entries, status, room = self.entries, self._status(), self.class_
        found, roll = room.roll.poll, room.roll
        silent = [e.name for e in entries if found is not None and e.key not in found.answers]
        up = minutes(asyncio.get_running_loop().time() - room.began)
        seen = (width, height, entries, status, found, up, roll.locked, self.pane, self.chosen, self.group, self.sort,
                self.words, self.note, room.news)  # fmt: skip
        if seen == self._seen:
            return
        self._seen = seen
        stands = boxes.boxes(width, height, self.pane)
        self.stand(stands)
        said = f"by {self.sort}" + (f", with {self.words}" if self.words else "")
        said = "" if self.sort == "name" and not self.words else said
        row = self._row(entries)
        painted: dict[str, Callable[[Box], Canvas]] = {
            "roster": lambda b: roster.pane(entries, row, b.width, b.height, here=self.pane == "roster", said=said),
            "poll": lambda b: poll.pane(
                found, self.groups, silent, self.group, b.width, b.height, here=self.pane == "poll"
            ),
            "lead": lambda b: lead.pane(status, b.width, b.height),
            "join": lambda b: join.pane(
                room.join, roll.code, up, len(room.students), b.width, b.height, locked=roll.locked
            ),
            "title": lambda b: self._title(status, b.width),
            "tabs": lambda b: _tabs(self.pane, b.width, "" if self.pane == "roster" else roster.counts(entries)),
            "note": lambda b: self._note(b.width),
        }
        for name, box in stands.items():
            if name in painted:
                self.views[name].show(painted[name](box))
        view = self.views["roster"]
        for region in view.canvas.regions:
            if region.target == f"row:{row}":
                view.follow(region)
        self.show_keys(KEYS[self.pane])

    def _title(self, status: lead.Status, width: int) -> Canvas:
        left: list[Piece] = [("bptui  ", BOLD), ("Class", NOW), ("  ·  ", MUTED), (self.class_.roll.name, SOFT)]
        if status.title:
            left += [
                ("  ·  ", MUTED),
                (status.title, BOLD),
                ("  ·  ", MUTED),
                (f"step {status.step}" + (f", event {status.event}" if status.event else ""), SOFT),
            ]
        live: Piece = ("● live", Ink("good")) if status.title else ("○ nothing shown", MUTED)
        return bar(left, [live, (f"   {len(self.class_.students)} here", SOFT)], width)

    def _note(self, width: int) -> Canvas:
        canvas = Canvas(width, 1)
        words, since = self.class_.news or ("", 0.0)
        if self.note and self._noted >= since:
            canvas.put(1, 0, clipped(self.note, width - 2), BOLD)
        elif words:
            ago = minutes(asyncio.get_running_loop().time() - since)
            write(canvas, 1, 0, [("! ", NOW), (words, BOLD), (f"   {ago} ago", MUTED)])
        return canvas

    # -- choosing

    def action_choose(self, by: int) -> None:
        self.note = ""
        if self.pane == "poll":
            self.group = max(0, min(len(self.groups) - 1, self.group + by))
        else:
            entries = self.entries
            if entries:
                self.chosen = entries[max(0, min(len(entries) - 1, self._row(entries) + by))].key
        self.show()

    def action_next_pane(self, by: int) -> None:
        cycle = ("roster", "poll") if boxes.is_roomy(*self.size) else boxes.PANES
        at = cycle.index(self.pane) if self.pane in cycle else 0
        self.pane = cycle[(at + by) % len(cycle)]
        self.show()

    def action_sort(self) -> None:
        names = list(SORTS)
        self.sort = names[(names.index(self.sort) + 1) % len(names)]
        self._say(f"ordered by {self.sort}")

    def action_filter(self) -> None:
        def sift(text: str) -> None:
            self.words = text
            self.show()

        self._prompt("show those with", self.words, "words of their name, state, place or answer", sift, empty=True)

    # -- people

    def action_message(self) -> None:
        if (seat := self._seat()) is not None:
            self._prompt(f"to {seat.name}", "", "one line, on their own row", lambda text: self._tell([seat], text))

    def action_message_all(self) -> None:
        self._prompt("to everybody", "", "one line", lambda text: self._tell(self.class_.students, text))

    def action_message_group(self) -> None:
        found = self.groups
        if not found:
            self._say("there are no answers yet")
            return
        group = found[min(self.group, len(found) - 1)]
        seats = [self.class_.seats[key] for key in group.people if key in self.class_.seats]
        said = ", ".join(group.said[:2])
        self._prompt(f"to the {len(seats)} who said {said}", "", "one line", lambda text: self._tell(seats, text))

    def _tell(self, seats: Sequence[Seat], text: str) -> None:
        words = "".join(c for c in text if c.isprintable())[:LONGEST]
        for seat in seats:
            seat.tell(words)
        self._say(f"told {len(seats)}: {words}" if len(seats) != 1 else f"told {seats[0].name}: {words}")

    def action_lower(self) -> None:
        if (seat := self._seat()) is not None:
            seat.raise_hand(False)
            self.show()

    def action_remove(self) -> None:
        seat = self._seat()
        if seat is None:
            return

        def remove(_: str) -> None:
            seat.close("The teacher has sent you out.")
            self._say(f"{seat.name} is out; L keeps new ones out, `bptui class forget` deletes a person")

        self._prompt(f"send {seat.name} out?", "", "enter: yes, escape: no", remove, empty=True)

    def action_write_csv(self) -> None:
        path = self.class_.folder.path / f"roster-{datetime.now():%Y-%m-%d-%H%M%S}.csv"
        try:
            path.write_text(as_csv(self.class_), encoding="utf-8")
        except OSError as error:
            self._say(f"{path}: {error.strerror}")
        else:
            self._say(f"written on the server: {path}")

    # -- the question

    def action_ask(self) -> None:
        room = self.class_
        led, bench = room.lead.led, room.lead.screen
        try:
            if isinstance(led, ShownLesson) and room.lead.asks:
                question = of_lesson(led.player, room.course)
            elif isinstance(bench, Workbench):
                question = of_selection(bench)
            else:
                self._say("nothing to ask: lead a lesson's question, or select something in a workbench")
                return
            room.ask.put(question)
        except ValueError as error:
            self._say(str(error))
        else:
            self.pane = "poll"
            self._say("asked")

    def action_reveal(self) -> None:
        if self.class_.roll.poll is None:
            self._say("no question is in front of the class; n asks one")
        else:
            self.class_.ask.reveal()
            self.class_.lead.reveal()
            self._say("")

    def action_end(self) -> None:
        self.class_.ask.end()
        self._say("")

    # -- leading

    def _lead(self, deed: Callable[[], object], said: str = "") -> None:
        """Do something to what the class is shown; what cannot be done is said."""
        try:
            deed()
        except ValueError as error:
            self._say(str(error))
        else:
            self._say(said)

    def action_step(self, by: int) -> None:
        self._lead(lambda: self.class_.lead.step(by))

    def action_freeze(self) -> None:
        led = self.class_.lead
        said = "all may leave the stage again" if led.frozen else "nobody leaves the stage; f ends it"
        self._lead(lambda: led.freeze(not led.frozen), said)

    def action_allow(self, by: int) -> None:
        led, place = self.class_.lead, self.class_.lead.place
        if place is None or not place.steps:
            self._say("steps are allowed in a lesson; the class is in none")
            return
        last = (led.last_allowed or place.steps) + by
        free = last >= place.steps
        said = "any step may be entered" if free else f"step {max(1, last)} is the last that may be entered"
        self._lead(lambda: led.allow_to(None if free else max(1, last)), said)

    def action_countdown(self) -> None:
        def begin(text: str) -> None:
            seconds = _seconds(text)
            if seconds is None:
                self._say(f"{text!r}: wants minutes, or minutes:seconds, such as 2 or 1:30")
            else:
                self._lead(lambda: self.class_.lead.countdown(seconds or None))

        self._prompt("countdown", "", "minutes, or minutes:seconds; 0 ends it", begin)

    def action_wheel(self) -> None:
        led, seat = self.class_.lead, self._seat()
        if led.driver is not None and led.driver.role != "teacher":
            self._lead(led.take_back, "you drive")
        elif seat is not None:
            self._lead(lambda: led.hand_to(seat), f"{seat.name} drives; w takes the wheel back")

    def action_spotlight(self) -> None:
        led, seat = self.class_.lead, self._seat()
        if led.spotlit is not None:
            self._lead(lambda: led.spotlight(None))
        elif seat is not None:
            self._lead(lambda: led.spotlight(seat), f"everyone sees {seat.name}'s session; v ends it")

    # -- the door

    def action_code(self) -> None:
        room = self.class_
        if room.join is not None:
            self.app.push_screen(Poster(room))

    def action_lock(self) -> None:
        locked = not self.class_.roll.locked
        self.class_.store.publish("locked", on=locked)
        self._say("the door is locked: nobody new comes in" if locked else "the door is open")

    # -- the rest

    def action_help(self) -> None:
        self.explain("Desk", HELP)

    def action_leave(self) -> None:
        self.seat.turn_to_desk(False)

    def _say(self, words: str) -> None:
        self.note, self._noted = words, asyncio.get_running_loop().time()
        self.show()

    def _prompt(self, label: str, value: str, hint: str, then: Callable[[str], object], *, empty: bool = False) -> None:
        def answered(text: str | None) -> None:
            if text or (empty and text is not None):
                then(text)

        box = boxes.boxes(*self.size, self.pane)["note"]
        self.app.push_screen(Prompt(label, value, hint, box), answered)

    async def on_canvas_view_clicked(self, message: CanvasView.Clicked) -> None:
        kind, _, name = (message.target or "").partition(":")
        if kind == "key":
            await self.run_action(name)
        elif kind == "row":
            self.pane, self.chosen = "roster", self.entries[int(name)].key
            self.show()
        elif kind == "group":
            self.pane, self.group = "poll", int(name)
            self.show()
        elif kind == "pane":
            self.pane = name
            self.show()


def _tabs(pane: str, width: int, counts: str) -> Canvas:
    canvas = rule(width, "", right=counts)
    x = 2
    for name in boxes.PANES:
        end = canvas.put(x, 0, f" {name} ", NOW if name == pane else SOFT)
        canvas.regions.append(Region(x, 0, end - x, 1, f"pane:{name}"))
        x = end + 1
    return canvas


def _seconds(text: str) -> float | None:
    """Minutes, or minutes:seconds, as seconds; None for what is neither."""
    head, _, tail = text.partition(":")
    if not (head.isascii() and head.isdecimal() and len(head) < 4) or (
        ":" in text and not (tail.isascii() and tail.isdecimal() and len(tail) == 2)
    ):
        return None
    return 60.0 * int(head) + (int(tail) if tail else 0)
