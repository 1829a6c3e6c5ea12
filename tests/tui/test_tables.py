"""The tables of why and twiddle."""

from __future__ import annotations

from bptui.session.actions import RunToEnd
from bptui.session.session import Session
from bptui.session.why import Part, Why, why
from bptui.sources.presets import PRESETS
from bptui.tui.panes.tables import why_panel


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
