"""The panes of the descend lab that are words and numbers: title, race, step, orthogonality, tabs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bptui.drawing.canvas import Canvas, Ink, Region, cells
from bptui.drawing.lines import BOLD, MUTED, NOW, SOFT, TEXT, Piece, length, rule, wrap, write
from bptui.drawing.markers import MARKS, arrow
from bptui.drawing.numbers import MINUS, fitting, number, signed
from bptui.engine.buffers import Array
from bptui.engine.notation import numeral
from bptui.engine.optimisers import SGD
from bptui.session.descend.lab import Descent
from bptui.session.descend.lineup import called
from bptui.session.descend.pulls import Update
from bptui.session.descend.remarks import above_bound
from bptui.tui.bars import bar
from bptui.tui.descend.look import TABS, Tab
from bptui.tui.descend.pictures import GRADIENT, STEP, TANGENT
from bptui.tui.descend.point import RATES, Crossing, Point

BAD = Ink("bad", bold=True)
WIDE = 40  # columns from which a right pane has a margin of two
ROOM = 8  # columns of a partial derivative
LABEL = 10  # columns of what a vector is called


def title(descent: Descent, width: int, *, playing: bool) -> Canvas:
    """What is minimised, and whether the race is playing."""
    e = descent.experiment
    gap = "  ·  " if width >= 100 else " · "
    right: list[Piece] = [(f"seed {e.seed}  ", MUTED), ("playing" if playing else "paused", NOW)]
    left: list[Piece] = [("bptui  ", BOLD), ("Descend", NOW)]
    count = f"{e.count:,} samples" if e.count > 1 else ""
    for fact in (e.net.name, count, *_abouts(e.net.description)):
        if fact and length([*left, (gap + fact, SOFT), *right]) + 8 <= width:
            left += [(gap, MUTED), (fact, SOFT)]
            if fact == e.net.description:
                break
    return bar(left, right, width)


def _abouts(description: str) -> tuple[str, ...]:
    """The whole of a description, or what stands before its colon."""
    return description, description.partition(":")[0] if ":" in description else ""


def race(descent: Descent, width: int, height: int) -> Canvas:
    """All racers: their learning rate at the instant, how many updates they have made, and the loss."""
    canvas = Canvas(width, height)
    roomy = width >= WIDE
    unit = "updates" if descent.counting == "updates" else "gradient evaluations" if roomy else "evals"
    at = f"at {descent.at:,} {unit}"
    canvas.paste(rule(width, "Race", right=at, accent=BOLD), 0, 0)
    margin = 2 if roomy else 1
    top = 2 if roomy else 1
    rows = [_standing(descent, k, roomy=roomy) for k in range(len(descent.racers))]
    ends = _ends([row[1:] for row in rows], width - margin, 7 if roomy else 5)
    for end, text, ink in zip(ends, ("η", "updates" if roomy else "upd.", "L"), (SOFT, MUTED, SOFT), strict=True):
        canvas.put(end - cells(text), top, text, ink)
    for k, (name, *texts) in enumerate(rows[: height - top - 1]):
        y = top + 1 + k
        role, marker = MARKS[k]
        if k == descent.chosen:
            canvas.fill(margin - 1, y, width - 2 * (margin - 1), 1, "selection")
        canvas.put(margin, y, marker, Ink(role, bold=True))
        canvas.put(margin + 2, y, name, BOLD if k == descent.chosen else TEXT)
        inks = BAD if above_bound(descent, k) else SOFT, SOFT, BOLD
        for end, text, ink in zip(ends, texts, inks, strict=True):
            canvas.put(end - cells(text), y, text, ink)
        canvas.regions.append(Region(0, y, width, 1, f"racer:{k}"))
    return canvas


def _standing(descent: Descent, number: int, *, roomy: bool) -> tuple[str, str, str, str]:
    """A racer's name, its learning rate at the instant, its updates and its loss."""
    e, place = descent.racers[number], descent.place(number)
    name = called(e) if roomy else called(e).replace(" sample", "").replace(" single", " 1")
    rate = e.lr * e.schedule.factor(max(0, place - 1))
    updates = f"{place:,}" if roomy or place < 10_000 else f"{place / 1000:.0f}k"
    return name, numeral(rate, 2), updates, fitting(float(descent.paths[number].losses[place]), 7 if roomy else 5)


def _ends(rows: Sequence[Sequence[str]], right: int, least: int) -> list[int]:
    """Where columns end that are as wide as their texts, but at least so wide, with a blank between; from the right."""
    ends = [right]
    for column in list(zip(*rows, strict=True))[:0:-1]:
        ends.insert(0, ends[0] - max(least, *map(cells, column)) - 1)
    return ends


def tabs(shown: Tab, pointing: bool, width: int) -> Canvas:
    """The names of the panes that share a place; the one in view on the ground of the panes."""
    canvas = Canvas(width, 1)
    canvas.fill(0, 0, width, 1, "panel")
    x = 0
    for name in TABS:
        here = name == shown
        text = f" {'point' if name == 'step' and pointing else name} "
        canvas.put(x, 0, text, Ink("text", "surface", bold=True) if here else MUTED)
        canvas.regions.append(Region(x, 0, len(text), 1, f"tab:{name}"))
        x += len(text) + 1
    return canvas


