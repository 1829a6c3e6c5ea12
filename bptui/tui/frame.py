"""The rows round the panes: the title bar, the tabs, the line between two panes."""

from __future__ import annotations

from bptui.drawing.canvas import Canvas, Ink, Region
from bptui.drawing.lines import BOLD, MUTED, NOW, SOFT, TEXT, Piece
from bptui.drawing.numbers import brief
from bptui.drawing.timeline import BANDS
from bptui.session.moment import Moment
from bptui.session.session import Session
from bptui.sources.presets import outline
from bptui.tui.bars import bar
from bptui.tui.grid import Size
from bptui.tui.view import PANES


def title(session: Session, moment: Moment, size: Size, *, shapes: bool = True) -> Canvas:
    """The net, what of its run is in view, and the cost; `shapes` says whether the sizes of its layers are told."""
    experiment, clock, graph = session.experiment, moment.record.clock, moment.graph
    if moment.batch == 1:
        sample = f"sample {int(moment.record.indices[0]) + 1} of {experiment.count}"
    else:
        sample = f"sample {moment.sample + 1} of {moment.batch}"
    left: list[Piece] = [("" if size.part else "bptui   ", BOLD), (graph.name, BOLD)]
    if size.cramped:
        left = [("below 80×24   ", Ink("bad")), (graph.name, BOLD)]
    left += [(" " + outline(experiment) if shapes else "", MUTED), ("   " + sample, MUTED)]
    left += [(f"   epoch {clock.epoch + 1}", MUTED), (f"   step {clock.step + 1}", MUTED)]
    if session.address.branch:
        left.append((f"   branch {session.address.branch}", SOFT))
    cost = "—" if moment.loss is None else brief(moment.loss, 4)
    right: list[Piece] = [
        (BANDS[moment.event.phase] + " " if size.width >= 60 else "", TEXT),
        (str(moment.cursor + 1), NOW),
        (f" of {len(graph.events)}", MUTED),
        ("      cost " if size.width >= 100 else "   cost ", MUTED),
        (cost, BOLD),
    ]
    return bar(left, right, size.width)


def divider(height: int) -> Canvas:
    canvas = Canvas(1, height)
    for y in range(height):
        canvas.put(0, y, "│", Ink("hairline"))
    return canvas


def tabs(pane: str, width: int, *, source: bool = False) -> Canvas:
    """The names of the panes; the one in view on the page's ground. Where few fit, the one in view and its number.

    A net that was read from a `source` has that in place of the program.
    """
    canvas = Canvas(width, 1)
    canvas.fill(0, 0, width, 1, "panel")
    x = 1
    wide = sum(len(name) + 4 for name in PANES) <= width
    for k, name in enumerate(PANES):
        here = name == pane
        label = "source" if source and name == "program" else name
        text = f" {k + 1} {label} " if wide or here else f" {k + 1}"
        if x + len(text) > width:
            break
        ink = Ink("text", "background", bold=True) if here else MUTED
        canvas.put(x, 0, text, ink)
        canvas.regions.append(Region(x, 0, len(text), 1, f"pane:{name}"))
        x += len(text)
    return canvas
