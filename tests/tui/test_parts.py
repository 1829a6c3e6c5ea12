"""The parts of the interface that need no terminal: grid, themes, selection, what is typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bptui.drawing.canvas import BANDS, CLASSES, ROLES, SERIES, Canvas, Ink
from bptui.drawing.colours import COLOURS, NAMES
from bptui.session.actions import ActionError
from bptui.session.conditions import Condition
from bptui.sources.labs import lab_names
from bptui.sources.presets import PRESETS, outline
from bptui.tui import asking
from bptui.tui.bars import bar, keys
from bptui.tui.catalogue import LABS, LETTERS, NETS
from bptui.tui.grid import Size, arrange
from bptui.tui.panes import knobs
from bptui.tui.selection import event_of, neighbour, node_of, of_event, quantity, targets
from bptui.tui.theme import Paint


def test_catalogue_is_the_presets() -> None:
    assert [(n.name, n.outline, n.about) for n in NETS] == [
        (k, outline(e), e.net.description) for k, e in PRESETS.items()
    ]
    assert len(LETTERS) >= len(NETS)


def test_catalogued_labs_open_what_there_is() -> None:
    assert [(lab.place, lab.first in lab_names()[lab.place]) for lab in LABS] == [("descend", True), ("train", True)]


@given(st.integers(40, 220), st.integers(10, 70), st.integers(20, 150), st.integers(6, 40), st.booleans())
def test_panes_do_not_overlap(width: int, height: int, across: int, rows: int, upward: bool) -> None:
    size = Size(width, height)
    boxes = arrange(size, (min(across, size.stage), rows), beside=upward)
    shown = {name: box for name, box in boxes.items() if box.width > 0 and box.height > 0}
    assert {"title", "keys", "story", "diagram"} <= set(shown)
    if height >= 24 and width >= 80:
        assert "main" in shown
    cells: dict[tuple[int, int], str] = {}
    for name, box in shown.items():
        assert box.x >= 0 and box.y >= 0 and box.x + box.width <= width, (name, box)
        if height >= 24:
            assert box.y + box.height <= height, (name, box)
            for y in range(box.y, box.y + box.height):
                for x in range(box.x, box.x + box.width):
                    assert (x, y) not in cells, (name, cells[x, y])
                    cells[x, y] = name


@pytest.mark.parametrize("theme", NAMES)
def test_every_role_has_a_colour(theme: str) -> None:
    assert set(ROLES) <= set(COLOURS[theme])
    paint = Paint(theme)
    for role in ROLES:
        assert paint.style(Ink(role)).color is not None
        assert paint.colour(f"{role}~0") == paint.colour("background")
        assert paint.colour(f"{role}~100") == paint.colour(role)


def light(colour: str) -> float:
    linear = [
        c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4
        for c in (b / 255 for b in bytes.fromhex(colour[1:]))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", NAMES)
def test_text_can_be_read(theme: str) -> None:
    colours = COLOURS[theme]
    for role in ("text", "soft", "muted", "thin", "positive", "negative", "gradient", "cost"):
        assert contrast(colours[role], colours["background"]) >= (7 if role == "text" else 4), role
    assert contrast(colours["ink"], colours["cursor"]) >= 7


@pytest.mark.parametrize("theme", NAMES)
def test_plots_can_be_read(theme: str) -> None:
    paint = Paint(theme)
    for role in (*SERIES, "cursor"):
        assert min(contrast(paint.colour(role, thin=True), paint.colour(band)) for band in BANDS) >= 2.5, role
    for role in (*CLASSES, "series1"):
        assert min(contrast(paint.colour(role), paint.colour(f"{other}~20")) for other in CLASSES) >= 2.9, role
    steps = [light(paint.colour(band)) for band in BANDS]
    assert steps == sorted(steps)  # dark is low, in every theme


def test_without_colours_the_cursor_is_inverse() -> None:
    paint = Paint("dark", colours=False)
    assert paint.style(Ink("ink", "cursor", bold=True)).reverse
    assert paint.style(Ink("muted")).dim
    assert paint.style(Ink("positive")).color is None


@pytest.mark.parametrize("name", PRESETS)
def test_every_target_means_something(name: str) -> None:
    graph = PRESETS[name].graph
    for target in [*targets(graph), *(of_event(event) for event in graph.events)]:
        assert quantity(graph, target).name in graph.variables
        event_of(graph, target)
        assert node_of(graph, target) is None or node_of(graph, target) in graph.node


@given(st.lists(st.integers(1, 5), max_size=3), st.integers(-200, 200))
def test_neighbours_stay_inside(shape: list[int], by: int) -> None:
    extents = tuple(shape)
    found = neighbour(extents, (0,) * len(extents), by)
    assert all(0 <= i < n for i, n in zip(found, extents, strict=True))


def test_what_is_typed_is_read() -> None:
    graph = PRESETS["two-layer"].graph
    assert asking.number("−0.5") == -0.5
    assert asking.place("12 4") == (11, 3) and asking.place("3") == (2, None)
    assert asking.conditions("above 5", graph) == (Condition("above", "", "gradient", 5.0),)
    assert asking.conditions("all zero ds1", graph) == (Condition("all zero", "s1", "gradient", 1.0),)
    assert asking.conditions("below 0.1 m0.weight", graph) == (Condition("below", "m0.weight", "value", 0.1),)
    assert asking.conditions("dead relu1", graph) == (Condition("dead", "relu1"),)
    assert asking.conditions("DEAD ReLU1", graph) == (Condition("dead", "relu1"),)
    assert asking.conditions("Above 2 DM0.Weight", graph) == (Condition("above", "m0.weight", "gradient", 2.0),)
    assert asking.conditions("not  finite S1", graph) == (Condition("not finite", "s1", "value", 1.0),)
    value, gradient = asking.conditions("not finite", graph)
    assert (str(value), str(gradient)) == ("any value is not finite", "any gradient is not finite")
    for text in ("", "many", "above", "above x", "above nan", "dead a b"):
        with pytest.raises(ActionError):
            asking.conditions(text, graph)
    for text in ("", "0", "-1", "1 2 3", "x"):
        with pytest.raises(ActionError):
            asking.place(text)


def test_bars_keep_what_matters() -> None:
    wide = (("→", "step", "step"), ("c", "continue", "continue"), ("?", "explain", "explain"))
    for width in (12, 24, 80):
        assert "explain" in keys(wide, width).text() or width == 12
    shown = bar([("bptui", Ink()), ("   long" * 20, Ink())], [("cost 1", Ink())], 40).text()
    assert shown.endswith("cost 1")


@pytest.mark.parametrize("name", PRESETS)
def test_every_knob_is_listed_and_read(name: str) -> None:
    experiment = PRESETS[name]
    for knob in knobs.names(experiment):
        assert knobs.reading(experiment, knob) != ""
    assert isinstance(knobs.panel(experiment, 40, 10, 3), Canvas)