# -- this step


def step(descent: Descent, update: Update | None, letters: Sequence[str], width: int, height: int) -> Canvas:
    """The chosen racer's update that led to the instant: samples, pulls, mean, step, and the loss before and after."""
    canvas = Canvas(width, height)
    role, marker = MARKS[descent.chosen]
    racer = descent.racers[descent.chosen]
    roomy = width >= WIDE
    to_come = descent.place(descent.chosen) == 0
    note = f"{called(racer)}, update {descent.update_number + 1:,}"
    canvas.paste(rule(width, "This step" if roomy else "Step", accent=BOLD), 0, 0)
    notes = [note + " to come"] * to_come + [note, note.rpartition(", ")[2]]
    if shown_note := next((text for text in notes if cells(text) + 17 <= width), ""):
        pieces = [(f" {marker}", Ink(role, bold=True)), (f" {shown_note} ", MUTED)]
        write(canvas, width - cells(shown_note) - 5, 0, pieces)
    x = 2 if roomy else 1
    if update is None:
        text = "replaying up to here" if descent.place(descent.chosen) else "not run yet"
        canvas.put(x, 1, text, MUTED)
        return canvas
    write(canvas, x, 1, [("at ", MUTED), *_position(letters, update.before)])
    table = _Table(update, letters, width - 2 * x)
    y = 2 + (1 if height >= 13 else 0)
    tail = 6 if height >= 13 else 5
    room = max(1, height - y - tail)
    canvas.paste(table.head(), x, y)
    shown = len(update.pulls) if len(update.indices) <= room else min(len(update.pulls), room - 1)
    for k in range(shown):
        canvas.paste(table.sample(k), x, y + 1 + k)
    y += 1 + shown
    if len(update.indices) > shown:
        canvas.put(x, y, f"… {len(update.indices) - shown:,} more", MUTED)
        y += 1
    canvas.put(x, y, "─" * (width - 2 * x), Ink("hairline"))
    mean = "mean" if update.share != 1.0 or len(update.indices) == 1 else "sum"
    canvas.paste(table.row(mean, BOLD, update.gradient, bold=True, pull=True), x, y + 1)
    plain = type(racer.optimiser) is SGD
    brief, label = (f"{MINUS}η · {mean}",) * 2 if plain else (racer.optimiser.kind, f"{racer.optimiser.kind}'s step")
    label = f"step {brief}" if plain else label
    canvas.paste(table.row(label if cells(label) < table.ends[0] - ROOM else brief, SOFT, update.step), x, y + 2)
    y = min(height - 1, y + 4) if height >= 13 else height - 1
    before, after = (number(loss) for loss in update.losses)
    loss: list[Piece] = [("L ", SOFT), (before, TEXT), (" → ", MUTED), (after, BOLD)]
    if not roomy:
        write(canvas, x, y, loss)
        return canvas
    now: list[Piece] = [("then " if to_come else "now ", MUTED), *_position(letters, update.after, bold=True)]
    write(canvas, x, y - (x + length(now) + length(loss) + 2 > width), now)
    write(canvas, width - 2 - length(loss), y, loss)
    return canvas


def _position(letters: Sequence[str], values: Array, *, bold: bool = False) -> list[Piece]:
    pieces: list[Piece] = []
    for letter, value in zip(letters, values, strict=True):
        pieces += [(f"{letter} ", MUTED), (f"{number(float(value))}  ", BOLD if bold else TEXT)]
    return pieces


class _Table:
    """Rows of one update: a label, the residual, a partial derivative for each axis, the pull."""

    def __init__(self, update: Update, letters: Sequence[str], width: int) -> None:
        self.update, self.width = update, width
        self.partials = [f"∂L/∂{letter}" if cells(letter) <= ROOM - 4 else f"d{letter}" for letter in letters]
        pitch = max(ROOM, *map(cells, self.partials)) + 1
        self.ends = [width - 5 - pitch * (len(letters) - 1 - k) for k in range(len(letters))]
        residual, self.before = update.residual, self.ends[0] - pitch
        self.residual = residual is not None and residual.values[0].size == 1 and self.before >= 7 + ROOM

    def head(self) -> Canvas:
        canvas = Canvas(self.width, 1)
        canvas.put(0, 0, "sample", MUTED)
        if self.residual and self.update.residual is not None:
            self._put(canvas, self.before, self.update.residual.name, MUTED)
        for end, text in zip(self.ends, self.partials, strict=True):
            self._put(canvas, end, text, MUTED)
        self._put(canvas, self.width, "pull", MUTED)
        return canvas

    def sample(self, k: int) -> Canvas:
        canvas = self.row(f"{int(self.update.indices[k]):>3}", TEXT, self.update.pulls[k], pull=True, ink=PULL)
        if self.residual and self.update.residual is not None:
            value = float(self.update.residual.values[k].ravel()[0])
            self._put(canvas, self.before, fitting(value, ROOM, plus=True), _sign(value))
        return canvas

    def row(
        self, label: str, ink_of_label: Ink, values: Array, *, bold: bool = False, pull: bool = False, ink: Ink = BOLD
    ) -> Canvas:
        canvas = Canvas(self.width, 1)
        canvas.put(0, 0, label, ink_of_label)
        for end, value in zip(self.ends, values, strict=True):
            coloured = _sign(float(value)) if pull else TEXT
            self._put(canvas, end, fitting(float(value), ROOM, plus=True), coloured._replace(bold=bold))
        if pull:
            across, up = -float(values[0]), -float(values[1]) if len(values) > 1 else 0.0
            self._put(canvas, self.width - 1, arrow(across, up), ink)
        return canvas

    @staticmethod
    def _put(canvas: Canvas, end: int, text: str, ink: Ink) -> None:
        canvas.put(end - cells(text), 0, text, ink)


