"""The descend lab: what a key does, and that the screen shows the race's own numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from screens import enter, text_of
from textual.pilot import Pilot

from bptui.drawing.numbers import number, signed
from bptui.session.descend.lab import Descent
from bptui.session.experiment import Experiment
from bptui.session.toml import from_toml
from bptui.sources.labs import DESCEND
from bptui.tui.app import BptuiApp
from bptui.tui.descend import panes
from bptui.tui.descend import screen as screen_module
from bptui.tui.descend.pictures import in_sight, losses
from bptui.tui.descend.screen import Descend
from bptui.tui.descend.words import tabs
from bptui.tui.workbench import Workbench

SIZES = [(80, 24), (120, 40), (200, 60)]


def lab_of(experiment: Experiment) -> BptuiApp:
    """The app at the descend lab."""
    app = BptuiApp()
    app.first_screen = lambda: Descend(experiment)  # type: ignore[method-assign]
    return app


def lab(app: BptuiApp) -> Descend:
    """The descend lab that the app shows."""
    assert isinstance(app.screen, Descend)
    return app.screen


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Press keys, and wait until all the work that they gave is done and shown."""
    await pilot.press(*keys)
    if isinstance(pilot.app.screen, Descend):
        pilot.app.screen.finish()
    await pilot.pause()


@pytest.mark.some(3)
@pytest.mark.parametrize("size", SIZES)
async def test_the_race_shows_each_racers_updates_and_loss(size: tuple[int, int]) -> None:
    app = lab_of(DESCEND["line"])
    async with app.run_test(size=size) as pilot:
        await press(pilot, *["right"] * 10)
        descent = lab(app).descent
        rows = lab(app).views["race"].canvas.text().splitlines()
        assert descent.at == 40
        for k, path in enumerate(descent.paths):
            row = next(row for row in rows if "●◆▲■"[k] in row)
            assert row.split()[-2:] == [str(descent.place(k)), number(float(path.losses[descent.place(k)]))]
        assert "2/λmax = 0.567" in text_of(app)


@pytest.mark.some(5)
@pytest.mark.parametrize("name", DESCEND)
async def test_every_surface_shows_at_its_evaluated_losses(name: str) -> None:
    app = lab_of(DESCEND[name])
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, "right")
        screen = lab(app)
        ground = screen.ground.surface
        assert ground is not None and ground.done and np.isfinite(ground.losses).all()
        frame = screen._frame()
        if len(ground.axes) == 2:
            x, y = (float(axis[3]) for axis in ground.axes)
            loss = screen.descent.objective.value(ground.plane.at(np.array([x, y])))
            assert ground.losses[3, 3] == pytest.approx(loss, rel=1e-9)
            assert ground.losses.shape == (2 * frame.height, frame.width)
            unit = (frame.x.high - frame.x.low) / frame.width
            assert (frame.y.high - frame.y.low) / (2 * frame.height) == pytest.approx(unit)
        assert f" {name} " in screen.views["title"].canvas.text()


async def test_this_step_shows_the_update_as_it_was_taken_apart() -> None:
    app = lab_of(DESCEND["line"])
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, *["right"] * 5)
        update = lab(app).descent.update()
        assert update is not None and update.residual is not None and update.number == 4
        text = lab(app).views["step"].canvas.text()
        assert "minibatch 4, update 5" in text
        lines = text.splitlines()
        for k, index in enumerate(update.indices):
            row = next(line for line in lines if line.split()[:1] == [str(index)])
            values = [float(update.residual.values[k, 0]), *map(float, update.pulls[k])]
            assert row.split()[1:4] == [signed(value) for value in values]
        mean = next(line for line in lines if "mean" in line)
        assert mean.split()[1:3] == [signed(float(value)) for value in update.gradient]
        step = next(line for line in lines if "step −η · mean" in line)
        assert step.split()[-2:] == [signed(float(value)) for value in update.step]
        assert f"L {number(update.losses[0])} → {number(update.losses[1])}" in text


async def test_e_shows_and_hides_the_arrows() -> None:
    app = lab_of(DESCEND["line"])
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, *["right"] * 5)
        shown = lab(app).views["surface"].canvas
        await press(pilot, "e")
        hidden = lab(app).views["surface"].canvas

        def yellow(canvas: object) -> int:
            return sum(ink.fg == "cursor" for row in canvas.inks for ink in row)  # type: ignore[attr-defined]

        assert yellow(shown) > 10 and yellow(hidden) == 0


