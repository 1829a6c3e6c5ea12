"""The main states as plain text, at three sizes. RENEW_GOLDEN=1 writes them anew."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from screens import app_for, at_rest, text_of

GOLDEN = Path(__file__).parent / "golden"
SIZES = [(80, 24), (120, 40), (200, 60)]
STATES: list[tuple[str, str | None, str]] = [
    ("home", "home", ""),
    ("home-new", "new", ""),
    ("home-net", "home", "n down"),
    ("home-letters", "home", "l"),
    ("course", "course", ""),
    ("course-steps", "course", "right down"),
    ("forward", "two-layer", "right right right"),
    ("backward", "two-layer", "f right right right right"),
    ("into", "two-layer", "right enter down"),
    ("jacobian", "two-layer", "f right right right right g"),
    ("why", "two-layer", "r y"),
    ("twiddle", "two-layer", "r t"),
    ("knobs", "two-layer", "k down"),
    ("watches", "two-layer", "f right right right right w b 4"),
    ("update", "two-layer", "r right"),
    ("skip-l2", "skip", "r k down space escape"),
    ("mynet", "mynet", "right right right right"),
    ("explain", "switch", "right question_mark"),
    ("train", "train:spirals", "N N N"),
    ("train-rates", "train:spirals", "N N tab down space"),
    ("train-knobs", "train:spirals", "N k down right"),
    ("train-measures", "train:moons", "N w"),
    ("train-curve", "train:cubic", "N N"),
    ("practicum", "train:practicum", "N"),
    ("descend", "descend:line", "right right right"),
    ("descend-arrows", "descend:line", "right e"),
    ("descend-contour", "descend:line", "o right up"),
    ("descend-landscape", "descend:rosenbrock", "right"),
    ("descend-curve", "descend:slope", "right"),
]


def heavy(state: str, size: tuple[int, int]) -> bool:
    """Whether a picture waits for the slow tests: the largest ones, and of four runs all but one."""
    return size == (200, 60) or (state == "practicum" and size != (80, 24))


CASES = [
    pytest.param(*state, *size, marks=pytest.mark.slow if heavy(state[0], size) else ())
    for state in STATES
    for size in SIZES
]


@pytest.mark.some(2)
@pytest.mark.parametrize(("state", "net", "keys", "width", "height"), CASES)
async def test_screen_stays_as_it_was(state: str, net: str | None, keys: str, width: int, height: int) -> None:
    app = app_for(net)
    async with app.run_test(size=(width, height)) as pilot:
        await at_rest(pilot)
        await pilot.press(*keys.split())
        await at_rest(pilot)
        shown = text_of(app)
    path = GOLDEN / f"{state}-{width}x{height}.txt"
    if os.environ.get("RENEW_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(shown, encoding="utf-8")
    assert shown == path.read_text(encoding="utf-8")