PULL = Ink("cursor", bold=True)


def _sign(value: float) -> Ink:
    return Ink("positive") if value > 0 else Ink("negative") if value < 0 else SOFT


# -- orthogonality


def orthogonality(point: Point, found: Crossing | None, letters: Sequence[str], width: int, height: int) -> Canvas:
    """The contour's tangent, the gradient, and how they meet; then η as a matrix and its step."""
    canvas = Canvas(width, height)
    roomy = width >= WIDE
    canvas.paste(rule(width, "Orthogonality", right="contour by loss values" if roomy else "", accent=BOLD), 0, 0)
    if found is None:
        return canvas
    x = 2 if roomy else 1
    lines: list[list[Piece]] = [
        [("at ", MUTED), *_position(letters, found.position), ("L ", SOFT), (number(found.loss), BOLD)],
        _vector("gradient", Ink(GRADIENT, bold=True), found.gradient),
    ]
    if found.tangent.direction is None:
        lines += [[(line, MUTED)] for line in wrap(found.tangent.reason, width - 2 * x)[:3]]
    else:
        lines.append(_vector("tangent", Ink(TANGENT, bold=True), found.tangent.direction))
        lines.append(
            _meeting("gradient · tangent" if roomy else "g · tangent", found.angle.dot, found.angle.angle)
            if found.angle
            else _nothing()
        )
    rates = _rates(point, roomy=roomy)
    lines += [[], rates] if length(rates) <= width - 2 * x else [rates[:4], rates[4:]]
    matrix = point.matrix
    if roomy and height >= 14:
        lines += [_vector("η =", MUTED, matrix[0]), _vector("", MUTED, matrix[1])]
    lines.append(_vector("step −η·g", Ink(STEP, bold=True), found.step.step))
    if found.step_angle is not None:
        lines.append(_meeting("step · tangent", found.step_angle.dot, found.step_angle.angle))
    why = ", never uphill" if roomy else ""
    lines.append([("first order ", MUTED), (signed(found.step.change), BOLD), (why, MUTED)])
    lines.append([("really      ", MUTED), (signed(found.after - found.loss), BOLD)])
    for y, line in enumerate(lines[: height - 1], start=1):
        write(canvas, x, y, line)
    return canvas


def _vector(label: str, ink: Ink, values: Array) -> list[Piece]:
    texts = [(f"{fitting(float(value), ROOM, plus=True):>{ROOM}}  ", _sign(float(value))) for value in values]
    return [(label.ljust(LABEL), ink), *texts]


def _meeting(label: str, dot: float, angle: float) -> list[Piece]:
    return [(f"{label} ", MUTED), (signed(dot), TEXT), ("   ", MUTED), (f"{angle:.3f}°", BOLD)]


def _nothing() -> list[Piece]:
    return [("the gradient is 0: no angle", MUTED)]


def _rates(point: Point, *, roomy: bool) -> list[Piece]:
    values = {"along": numeral(point.along, 2), "across": numeral(point.across, 2), "angle": f"{point.angle:.0f}°"}
    pieces: list[Piece] = []
    for rate in RATES:
        here = rate == point.rate
        text = f"◂{values[rate]}▸" if here else f" {values[rate]} "
        pieces += [(rate, NOW if here else MUTED), (text + " " * roomy, NOW if here else TEXT)]
    return pieces


def as_csv(descent: Descent) -> str:
    """All places of all racers: racer, update, gradient evaluations, J, position; numbers read back the same."""
    rows = [["racer", "update", "evaluations", "L", *descent.plane.labels]]
    for k, path in enumerate(descent.paths):
        label = f"{k + 1} {called(descent.racers[k])}"
        for n, spent in enumerate(np.asarray(path.evaluations).tolist()):
            values = [float(path.losses[n]), *map(float, path.positions[n])]
            rows.append([label, str(n), str(spent), *map(repr, values)])
    return "".join(",".join(f'"{cell}"' if "," in cell else cell for cell in row) + "\n" for row in rows)