async def test_space_plays_to_the_horizon_and_scrubbing_goes_back() -> None:
    app = lab_of(DESCEND["line"])
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, "space")
        assert lab(app).playing
        screen = lab(app)
        await press(pilot, "space", "end")
        assert screen.descent.at == screen.descent.horizon == 256
        assert not screen.playing
        await press(pilot, "left", "shift+left")
        assert screen.descent.place(screen.descent.chosen) == 64 - 11
        await press(pilot, "home")
        assert screen.descent.at == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", ["line", *(pytest.param(n, marks=pytest.mark.slow) for n in ("saddle", "himmelblau"))])
async def test_a_race_plays_for_some_seconds_on_a_machine_that_is_never_late(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, now = lab_of(DESCEND[name]), [100.0]
    for module in (screen_module, panes):
        monkeypatch.setattr(module, "perf_counter", lambda: now[0])
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot)
        screen = lab(app)
        screen.finish()
        assert screen._timer is not None
        screen._timer.pause()  # ticks come by this clock alone
        screen.action_play()
        screen._timer.pause()
        began, passed = now[0], []
        while screen.playing and now[0] < began + 4 * screen_module.LASTS:
            now[0] += panes.TICK
            screen._tick()
            passed.append(screen.descent.at)
        assert screen.descent.at == screen.descent.horizon
        assert screen_module.LASTS - 1 < now[0] - began < screen_module.LASTS + 2
        assert len(set(passed)) > 50  # in small steps


async def test_u_switches_what_is_counted() -> None:
    app = lab_of(DESCEND["line"])
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, *["right"] * 8)
        assert "Loss against gradient evaluations" in text_of(app) and "at 32 gradient evaluations" in text_of(app)
        await press(pilot, "u")
        assert "Loss against updates" in text_of(app) and "at 8 updates" in text_of(app)
        assert [lab(app).descent.place(k) for k in range(3)] == [8, 8, 8]


async def test_knobs_turn_the_rate_of_the_chosen_racer() -> None:
    app = lab_of(DESCEND["line"])
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, "up", "tab", "right", "right", "right", "right")
        screen = lab(app)
        assert screen.descent.racers[0].lr == 0.8
        await press(pilot, "escape", "end")
        assert "η 0.8 over 2/λmax 0.567: diverges; left at the top in update 1" in text_of(app)
        assert float(screen.descent.paths[0].losses[8]) > 1000 * float(screen.descent.paths[0].losses[0])


async def test_a_racer_is_added_changed_and_removed() -> None:
    app = lab_of(DESCEND["line"])
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, "a", "m", "b", "s")
        racer = lab(app).descent.racers[3]
        assert (racer.optimiser.kind, racer.batch, racer.schedule.kind) == ("momentum", 8, "step")
        assert "■ momentum 8" in text_of(app)
        await press(pilot, "a")
        assert "4 racers are as many as there are markers" in text_of(app)
        await press(pilot, "d")
        assert len(lab(app).descent.racers) == 3 and "momentum" not in lab(app).views["race"].canvas.text()


async def test_any_setting_of_a_racer_can_be_typed_and_nonsense_is_said() -> None:
    app = lab_of(DESCEND["line"])
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, "tab", "enter")
        await press(pilot, "ctrl+u", *"optimiser=Adam lr=0.07 beta1=0.5 schedule=1/t tau=7", "enter")
        racer = lab(app).descent.racers[1]
        assert (racer.lr, racer.optimiser.kind) == (0.07, "Adam")
        assert racer.optimiser.settings()["beta1"] == 0.5 and racer.schedule.settings() == {"tau": 7.0}
        await press(pilot, "enter")
        await press(pilot, "ctrl+u", *"batch=99", "enter")
        assert "batch: got 99, wants 1 to 32" in text_of(app)
        assert lab(app).descent.racers[1] == racer


async def test_the_other_knobs_move_start_order_and_surface() -> None:
    app = lab_of(DESCEND["line"])
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, "tab", "down", "down", "right")
        assert lab(app).descent.experiment.net.name == "logistic"
        await press(pilot, "left", "down", "down", "right")
        assert lab(app).descent.experiment.net.name == "line"
        for path in lab(app).descent.paths:
            np.testing.assert_allclose(path.positions[0], [-1.3, 0.85])
        await press(pilot, "down", "down", "right")
        assert not any(racer.shuffle for racer in lab(app).descent.racers)
        assert list(lab(app).descent.paths[1].indices(0)) == [0, 1, 2, 3]


