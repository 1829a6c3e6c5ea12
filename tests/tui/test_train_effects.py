"""The knobs of the train lab say what the chosen one does here."""

from __future__ import annotations

import pytest
from screens import at_rest, text_of
from test_train import lab, lab_of

from bptui.session.train.effects import Effect, effect
from bptui.session.train.effects.effect import Row
from bptui.sources.labs import TRAIN
from bptui.tui.panes.knobs import names
from bptui.tui.train.effects import effect_pane


@pytest.mark.some(2)
@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_chosen_knob_is_measured(size: tuple[int, int]) -> None:
    app = lab_of(TRAIN["moons"])
    async with app.run_test(size=size) as pilot:
        await pilot.press("N", "N", "k")
        for _ in range(names(TRAIN["moons"]).index("activation")):
            await pilot.press("down")
        await at_rest(pilot)
        training = lab(app).training
        found = effect("activation", training)
        assert found is not None and lab(app).snapshot.measured == ("activation", found)
        shown = " ".join(text_of(app).split())
        assert found.says.split(",")[0] in shown and found.rows[0].label in shown
        await pilot.press("k")
        await at_rest(pilot)
        assert lab(app).snapshot.measured == ("", None)
        assert found.says.split(",")[0] not in " ".join(text_of(app).split())


def test_numbers_are_written_out_or_drawn_and_given_up_before_the_sentence() -> None:
    many = Row("bias", tuple(float(k) for k in range(8)))
    made = Effect("a title", (Row("few", (0.5, 0.25)), many), "what it says")
    pane = effect_pane(made, 40, 10)
    assert pane is not None and pane.text().splitlines() == [
        " a title",
        " few   ▇ 0.5  ▄ 0.25",
        " bias  0 ▁▂▃▄▄▅▆▇ 7",
        " what it says",
    ]
    tight = effect_pane(made, 40, 3)
    assert tight is not None and tight.text().splitlines() == [" what it says"]
    assert effect_pane(made, 8, 1) is None
