"""The panes of the descend lab that are pictures: the surface with its paths, and the losses."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from bptui.drawing import curves
from bptui.drawing.axes import Frame, draw_series, mark, x_axis, y_axis
from bptui.drawing.canvas import Canvas, Ink, Region, cells
from bptui.drawing.lines import BOLD, MUTED, Piece, length, rule, wrap, write
from bptui.drawing.markers import FEW, MARKS, MINIMUM, PLAIN, START, Trail, draw_arrow, draw_arrows, draw_trails
from bptui.drawing.numbers import number
from bptui.drawing.plot import Series
from bptui.drawing.scale import Scale
from bptui.drawing.surface import draw_surface, levels_of, scale_strip
from bptui.engine.buffers import Array
from bptui.session.descend.lab import Descent
from bptui.session.descend.pulls import Update
from bptui.session.descend.remarks import Remark
from bptui.session.descend.surface import Surface
from bptui.tui.descend.look import ROOMY, Look
from bptui.tui.descend.point import Crossing

LINED = 200  # points of a path that lines join; the places of a longer one are dots, each of them
LAST = 20  # points that lines join at its head
REACH = 0.2  # of the view's width: how long the longest arrow is
TANGENT, GRADIENT, STEP = "cursor", "gradient", "series2"
RISE, FALL = 1e3, 1e6  # times the loss at the start: what is higher, or lower by so much, lies on the plot's edge


def surface(
    descent: Descent,
    look: Look,
    ground: Surface | None,
    update: Update | None,
    crossing: Crossing | None,
    letters: tuple[str, ...],
    remarks: Sequence[Remark],
    width: int,
    height: int,
) -> Canvas:
    """The surface with all paths up to the instant; the chosen racer's pulls, or the point in orthogonality."""
    canvas = Canvas(width, height)
    frame = look.frame(width, height, letters, ground)
    canvas.paste(_head(descent, letters, width), 0, 0)
    if ground is None:
        canvas.put(frame.left, frame.top, "evaluating the surface", MUTED)
        return canvas
    if len(ground.axes) == 1:
        _line(canvas, frame, descent, ground)
    else:
        _map(canvas, frame, descent, look, ground, update, crossing)
    upright = letters[1] if len(letters) > 1 else "L"
    y_axis(canvas, frame, upright if cells(upright) < frame.left else "")
    x_axis(canvas, frame, letters[0])
    row = frame.top + frame.height + 1
    _legend(canvas, frame, descent, ground, row)
    _remarks(canvas, remarks, look.said, row + 1, height - row - 1, width)
    canvas.regions.append(Region(frame.left, frame.top, frame.width, frame.height, "surface"))
    return canvas


def _head(descent: Descent, letters: tuple[str, ...], width: int) -> Canvas:
    """What the surface is a function of, and which learning rates it bears."""
    role = MARKS[descent.chosen][1]
    space = f"L(S, {', '.join(letters)})"
    if not descent.plane.whole:
        space = f"slice of {descent.objective.size} dimensions through {role}"
    found = descent.spectrum()
    bound = ""
    if found is not None and math.isfinite(found.largest_rate):
        bound = f"2/λmax = {found.largest_rate:.3g}"
    there = bound if descent.quadratic or not (bound and descent.plane.whole) else f"{bound} at {role}"
    wide = "  ·  ".join(filter(None, (space, there)))
    tight = bound if descent.plane.whole else f"slice through {role}"
    if cells(letters[-1]) > 2:  # too long for the axis, where it is tight
        tight = f"{letters[-1]} over {letters[0]}"
    title = "Loss surface"
    right = next((text for text in (wide, tight) if cells(text) + cells(title) + 9 <= width), "")
    return rule(width, title, right=right, accent=BOLD)


def _map(
    canvas: Canvas,
    frame: Frame,
    descent: Descent,
    look: Look,
    ground: Surface,
    update: Update | None,
    crossing: Crossing | None,
) -> None:
    losses = ground.losses[::-1]
    if losses.shape == (2 * frame.height, frame.width):  # else it was made for another size; the next comes soon
        draw_surface(canvas, frame, losses, levels_of(losses))
    if crossing is not None:
        _crossing(canvas, frame, crossing)
        return
    mark(canvas, frame, _minimum(descent), MINIMUM, PLAIN)
    moved = any((descent.positions(k)[-1] != path.positions[0]).any() for k, path in enumerate(descent.paths))
    _trails(canvas, frame, [descent.positions(k) for k in range(len(descent.paths))])
    if moved:
        mark(canvas, frame, descent.paths[0].positions[0], START, Ink("series1", bold=True))
    if look.arrows and update is not None and update.number < descent.place(descent.chosen) + 1:
        _pulls(canvas, frame, descent, update)


def _minimum(descent: Descent) -> Array:
    """Where the surface is lowest, as far as that is known; else not finite."""
    found = descent.spectrum() if descent.quadratic else None
    if found is None or found.minimum is None:
        return np.full(2, np.nan)
    return descent.plane.project(found.minimum)


