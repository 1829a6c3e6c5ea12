"""The train lab: what a key does, and that the screen shows the run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from screens import at_rest, enter, text_of

from bptui.session.experiment import Experiment
from bptui.session.knobs import turned
from bptui.session.session import Session
from bptui.session.train.doctor import Finding
from bptui.sources.labs import TRAIN
from bptui.tui.app import BptuiApp
from bptui.tui.train.compare import Compare
from bptui.tui.train.screen import Published, Train
from bptui.tui.train.words import doctor
from bptui.tui.workbench import Workbench


def lab_of(experiment: Experiment) -> BptuiApp:
    """The app at the train lab."""
    app = BptuiApp()
    app.first_screen = lambda: Train(Session(experiment))  # type: ignore[method-assign]
    return app


def lab(app: BptuiApp) -> Train:
    """The train lab that the app shows."""
    assert isinstance(app.screen, Train)
    return app.screen


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_the_screen_shows_the_run(size: tuple[int, int]) -> None:
    app = lab_of(TRAIN["spirals"])
    async with app.run_test(size=size) as pilot:
        await pilot.press("N", "N", "N")
        await at_rest(pilot)
        snapshot = lab(app).snapshot
        text = text_of(app)
        assert snapshot.look.probe.epoch == 3.0
        assert "epoch 3 " in text
        assert f"{100 * snapshot.look.probe.train.accuracy:.1f} %" in text  # type: ignore[operator]
        wrong = sum(
            int((predicted != part["y"].argmax(axis=1)).sum())
            for part, predicted in (
                (snapshot.experiment.samples, snapshot.look.train),
                (snapshot.experiment.held_out, snapshot.look.validation),
            )
        )
        assert f"wrong {wrong}" in text


async def test_a_regulariser_is_switched_on_in_the_middle_of_a_run() -> None:
    app = lab_of(TRAIN["spirals"])
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("N", "N", "tab", "down", "space")
        await at_rest(pilot)
        snapshot = lab(app).snapshot
        assert snapshot.experiment.l2 == 0.01 and snapshot.step == 2 * snapshot.steps_an_epoch
        assert [edit.text for edit in snapshot.edits] == ["l2 = 0.01"]
        assert "● L2" in text_of(app)
        await pilot.press("right")
        assert "↵ set" in text_of(app)
        await pilot.press("enter")
        await at_rest(pilot)
        assert lab(app).snapshot.experiment.l2 == 0.02 and "↵ set" not in text_of(app)
        await pilot.press("u", "u")
        await at_rest(pilot)
        assert lab(app).snapshot.experiment.l2 == 0.0


async def test_scrubbing_back_shows_the_run_as_it_was() -> None:
    app = lab_of(TRAIN["moons"])
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("N", "N")
        await at_rest(pilot)
        then = lab(app).snapshot.look
        await pilot.press("N", "N", "N")
        await at_rest(pilot)
        await pilot.press("left", "left", "left")
        await at_rest(pilot)
        now = lab(app).snapshot.look
        assert now.probe == then.probe and lab(app).snapshot.end > now.clock.step
        assert all(np.array_equal(now.parameters[name], values) for name, values in then.parameters.items())


async def test_the_very_step_opens_in_the_workbench_and_an_edit_there_comes_back() -> None:
    app = lab_of(TRAIN["spirals"])
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("N", "N")
        await at_rest(pilot)
        parameters = lab(app).snapshot.look.parameters
        await pilot.press("enter")
        await pilot.pause()
        bench = app.screen
        assert isinstance(bench, Workbench)
        moment = bench.session.moment()
        assert moment.record.clock.step == 30
        assert all(np.array_equal(moment.before(name), values) for name, values in parameters.items())
        await pilot.press("right", "right", "q")
        await pilot.pause()
        await at_rest(pilot)
        assert lab(app).snapshot.step == 30


async def test_a_snapshot_that_comes_after_the_run_was_handed_over_is_let_pass() -> None:
    app = lab_of(TRAIN["xor"])
    async with app.run_test(size=(120, 40)) as pilot:
        screen = lab(app)
        await pilot.press("space", "enter")
        assert isinstance(app.screen, Workbench) and screen.trainer is None
        screen.post_message(Published())
        await pilot.pause()
        await pilot.press("q")
        await at_rest(pilot)
        assert lab(app) is screen and not screen.snapshot.running


async def test_comparing_says_whether_it_is_confounded() -> None:
    app = lab_of(TRAIN["spirals"])
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("c", *"l2=0.01", "enter")
        await pilot.pause()
        assert isinstance(app.screen, Compare)
        await pilot.press("N")
        await at_rest(pilot)
        one, other = (trainer.snapshot for trainer in app.screen.trainers)
        assert one.experiment.l2 == 0.0 and other.experiment.l2 == 0.01 and one.step == other.step == 15
        assert "one thing differs: l2 0 against 0.01" in text_of(app)
        await pilot.press("escape")
        await at_rest(pilot)
        assert isinstance(app.screen, Train)


async def test_what_cannot_be_compared_is_said() -> None:
    app = lab_of(TRAIN["spirals"])
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("c", *"nonsense=1", "enter")
        await at_rest(pilot)
        assert "unknown knob 'nonsense'" in text_of(app)


@pytest.mark.some(2)
@pytest.mark.parametrize("ending", [".txt", ".svg", ".csv"])
async def test_export(tmp_path: Path, ending: str) -> None:
    app = lab_of(TRAIN["xor"])
    path = tmp_path / f"run{ending}"
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("N", "N")
        await at_rest(pilot)
        await pilot.press("x")
        await enter(pilot, str(path))
        text = path.read_text(encoding="utf-8")
        if ending == ".csv":
            rows = [line.split(",") for line in text.splitlines()]
            assert rows[0][:3] == ["step", "epoch", "train loss"]
            assert [float(row[2]) for row in rows[1:]] == [p.train.loss for p in lab(app).snapshot.probes]
        else:
            assert "Decision" in text


async def test_a_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    app = lab_of(TRAIN["xor"])
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("x")
        await enter(pilot, str(tmp_path / "no" / "such.csv"))
        assert "No such file" in text_of(app)


async def test_started_late_is_seen_beside_the_same_from_the_start() -> None:
    app = lab_of(TRAIN["xor"])
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("c", *"start", "enter")
        await at_rest(pilot)
        assert "no knob was turned after the start" in text_of(app)
        await pilot.press("N", "N", "tab", "down", "space", "escape")
        await at_rest(pilot)
        await pilot.press("c", *"start", "enter")
        await at_rest(pilot)
        screen = app.screen
        assert isinstance(screen, Compare)
        assert "l2 = 0.01 since epoch 2, against the same from the start" in text_of(app)
        await pilot.press(*"NNNN")
        await at_rest(pilot)
        late, early = (trainer.snapshot for trainer in screen.trainers)
        assert (late.experiment.l2, early.experiment.l2) == (0.01, 0.01)
        assert [edit.epoch for edit in late.edits] == [2.0] and not early.edits
        assert late.probes[1].train.loss != early.probes[1].train.loss


@pytest.mark.parametrize(("size", "matrices"), [((80, 24), 1), ((120, 40), 2)])
async def test_a_confusion_matrix_is_whole_or_not_there(size: tuple[int, int], matrices: int) -> None:
    app = lab_of(turned(TRAIN["spirals"], "classes", "5"))
    async with app.run_test(size=size) as pilot:
        await pilot.press(*"Nwwww", *("w" if size[0] < 100 else ""))
        await at_rest(pilot)
        rows = lab(app).views["measures"].canvas.text().splitlines()
        assert sum("▼ 4" in row and len(row.split()) == 7 * matrices for row in rows) == 1


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_every_layer_has_its_histogram(size: tuple[int, int]) -> None:
    app = lab_of(TRAIN["moons"])
    async with app.run_test(size=size) as pilot:
        await pilot.press("N", *("w" if size[0] < 100 else ""))
        await at_rest(pilot)
        text = lab(app).views["measures"].canvas.text()
        assert all(f"{name} " in text and shape in text for name, shape in (("W₁", "16×16"), ("W₂", "2×16")))


async def test_the_diagram_rewires_while_regularisers_are_switched() -> None:
    app = lab_of(TRAIN["moons"])
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("tab", "down")
        await at_rest(pilot)
        assert "[α ‖W‖²]" not in lab(app).views["measures"].canvas.text()
        await pilot.press("space", "down", "space")
        await at_rest(pilot)
        text = lab(app).views["measures"].canvas.text()
        assert "[α ‖W‖²]" in text and "dropout" in text


def test_what_the_doctor_has_no_room_for_is_marked() -> None:
    finding = Finding("odd", 7, 1.0, "something odd since epoch 1", "for " + "very " * 30 + "long", ("init", "kaiming"))
    rows = doctor([finding], 0, "", 39, 6).text().splitlines()
    assert rows[1].split() == ["!", "something", "odd", "since", "epoch", "1"]
    assert rows[3].endswith("very …") and rows[4].split() == ["d", "jump", "to", "epoch", "1"]
    assert "…" not in doctor([finding], 0, "", 39, 12).text()


async def test_the_finding_in_view_is_explained_in_full() -> None:
    app = lab_of(turned(TRAIN["spirals"], "lr", "30"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"NNNNNN")
        await at_rest(pilot)
        finding = lab(app).snapshot.findings[0]
        await pilot.press("question_mark")
        assert f"The doctor: {finding.what}; {finding.why}." in " ".join(text_of(app).replace("│", " ").split())


async def test_layers_for_which_there_is_no_room_are_counted() -> None:
    app = lab_of(turned(TRAIN["spirals"], "hidden", "16-16-16-16"))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("N")
        await at_rest(pilot)
        text = lab(app).views["measures"].canvas.text()
        assert "the first 4 of 5 layers" in text and "W₃" in text and "W₄" not in text
