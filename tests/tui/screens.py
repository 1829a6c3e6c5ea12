"""What tests of the interface share: an app of some size, and the screen as text."""

from __future__ import annotations

from bptui.session.session import Session
from bptui.sources.presets import PRESETS
from bptui.tui.app import BptuiApp
from bptui.tui.workbench import Workbench


def app_for(net: str | None) -> BptuiApp:
    """The app at the workbench with a net, past its opening, or at home."""
    app = BptuiApp()
    if net:
        experiment = PRESETS[net]
        app.first_screen = lambda: Workbench(Session(experiment))  # type: ignore[method-assign]
    return app


def workbench(app: BptuiApp) -> Workbench:
    """The workbench that the app shows."""
    bench = next(screen for screen in reversed(app.screen_stack) if isinstance(screen, Workbench))
    assert isinstance(bench, Workbench)
    return bench


def text_of(app: BptuiApp) -> str:
    """The cells of the screen as plain text."""
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in strips) + "\n"
