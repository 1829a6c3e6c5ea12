"""Taking work home as text, and opening what was pasted."""

from __future__ import annotations

import pytest
from screens import app_for, at_rest, text_of
from textual import events
from textual.pilot import Pilot

from bptui.sources.pasted import BYTES
from bptui.sources.receipts import armoured, from_receipt, unarmoured
from bptui.tui.app import BptuiApp
from bptui.tui.home.screen import Home
from bptui.tui.pasting import Pasting
from bptui.tui.source_bench import SourceBench
from bptui.tui.taking_home import ABOVE, BELOW, TakingHome
from bptui.tui.train.screen import Train
from bptui.tui.workbench import Workbench

SIZES = [(80, 24), (120, 40)]
NET = """from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(3, 4)

    def forward(self, x):
        return self.a(x)
"""


LONG = "# " + "".join(f"{k * k * 7919 % 100_003:x}" for k in range(2500)) + "\n"


async def paste(app: BptuiApp, pilot: Pilot[None], text: str) -> None:
    app.post_message(events.Paste(text))
    await at_rest(pilot)


async def taken(app: BptuiApp, pilot: Pilot[None]) -> str:
    """The screen's text, as a terminal gives it when all rows are selected."""
    await pilot.press("ctrl+t")
    await at_rest(pilot)
    assert isinstance(app.screen, TakingHome)
    return text_of(app)


@pytest.mark.parametrize("size", SIZES)
async def test_a_run_that_is_copied_from_the_screen_and_pasted_back_is_where_it_was(size: tuple[int, int]) -> None:
    app = app_for("mynet")
    async with app.run_test(size=size) as pilot:
        await at_rest(pilot)
        await pilot.press("right", "right", "n", "k", "down", "right", "enter")
        bench = app.screen
        assert isinstance(bench, Workbench)
        receipt = bench.receipt()
        copied = await taken(app, pilot)
        lines = [line.rstrip() for line in copied.splitlines()]
        begin = lines.index("-----BEGIN BPTUI RUN 1-----")  # from the first column on
        end = next(k for k, line in enumerate(lines) if line.startswith("-----END BPTUI RUN"))
        assert all(0 < len(line) <= 76 and " " not in line for line in lines[begin + 1 : end])
        assert unarmoured(copied) == receipt
        assert f"{len(chr(10).join(armoured(receipt))) + 1} characters on {len(armoured(receipt))} lines" in copied
        await pilot.press("c")
        assert unarmoured(app.clipboard) == receipt
        await pilot.press("escape")
        assert app.screen is bench
        await pilot.press("ctrl+o")
        await paste(app, pilot, copied)
        again = app.screen
        assert isinstance(again, Workbench) and again is not bench
        assert again.session.address == bench.session.address and again.view.pane == "knobs"
        assert again.receipt() == receipt
        await pilot.press("escape", "q")
        assert app.screen is bench


async def test_a_run_of_the_lab_goes_back_into_the_lab() -> None:
    app = app_for("train:moons")
    async with app.run_test(size=(120, 40)) as pilot:
        await at_rest(pilot)
        await pilot.press("N")
        await at_rest(pilot)
        copied = await taken(app, pilot)
        await pilot.press("q", "ctrl+o")
        await paste(app, pilot, copied)
        again = app.screen
        assert isinstance(again, Train)
        await at_rest(pilot)
        assert again.snapshot.step == from_receipt(copied).session.address.step > 0


