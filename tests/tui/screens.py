"""What tests of the interface share: an app of some size, and the screen as text."""

from __future__ import annotations

from learner import app_with, begun
from textual.pilot import Pilot
from textual.widgets import Input

from bptui.course.progress import Progress
from bptui.session.session import Session
from bptui.sources.opening import to_descend, to_train
from bptui.sources.presets import PRESETS
from bptui.tui.app import PLACES, BptuiApp
from bptui.tui.descend.screen import Descend
from bptui.tui.train.compare import Compare
from bptui.tui.train.screen import Train
from bptui.tui.workbench import Workbench


def app_for(net: str | None) -> BptuiApp:
    """The app at the workbench with a net, past its opening, or at home; `train:spirals` is at a lab.

    `home` and `course` are home and the course map of a learner who has begun, `new` is the home of one who has not.
    """
    if net in ("home", "course", "new"):
        return app_with(Progress() if net == "new" else begun(), "course" if net == "course" else "step")
    app = BptuiApp()
    place, _, name = (net or "").partition(":")
    if name:
        opened = (to_train if place == "train" else to_descend)(name, lambda experiment: experiment)
        app.first_screen = lambda: PLACES[place](opened)  # type: ignore[method-assign]
    elif net:
        experiment = PRESETS[net]
        app.first_screen = lambda: Workbench(Session(experiment))  # type: ignore[method-assign]
    return app


def workbench(app: BptuiApp) -> Workbench:
    """The workbench that the app shows."""
    bench = next(screen for screen in reversed(app.screen_stack) if isinstance(screen, Workbench))
    assert isinstance(bench, Workbench)
    return bench


async def at_rest(pilot: Pilot[None]) -> None:
    """Wait until all that was asked for is done and shown; a run that goes on is not waited for."""
    await pilot.pause()
    screen = pilot.app.screen
    await pilot.app.workers.wait_for_complete()
    if isinstance(screen, Train) and screen.trainer is not None:
        screen.trainer.wait()
    elif isinstance(screen, Compare):
        for trainer in screen.trainers:
            trainer.wait()
    elif isinstance(screen, Descend):
        screen.finish()
    await pilot.pause()


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Press keys, and wait until what they ask for is done and shown."""
    await pilot.press(*keys)
    await at_rest(pilot)


async def resize(pilot: Pilot[None], width: int, height: int) -> None:
    """Give the terminal another size, and let the screen follow: Textual gathers resizes for a moment."""
    await pilot.resize_terminal(width, height)
    pilot.app._check_resize()
    await pilot.pause()


async def enter(pilot: Pilot[None], text: str) -> None:
    """Put a text into the line that asks for one, press enter, and wait until what it asks for is done."""
    pilot.app.screen.query_one(Input).value = text
    await pilot.press("enter")
    await at_rest(pilot)


async def choose(pilot: Pilot[None], words: str) -> None:
    """Open the palette, wait until it has looked for these words, and choose what it found first."""
    await pilot.press("slash", *words)
    await at_rest(pilot)
    await pilot.press("enter")
    await at_rest(pilot)


def text_of(app: BptuiApp) -> str:
    """The cells of the screen as plain text."""
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in strips) + "\n"
