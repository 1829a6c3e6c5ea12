"""The panes of the train lab that are pictures: the field, the losses, and what is measured layer by layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

import numpy as np

from bptui.drawing import boundary, curves
from bptui.drawing.axes import Frame, grid, gutter, x_axis, y_axis
from bptui.drawing.canvas import Canvas, Ink, cells
from bptui.drawing.diagram import lay_out
from bptui.drawing.histogram import ROWS_AROUND, histogram, layer_bars, reach_of
from bptui.drawing.lines import BOLD, MUTED, SOFT, Piece, length, rule, write
from bptui.drawing.numbers import number, shape_text
from bptui.drawing.scale import Scale, covering
from bptui.drawing.surface import draw_surface, levels_of, scale_strip
from bptui.engine.buffers import Array
from bptui.engine.notation import gradient_symbol, symbol
from bptui.session.experiment import Experiment
from bptui.session.train.doctor import Finding
from bptui.session.train.field import Fit, Levels, Regions
from bptui.session.train.trainer import Snapshot
from bptui.tui.placing import Box
from bptui.tui.preview import in_lines

MEASURES = ("weights", "gradients", "signal", "units", "confusion", "net")
ROOMY = 50  # columns from which a pane has a margin and spells its facts out
NARROW, LOWEST = (13, 10), 2  # columns of a histogram, at least, better the first; and rows of its bars


# -- the field


def field_size(box: Box) -> tuple[int, int]:
    """How many columns and half-rows the field has in a pane of this size."""
    frame = _square(box.width, box.height)
    return frame[2], 2 * frame[3]


def _square(width: int, height: int) -> tuple[int, int, int, int]:
    """Left, top, columns and rows of the map: a square in the middle, under the title, over the legend."""
    roomy = width >= ROOMY
    top = 2 if roomy else 1
    columns, rows = boundary.square(max(2, width - (8 if roomy else 4)), max(1, height - top - (2 if roomy else 1)))
    return (width - columns) // 2, top, columns, rows


def field(snapshot: Snapshot, width: int, height: int) -> Canvas:
    """What the net says over its inputs, with the samples on it."""
    made = snapshot.look.field
    if isinstance(made, Regions):
        return _regions(snapshot, made, width, height)
    if isinstance(made, Fit):
        return _fit(snapshot, made, width, height)
    if isinstance(made, Levels):
        return _levels(snapshot, made, width, height)
    canvas = Canvas(width, height)
    canvas.paste(rule(width, "Field", accent=BOLD), 0, 0)
    shapes = ", ".join(f"{g.name} {shape_text(g.shape)}" for g in snapshot.experiment.net.given if not g.target)
    canvas.put(3, 2, f"inputs: {shapes}", SOFT)
    canvas.put(3, 3, "a map needs one input of 1 or 2 numbers,", MUTED)
    canvas.put(3, 4, "and for classes a cost that reads them", MUTED)
    return canvas


def _regions(snapshot: Snapshot, made: Regions, width: int, height: int) -> Canvas:
    canvas = Canvas(width, height)
    left, top, columns, rows = _square(width, height)
    samples = _samples(snapshot)
    kinds, wrong = made.probabilities.shape[2], int(samples.wrong.sum())
    roomy = width >= ROOMY
    low, high = made.extent[:2]
    axes = f"axes ±{high:.3g}" if low == -high else f"x {number(low, 1)} to {number(high, 1)}"
    held = int(samples.held_out.sum())
    canvas.paste(rule(width, "Decision boundary" if roomy else "Boundary", accent=BOLD), 0, 0)
    if roomy:
        facts = f" {len(samples.points) - held} train, {held} validation"
        whole = f"{facts}, {axes} "
        canvas.put(20, 0, whole if 20 + cells(whole) <= width else f"{facts} ", MUTED)
    if made.probabilities.shape[:2] == (2 * rows, columns):  # else it was made for another size; the next comes soon
        frame = Frame(left, top, columns, rows, Scale(*made.extent[:2]), Scale(*made.extent[2:]))
        boundary.draw_regions(canvas, frame, made.probabilities)
        boundary.draw_samples(canvas, frame, samples)
    word = "class " if columns >= 15 * kinds else ""
    boundary.class_legend(canvas, left, top + rows, kinds, left + columns, word, wrong)
    return canvas


def _samples(snapshot: Snapshot) -> boundary.Samples:
    e, look = snapshot.experiment, snapshot.look
    x, y = _names(e)
    points = np.concatenate([e.samples[x], e.held_out[x]])
    classes = np.concatenate([e.samples[y], e.held_out[y]]).argmax(axis=1)
    predicted = np.concatenate([look.train, look.validation])
    held_out = np.arange(len(points)) >= len(e.samples[x])
    return boundary.Samples(points, classes, held_out, predicted != classes)


def _names(experiment: Experiment) -> tuple[str, str]:
    """The names of the input and of the target."""
    given = experiment.net.given
    return next(g.name for g in given if not g.target), next(g.name for g in given if g.target)


def _fit(snapshot: Snapshot, made: Fit, width: int, height: int) -> Canvas:
    canvas = Canvas(width, height)
    e = snapshot.experiment
    x, y = _names(e)
    points = np.concatenate([np.concatenate([part[x], part[y]], axis=1) for part in (e.samples, e.held_out)])
    inside, outside = made.spreads()
    roomy = width >= ROOMY
    canvas.paste(
        rule(width, "Fitted curve", right=f"ensemble of {len(made.curves)}" if roomy else "", accent=BOLD), 0, 0
    )
    scale = covering(points[:, 1], 0.35)
    rows = max(1, height - 4)
    left = gutter(scale, rows, "y") + 1
    frame = Frame(left, 1, max(1, width - left - 2), rows, Scale(float(made.x[0]), float(made.x[-1])), scale)
    grid(canvas, frame)
    boundary.draw_spread(canvas, frame, made.x, made.curves, made.data)
    boundary.draw_points(canvas, frame, points, np.arange(len(points)) >= len(e.samples[x]))
    boundary.draw_fit(canvas, frame, made.x, made.curves[0])
    y_axis(canvas, frame, "y")
    x_axis(canvas, frame, "x")
    within = " inside the data, " if roomy else " inside, "
    legend: list[Piece] = [("spread ", MUTED), (number(inside), BOLD), (within, MUTED)]
    write(canvas, 2, height - 1, [*legend, (number(outside), BOLD), (" outside", MUTED)])
    return canvas


def _levels(snapshot: Snapshot, made: Levels, width: int, height: int) -> Canvas:
    canvas = Canvas(width, height)
    left, top, columns, rows = _square(width, height)
    canvas.paste(rule(width, "Prediction", accent=BOLD), 0, 0)
    frame = Frame(left, top, columns, rows, Scale(*made.extent[:2]), Scale(*made.extent[2:]))
    if made.values.shape == (2 * rows, columns):
        levels = levels_of(made.values)
        draw_surface(canvas, frame, made.values, levels)
        scale_strip(canvas, left, top + rows, min(26, columns - 14), levels, symbol("ybar"))
        x, _ = _names(snapshot.experiment)
        e = snapshot.experiment
        points = np.concatenate([e.samples[x], e.held_out[x]])
        boundary.draw_points(canvas, frame, points, np.arange(len(points)) >= len(e.samples[x]))
    return canvas


# -- the losses


def losses(snapshot: Snapshot, findings: Sequence[Finding], width: int, height: int) -> Canvas:
    """Training and validation loss over epochs, up to the cursor in full, beyond it faint; accuracies below.

    A thin line stands where a knob was turned, a red one where the doctor found something.
    """
    canvas = Canvas(width, height)
    roomy = width >= ROOMY
    probe, probes = snapshot.look.probe, snapshot.probes
    word = "validation" if roomy else "val"
    legend: list[Piece] = [(" ●", Ink("series1", bold=True)), (f" train {number(probe.train.loss)} ", SOFT)]
    if probe.validation:
        gap = "  " if roomy else ""
        legend += [(f"{gap}○", Ink("series3", bold=True)), (f" {word} {number(probe.validation.loss)} ", SOFT)]
    canvas.paste(rule(width, "Loss", accent=BOLD), 0, 0)
    write(canvas, width - length(legend) - 2, 0, legend)
    indent = 2 if roomy else 1
    goal = probe.epoch + (snapshot.goal - snapshot.step) / snapshot.steps_an_epoch
    scale = Scale(0.0, max(1.0, goal, probes[-1].epoch if probes else 0.0))
    below = 2 if roomy else 1
    plot = curves.curve_plot(
        width - indent - 2,
        max(2, height - 1 - below - (1 if roomy and height > 8 else 0)),
        _curves(snapshot),
        x=scale,
        cursor=probe.epoch,
        findings=[finding.epoch for finding in findings],
        edits=[edit.epoch for edit in snapshot.edits if edit.step],
    )
    canvas.paste(plot, indent, 1 + (1 if roomy and height > 11 else 0))
    facts: list[Piece] = [("epochs   " if roomy else "", MUTED)]
    if probe.train.accuracy is not None:
        facts += [("accuracy ", MUTED), (f"{100 * probe.train.accuracy:.1f} %", BOLD), (" train", MUTED)]
    if probe.validation and probe.validation.accuracy is not None:
        facts += [("  ", MUTED), (f"{100 * probe.validation.accuracy:.1f} %", BOLD), (f" {word}", MUTED)]
    write(canvas, max(indent, min(indent + 5, width - 1 - length(facts))), height - below, facts)
    return canvas


def _curves(snapshot: Snapshot) -> list[curves.Curve]:
    """Both losses up to the cursor, with its own values last; then, faint, what came after."""
    probe = snapshot.look.probe
    done = [p for p in snapshot.probes if p.step < snapshot.step] + [probe]
    later = [p for p in snapshot.probes if p.step > snapshot.step]
    x, ahead = np.array([p.epoch for p in done]), np.array([p.epoch for p in later])
    found = []
    if later:
        found.append(curves.Curve(ahead, np.array([p.train.loss for p in later]), "hairline", "·"))
    if probe.validation:
        scores = np.array([p.validation.loss if p.validation else np.nan for p in done])
        found.append(curves.validation(x, scores))
    found.append(curves.training(x, np.array([p.train.loss for p in done])))
    return found


# -- the measures


def measure(snapshot: Snapshot, which: int, width: int, height: int) -> Canvas:
    """One of `MEASURES`."""
    name = MEASURES[which % len(MEASURES)]
    canvas = Canvas(width, height)
    count = sum(not name.endswith(".bias") for name in snapshot.look.parameters)
    across, down = _grid(count, width - 4, height - 1)
    some = f"the first {across * down} of {count} layers" if across * down < count else ""
    notes = {
        "weights": some or "each to its own scale",
        "gradients": some or "of the whole training set",
        "signal": "layer by layer",
        "net": "as it is wired now",
    }
    title = name.capitalize()
    canvas.paste(rule(width, title, right=notes.get(name, "") if width >= ROOMY or some else "", accent=BOLD), 0, 0)
    drawn: dict[str, Callable[[int, int], Canvas]] = {
        "weights": lambda w, h: _histograms(snapshot.look.parameters, symbol, w, h),
        "gradients": lambda w, h: _histograms(snapshot.look.gradients, gradient_symbol, w, h),
        "signal": lambda w, h: _signal(snapshot, w, h),
        "units": lambda w, h: _units(snapshot, w, h),
        "confusion": lambda w, h: _confusion(snapshot, w, h),
        "net": lambda w, h: _net(snapshot.experiment, w, h),
    }
    canvas.paste(drawn[name](width - 4, height - 1), 2, 1)
    return canvas


def _histograms(arrays: Mapping[str, Array], called: Callable[[str], str], width: int, height: int) -> Canvas:
    """The weights' distributions side by side, and below each other; the last layers go where the room ends."""
    canvas = Canvas(width, height)
    weights = {name: values for name, values in arrays.items() if not name.endswith(".bias")}
    across, down = _grid(len(weights), width, height)
    each, rows = (width - 2 * (across - 1)) // across, max(1, height // down - ROWS_AROUND)
    for k, (name, values) in enumerate(list(weights.items())[: across * down]):
        drawn = histogram(each, rows, values.ravel(), reach_of(values), called(name), shape_text(values.shape))
        canvas.paste(drawn, k % across * (each + 2), k // across * (rows + ROWS_AROUND))
    return canvas


def _grid(count: int, width: int, height: int) -> tuple[int, int]:
    """How many of so many histograms stand side by side, and below each other."""
    for narrowest in NARROW:
        across = max(1, min(count, (width + 2) // (narrowest + 2)))
        down = max(1, min(-(-count // across), height // (LOWEST + ROWS_AROUND)))
        if across * down >= count:
            break
    return across, down


def _signal(snapshot: Snapshot, width: int, height: int) -> Canvas:
    """E[z²] behind each non-linearity and the gradient's norm at each weight: a layer's signal, there and back."""
    probe = snapshot.look.probe
    canvas = Canvas(width, height)
    half = (width - 3) // 2
    forward = [(u.name, u.mean_square) for u in probe.units]
    backward = [(gradient_symbol(w.name), w.gradient) for w in probe.weights if not w.name.endswith(".bias")]
    for k, (title, items) in enumerate((("E[z²], forward", forward), ("‖gradient‖, backward", backward))):
        canvas.put(k * (half + 3), 0, title, MUTED)
        canvas.paste(layer_bars(half, items[: max(0, height - 1)]), k * (half + 3), 1)
    return canvas


def _units(snapshot: Snapshot, width: int, height: int) -> Canvas:
    """Dead and saturated units of each non-linearity, over the whole training set."""
    canvas = Canvas(width, height)
    canvas.put(14, 0, "dead", MUTED)
    canvas.put(24, 0, "flat", MUTED)
    if width >= 40:
        words = ("slope under 4 % of the steepest", "slope under 4 %", "")
        canvas.put(32, 0, next(word for word in words if cells(word) <= width - 32), MUTED)
    for y, units in enumerate(snapshot.look.probe.units[: height - 1], start=1):
        canvas.put(0, y, units.name, SOFT)
        dead = f"{len(units.dead)} of {units.size}"
        canvas.put(14, y, dead, Ink("bad", bold=True) if units.dead else SOFT)
        canvas.put(24, y, f"{100 * units.saturated:.0f} %", BOLD)
        if width >= 40:
            room = width - 32
            canvas.put(32, y, "━" * round(units.saturated * room), Ink("series2"))
    return canvas


def _confusion(snapshot: Snapshot, width: int, height: int) -> Canvas:
    """True against predicted classes, of the training and of the validation samples."""
    canvas = Canvas(width, height)
    e, look = snapshot.experiment, snapshot.look
    if not len(look.train):
        canvas.put(0, 0, "no classes here: a regression has no confusion matrix", MUTED)
        return canvas
    _, y = _names(e)
    counted = []
    for word, samples, predicted in (("train", e.samples, look.train), ("validation", e.held_out, look.validation)):
        if len(predicted):
            counts = np.zeros((samples[y].shape[1],) * 2, int)
            np.add.at(counts, (samples[y].argmax(axis=1), predicted), 1)
            counted.append((word, counts))
    fitting = ((shown, gap) for shown in (counted, counted[-1:]) for gap in (2, 1))  # the last one is what counts
    for shown, gap in fitting:
        drawn = [boundary.confusion(counts, gap) for _, counts in shown]
        apart = min(4, (width - sum(each.width for each in drawn)) // max(1, len(drawn) - 1))
        if apart > 0:
            break
    x = 0
    for (word, _), each in zip(shown, drawn, strict=True):
        canvas.put(x, 0, word, BOLD)
        canvas.paste(each, x, 1)
        x += each.width + apart
    return canvas


@lru_cache(maxsize=8)
def _net(experiment: Experiment, width: int, height: int) -> Canvas:
    """The forward boxes as they are wired now: with dropout's layers, and the penalties that add to the loss."""
    return in_lines(lay_out(experiment.graph, width, height), width, height)
