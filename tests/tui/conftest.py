"""Textual's pilot waits after each key until the processor rests; here it waits until the app has nothing to do."""

from __future__ import annotations

import asyncio

import pytest


async def nothing_to_do(*_: object) -> None:
    """Let all run that can run; then only a timer, a thread or a key can bring more."""
    loop = asyncio.get_running_loop()
    await asyncio.sleep(0)
    while loop._ready:  # type: ignore[attr-defined]
        await asyncio.sleep(0)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("textual.pilot", "textual.app"):
        monkeypatch.setattr(f"{module}.wait_for_idle", nothing_to_do)
