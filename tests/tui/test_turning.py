"""Turning the diagram, and rows of a list that follow the choice."""

from __future__ import annotations

import pytest
from screens import app_for, text_of, workbench

from bptui.session.actions import AddWatch


@pytest.mark.parametrize(
    ("net", "first", "then"), [("two-layer", "upward", "sideways"), ("mynet", "sideways", "upward")]
)
async def test_v_turns_the_diagram_and_v_again_lets_the_size_decide(net: str, first: str, then: str) -> None:
    app = app_for(net)
    async with app.run_test(size=(120, 40)) as pilot:
        bench = workbench(app)
        await pilot.press("v")
        assert bench.view.upward is (first == "upward")
        assert f"the diagram goes {first} at every size; v lets the size decide again" in text_of(app)
        await pilot.press("v")
        assert bench.view.upward is None
        assert f"the diagram goes {then} as it fits this size" in text_of(app)
        await pilot.press("right")
        assert "the diagram goes" not in text_of(app)
        assert bench.stage is not None and bench.stage.layout.size.upward is (then == "upward")


async def test_the_chosen_row_of_a_long_list_is_in_sight() -> None:
    app = app_for("skip")
    async with app.run_test(size=(80, 24)) as pilot:
        bench = workbench(app)
        for k in range(9):
            bench.session.apply(AddWatch("m0.weight", "value", (k // 3, k % 3)))
        await pilot.press("4")
        assert "W₀[2,2]" not in text_of(app)
        await pilot.press(*["down"] * 8)
        await pilot.pause()
        assert "W₀[2,2]" in text_of(app)


async def test_page_down_scrolls_a_pane_before_the_terms_of_its_sum() -> None:
    app = app_for("average")
    async with app.run_test(size=(80, 24)) as pilot:
        bench = workbench(app)
        await pilot.press("v", "right", "enter")
        await pilot.press("pagedown")
        assert (bench.views["main"].top > 0, bench.view.scroll) == (True, 0)
    app = app_for("mynet")
    async with app.run_test(size=(120, 40)) as pilot:
        bench = workbench(app)
        await pilot.press("right", "right", "right", "enter", "pagedown")
        assert (bench.views["main"].top, bench.view.scroll) == (0, 5)
