"""Random keys, clicks and resizes on every net: no exception, and the screen always shows the session's cursor."""

from __future__ import annotations

import random

import pytest
from screens import app_for, resize, workbench
from textual.geometry import Size

from bptui.sources.presets import PRESETS
from bptui.tui.app import BptuiApp

KEYS = (
    *("right", "right", "right", "left", "left", "enter", "escape", "escape", "up", "down", "tab", "shift+tab"),
    *"npfremjcCoObBwuskgyitvTx0123456.",
    *("delete", "equals_sign", "space", "left_square_bracket", "right_square_bracket", "plus", "minus", "minus"),
    *("question_mark", "pagedown", "pageup", "slash"),
)


async def walk(net: str, length: int, seed: int) -> None:
    chance = random.Random(seed)
    app = app_for(net)
    done: list[object] = []
    async with app.run_test(size=(120, 40)) as pilot:
        for _ in range(length):
            kind = chance.random()
            try:
                if kind < 0.85:
                    done.append(chance.choice(KEYS))
                    await pilot.press(str(done[-1]))
                elif kind < 0.96:
                    at = chance.randrange(app.size.width), chance.randrange(app.size.height)
                    times = chance.choice((1, 1, 2))
                    done.append((at, times))
                    await pilot.click(offset=at, times=times)
                else:
                    size = chance.randrange(40, 221), chance.randrange(10, 71)
                    done.append(size)
                    await resize(pilot, *size)
                await app.workers.wait_for_complete()
                await pilot.pause()
                agrees(app)
            except Exception as error:
                raise AssertionError(f"{net}, seed {seed}, after {done[-8:]}: {error!r}") from error


def agrees(app: BptuiApp) -> None:
    """The screen shows the session's cursor, and no pane leaves the screen."""
    bench = workbench(app)
    moment = bench.session.moment()
    title = bench.views["title"].canvas.text()
    assert f" {moment.cursor + 1} of {len(moment.graph.events)}" in title, title
    assert bench.stage is not None
    if app.size == Size(bench.stage.size.width, bench.stage.size.height):
        for name, box in bench.stage.boxes.items():
            inside = box.x >= 0 and box.x + box.width <= app.size.width
            assert inside or box.height <= 0, (name, box, app.size)


@pytest.mark.some(3)
@pytest.mark.parametrize("net", ["two-layer", "skip", "dropout"])
async def test_short_walk(net: str) -> None:
    await walk(net, 60, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("net", PRESETS)
async def test_long_walk(net: str, seed: int) -> None:
    await walk(net, 500, seed)


async def test_walk_at_home() -> None:
    chance = random.Random(5)
    app = app_for(None)
    async with app.run_test(size=(120, 40)) as pilot:
        for _ in range(60):
            await pilot.press(chance.choice([*"nnabghjkl.T?o", "up", "down", "home", "end", "escape", "enter"]))
            if chance.random() < 0.1:
                await resize(pilot, chance.randrange(40, 221), chance.randrange(10, 71))
