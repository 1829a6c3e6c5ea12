"""Cells: what is drawn on them, and what a terminal makes of the difference between two frames."""

from __future__ import annotations

import pyte
from hypothesis import given
from hypothesis import strategies as st
from rich.color import Color, ColorSystem
from rich.style import Style

from bptui.classroom.terminal.cells import Frame, Row, blank, difference, line, look
from bptui.classroom.terminal.kind import kind_of
from bptui.classroom.terminal.shades import ink, reduced

INK, GROUND = "38;5;137", "48;5;17"
LOOKS = st.sampled_from(["", "1", "7", INK, GROUND, f"1;{INK}", f"{INK};{GROUND}", f"2;7;{INK};{GROUND}"])
LETTERS = st.sampled_from(["a", "x", " ", "漢", "é", "─", "█"])
WRITES = st.lists(
    st.tuples(st.integers(0, 11), st.integers(0, 3), st.text(LETTERS, max_size=12), LOOKS),
    max_size=8,
)


def drawn(frame: Frame, writes: list[tuple[int, int, str, str]]) -> Frame:
    rows = [row.copy() for row in frame.rows]
    for x, y, text, code in writes:
        rows[y].put(x, text, code)
    return Frame(frame.width, tuple(rows), erases=frame.erases)


@given(st.lists(WRITES, min_size=1, max_size=5), st.booleans())
def test_a_terminal_that_is_sent_the_differences_shows_the_frame(
    steps: list[list[tuple[int, int, str, str]]], erases: bool
) -> None:
    terminal = pyte.Screen(12, 4)
    stream = pyte.Stream(terminal)
    shown, frame = None, Frame(12, tuple(blank(12) for _ in range(4)), erases=erases)
    for writes in steps:
        frame = drawn(frame, writes)
        stream.feed(difference(shown, frame))
        shown = frame
        for y, row in enumerate(frame.rows):
            cells = [terminal.buffer[y][x] for x in range(12)]
            assert [cell.data for cell in cells] == row.texts
            for cell, text, code in zip(cells, row.texts, row.looks, strict=True):
                ground = "00005f" if GROUND in code else "default"
                ink = "af875f" if INK in code else "default"
                assert not text or (cell.reverse, cell.bg) == ("7" in code.split(";"), ground)
                assert text in ("", " ") or (cell.bold, cell.fg) == ("1" in code.split(";"), ink)


@given(st.text(max_size=40))
def test_no_text_can_be_more_than_text(text: str) -> None:
    row = blank(20)
    row.put(3, text, "")
    sent = difference(None, Frame(20, (row,)))
    left = sent.replace("\x1b[0m\x1b[1;1H\x1b[J", "", 1)
    assert left.count("\x1b") == left.count("\x1b[1;")
    assert all(c.isprintable() or c == "\x1b" for c in left)


def test_equal_frames_cost_nothing_and_one_cell_costs_a_few_bytes() -> None:
    first = Frame(80, tuple(line(f"row {y}", 80, "1") for y in range(24)))
    second = drawn(first, [(5, 3, "7", "1")])
    assert difference(first, drawn(first, [])) == ""
    assert len(difference(first, second)) < 30
    assert len(second.after(first)) < 30 and second.after(first) is second.after(first)


def test_what_is_not_seen_is_not_sent() -> None:
    first = Frame(80, (line("a b", 80, f"1;{INK};{GROUND}"),))
    other = Frame(80, (line("a b", 80, f"1;{INK};{GROUND}"),))
    other.rows[0].put(1, " " * 3 + "c", f"2;{GROUND}")
    sent = difference(first, other)
    assert sent == f"\x1b[{GROUND}m\x1b[1;3H \x1b[2m c\x1b[0m"  # no colour for spaces, and nothing between


def test_what_looks_alike_is_written_together() -> None:
    row = blank(40)
    for x in range(0, 40, 2):
        row.put(x, "▀▀", f"{INK};{GROUND}" if x % 4 else INK)
    sent = difference(Frame(40, (blank(40),)), Frame(40, (row,)))
    assert sent.count(INK) == 1 and sent.count(GROUND) == 1


def test_a_stretch_of_spaces_is_erased_where_the_terminal_fills_it_with_the_ground() -> None:
    first = Frame(80, (line("x" * 60, 80, GROUND),))
    second = Frame(80, (line("x", 80, GROUND),))
    assert difference(first, second) == f"\x1b[{GROUND}m\x1b[1;2H\x1b[59X\x1b[0m"
    assert " " * 59 in difference(first, Frame(80, second.rows, erases=False))
    lined = Frame(80, (line("x", 80, "4"),))
    assert "X" not in difference(first, lined)  # an erased space has no line
    assert kind_of("screen.xterm-256color", 80, 24, {}).erases is False


def test_looks_are_of_the_depth_that_is_asked_whichever_came_first() -> None:
    style = Style.parse("bold #ffd866 on #12141a")
    assert look(style, ColorSystem.TRUECOLOR) == "1;38;2;255;216;102;48;2;18;20;26"
    assert look(style, ColorSystem.EIGHT_BIT).count(";5;") == 2
    assert look(style, ColorSystem.STANDARD) == "1;93;40"
    assert look(style, None) == "1"
    assert look(style, ColorSystem.TRUECOLOR) == "1;38;2;255;216;102;48;2;18;20;26"


def test_a_frame_in_a_smaller_window_is_its_upper_left_part() -> None:
    frame = Frame(4, (line("ab漢", 4), line("cdef", 4)))
    assert frame.cropped(4, 2) is frame and frame.cropped(9, 9) is frame
    assert frame.cropped(3, 1).text() == "ab"


def test_marks_on_a_character_are_bounded() -> None:
    row = Row([" "] * 3, [""] * 3)
    row.put(0, "a" + "\u0301" * 50, "")
    assert len(row.texts[0]) <= 3


def test_of_256_colours_the_nearest_is_taken_so_that_dark_greys_stay_grey() -> None:
    panel, selection, good = (Color.parse(name) for name in ("#1f2330", "#2a3146", "#2fb98a"))
    numbers = [reduced(colour, ColorSystem.EIGHT_BIT).number for colour in (panel, selection, good)]
    assert numbers == [235, 237, 36]
    assert reduced(Color.parse("color(17)"), ColorSystem.EIGHT_BIT).number == 17
    assert reduced(panel, ColorSystem.TRUECOLOR) == panel


def test_of_16_colours_a_hairline_is_not_black_and_dark_letters_are() -> None:
    hairline, dark = Color.parse("#343a4a"), Color.parse("#12141a")
    assert [ink(colour, ColorSystem.STANDARD).number for colour in (hairline, dark)] == [8, 0]
