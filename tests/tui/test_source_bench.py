"""A net that was read from a file: its lines on the screen, breakpoints on them, and the file read again when saved."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from screens import at_rest, enter, text_of
from textual.pilot import Pilot

from bptui.session.knobs import turned
from bptui.session.session import Session
from bptui.session.source import Source
from bptui.sources.opening import Opened, to_step
from bptui.sources.presets import PRESETS
from bptui.tui import source_bench
from bptui.tui.app import PLACES, BptuiApp
from bptui.tui.source_bench import SourceBench
from bptui.tui.watched import AWAY

TEXT = """\
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.m0 = nn.Linear(6, 3)
        self.m1 = nn.Linear(3, 2)

    def forward(self, x):
        s1 = self.m0(x)
        z1 = s1.relu()
        return self.m1(z1)
"""
LINES = {"m0": 11, "relu1": 12, "m1": 13}


def opened(path: Path, again: Callable[[], Opened] | None = None) -> Opened:
    return Opened((Session(PRESETS["two-layer"]),), source=Source(str(path), TEXT, LINES), again=again)


def app_on(begun: Opened) -> BptuiApp:
    app = BptuiApp()
    app.first_screen = lambda: PLACES["step"](begun)  # type: ignore[method-assign]
    return app


def bench(app: BptuiApp) -> SourceBench:
    assert isinstance(app.screen, SourceBench)
    return app.screen


def row_of(app: BptuiApp, text: str) -> tuple[int, int, str]:
    """Column and row of a text on the screen, and the row."""
    return next((row.index(text), y, row) for y, row in enumerate(text_of(app).splitlines()) if text in row)


@pytest.mark.parametrize("size", [(120, 40), (200, 60)])
async def test_the_line_at_work_is_marked_both_ways(tmp_path: Path, size: tuple[int, int]) -> None:
    app = app_on(opened(tmp_path / "net.py"))
    async with app.run_test(size=size) as pilot:
        await pilot.press("right")
        assert row_of(app, "s1 = self.m0(x)")[2].split("s1 = self")[0].rstrip().endswith("▶ 11")
        await pilot.press("right")
        assert row_of(app, "z1 = s1.relu()")[2].split("z1 = s1")[0].rstrip().endswith("▶ 12")
        await pilot.press("r")
        assert row_of(app, "s1 = self.m0(x)")[2].split("s1 = self")[0].rstrip().endswith("◀ 11")
        await pilot.press("right")
        assert "▶ 11" in text_of(app)  # the update of its weight


async def test_the_training_loop_is_followed_too(tmp_path: Path) -> None:
    text = TEXT + "\n\nfor x, y in data:\n    opt.zero_grad()\n    cost(net(x), y).backward()\n    opt.step()\n"
    source = Source(str(tmp_path / "net.py"), text, LINES | {"cost": 18}, phases={"zero": 17, "seed": 18, "update": 19})
    app = app_on(Opened((Session(PRESETS["two-layer"]),), source=source))
    async with app.run_test(size=(120, 40)) as pilot:
        seen = []
        for _ in range(len(bench(app).session.graph.events)):
            marked = [row for row in text_of(app).splitlines() if re.search(r"[▶◀] [1-9]\d ", row)]
            seen += [match[0] for row in marked if (match := re.search(r"[▶◀] [1-9]\d", row))]
            await pilot.press("right")
        assert seen == ["▶ 11", "▶ 12", "▶ 13", "▶ 18", "▶ 17", "◀ 18", "◀ 18", "◀ 13", "◀ 12", "◀ 11", *["▶ 19"] * 4]


async def test_at_80x24_it_is_a_tab(tmp_path: Path) -> None:
    app = app_on(opened(tmp_path / "net.py"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("2", "right")
        assert "2 source" in text_of(app) and "▶ 11" in text_of(app)
        await pilot.press("question_mark")
        assert "The source is the file that the net was read from" in " ".join(text_of(app).replace("│", " ").split())


async def test_a_click_selects_and_one_on_the_number_stops(tmp_path: Path) -> None:
    app = app_on(opened(tmp_path / "net.py"))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        x, y, row = row_of(app, "return self.m1(z1)")
        await pilot.click(offset=(x + 3, y))
        assert bench(app).view.selected == "node:m1"
        await pilot.click(offset=(row.index("13"), y))
        assert bench(app).session.breakpoints == {"m1"}
        await pilot.press("c")
        await at_rest(pilot)
        assert bench(app).session.graph.events[bench(app).session.address.event].node == "m1"
        await pilot.press("B")
        await enter(pilot, "line 12")
        assert "line 12 stops the run: relu1" in text_of(app)
        assert bench(app).session.breakpoints == {"m1", "relu1"}
        await pilot.press("B")
        await enter(pilot, "3")
        assert "line 3 of net.py calls no module" in text_of(app)
        bench(app).source = bench(app)._stage.source = Source(
            str(tmp_path / "net.py"), TEXT, {"gone": 11} | LINES | {"m0": 1}
        )
        bench(app).show()
        x, y, row = row_of(app, "s1 = self.m0(x)")
        await pilot.click(offset=(row.index("11"), y))
        assert "line 11 of net.py calls no module" in text_of(app)


async def test_what_was_decided_is_told_by_the_question_mark(tmp_path: Path) -> None:
    said = ("line 5: a usual mistake", "the samples are made: 64 of spirals")
    source = Source(str(tmp_path / "net.py"), TEXT, LINES, said, warnings=1)
    app = app_on(Opened((Session(PRESETS["two-layer"]),), source.first, source=source))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        assert "line 5: a usual mistake (? tells 1 more)" in text_of(app)
        await pilot.press("question_mark")
        shown = " ".join(text_of(app).replace("│", " ").split())
        assert "In net.py: line 5: a usual mistake." in shown and "the samples are made: 64 of spirals." in shown


async def test_the_source_scrolls_until_the_next_step(tmp_path: Path) -> None:
    text = TEXT + "".join(f"# more {k}\n" for k in range(60))
    app = app_on(Opened((Session(PRESETS["two-layer"]),), source=Source(str(tmp_path / "net.py"), text, LINES)))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("2", "right")
        assert "▶ 11" in text_of(app)
        await pilot.press("pagedown", "pagedown")
        assert "▶ 11" not in text_of(app) and "# more 15" in text_of(app)
        await pilot.press(*["pagedown"] * 20, *["pageup"] * 6)
        assert "▶ 11" in text_of(app)  # it went no farther than to the end
        await pilot.press("right")
        assert "▶ 12" in text_of(app)


async def save(pilot: Pilot[None], path: Path, text: str, stamp: int) -> None:
    """Save the file as an editor does, and let the workbench look at it."""
    path.write_text(text)
    os.utime(path, ns=(stamp, stamp))
    assert isinstance(pilot.app, BptuiApp)
    bench(pilot.app).look_at_file()
    await at_rest(pilot)


async def test_a_saved_file_is_read_again_and_the_work_on_it_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(TEXT)

    def again() -> Opened:
        if "oops" in path.read_text():
            raise ValueError(f"{path}:3: oops")
        other = turned(PRESETS["chain"], "lr", "0.5")
        return Opened((Session(other),), source=Source(str(path), path.read_text(), {"m0": 2}), again=again)

    app = app_on(opened(path, again))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("n", "n", "right", "b", "right", "b", "down", "w")
        marked = bench(app).session.breakpoints
        assert marked == {"m0", "relu1"}
        await save(pilot, path, "# oops", 1)
        assert "not read again: net.py:3: oops" in text_of(app)
        await pilot.press("right")
        assert row_of(app, "not read again: net.py:3: oops")  # it stays below the source
        assert bench(app).session.graph.name == "two-layer"
        await save(pilot, path, "# another\ns = self.m0(x)", 2)
        session = bench(app).session
        assert session.graph.name == "chain" and session.experiment.lr == 0.5
        assert session.address.step == 2 and session.breakpoints == {"m0"}
        assert "was read again; left out: marks (no module 'relu1' in this net)" in " ".join(text_of(app).split())
        assert "s = self.m0(x)" in text_of(app) and "not read again" not in text_of(app)


async def test_a_file_that_is_gone_is_told_until_it_is_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_bench, "LOOK", 1e6)  # the looks are the test's own
    path = tmp_path / "net.py"
    path.write_text(TEXT)
    app = app_on(opened(path, lambda: opened(path)))
    async with app.run_test(size=(120, 40)) as pilot:
        path.unlink()
        for _ in range(AWAY):
            assert "is gone" not in text_of(app)
            bench(app).look_at_file()
            await at_rest(pilot)
        await pilot.press("right")
        assert row_of(app, "net.py is gone; this is what it was")
        await save(pilot, path, TEXT, 1)
        assert "is gone" not in text_of(app) and "was read again" in text_of(app)


async def test_a_shape_that_does_not_fit_after_a_save_is_told(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(TEXT)
    app = app_on(to_step(str(path), lambda experiment: experiment))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("right", "right", "b")
        await save(pilot, path, TEXT.replace("Linear(3, 2)", "Linear(4, 2)"), 1)
        told = " ".join(text_of(app).split())
        assert "net.py was read again; line 13: PyTorch stops here" in told


async def test_a_saved_run_brings_the_source_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    app = app_on(opened(tmp_path / "net.py"))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("right", "right", "S")
        await enter(pilot, "run.toml")
    again = to_step("run.toml", lambda experiment: experiment)
    app = app_on(again)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        assert "▶ 12" in row_of(app, "z1 = s1.relu()")[2]


LOOP = """\
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(4, 4) for _ in range(6))

    def forward(self, x):
        for layer in self.layers:
            x = layer(x).tanh()
        return x
"""


async def test_a_line_in_a_loop_is_one_stop_among_the_watches(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(LOOP)
    app = app_on(to_step(str(path), lambda experiment: experiment))
    async with app.run_test(size=(120, 40)) as pilot:
        bench(app).break_at(11)
        assert len(bench(app).session.breakpoints) == 12
        await pilot.press("right")
        await pilot.resize_terminal(200, 60)
        await at_rest(pilot)
        assert text_of(app).count("breakpoint") == 1
        assert row_of(app, "line 11  breakpoint, 12 modules")
        bench(app).view.pane = "watches"
        bench(app).settle()
        await pilot.press("delete")
        assert not bench(app).session.breakpoints
