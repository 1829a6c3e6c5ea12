"""Textual's pilot waits after each key until the processor rests; here it waits until the app has nothing to do."""

from __future__ import annotations

import asyncio

import pytest
from textual._context import active_app
from textual.screen import Screen


async def nothing_to_do(*_: object) -> None:
    """Let all run that can run, and let the screen show it; then only a timer, a thread or a key can bring more."""
    app, ready = active_app.get(), asyncio.get_running_loop()._ready  # type: ignore[attr-defined]
    await asyncio.sleep(0)
    while ready or (app._running and asks_to_be_shown(app.screen)):
        if not ready:
            app.screen._on_timer_update()
        await asyncio.sleep(0)


def asks_to_be_shown(screen: Screen[None]) -> bool:
    return bool(screen._layout_required or screen._repaint_required or screen._dirty_widgets or screen._callbacks)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("textual.pilot", "textual.app"):
        monkeypatch.setattr(f"{module}.wait_for_idle", nothing_to_do)
