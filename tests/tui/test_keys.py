"""Keys and the mouse: each does what its bar says, and what it says stands on the screen."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from screens import app_for, choose, enter, resize, text_of, workbench
from textual.events import MouseMove
from textual.widgets import Input

from bptui.engine.module import subscript
from bptui.session.actions import Jump, SetEntry, SetKnob
from bptui.session.history import Address
from bptui.session.toml import to_toml
from bptui.sources.opening import to_step
from bptui.sources.presets import PRESETS
from bptui.tui.app import BptuiApp
from bptui.tui.catalogue import LETTERS
from bptui.tui.home.screen import Home
from bptui.tui.workbench import Workbench


async def test_two_keys_from_home_open_any_net() -> None:
    for letter, name in zip(LETTERS, PRESETS, strict=False):
        app = app_for(None)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("n", letter)
            await pilot.pause()
            assert workbench(app).session.graph.name == name
            await pilot.press("q")
            assert isinstance(app.screen, Home) and app.screen.chosen == f"net:{name}"


async def test_home_highlights_the_net_that_was_left() -> None:
    app = app_for("skip")  # opened from the command line: home was not there before
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("q")
        await pilot.pause()
        assert isinstance(app.screen, Home) and app.screen.chosen == "net:skip"
        await choose(pilot, "net spiral")
        await pilot.press("q")
        await pilot.pause()
        assert isinstance(app.screen, Home) and app.screen.chosen == "net:spiral"
        assert "2-100-3" in text_of(app)


async def test_a_long_refusal_on_home_is_read_from_its_beginning() -> None:
    app = app_for(None)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("o")
        await enter(pilot, "/none/" + "very-long-name/" * 12 + "a.toml")
        shown = text_of(app)
        assert "/none/very-long-name" in shown and "directory" in shown
        await pilot.press("down")
        assert "directory" not in text_of(app)


async def test_arrows_choose_on_home() -> None:
    app = app_for(None)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("n", "down", "right", "enter")
        assert workbench(app).session.graph.name == "logsoftmax"


async def test_steps_both_ways_restore_the_screen() -> None:
    app = app_for("two-layer")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("right")
        before = text_of(app)
        await pilot.press(*["right"] * 20, *["left"] * 20)
        await pilot.pause()
        assert text_of(app) == before
        assert workbench(app).session.address == Address(0, 0, 1)


async def test_beginning_is_said_not_raised() -> None:
    app = app_for("chain")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("left")
        assert "nothing came before" in text_of(app)
        await pilot.press("right")
        assert "nothing came before" not in text_of(app)


async def test_breakpoint_stops_continue_both_ways() -> None:
    app = app_for("two-layer")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("right", "right", "b", "c")
        await app.workers.wait_for_complete()
        bench = workbench(app)
        assert bench.session.moment().event.phase == "backward"
        assert "breakpoint on relu1, backward" in text_of(app)
        await pilot.press("C")
        await app.workers.wait_for_complete()
        assert bench.session.moment().event.phase == "forward"


async def test_condition_is_typed() -> None:
    app = app_for("two-layer")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("B", *"dead", "enter", "c")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "dead" in text_of(app)
        await pilot.press("B", *"nonsense", "enter")
        await pilot.pause()
        assert "wants one of" in text_of(app)
        assert isinstance(app.screen, Workbench)


async def test_edit_starts_a_branch_and_undo_leaves_it() -> None:
    app = app_for("two-layer")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("down", "equals_sign", *"1.25", "enter")
        await pilot.pause()
        session = workbench(app).session
        assert session.address.branch == 1 and isinstance(session.log[-1], SetEntry)
        assert "branch 1" in text_of(app)
        await pilot.press("u")
        assert session.address.branch == 0


async def test_computed_values_cannot_be_set() -> None:
    app = app_for("two-layer")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("right", "right", "equals_sign")
        assert "computed" in text_of(app)


async def test_a_box_with_weights_is_set_by_them() -> None:
    app = app_for("two-layer")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("right", "equals_sign")
        first = workbench(app).view.entry
        assert first is not None and f"set W₀{subscript(first)} to" in text_of(app)
        await pilot.press("escape", "left_square_bracket")
        chosen = workbench(app).view.entry
        assert chosen not in (None, first) and "= set" in text_of(app)
        await pilot.press("equals_sign", *"-2.5", "enter")
        await pilot.pause()
        bench = workbench(app)
        assert bench.session.log[-1] == SetEntry("m0.weight", chosen, -2.5) and bench.view.entry == chosen


async def test_knobs_turn_and_rewire() -> None:
    app = app_for("skip")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("k", "down", "space")
        session = workbench(app).session
        assert session.experiment.l2 == 0.01
        await pilot.press("down", "down", "enter", "backspace", "backspace", "backspace", *"0.5", "enter")
        await pilot.pause()
        assert session.experiment.lr == 0.5
        await pilot.press("down", "down", "right", "enter")
        assert session.experiment.optimiser.kind != "SGD"


async def test_arrows_dial_a_knob_and_one_edit_sets_it() -> None:
    app = app_for("two-layer")
    async with app.run_test(size=(120, 40)) as pilot:
        session = workbench(app).session
        await pilot.press("k", "down", *["right"] * 6)
        await pilot.pause()
        assert "0.0005" in text_of(app) and session.experiment.l2 == 0 and len(session.branches) == 1
        await pilot.press("down")
        assert session.experiment.l2 == 0.0005 and len(session.branches) == 2
        await pilot.press("down", *["right"] * 3, "escape", "down", "down", "left", "right", "enter")
        assert session.experiment.lr == 0.1 and len(session.branches) == 2
        assert workbench(app).view.pane == "knobs"


async def test_what_was_dialled_is_set_before_anything_else_is_done() -> None:
    for key in ("n", "escape", "i", "tab"):
        app = app_for("two-layer")
        async with app.run_test(size=(120, 40)) as pilot:
            session = workbench(app).session
            await pilot.press("k", "down", "down", "down", "right", key)
            assert session.experiment.lr == (0.1 if key == "escape" else 0.2)
            assert session.address.step == (1 if key == "n" else 0)


async def test_jump_is_counted_from_one() -> None:
    app = app_for("two-layer")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("j", *"12 4", "enter")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert workbench(app).session.address == Address(0, 11, 3)


async def test_origin_runs_back_to_the_change() -> None:
    app = app_for("two-layer")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("r", "p", "n", "o")
        await app.workers.wait_for_complete()
        session = workbench(app).session
        assert session.address.step == 1 and session.message


async def test_origin_of_a_zero_takes_an_entry_that_has_one_and_says_which() -> None:
    app = app_for("two-layer")
    async with app.run_test(size=(120, 40)) as pilot:
        bench = workbench(app)
        bench.session.apply(Jump(3, 2))
        bench.select("var:z1")
        await pilot.press("O")
        await app.workers.wait_for_complete()
        await pilot.pause()
        entry = bench.view.entry
        assert entry is not None and bench.session.moment().value("z1")[entry] == 0  # type: ignore[index]
        assert f"z₁[{entry[0]}] became 0" in text_of(app)
        bench.select("param:m0.weight")
        await pilot.press("O")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "no entry of W₀ ever became 0" in text_of(app)


async def test_escape_ends_a_search_and_all_is_as_it_was() -> None:
    app = app_for("mynet")
    async with app.run_test(size=(120, 40)) as pilot:
        bench = workbench(app)
        bench.session.apply(SetKnob("batch", "32"))
        bench.session.apply(Jump(3, 2))
        await pilot.press("j", *"19000")
        app.simulate_key("enter")
        while not bench.searching:
            await asyncio.sleep(0)
        app.simulate_key("right")  # the pilot's own presses wait for a quiet machine, and the search would be over
        app.simulate_key("escape")
        while not bench._left:
            await asyncio.sleep(0)
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert not bench.searching and "on the way" in text_of(app)
        assert (bench.session.address.step, bench.session.address.event) == (3, 2)
        await pilot.press("right")
        assert bench.session.address.event == 3


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
async def test_origin_of_what_is_not_finite_is_where_it_broke() -> None:
    app = app_for("perceptron")
    async with app.run_test(size=(120, 40)) as pilot:
        session = workbench(app).session
        session.apply(SetKnob("lr", "1e200"))
        session.apply(Jump(6, 1))
        workbench(app).select("param:m0.weight")
        await pilot.press("O")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "W₀[0,0] became" in session.message
        assert session.moment().event.phase == "update" and session.address.step < 6


async def test_help_that_is_longer_than_the_screen_scrolls() -> None:
    app = app_for("two-layer")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("?")
        await pilot.pause()
        assert "↑↓ scroll" in text_of(app) and "next theme" not in text_of(app)
        await pilot.press("pagedown", "pagedown", "down")
        await pilot.pause()
        assert "next theme" in text_of(app) and "find any of these" in text_of(app)
        await pilot.press("x")
        assert workbench(app)


async def test_knobs_in_a_low_pane_still_show_what_stands_around_the_chosen_one() -> None:
    app = app_for("skip")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("k", "down")
        await pilot.pause()
        assert all(name in text_of(app) for name in ("L1", "L2", "dropout"))


async def test_where_no_module_is_there_is_nothing_to_step_into() -> None:
    app = app_for("two-layer")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter")
        await pilot.pause()
        assert "no module to step into" in text_of(app) and "c continue" in text_of(app)
        await pilot.press("right")
        await pilot.pause()
        assert "into m0" not in text_of(app)


async def test_into_keeps_the_entry_and_esc_puts_all_back() -> None:
    app = app_for("two-layer")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("right")
        before = text_of(app)
        await pilot.press("enter", "up", "up", "down")
        assert "into m0" in text_of(app) and "s₁[1]" in text_of(app)
        await pilot.press("escape")
        await pilot.pause()
        assert text_of(app) == before


async def test_click_selects_and_double_click_steps_into() -> None:
    app = app_for("two-layer")
    async with app.run_test(size=(120, 40)) as pilot:
        bench = workbench(app)
        box = bench.stage.layout.box("node:m1")  # type: ignore[union-attr]
        at = (2 + box.left + 3, 5 + box.top + 1)
        await pilot.click(offset=at)
        assert bench.view.selected == "node:m1"
        await pilot.click(offset=at, times=2)
        assert bench.view.into


async def test_timeline_travels_by_click() -> None:
    app = app_for("two-layer")
    async with app.run_test(size=(120, 40)) as pilot:
        bench = workbench(app)
        place = bench.stage.boxes["timeline"]  # type: ignore[union-attr]
        region = next(r for r in bench.views["timeline"].canvas.regions if r.target == "event:7")
        await pilot.click(offset=(place.x + region.left, place.y + 1))
        assert bench.session.address.event == 7


async def test_knob_strip_and_key_bar_take_clicks() -> None:
    app = app_for("two-layer")
    async with app.run_test(size=(120, 40)) as pilot:
        bench = workbench(app)
        place = bench.stage.boxes["strip"]  # type: ignore[union-attr]
        await pilot.click(offset=(place.x, place.y + 1))
        assert bench.session.experiment.l2 > 0
        await pilot.press("escape")
        await pilot.click(offset=(3, 39))
        assert bench.session.address.event == 1


async def test_themes_follow_each_other() -> None:
    app = app_for("two-layer")
    async with app.run_test(size=(80, 24)) as pilot:
        seen = []
        for _ in range(4):
            await pilot.press("T")
            seen.append(app.paint.theme)
        assert seen == ["light", "safe", "safe-light", "dark"]


async def test_palette_finds_nets_and_actions() -> None:
    app = app_for("two-layer")
    async with app.run_test(size=(120, 40)) as pilot:
        await choose(pilot, "net spiral")
        assert workbench(app).session.graph.name == "spiral"
        await choose(pilot, "next theme")  # of the app, not of the screen
        assert app.paint.theme == "light"
        await choose(pilot, "jacobian key")
        assert workbench(app).view.pane == "jacobian"


@pytest.mark.parametrize("size", [(60, 23), (40, 10)])
async def test_small_terminals_are_told_so(size: tuple[int, int]) -> None:
    app = app_for("mynet")
    async with app.run_test(size=size) as pilot:
        await pilot.press("right", "right")
        assert "below 80×24" in text_of(app)


async def test_resizing_keeps_the_place() -> None:
    app = app_for("two-layer")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("right", "right")
        before = text_of(app)
        await resize(pilot, 80, 24)
        await resize(pilot, 200, 60)
        await resize(pilot, 120, 40)
        await pilot.pause()
        assert text_of(app) == before


async def test_home_opens_a_file_or_says_why_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.toml").write_text(to_toml(PRESETS["chain"]))
    Path("b.toml").write_text("nonsense = [")
    app = app_for(None)
    async with app.run_test(size=(120, 40)) as pilot:
        for path in ("b.toml", "none.toml"):
            await pilot.press("o")
            await enter(pilot, path)
            assert path in text_of(app)
        await pilot.press("o")
        await enter(pilot, "a.toml")
        assert workbench(app).session.graph.name == "chain"


async def test_timeline_travels_by_drag() -> None:
    app = app_for("two-layer")
    async with app.run_test(size=(120, 40)) as pilot:
        bench = workbench(app)
        place = bench.stage.boxes["timeline"]  # type: ignore[union-attr]
        for number in (2, 5, 9):
            region = next(r for r in bench.views["timeline"].canvas.regions if r.target == f"event:{number}")
            at = (place.x + region.left, place.y + 1)
            if number == 2:
                await pilot.mouse_down(offset=at)
            app.screen._forward_event(MouseMove(None, *at, 1, 0, 1, False, False, False, *at))
            await pilot.pause()
            assert bench.session.address.event == number


async def test_a_saved_run_opens_on_the_very_screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    app = app_for("two-layer")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press(
            "n", "right", "right", "k", *["down"] * 3, "right", "enter", "escape", "b", "down", "w", "t", "plus"
        )
        await pilot.press("S")
        await enter(pilot, "run")
        assert "saved as run.toml; bptui step run.toml opens it" in text_of(app)
        await pilot.press("up", "down")
        before = text_of(app).splitlines()
        await pilot.press("S")
        await enter(pilot, "run.toml")
        assert "run.toml exists already and is left as it is" in " ".join(text_of(app).split())
        await pilot.press("S")
        assert pilot.app.screen.query_one(Input).value == "two-layer.toml"
        await pilot.press("enter")
        assert Path("two-layer.toml").exists()
    opened = to_step("run.toml", lambda experiment: experiment)
    assert opened.said.endswith("every bit as it was saved")
    again = BptuiApp(lambda: opened, "run.toml")
    async with again.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await again.workers.wait_for_complete()
        await pilot.pause()
        now = text_of(again).splitlines()
        (said,) = (y for y, row in enumerate(now) if opened.said in row)
        assert [row for y, row in enumerate(now) if y != said] == [row for y, row in enumerate(before) if y != said]
