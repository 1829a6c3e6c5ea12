"""The ways in and out of the labs: home, the command line's places, the palette, receipts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from screens import choose, enter, text_of
from textual.pilot import Pilot

from bptui.session.actions import SetKnob
from bptui.sources.labs import DESCEND, TRAIN, lab_names
from bptui.sources.opening import Choice, Opened, to_descend, to_step, to_train
from bptui.tui.app import BptuiApp
from bptui.tui.descend.screen import Descend
from bptui.tui.home.screen import Home
from bptui.tui.train.compare import Compare
from bptui.tui.train.screen import Train
from bptui.tui.workbench import Workbench


def as_it_is(experiment):  # type: ignore[no-untyped-def]
    return experiment


async def arrive(pilot: Pilot[None]) -> None:
    """Wait until the place that was asked for stands."""
    await pilot.pause()
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


async def come_to_rest(pilot: Pilot[None]) -> None:
    """Wait until no run goes on."""
    screen = pilot.app.screen
    trainers = screen.trainers if isinstance(screen, Compare) else [screen.trainer]  # type: ignore[attr-defined]
    for trainer in trainers:
        trainer.wait()
        while trainer.snapshot.running:
            trainer.wait()
    await pilot.pause()


@pytest.mark.parametrize(("key", "place"), [("d", Descend), ("t", Train)])
async def test_two_keys_from_home_run_a_lab_and_q_leads_back(key: str, place: type) -> None:
    app = BptuiApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(key)
        await pilot.pause()
        assert isinstance(app.screen, place)
        await pilot.press("space", "space", "q")
        await pilot.pause()
        assert isinstance(app.screen, Home)


async def test_after_n_the_same_letters_open_nets() -> None:
    app = BptuiApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("n", "d")
        await pilot.pause()
        assert isinstance(app.screen, Workbench)


async def test_two_clicks_on_a_lab_open_it() -> None:
    app = BptuiApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        (y,) = (y for y, row in enumerate(text_of(app).splitlines()) if "Train" in row)
        for _ in range(2):
            await pilot.click(offset=(text_of(app).splitlines()[y].index("Train"), y))
            await pilot.pause()
        assert isinstance(app.screen, Train)


async def test_the_palette_opens_what_the_labs_have() -> None:
    app = BptuiApp()
    async with app.run_test(size=(120, 40)) as pilot:
        await choose(pilot, "train moons")
        assert isinstance(app.screen, Train)
        assert app.screen.training.experiment == TRAIN["moons"]


async def test_the_opening_names_the_place_until_it_stands() -> None:
    app = BptuiApp(lambda: to_train("moons", as_it_is), "moons", place="train")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        assert text_of(app).startswith("  bptui  Train  ·  moons")
        await arrive(pilot)
        assert isinstance(app.screen, Train)


@pytest.mark.parametrize("name", lab_names()["train"])
def test_every_data_set_opens(name: str) -> None:
    opened = to_train(name.upper(), as_it_is)
    assert len(opened.sessions) == (4 if name == "practicum" else 1)


@pytest.mark.parametrize("name", DESCEND)
def test_every_surface_opens(name: str) -> None:
    assert to_descend(name, as_it_is).sessions[0].experiment == DESCEND[name]


async def test_a_table_says_every_decision(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b,kind\n" + "".join(f"{k},{-k},{'low' if k < 20 else 'high'}\n" for k in range(40)))
    opened = to_train(str(path), as_it_is, choice=Choice("kind", ("a", "b"), None))
    app = BptuiApp(lambda: opened, "t.csv", place="train")
    async with app.run_test(size=(120, 40)) as pilot:
        await arrive(pilot)
        text = " ".join(text_of(app).split())
        assert "columns parted by comma: a, b, kind" in text
        assert "2 classes, 0 high, 1 low" in text
        assert "32 samples to train on, 20% of 40 held out; inputs normalised" in text


@pytest.mark.parametrize(
    ("choice", "wanted"),
    [
        (None, "wants --target NAME and --features NAME or NAME,NAME; there are a, b, kind"),
        (Choice("kind", (), None), "wants --target"),
        (Choice("kind", ("a", "c"), None), "line 1: has no column 'c'"),
    ],
)
def test_a_table_without_a_choice_is_refused(tmp_path: Path, choice: Choice | None, wanted: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b,kind\n1,2,x\n2,3,y\n")
    with pytest.raises(ValueError, match=r"t\.csv: ") as caught:
        to_train(str(path), as_it_is, choice=choice)
    assert wanted in str(caught.value)


# -- receipts


async def written(tmp_path: Path) -> tuple[str, Opened]:
    """A run with edits in the middle, exported where it stands."""
    path = str(tmp_path / "run.toml")
    opened = to_train("xor", as_it_is)
    app = BptuiApp(lambda: opened, "xor", place="train")
    async with app.run_test(size=(120, 40)) as pilot:
        await arrive(pilot)
        await pilot.press("N", "N", "tab", "down", "space", "escape", "N", "N", "N")
        await come_to_rest(pilot)
        await pilot.press("x")
        await enter(pilot, path)
        assert f"saved as {path}; bptui train {path} opens it" in " ".join(text_of(app).split())
    return path, opened


async def test_a_run_comes_back_to_the_same_result(tmp_path: Path) -> None:
    path, opened = await written(tmp_path)
    assert Path(path).stat().st_size < 400
    saved = opened.sessions[0]
    wanted = {name: values.copy() for name, values in saved.history.parameters(1, saved.address.step)[1].items()}
    app = BptuiApp(lambda: to_train(path, as_it_is), path, place="train")
    async with app.run_test(size=(120, 40)) as pilot:
        await arrive(pilot)
        await come_to_rest(pilot)
        assert isinstance(app.screen, Train)
        snapshot = app.screen.snapshot
        assert snapshot.step == saved.address.step == 5 * snapshot.steps_an_epoch
        assert all(np.array_equal(wanted[name], values) for name, values in snapshot.look.parameters.items())
        assert [edit.text for edit in snapshot.edits] == ["l2 = 0.01"]
        assert [probe.epoch for probe in snapshot.probes] == [0, 1, 2, 3, 4, 5]
        assert "every bit as it was saved" in text_of(app)


async def test_an_edit_on_the_way_is_another_run(tmp_path: Path) -> None:
    path, _ = await written(tmp_path)
    opened = to_train(path, as_it_is)
    app = BptuiApp(lambda: opened, path, place="train")
    async with app.run_test(size=(120, 40)) as pilot:
        await arrive(pilot)
        assert isinstance(app.screen, Train) and app.screen.trainer is not None
        app.screen.trainer.act(SetKnob("lr", "0.5"))
        await come_to_rest(pilot)
        assert app.screen.snapshot.experiment.lr == 0.5
        assert "as it was saved" not in text_of(app)


def test_a_receipt_is_run_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "run.toml"
    path.write_text('format = 1\nfrom = "train/xor"\n[[edit]]\nstep = 3\nevent = 0\nknob = "lr"\nto = "0.5"\n')
    for refused in (to_step, to_train):
        with pytest.raises(ValueError, match="is run again as it was; --seed would change it"):
            refused(str(path), as_it_is, ["--seed"])
    with pytest.raises(ValueError, match="is a receipt of a run; bptui step and bptui train open it"):
        to_descend(str(path), as_it_is)
    assert to_step(str(path), as_it_is).sessions[0].experiment.lr == 0.5


async def test_the_workbench_opens_a_receipt_at_its_address(tmp_path: Path) -> None:
    path, saved = await written(tmp_path)
    app = BptuiApp(lambda: to_step(path, as_it_is), path)
    async with app.run_test(size=(120, 40)) as pilot:
        await arrive(pilot)
        assert isinstance(app.screen, Workbench)
        assert app.screen.session.address == saved.sessions[0].address
        assert "every bit as it was saved" in text_of(app)


async def test_home_opens_a_receipt_in_the_train_lab(tmp_path: Path) -> None:
    path, _ = await written(tmp_path)
    app = BptuiApp()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("o")
        await enter(pilot, path)
        assert isinstance(app.screen, Train)
        await come_to_rest(pilot)
        assert "every bit as it was saved" in text_of(app)


# -- runs side by side


@pytest.mark.parametrize("size", [(80, 24), pytest.param((120, 40), marks=pytest.mark.slow)])
async def test_the_practicum_goes_on_in_step_and_says_what_differs(size: tuple[int, int]) -> None:
    app = BptuiApp(lambda: to_train("practicum", lambda e: e.changed(batch=100)), "practicum", place="train")
    async with app.run_test(size=size) as pilot:
        await arrive(pilot)
        screen = app.screen
        assert isinstance(screen, Compare)
        assert [t.snapshot.goal / t.snapshot.steps_an_epoch for t in screen.trainers] == [1000] * 4
        await pilot.press("space")
        while min(t.snapshot.look.probe.epoch for t in screen.trainers) < 1:
            screen.trainers[0].wait()
        await pilot.press("space")
        await come_to_rest(pilot)
        assert len({t.snapshot.step for t in screen.trainers}) == 1
        text = " ".join(text_of(app).split())
        assert "● against ■ is confounded: optimiser and activation differ" in text
        assert "optimiser alone between ● and ◆, ▲ and ■; activation alone between ● and ▲, ◆ and ■" in text
        for trainer in screen.trainers:
            accuracy = trainer.snapshot.look.probe.train.accuracy
            assert accuracy is not None and f"{100 * accuracy:.1f} " in text