async def test_orthogonality_gradient_and_tangent_meet_at_right_angles() -> None:
    app = lab_of(DESCEND["logistic"])
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, "o", "right", "right", "up")
        screen = lab(app)
        found = screen.crossing()
        assert found is not None and found.angle is not None and found.tangent.direction is not None
        _, gradient = screen.descent.objective.gradient(screen.descent.plane.at(found.position))
        np.testing.assert_allclose(found.gradient, gradient)
        assert found.angle.angle == pytest.approx(90.0, abs=0.01)
        text = screen.views["step"].canvas.text()
        assert f"gradient · tangent {signed(found.angle.dot)}" in text and f"{found.angle.angle:.3f}°" in text
        await press(pilot, "plus", "plus", "plus", "tab", "tab", "plus")
        found = screen.crossing()
        assert found is not None and found.step_angle is not None
        assert abs(found.step_angle.angle - 90.0) > 1.0 and found.step.change < 0.0
        assert screen.look.point is not None and screen.look.point.angle == 15.0
        assert f"{found.step_angle.angle:.3f}°" in screen.views["step"].canvas.text()
        await press(pilot, "escape")
        assert screen.look.point is None and "This step" in text_of(app)


async def test_the_mouse_moves_the_point_and_scrubs() -> None:
    app = lab_of(DESCEND["line"])
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, "o")
        screen = lab(app)
        frame = screen._frame()
        at = screen._boxes["surface"]
        await pilot.click(offset=(at.x + frame.left + 10, at.y + frame.top + 4))
        await press(pilot)
        found = screen.crossing()
        assert found is not None
        assert frame.cell(*map(float, found.position)) == (frame.left + 10, frame.top + 4)
        rail = screen._boxes["scrub"]
        await pilot.click(offset=(rail.width // 2, rail.y))
        await press(pilot)
        assert 100 < screen.descent.at < 160


async def test_one_parameter_has_a_tangent_and_no_contours() -> None:
    app = lab_of(DESCEND["slope"])
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, "right", "right")
        descent = lab(app).descent
        _, gradient = descent.objective.gradient(descent.vector())
        assert f"slope dL/dw {number(float(gradient[0]))}" in text_of(app)
        await press(pilot, "o")
        assert "one parameter has no contours" in text_of(app)


async def test_a_slice_follows_the_chosen_racer_and_two_weights_can_be_chosen() -> None:
    app = lab_of(DESCEND["two-layer"])
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, *["right"] * 6)
        screen = lab(app)
        assert "slice of 7 dimensions through ◆" in text_of(app)
        ground = screen.ground.surface
        assert ground is not None
        position = ground.plane.project(screen.descent.vector())
        np.testing.assert_allclose(ground.plane.at(position), screen.descent.vector(), rtol=1e-9)
        await press(pilot, "tab", "down", "down", "down", "enter")
        await press(pilot, "ctrl+u", *"m0.weight[1,0] m1.bias[0]", "enter")
        assert screen.letters == ("W₀[1,0]", "b₁[0]")
        assert "W₀[1,0] and b₁[0]" in text_of(app)


async def test_the_very_step_opens_in_the_workbench_and_leaving_comes_back() -> None:
    app = lab_of(DESCEND["line"])
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, *["right"] * 7)
        update = lab(app).descent.update()
        assert update is not None
        await pilot.press("enter")
        await pilot.pause()
        bench = app.screen
        assert isinstance(bench, Workbench)
        moment = bench.session.moment()
        assert moment.record.clock.step == update.number == 6
        np.testing.assert_array_equal(moment.record.indices, update.indices)
        before = [float(moment.before("m0.weight")[0, 0]), float(moment.before("m0.bias")[0])]
        assert before == update.before.tolist()
        await pilot.press("right", "q")
        await pilot.pause()
        assert lab(app).descent.place(1) == 7


