"""A program that stops with an error, in the workbench: it runs up to the line, and no key breaks anything."""

from __future__ import annotations

import random
from contextlib import suppress
from pathlib import Path

import pytest
from screens import resize, text_of
from test_walk import KEYS, agrees
from textual.worker import WorkerCancelled

from bptui.sources.opening import to_step
from bptui.tui.app import BptuiApp

CORPUS = Path(__file__).parents[1] / "sources" / "pytorch" / "corpus"
NAMES = ("lecture_net_broken", "halts_hidden_sizes", "halts_in_sequential")
SIZES = ((80, 24), (120, 40), (200, 60))
WALKS = [  # each program in one size and each size once; where there is time, all
    pytest.param(name, size, marks=() if i == k else pytest.mark.slow)
    for i, name in enumerate(NAMES)
    for k, size in enumerate(SIZES)
]


def halting(name: str) -> BptuiApp:
    path = str(CORPUS / f"{name}.py")
    return BptuiApp(lambda: to_step(path, lambda experiment: experiment), path)


async def test_it_runs_to_the_line_and_says_what_pytorch_says() -> None:
    app = halting("lecture_net_broken")
    async with app.run_test(size=(120, 40)) as pilot:
        await app.workers.wait_for_complete()
        await pilot.pause()
        await pilot.press("right", "right")
        assert "stop at m0" in text_of(app)
        await pilot.press("right")
        shown = text_of(app)
        assert "4 of 4" in shown
        assert "mat1 and mat2 shapes cannot be multiplied (30x20 and 600x60)" in " ".join(shown.split())
        assert "cost —" in shown
        await pilot.press("right")
        assert "1 of 4" in text_of(app)
        assert "step 2" in text_of(app)


async def test_continue_runs_to_where_it_stops() -> None:
    app = halting("lecture_net_broken")
    async with app.run_test(size=(120, 40)) as pilot:
        await app.workers.wait_for_complete()
        await pilot.pause()
        await pilot.press("c")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "forward 4 of 4" in text_of(app)


@pytest.mark.some(3)
@pytest.mark.parametrize(("name", "size"), WALKS)
async def test_every_key(name: str, size: tuple[int, int]) -> None:
    app = halting(name)
    async with app.run_test(size=size) as pilot:
        await app.workers.wait_for_complete()
        await pilot.pause()
        chance = random.Random(f"{name}{size}")
        keys = [*KEYS, *KEYS]
        chance.shuffle(keys)
        for key in keys:
            await pilot.press(key)
            with suppress(WorkerCancelled):  # a screen that is left ends what it was loading
                await app.workers.wait_for_complete()
            await pilot.pause()
            agrees(app)
            if chance.random() < 0.1:
                await resize(pilot, chance.randrange(40, 221), chance.randrange(10, 71))
