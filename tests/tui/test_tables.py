"""The tables of why and twiddle, and the list of knobs."""

from __future__ import annotations

import numpy as np

from bptui.session.actions import RunToEnd
from bptui.session.session import Session
from bptui.session.twiddle import Moved, Twiddle
from bptui.session.why import Part, Why, why
from bptui.sources.presets import PRESETS
from bptui.tui.panes import knobs
from bptui.tui.panes.tables import twiddle_panel, why_panel


def test_a_gradient_to_come_is_told_as_one() -> None:
    session = Session(PRESETS["two-layer"])
    for known in (False, True):
        moment = session.moment()
        assert moment.gradient_made("s1") is known
        text = why_panel(why(moment, "s1", (0,)), 80, 10, known=known).text()
        assert ("ds₁[0] will be" in text) is not known
        session.apply(RunToEnd("backward"))


def test_small_factors_multiply_out_on_screen() -> None:
    found = Why("s", (0,), 0.00156, (Part("a", -1.5, "b", -0.00104),), ())
    line = next(line for line in why_panel(found, 80, 10, known=True).text().splitlines() if "·" in line)
    assert "−0.00104" in line
    assert "0.00156" in line


def test_what_is_not_finite_is_not_off_by_zero() -> None:
    moved = Moved("C", np.array(np.nan), np.array(np.inf))
    found = Twiddle("x", (0,), 0.1, np.inf, (moved,), ((0.1, np.nan),))
    rows = [line.split() for line in twiddle_panel(found, 80, 10).text().splitlines()]
    assert ["C", "NaN", "∞", "NaN"] in [row[:4] for row in rows]


def test_a_narrow_pane_shows_its_knobs_whole() -> None:
    experiment = PRESETS["two-layer"]
    rows = [line.split()[:2] for line in knobs.panel(experiment, 28, 40, None).text().splitlines()]
    for name in set(knobs.names(experiment)) - set(knobs.SWITCHED_ON):
        assert [name, knobs.reading(experiment, name)] in rows
