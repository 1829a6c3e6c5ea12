"""The diagram as Graphviz text, as SVG, and in a handout."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nets import LABS
from test_names import named, taken

from bptui.drawing.canvas import Canvas
from bptui.drawing.colours import COLOURS, NAMES
from bptui.drawing.parts import sketch
from bptui.export.dot import dot
from bptui.export.handout import handout
from bptui.export.numpy_program import numpy_program
from bptui.export.picture import diagram
from bptui.export.step import ExportError
from bptui.export.torch_program import torch_program
from bptui.sources.presets import PRESETS
from bptui.sources.pytorch import read
from bptui.sources.worked import worked_trace
from bptui.tui.svg import as_svg

TOKEN = re.compile(r'\s+|"(?:[^"\\]|\\.)*"|->|[\w.]+|#|[{}\[\]=;,]')


def tokens(text: str) -> Iterator[str]:
    """The words of a DOT text. Fails where a string is left open."""
    place = 0
    while place < len(text):
        found = TOKEN.match(text, place)
        assert found, text[place : place + 60]
        place = found.end()
        if found[0].strip():
            yield found[0]


@pytest.mark.parametrize("name", [*PRESETS, *LABS])
def test_dot_has_every_part_and_every_wire(name: str) -> None:
    graph = (PRESETS | LABS)[name].graph
    drawn, words = sketch(graph), list(tokens("".join(dot(graph))))
    assert {key for key in drawn.parts if f'"{key}"' not in words} == set()
    assert words.count("->") == len(drawn.links) + len(drawn.twins) + len(drawn.attached)
    assert words.count("dir") == len(drawn.twins)


def test_dot_looks_as_in_the_lecture() -> None:
    lines = "".join(dot(PRESETS["two-layer"].graph)).splitlines()
    colours = COLOURS["light"]
    cost = next(line for line in lines if line.startswith('  "node:cost" ['))
    assert "shape=box" in cost and "rounded" not in cost and f'color="{colours["cost"]}"' in cost
    linear = next(line for line in lines if line.startswith('  "node:m0" ['))
    assert 'label="m0 Linear\\nW₀x+b₀"' in linear and "rounded" in linear and colours["function"] in linear
    assert any(line.startswith('  "var:s1" [label="s₁\\n[3]", shape=ellipse') for line in lines)
    assert any(line.startswith('  "grad:s1" [label="ds₁\\n[3]"') and colours["gradient"] in line for line in lines)


names = st.text(st.characters(exclude_categories=["Cs", "Zl", "Zp", "Cc"]), max_size=8)
odd = st.one_of(names, st.sampled_from(['"', "\\", '\\"', "\\N", "&lt;", "<b>", '"];}', "a->b", "//", "/*", "#", "{"]))


@given(st.lists(odd.filter(lambda name: "'" not in name), min_size=9, max_size=9, unique=True), odd)
def test_names_break_no_dot(found: list[str], title: str) -> None:
    graph = taken(found, title, title).graph
    plain = named(["x", "s", "z", "u", "y", "m", "h", "d", "a"], "plain", "plain")
    shape = [word if not word.startswith('"') else '"' for word in tokens("".join(dot(graph)))]
    assert shape == [word if not word.startswith('"') else '"' for word in tokens("".join(dot(plain.graph)))]


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
@pytest.mark.parametrize("title", ["skip", 'a "quoted\\ <name>'])
def test_graphviz_draws_it(title: str) -> None:
    text = "".join(dot(named(['"', "\\", "\\N", "&", "<", "m{", "]", "#", "//"], title, "").graph))
    done = subprocess.run(["dot", "-Tplain"], input=text, capture_output=True, text=True, encoding="utf-8", timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def cells_of(svg: str) -> list[str]:
    """The rows of text in an SVG that Rich made, without blanks."""
    rows: dict[str, list[tuple[float, str]]] = {}
    for text in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text"):
        clip = re.search(r"-line-(\d+)\)", text.get("clip-path", ""))
        if clip:
            rows.setdefault(clip[1], []).append((float(text.get("x", 0)), text.text or ""))
    return [
        re.sub(r"\s", "", "".join(text for _, text in sorted(row)))
        for _, row in sorted(rows.items(), key=lambda r: int(r[0]))
    ]


@pytest.mark.parametrize("theme", NAMES)
@pytest.mark.parametrize("name", ["two-layer", "skip", "average"])
def test_the_svg_is_the_diagram(name: str, theme: str) -> None:
    canvas: Canvas = diagram(PRESETS[name].changed(l2=0.1), 160, 60)
    svg = as_svg(canvas, theme, name)
    assert cells_of(svg) == [re.sub(r"\s", "", row) for row in canvas.text().splitlines() if row.strip()]
    for role in ("background", "function", "gradient", "cost"):
        assert COLOURS[theme][role] in svg


def test_the_handout_is_the_worked_trace_with_the_diagram() -> None:
    experiment = PRESETS["two-layer"]
    text = "".join(handout(experiment))
    trace = "".join(worked_trace(experiment))
    fenced = re.search(r"\n## Diagram\n.*?\n```text\n(.*?)\n```\n", text, re.DOTALL)
    assert fenced is not None
    assert fenced[1] == diagram(experiment, 120, 60).text()
    assert text.replace(fenced[0], "") == trace
    assert "W₀ᵀ ds₁" in fenced[1]


def test_a_name_does_not_end_the_handouts_fence() -> None:
    text = "".join(handout(named(["x", "```", "z", "u", "y", "m", "h", "d", "a"], "fenced", "")))
    opened = re.search(r"^(`{4,})text$", text, re.MULTILINE)
    assert opened is not None
    assert text.count(f"\n{opened[1]}\n") == 1


def test_a_program_that_stops_is_drawn_and_not_written() -> None:
    experiment = read(str(Path(__file__).parents[1] / "sources" / "pytorch" / "corpus" / "halts_cat.py")).experiment
    assert '"node:cat"' in tokens("".join(dot(experiment.graph)))
    assert "stops here" in "".join(handout(experiment))
    for program in (torch_program, numpy_program):
        with pytest.raises(ExportError, match="the program stops at cat: Dimension out of range"):
            program(experiment)