async def test_what_is_longer_than_the_screen_is_turned_page_by_page_and_pasted_page_by_page() -> None:
    app = app_for("mynet")
    async with app.run_test(size=(120, 40)) as pilot:
        await at_rest(pilot)
        await pilot.press("ctrl+o")
        await paste(app, pilot, LONG + NET)
        await pilot.press("right")
        source_bench = app.screen
        assert isinstance(source_bench, SourceBench)
        receipt = source_bench.receipt()
        assert "page 1 of" in await taken(app, pilot)
        pages = []
        for _ in range(5):
            pages.append("\n".join(text_of(app).splitlines()[ABOVE:-BELOW]))  # what one would select
            await pilot.press("right")
        pages = list(dict.fromkeys(pages))
        assert len(pages) > 1
        await pilot.press("escape", "ctrl+o")
        for k, page in enumerate(pages):
            await paste(app, pilot, page)
            if k < len(pages) - 1:
                assert "the rest is missing yet" in text_of(app)
        again = app.screen
        assert isinstance(again, SourceBench) and again.receipt() == receipt
        assert again.source.text == source_bench.source.text


@pytest.mark.parametrize("net", ["home", "course", "descend:line"])
async def test_where_there_is_no_run_it_is_said_so(net: str) -> None:
    app = app_for(net)
    async with app.run_test(size=(80, 24)) as pilot:
        await at_rest(pilot)
        before = app.screen
        assert "here is no run to take home" in await taken(app, pilot)
        await pilot.press("q")
        assert app.screen is before


@pytest.mark.parametrize("size", SIZES)
async def test_the_source_of_a_net_is_pasted_and_opens_with_it(size: tuple[int, int]) -> None:
    app = app_for("home")
    async with app.run_test(size=size) as pilot:
        await at_rest(pilot)
        await pilot.press("ctrl+o")
        await paste(app, pilot, NET)
        bench = app.screen
        assert isinstance(bench, SourceBench) and bench.source.text == NET
        await pilot.press("right", "2")
        assert "self.a(x)" in text_of(app)
        await pilot.press("escape", "q")
        assert isinstance(app.screen, Home)


async def test_what_is_wrong_with_a_source_is_said_with_its_line_and_can_be_mended() -> None:
    app = app_for("home")
    async with app.run_test(size=(80, 24)) as pilot:
        await at_rest(pilot)
        await pilot.press("ctrl+o")
        await paste(app, pilot, NET.replace("Linear(3, 4)", "Linear(3, 4"))
        assert isinstance(app.screen, Pasting) and "! " in text_of(app) and "line 7: is no Python" in text_of(app)
        app.screen.field.move_cursor((6, 99))
        await pilot.press(")", "ctrl+o")
        await at_rest(pilot)
        assert isinstance(app.screen, SourceBench)


async def test_damaged_text_is_one_line_and_escape_leads_back() -> None:
    app = app_for("mynet")
    async with app.run_test(size=(80, 24)) as pilot:
        await at_rest(pilot)
        bench = app.screen
        copied = await taken(app, pilot)
        await pilot.press("escape", "ctrl+o")
        await paste(app, pilot, copied.replace("eN", "eM"))
        assert "not as it was copied" in text_of(app)
        await pilot.press("escape")
        assert app.screen is bench


async def test_what_is_pasted_is_bounded_and_printable() -> None:
    app = app_for("home")
    async with app.run_test(size=(80, 24)) as pilot:
        await at_rest(pilot)
        await pilot.press("ctrl+o")
        await paste(app, pilot, "# a\x1b[2J\x9b\u202eb\r\n\tc\rd")
        assert isinstance(app.screen, Pasting)
        field = app.screen.field
        assert field.text == "# a[2Jb\n\tc\nd"
        await paste(app, pilot, "x" * BYTES)
        assert "left out" in text_of(app) and len(field.text) < 20
        field.text = "x" * BYTES
        await pilot.press("y")
        assert len(field.text) == BYTES


async def test_a_lesson_lets_its_stage_be_taken_home_whatever_is_typed() -> None:
    app = app_for("home")
    async with app.run_test(size=(120, 40)) as pilot:
        await at_rest(pilot)
        app.open_taught("traditional-net")
        await at_rest(pilot)
        copied = await taken(app, pilot)
        assert from_receipt(copied).session.graph.name
