"""A click on an entry of a tensor in the inspector chooses it, as the keys [ and ] do."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from screens import app_for, text_of, workbench
from textual.pilot import Pilot

from bptui.drawing.canvas import Region
from bptui.tui.selection import pointed
from bptui.tui.workbench import Workbench


def region_of(bench: Workbench, target: str) -> Region:
    return next(r for r in bench.views["main"].canvas.regions if r.target == target)


async def click(pilot: Pilot[None], bench: Workbench, target: str, right: int, down: int, times: int = 1) -> None:
    """Click a cell of a region of the main pane."""
    assert bench.stage is not None
    box, region = bench.stage.boxes["main"], region_of(bench, target)
    await pilot.click(offset=(box.x + region.left + right, box.y + region.top + down), times=times)
    await pilot.pause()


async def test_an_entry_of_the_result_is_chosen_where_it_stands() -> None:
    app = app_for("two-layer")
    async with app.run_test(size=(120, 40)) as pilot:
        bench = workbench(app)
        await pilot.press("right")
        await click(pilot, bench, "entry:var:s1", 2, 1)
        assert (bench.view.selected, bench.view.entry) == (None, (1,))
        await pilot.press("t")
        assert "s₁[1] by 0.1" in text_of(app)


async def test_an_entry_of_an_operand_is_selected_with_it() -> None:
    app = app_for("two-layer")
    async with app.run_test(size=(120, 40)) as pilot:
        bench = workbench(app)
        await pilot.press("right")
        region = region_of(bench, "entry:param:m0.weight")
        await click(pilot, bench, "entry:param:m0.weight", region.width - 1, 2)
        assert (bench.view.selected, bench.view.entry) == ("param:m0.weight", (2, 5))
        await pilot.press("y")
        assert "dW₀[2,5] will be" in text_of(app)


async def test_two_clicks_step_into_the_entry() -> None:
    app = app_for("two-layer")
    async with app.run_test(size=(120, 40)) as pilot:
        bench = workbench(app)
        await pilot.press("right")
        await click(pilot, bench, "entry:var:s1", 2, 2, times=2)
        assert bench.view.into and bench.view.entry == (2,)
        assert "into m0" in text_of(app)


async def test_a_heat_map_is_clicked_as_well() -> None:
    app = app_for("mynet")
    async with app.run_test(size=(120, 40)) as pilot:
        bench = workbench(app)
        await pilot.press(*["right"] * 4)
        await click(pilot, bench, "shade:param:m1.weight", 0, 3)
        assert (bench.view.selected, bench.view.entry) == ("param:m1.weight", (6, 0))
        assert "W₁[6,0]" in text_of(app)


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 12), st.data())
def test_each_number_is_its_own_entry(rows: int, columns: int, wide: int, data: st.DataObject) -> None:
    x, y = data.draw(st.integers(0, columns * wide - 1)), data.draw(st.integers(0, rows - 1))
    assert pointed((rows, columns), (columns * wide, rows), x, y, halves=False) == (y, x // wide)


@given(st.integers(1, 200), st.integers(1, 200), st.integers(1, 40), st.integers(1, 30), st.data())
def test_a_place_on_a_heat_map_is_an_entry(
    rows: int, columns: int, width: int, height: int, data: st.DataObject
) -> None:
    width, height = min(width, columns), min(height, (rows + 1) // 2)
    x, y = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    row, column = pointed((rows, columns), (width, height), x, y, halves=True)
    assert 0 <= row < rows and 0 <= column < columns
    if width == columns and 2 * height >= rows:
        assert (row, column) == (2 * y, x)