@pytest.mark.some(2)
@pytest.mark.parametrize("ending", [".txt", ".svg", ".csv", ".toml"])
async def test_export(tmp_path: Path, ending: str) -> None:
    app = lab_of(DESCEND["line"])
    path = tmp_path / f"race{ending}"
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, *["right"] * 4)
        await press(pilot, "x")
        await enter(pilot, str(path))
        text = path.read_text(encoding="utf-8")
        descent = lab(app).descent
        if ending == ".csv":
            rows = [line.replace('"m0.weight[0,0]"', "w").split(",") for line in text.splitlines()]
            assert rows[0] == ["racer", "update", "evaluations", "L", "w", "m0.bias[0]"]
            mine = [row for row in rows[1:] if row[0] == "2 minibatch 4"]
            assert [float(row[3]) for row in mine] == descent.paths[1].losses.tolist()
            assert [[float(row[4]), float(row[5])] for row in mine] == descent.paths[1].positions.tolist()
        elif ending == ".toml":
            assert from_toml(text) == descent.path.racer.experiment
        elif ending == ".txt":
            assert text.splitlines()[0].startswith("  bptui  Descend") or "Descend" in text.splitlines()[0]
            assert "Loss surface" in text and "This step" in text and "Race" in text
        else:
            assert "<svg" in text


async def test_a_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    app = lab_of(DESCEND["line"])
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, "x")
        await enter(pilot, str(tmp_path / "no" / "such.csv"))
        assert "No such file" in text_of(app).replace("\n", " ")


async def test_where_it_is_tight_three_panes_share_a_place() -> None:
    app = lab_of(DESCEND["line"])
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "right")
        assert "Loss, by gradient evaluations" in text_of(app)
        await press(pilot, "w")
        assert "─ Step " in text_of(app)
        await press(pilot, "tab")
        assert "─ Knobs " in text_of(app)
        await press(pilot, "escape", "o")
        assert "─ Orthogonality " in text_of(app)
    assert " point " in tabs("step", True, 34).text()


@pytest.mark.some(5)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("name", "rate"), [("line", 1.2), ("valley", 0.07), ("saddle", 0.1)])
async def test_columns_stay_apart_however_large_and_small_numbers_get(
    name: str, rate: float, size: tuple[int, int]
) -> None:
    app = lab_of(DESCEND[name])
    async with app.run_test(size=size) as pilot:
        descent = lab(app).descent
        descent.set_racer(0, descent.racers[0].changed(lr=rate))
        descent.chosen = 0
        await press(pilot, "end", "w")
        rows = lab(app).views["race"].canvas.text().splitlines()
        for k in range(len(descent.racers)):
            *_, first, updates, _ = next(row for row in rows if "●◆▲■"[k] in row).split()
            assert (float(first), int(updates)) == (descent.racers[k].lr, descent.place(k))
        mean = next(row for row in lab(app).views["step"].canvas.text().splitlines() if row.strip().startswith("mean"))
        assert len(mean.split()) == 4


async def test_what_holds_of_all_racers_is_said_once() -> None:
    app = lab_of(DESCEND["staircase"])
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "right", "right")
        assert text_of(app).count("the gradient is 0: nothing moves") == 1
        assert "●◆▲ the gradient is 0: nothing moves" in text_of(app)


async def test_all_who_left_the_view_are_told_of() -> None:
    app = lab_of(DESCEND["saddle"])
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, "end")
        assert text_of(app).count("left at the top in update ") == 3


async def test_a_start_that_moves_along_one_axis_stays_at_0_along_the_other() -> None:
    app = lab_of(DESCEND["two-layer"])
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, "tab", "down", "down", "down", "down", "right", "right", "right")
        assert "v 0 " in lab(app).views["knobs"].canvas.text()


def test_losses_out_of_sight_are_a_gap_between_where_a_curve_leaves_and_ends() -> None:
    found = in_sight(np.array([1.0, 9.0, 8.0, 7.0, 1.0, -3.0, 7.0, 8.0]), 0.0, 5.0)
    np.testing.assert_array_equal(found, [1.0, 5.0, np.nan, 5.0, 1.0, 0.0, 5.0, 5.0])


def test_losses_that_fell_out_of_sight_end_on_the_edge_and_are_said_to() -> None:
    descent = Descent(DESCEND["valley"])
    descent.go_to(descent.horizon)
    descent.work(None)
    for width in (41, 60):
        rows = losses(descent, width, 14).text().splitlines()
        assert "edge" in rows[-1]
        assert rows[-3].rstrip().endswith("▲")
