"""Random keys, clicks and resizes in the labs while a run goes on: no exception, and the screen shows the run."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from screens import resize
from textual.pilot import Pilot
from textual.screen import Screen

from bptui.engine.notation import epoch_text
from bptui.session.session import Session
from bptui.sources.labs import DESCEND, PRACTICUM, TRAIN
from bptui.tui.app import BptuiApp
from bptui.tui.descend.screen import Descend
from bptui.tui.home.screen import Home
from bptui.tui.train.compare import Compare
from bptui.tui.train.screen import Train

ARROWS = ("right", "right", "left", "left", "up", "down", "down", "shift+right", "shift+left", "home", "end")
OTHERS = ("enter", "escape", "escape", "tab", "tab", "space", "space", "question_mark", "T", "x", "backspace")
TRAIN_KEYS = (*ARROWS, *OTHERS, *"nNkwctduuk2q0")
DESCEND_KEYS = (*ARROWS, *OTHERS, *"euoadmbs[]v+-zwq5", "left_square_bracket", "right_square_bracket", "delete")


async def walk(first: Callable[[], Screen[None]], keys: tuple[str, ...], back: str, length: int, seed: int) -> None:
    chance = random.Random(seed)
    app = BptuiApp()
    app.first_screen = first  # type: ignore[method-assign]
    done: list[object] = []
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("space")
        for k in range(length):
            kind = chance.random()
            try:
                if isinstance(app.screen, Home):
                    done.append(back)
                    await pilot.press(back)
                elif kind < 0.8:
                    done.append(chance.choice(keys))
                    await pilot.press(str(done[-1]))
                elif kind < 0.94:
                    at = chance.randrange(app.size.width), chance.randrange(app.size.height)
                    done.append(at)
                    await pilot.click(offset=at, times=chance.choice((1, 1, 2)))
                else:
                    size = chance.randrange(40, 221), chance.randrange(10, 71)
                    done.append(size)
                    await resize(pilot, *size)
                await pilot.pause()
                if k % 7 == 0:
                    await agrees(pilot)
            except Exception as error:
                raise AssertionError(f"seed {seed}, after {done[-12:]}: {error!r}") from error


async def agrees(pilot: Pilot[None]) -> None:
    """The screen shows where the run or the race stands; no pane in view leaves the screen."""
    screen = pilot.app.screen
    if isinstance(screen, Train | Compare):
        trainers = screen.trainers if isinstance(screen, Compare) else [screen.trainer]
        for trainer in trainers:
            assert trainer is not None
            trainer.wait()
        await pilot.pause()
        snapshots = [trainer.snapshot for trainer in trainers if trainer is not None]
        if pilot.app.screen is screen and not any(snapshot.running for snapshot in snapshots):
            assert f"epoch {epoch_text(snapshots[0].look.probe.epoch)}" in screen.views["scrub"].canvas.text()
    elif isinstance(screen, Descend):
        descent = screen.descent
        assert 0 <= descent.at <= descent.horizon
        assert 0 <= descent.chosen < len(descent.racers) == len(descent.paths)
        assert f"at {descent.at:,} " in screen.views["race"].canvas.text()
    else:
        return
    for view in screen.views.values():
        if view.display:
            assert screen.region.contains_region(view.region) or not view.region.area, (view.id, view.region)


def train(name: str) -> Callable[[], Screen[None]]:
    return lambda: Train(Session(TRAIN[name]))


def descend(name: str) -> Callable[[], Screen[None]]:
    return lambda: Descend(DESCEND[name])


def compare() -> Screen[None]:
    return Compare([(name, Session(e.changed(batch=100))) for name, e in PRACTICUM.items()], 1000)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exports of odd names go to a folder of their own."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.some(2)
@pytest.mark.parametrize("name", ["spirals", "cubic"])
async def test_short_walk_in_the_train_lab(name: str) -> None:
    await walk(train(name), TRAIN_KEYS, "t", 40, seed=1)


@pytest.mark.parametrize(
    "name", ["line", *(pytest.param(n, marks=pytest.mark.slow) for n in ("two-layer", "staircase"))]
)
async def test_short_walk_in_the_descend_lab(name: str) -> None:
    await walk(descend(name), DESCEND_KEYS, "d", 40, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 4))
@pytest.mark.parametrize("name", TRAIN)
async def test_long_walk_in_the_train_lab(name: str, seed: int) -> None:
    await walk(train(name), TRAIN_KEYS, "t", 300, seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 4))
@pytest.mark.parametrize("name", DESCEND)
async def test_long_walk_in_the_descend_lab(name: str, seed: int) -> None:
    await walk(descend(name), DESCEND_KEYS, "d", 300, seed)


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "length"), [(1, 30), (2, 150), (3, 150)])
async def test_long_walk_beside_four_runs(seed: int, length: int) -> None:
    await walk(compare, TRAIN_KEYS, "t", length, seed)
