"""Opening an experiment from the command line: a first frame at once, then the workbench, or one clear line."""

from __future__ import annotations

from contextlib import suppress

import pytest
from screens import text_of
from textual.worker import WorkerCancelled

from bptui.sources.opening import begun, opened
from bptui.sources.presets import PRESETS
from bptui.tui.app import BptuiApp
from bptui.tui.home.screen import Home
from bptui.tui.workbench import Workbench


async def test_the_title_stands_before_the_net_is_loaded() -> None:
    app = BptuiApp(lambda: begun(PRESETS["mynet"]), "mynet")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        assert "mynet 600-60-40-10" in text_of(app).splitlines()[0]
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert isinstance(app.screen, Workbench)
        assert app.screen.session.experiment is PRESETS["mynet"]


async def test_what_cannot_be_opened_ends_the_app() -> None:
    app = BptuiApp(lambda: begun(opened("nothing")[0]), "nothing")
    async with app.run_test() as pilot:
        await pilot.pause()
        with suppress(WorkerCancelled):  # it ends the app, which may be quicker than itself
            await app.workers.wait_for_complete()
    assert isinstance(app.refused, ValueError)
    assert "unknown net 'nothing'" in str(app.refused)


async def test_q_leads_home_from_a_net_opened_by_name() -> None:
    app = BptuiApp(lambda: begun(PRESETS["chain"]), "chain")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await app.workers.wait_for_complete()
        await pilot.pause()
        await pilot.press("right", "q")
        await pilot.pause()
        assert isinstance(app.screen, Home)
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, Workbench)


@pytest.mark.parametrize("path", ["net.py", "missing.toml", "."])
def test_what_is_no_net_is_refused_in_one_line(path: str) -> None:
    with pytest.raises(ValueError, match=r"\S") as caught:
        opened(path)
    assert "\n" not in str(caught.value)