def _trails(canvas: Canvas, frame: Frame, paths: Sequence[Array]) -> None:
    """Paths up to now. Of long ones, lines join the first and the last places; all others are dots."""
    shown = []
    for k, points in enumerate(paths):
        apart = _apart(frame, points)
        if len(apart) > LINED:
            ink = Ink(MARKS[k][0])
            x, y = apart.T
            first, last = slice(LINED - LAST), slice(-LAST, None)
            parts = [Series(x, y, False), Series(x[first], y[first]), Series(x[last], y[last])]
            draw_series(canvas, frame, parts, [ink] * len(parts))
            apart = points[-1:]
        shown.append(Trail(k, apart))
    draw_trails(canvas, frame, shown)


def _apart(frame: Frame, points: Array) -> Array:
    """Points of a path without those that fall on the dot of the one before; a few steps stay as they are."""
    if len(points) <= FEW + 1:
        return points
    size = np.array([2 * frame.width, 4 * frame.height])
    shares = np.stack([frame.x.share(points[:, 0]), frame.y.share(points[:, 1])], axis=-1)
    dots = np.nan_to_num(np.clip(shares, -9.0, 9.0) * size, nan=-1e6).astype(int)
    moved = (dots[1:] != dots[:-1]).any(axis=1)
    moved[-1] = True
    kept: Array = points[np.concatenate([[True], moved])]
    return kept


def _pulls(canvas: Canvas, frame: Frame, descent: Descent, update: Update) -> None:
    """An arrow for each sample's pull from where the update began, and one for their mean; all to one scale."""
    pulls = np.vstack([update.pulls, update.gradient])
    sizes = np.linalg.norm(pulls, axis=1)
    if not np.isfinite(sizes).all() or not sizes.any():
        return
    unit = REACH * (frame.x.high - frame.x.low) / float(sizes.max())
    draw_arrows(canvas, frame, update.before, update.before - unit * update.pulls)
    role, marker = MARKS[descent.chosen]
    draw_arrow(canvas, frame, update.before, update.before - unit * update.gradient, Ink(role, bold=True))
    mark(canvas, frame, descent.positions(descent.chosen)[-1], marker, Ink(role, bold=True))


def _crossing(canvas: Canvas, frame: Frame, crossing: Crossing) -> None:
    """The contour through the point, its tangent, the gradient at right angles, and the step of η."""
    here, far = crossing.position, REACH * (frame.x.high - frame.x.low)
    draw_series(canvas, frame, [Series(*crossing.contour.T)], [Ink("series1")])
    if crossing.tangent.direction is not None:
        ends = np.array([here - far * crossing.tangent.direction, here + far * crossing.tangent.direction])
        draw_series(canvas, frame, [Series(*ends.T)], [Ink(TANGENT)])
    for vector, role in ((crossing.gradient, GRADIENT), (crossing.step.step, STEP)):
        size = float(np.linalg.norm(vector))
        if math.isfinite(size) and size > 0.0:
            draw_arrow(canvas, frame, here, here + far * vector / size, Ink(role, bold=True))
    mark(canvas, frame, here, "●", Ink("cursor", bold=True))


def _line(canvas: Canvas, frame: Frame, descent: Descent, ground: Surface) -> None:
    """The curve J(θ) of one parameter, the racers on it, and the tangent at the chosen one."""
    chosen = descent.place(descent.chosen)
    theta = float(descent.path.positions[chosen, 0])
    value, gradient = descent.objective.gradient(descent.vector())
    slope = float(descent.plane.partials(gradient)[0])
    trails = [
        Trail(k, np.column_stack([descent.positions(k)[:, 0], path.losses[: descent.place(k) + 1]])[-FEW:])
        for k, path in enumerate(descent.paths)
    ]
    curves.draw_loss_line(canvas, frame, ground.axes[0], ground.losses, at=(theta, value, slope), trails=trails)


def _legend(canvas: Canvas, frame: Frame, descent: Descent, ground: Surface, row: int) -> None:
    """The bands' scale, and what the two single markers mean."""
    if len(ground.axes) == 1:
        _, gradient = descent.objective.gradient(descent.vector())
        slope = number(float(descent.plane.partials(gradient)[0]))
        write(canvas, frame.left, row, [("tangent ", Ink(TANGENT, bold=True)), ("slope dL/dw ", MUTED), (slope, BOLD)])
        return
    left = 2 if canvas.width >= ROOMY else 1
    end = scale_strip(canvas, left, row, 26 if canvas.width >= ROOMY else 13, levels_of(ground.losses))
    pieces: list[Piece] = [(f"{START} ", PLAIN), ("start", MUTED)]
    found = descent.spectrum() if descent.quadratic else None
    if found is not None and found.minimum_loss is not None:
        pieces = [(f"{MINIMUM} ", PLAIN), (f"minimum {number(found.minimum_loss)}   ", MUTED), *pieces]
    if canvas.width - length(pieces) - 1 < end + 2:
        pieces = [(text.replace("minimum ", "").replace("   ", "  "), ink) for text, ink in pieces]
    write(canvas, max(end + 2, canvas.width - length(pieces) - 1), row, pieces)


