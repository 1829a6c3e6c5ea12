"""The first screen: the labs, and every net that comes with bptui, what it is for, and how it is wired."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from bptui.drawing.canvas import Canvas, Ink, Region, cells
from bptui.drawing.lines import BOLD, MUTED, NOW, SOFT, TEXT, rule, wrap
from bptui.tui.bars import bar, keys
from bptui.tui.canvas_view import CanvasView
from bptui.tui.catalogue import LABS, LETTERS, NETS
from bptui.tui.placing import Box, place

if TYPE_CHECKING:
    from bptui.tui.app import BptuiApp

_KEYS = (
    ("↵", "step through", "open"),
    ("↑↓", "choose", "down"),
    ("n", "nets", "nets"),
    ("o", "open", "open_file"),
    ("/", "find", "find"),
    ("T", "theme", "theme"),
    ("q", "quit", "quit"),
    ("?", "help", "help"),
)
LISTED, GUTTER = 44, 2  # columns of the list and beside it, where it is roomy
_NETS_KEYS = (("a–l", "open that net", "nets"), ("esc", "back", "nets"))


class Home(Screen[None]):
    """A list, a few words on the highlighted net, and its block diagram."""

    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,right", "open", "step through", id="home.open"),
        Binding("down", "move(1)", "next net", id="home.down"),
        Binding("up", "move(-1)", "previous net", id="home.up"),
        Binding("home", "move(-99)", "first net", id="home.first"),
        Binding("end", "move(99)", "last net", id="home.last"),
        *(Binding(lab.key, f"lab('{lab.place}')", lab.title, id=f"home.{lab.place}") for lab in LABS),
        Binding("n", "nets", "open a net by its letter", id="home.nets"),
        Binding("o", "open_file", "open a .toml experiment", id="home.file"),
        Binding("escape", "back", "back", id="home.back"),
        Binding("q", "app.quit", "quit", id="home.quit"),
        Binding("question_mark", "help", "help", id="home.help"),
    ]

    def __init__(self, net: str = "") -> None:
        super().__init__()
        self._boxes: dict[str, Box] = {}
        self.chosen = 0
        self.choose("two-layer")
        self.choose(net)
        self.lettered = False
        self.loaded = False
        self.problem = ""
        self.views = {
            "title": CanvasView(ground="panel", id="title"),
            "labs": CanvasView(ground="surface", id="labs"),
            "nets": CanvasView(ground="surface", id="nets"),
            "about": CanvasView(ground="surface", id="about"),
            "diagram": CanvasView(id="diagram"),
            "keys": CanvasView(ground="panel", id="keys"),
        }

    def compose(self) -> ComposeResult:
        yield from self.views.values()

    def choose(self, net: str) -> None:
        """Highlight a net, if it is listed."""
        self.chosen = next((k for k, listed in enumerate(NETS) if listed.name == net), self.chosen)
        if self._boxes:
            self._paint()

    def on_mount(self) -> None:
        self.call_after_refresh(self._load)

    @work(thread=True)
    def _load(self) -> None:
        """Load NumPy and the nets in a thread, once the screen stands."""
        from bptui.tui import preview  # noqa: F401

        self.app.call_from_thread(self._loaded)

    def _loaded(self) -> None:
        self.loaded = True
        self._paint()

    def on_resize(self, event: events.Resize) -> None:
        self._boxes = boxes(event.size.width, event.size.height)
        place(self.views, self._boxes)
        self._paint()

    # -- actions

    def action_move(self, by: int) -> None:
        self.problem = ""
        self.chosen = max(0, min(len(NETS) - 1, self.chosen + by))
        self._paint()

    def action_nets(self) -> None:
        self.lettered, self.problem = not self.lettered, ""
        self._paint()

    def action_back(self) -> None:
        self.lettered, self.problem = False, ""
        self._paint()

    def action_open(self) -> None:
        self.lettered, self.problem = False, ""
        self._paint()
        cast("BptuiApp", self.app).open_net(NETS[self.chosen].name)

    def action_lab(self, place: str) -> None:
        self.lettered, self.problem = False, ""
        self._paint()
        cast("BptuiApp", self.app).open_lab(place, next(lab.first for lab in LABS if lab.place == place))

    def action_open_file(self) -> None:
        from bptui.tui.prompt import Prompt  # only now: home stands a little earlier without it

        line = Box(0, self._boxes["keys"].y, self._boxes["keys"].width, 1)
        self.app.push_screen(Prompt("open", "", "an experiment in a .toml file", line), self._open_file)

    def _open_file(self, path: str | None) -> None:
        from bptui.sources.opening import begun, read_receipt, to_train

        if not path:
            return
        try:
            receipt = read_receipt(path)
            run = to_train(path, lambda experiment: experiment) if receipt.is_run else begun(receipt.session.experiment)
        except ValueError as error:
            self.problem = str(error)
            self._paint()
        else:
            cast("BptuiApp", self.app).open(run, "train" if receipt.is_run else "step")

    def action_help(self) -> None:
        from bptui.tui.explain import Explanation

        app = cast("BptuiApp", self.app)
        app.push_screen(Explanation("Home", _HELP, (*self.BINDINGS, *app.BINDINGS), ascii_only=app.ascii_only))

    def on_key(self, event: events.Key) -> None:
        """After `n`, a letter opens its net."""
        if self.lettered and event.character and event.character in LETTERS[: len(NETS)]:
            event.stop()
            event.prevent_default()
            self.chosen = LETTERS.index(event.character)
            self.action_open()

    def on_canvas_view_clicked(self, message: CanvasView.Clicked) -> None:
        kind, _, name = (message.target or "").partition(":")
        if kind == "net":
            again = self.chosen == int(name)
            self.chosen, self.problem = int(name), ""
            self._paint()
            if again or message.times > 1:
                self.action_open()
        elif kind == "lab":
            self.action_lab(name)
        elif message.target == "key:theme":
            cast("BptuiApp", self.app).action_next_theme()
        elif message.target == "key:quit":
            self.app.exit()
        elif message.target == "key:find":
            self.app.action_command_palette()
        elif kind == "key" and name in ("open", "open_file", "nets", "help"):
            getattr(self, f"action_{name}")()

    def on_canvas_view_wheeled(self, message: CanvasView.Wheeled) -> None:
        if message.view is self.views["nets"]:
            self.action_move(message.turn)

    # -- painting

    @property
    def _ascii(self) -> bool:
        return cast("BptuiApp", self.app).ascii_only

    def _paint(self) -> None:
        box = self._boxes
        show = self.views
        listed = NETS[self.chosen]
        show["title"].show(_title(box["title"].width))
        show["labs"].show(_labs(box["labs"].width, box["labs"].height))
        show["nets"].show(_list(box["nets"].width, box["nets"].height, self.chosen, lettered=self.lettered))
        row = Region(0, self.chosen + box["nets"].height - len(NETS), 1, 1, "")
        show["nets"].follow(row)
        show["keys"].show(keys(_NETS_KEYS if self.lettered else _KEYS, box["keys"].width, ascii_only=self._ascii))
        about, diagram = box["about"], box["diagram"]
        facts: list[tuple[str, str]] = []
        picture = Canvas(max(1, diagram.width), max(1, diagram.height))
        picture.paste(rule(picture.width, "block diagram", accent=BOLD), 0, 0)
        if self.loaded:
            from bptui.tui import preview

            facts = preview.facts(listed.name)
            if diagram.height > 3:
                drawn = preview.diagram(listed.name, diagram.width - 2, diagram.height - 2)
                picture.paste(drawn, (diagram.width - drawn.width) // 2, 1 + (diagram.height - drawn.height) // 2)
        show["diagram"].show(picture)
        if self.problem:
            show["about"].show(_refusal(self.problem, about.width, about.height))
        else:
            show["about"].show(_about(self.chosen, about.width, about.height, facts, self._ascii))


def boxes(width: int, height: int) -> dict[str, Box]:
    """Where each pane of the home screen stands in a terminal of this size."""
    roomy = width >= 100 and height >= 30
    margin, gutter, gap = (1, GUTTER, 1) if roomy else (0, 1, 0)
    listed = min(LISTED, width - 2) if roomy else min(32, width)
    labs = Box(margin, 2, width - 2 * margin, 4) if roomy else Box(0, 1, width, min(1, max(0, height - 4)))
    top = labs.y + labs.height + gap
    rows = min(len(NETS) + (3 if roomy else 1), max(1, height - top - 1))
    below = top + rows + gap
    bottom = height - 1 - gap
    return {
        "title": Box(0, 0, width, 1),
        "labs": labs,
        "nets": Box(margin, top, listed, rows),
        "about": Box(margin + listed + gutter, top, width - listed - gutter - 2 * margin, rows),
        "diagram": Box(margin, below, width - 2 * margin, max(0, bottom - below)),
        "keys": Box(0, height - 1, width, 1),
    }


def _title(width: int) -> Canvas:
    left = [("bptui", BOLD), ("   Home", NOW)]
    return bar(left, [("a reverse debugger for backprop", MUTED)] if width >= 60 else [], width)


def _labs(width: int, height: int) -> Canvas:
    """The labs in a row, each with its key; what they are for where there is room."""
    canvas = Canvas(width, max(1, height))
    roomy = height > 1
    x = 3 if roomy else 2
    if roomy:
        canvas.paste(rule(width, "Labs", accent=BOLD), 0, 0)
    elif width >= 60:
        x = canvas.put(x, 0, "Labs", BOLD) + 3
    y, gap = (2, GUTTER) if roomy else (0, 3)
    wordy = x + sum(cells(lab.key + lab.title + lab.about) + 4 + gap for lab in LABS) - gap <= width
    for lab in LABS:
        end = canvas.put(canvas.put(x, y, lab.key, NOW) + 2, y, lab.title, TEXT)
        if wordy:
            end = canvas.put(end + 2, y, lab.about, MUTED)
        canvas.regions.append(Region(x, y, end - x, 1, f"lab:{lab.place}"))
        x = x + LISTED + GUTTER if roomy else end + gap  # where it is roomy, over the panes below
    return canvas


def _list(width: int, height: int, chosen: int, *, lettered: bool) -> Canvas:
    """The nets, one a row: letter, name, sizes."""
    first = 2 if height > len(NETS) + 1 else 1
    canvas = Canvas(width, len(NETS) + first + (height > len(NETS) + 2))
    canvas.paste(rule(width, "Nets", right=f"{len(NETS)} of them", accent=BOLD), 0, 0)
    for k, net in enumerate(NETS):
        y = k + first
        here = k == chosen
        if here:
            canvas.fill(1, y, width - 2, 1, "selection")
        canvas.put(3, y, LETTERS[k], NOW if lettered else Ink("muted~70"))
        canvas.put(6, y, net.name, NOW if here else TEXT)
        canvas.put(width - 3 - len(net.outline), y, net.outline, SOFT if here else MUTED)
        canvas.regions.append(Region(0, y, width, 1, f"net:{k}"))
    return canvas


def _refusal(problem: str, width: int, height: int) -> Canvas:
    """Why a file was not opened, in place of the words on a net."""
    canvas = Canvas(max(1, width), max(1, height))
    canvas.paste(rule(canvas.width, "not opened", accent=Ink("bad", bold=True)), 0, 0)
    lines, room = wrap(problem, width - 6), height - 4
    if len(lines) > room:
        lines = [*lines[: room - 1], "…"]
    for y, line in enumerate(lines, 2):
        canvas.put(3, y, line, TEXT)
    canvas.put(3, height - 1, "o another file   ↑↓ the nets", MUTED)
    return canvas


def _about(chosen: int, width: int, height: int, facts: list[tuple[str, str]], ascii_only: bool) -> Canvas:
    """What the highlighted net is for, and what is in it."""
    canvas = Canvas(max(1, width), max(1, height))
    net = NETS[chosen]
    canvas.paste(rule(canvas.width, net.name, right=net.outline, accent=BOLD), 0, 0)
    y = 2
    for line in wrap(net.about[0].upper() + net.about[1:] + ".", width - 6):
        canvas.put(3, y, line, TEXT)
        y += 1
    button = height - 2 if height > len(NETS) + 1 else height - 1
    y = max(y + 1, button - 2 - sum(len(wrap(fact, width - 16)) for _, fact in facts))
    for label, fact in facts:
        for k, line in enumerate(wrap(fact, width - 16)):
            if y < button - 1:
                canvas.put(3, y, "" if k else label, MUTED)
                canvas.put(13, y, line, SOFT)
                y += 1
    enter = "enter" if ascii_only else "↵"
    x = canvas.put(3, button, f" {enter}  step through ", Ink("ink", "cursor", bold=True))
    canvas.regions.append(Region(3, button, x - 3, 1, "key:open"))
    if x + 26 <= width:
        canvas.put(x + 3, button, "forwards, and backwards", MUTED)
    return canvas


_HELP = (
    "Every net here is small enough to look into. Pick one, and walk through its forward pass, its cost, its backward "
    "pass and its update, one module at a time, in both directions.",
    "Press n and then a letter to open a net with two keys.",
    "The labs are about whole runs. Descend (d) races optimisers over a loss surface; Train (t) trains a net on a data "
    "set, shows its decision boundary, and says what is wrong with the run.",
)