def _remarks(canvas: Canvas, remarks: Sequence[Remark], said: str, top: int, rows: int, width: int) -> None:
    """What is remarkable, as much as there is room for; what a key had to say goes first."""
    x = 2 if width >= ROOMY else 1
    lines: list[list[Piece]] = [[(line, BOLD)] for line in wrap(said, width - 2 * x)[:rows]]
    for text in dict.fromkeys(remark.text for remark in remarks):
        looks = [MARKS[remark.racer] for remark in remarks if remark.text == text]
        folded = wrap(text, width - 2 * x - len(looks) - 1)
        if lines and len(lines) + len(folded) > rows + 1:
            continue
        heads: list[Piece] = [(marker, Ink(role, bold=True)) for role, marker in looks]
        for k, line in enumerate(folded):
            lines.append([*(heads if k == 0 else [(" " * len(heads), MUTED)]), (f" {line}", BOLD)])
    if len(lines) > rows:  # they take the legend's row
        top, rows = top - 1, rows + 1
        canvas.paste(Canvas(width, 1), 0, top)
    for k, pieces in enumerate(lines[:rows]):
        write(canvas, x, top + k, pieces)


# -- the losses


def losses(descent: Descent, width: int, height: int) -> Canvas:
    """J of every racer up to the instant, against what it is counted by."""
    canvas = Canvas(width, height)
    by = "gradient evaluations" if descent.counting == "evaluations" else "updates"
    roomy = width >= 40
    canvas.paste(rule(width, f"Loss against {by}" if roomy else f"Loss, by {by}", accent=BOLD), 0, 0)
    beginning = max(1e-300, *(abs(float(path.losses[0])) for path in descent.paths))
    log = all(float(np.nanmin(path.losses)) >= 0.0 for path in descent.paths)
    low, high = (beginning / FALL, beginning * RISE) if log else (-2.0 * beginning, 2.0 * beginning)
    least = min(float(np.nanmin(path.losses)) for path in descent.paths)
    below = ("what is still lower lies on the edge", "lower: on the edge") if least < low else ()
    note = next((note for note in (*_notes(descent), *below) if cells(note) <= width - 4), "")
    rows = max(1, height - 2 - bool(note) - (1 if roomy and height > 10 else 0))
    y = curves.upwards([np.clip(path.losses, low, high) for path in descent.paths], rows, log=log)
    drawn: list[curves.Curve] = []
    for k, path in enumerate(descent.paths):
        x = path.evaluations if descent.counting == "evaluations" else np.arange(path.updates + 1)
        here = slice(descent.place(k) + 1)
        seen = in_sight(path.losses[here], y.low, y.high)
        drawn.append(curves.racing(k, *_stairs(x[here], seen, descent.at)))
    plot = curves.curve_plot(
        width - 4,
        rows + 1,
        drawn,
        x=Scale(0.0, float(max(1, descent.horizon))),
        log=log,
        marks=[descent.horizon * k // 4 for k in range(5)],
        cursor=descent.at,
        y=y,
    )
    canvas.paste(plot, 2, height - bool(note) - plot.height)
    canvas.put(7 if cells(note) + 9 <= width else 2, height - 1, note, MUTED)
    return canvas


def in_sight(losses: Array, low: float, high: float) -> Array:
    """Losses beyond what is shown lie on its edge where a curve leaves, comes back or ends, and are gaps between."""
    clipped = np.clip(losses, low, high)
    beyond = losses != clipped
    inner = beyond[:-2] & beyond[1:-1] & beyond[2:] & (clipped[:-2] == clipped[2:])
    clipped[1:-1][inner] = np.nan
    return np.asarray(clipped)


def _stairs(x: Array, y: Array, at: int) -> tuple[Array, Array]:
    """A curve that keeps its value until the next update, up to the instant."""
    if len(x) > LINED:
        return x, y
    x, y = curves.stairs(x, y)
    return np.append(x, max(at, x[-1])), np.append(y, y[-1])


def _notes(descent: Descent) -> list[str]:
    """What an update costs; once it is known, what the same loss costs the full batch and the smallest one.

    The longest wording first.
    """
    count, found = descent.experiment.count, descent.spending()
    if count == 1:
        return []
    if found is None:
        return [f"a full-batch step costs {count:,} of these"] if descent.counting == "evaluations" else []
    full, small, spent = found
    one, other = (f"{MARKS[k][1]} {cost:,}" for k, cost in zip((full, small), spent.evaluations, strict=True))
    down, ratio = f"L ≤ {spent.loss:.3g}", f"{spent.ratio:.3g} ×"
    long = f"to {down}: {one} evaluations, {other}, {ratio} as many"
    return [long, *(f"{start}{one} evals, {other}, {ratio}" for start in (f"{down}: ", ""))]
