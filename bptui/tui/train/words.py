"""The panes of the train lab that are words and numbers: the title, the regularisers, the doctor."""

from __future__ import annotations

from collections.abc import Sequence

from bptui.drawing.bars import short_number
from bptui.drawing.canvas import Canvas, Ink, Region, cells
from bptui.drawing.lines import BOLD, MUTED, NOW, SOFT, TEXT, Piece, fold, length, rule, wrap, write
from bptui.engine.modules.pointwise import Pointwise
from bptui.engine.notation import epoch_text
from bptui.engine.optimisers import SGD, ProximalSGD
from bptui.session.experiment import Experiment
from bptui.session.knobs import number_text
from bptui.session.train.doctor import Finding
from bptui.session.train.trainer import Edit, Snapshot
from bptui.sources.presets import outline
from bptui.tui.bars import bar

PATIENCE = "10"  # epochs, what space turns idle early stopping to
REGULARISERS = ("l1", "l2", "dropout", "patience")


def title(snapshot: Snapshot, width: int) -> Canvas:
    """What is trained, on what, and how; whether it runs."""
    e = snapshot.experiment
    facts = [_data(e), _net(e), f"{e.optimiser.kind} η {number_text(e.lr)}"]
    if snapshot.branch:
        facts.append(f"branch {snapshot.branch}")
    state = "running" if snapshot.running else "paused"
    speed = f"{snapshot.speed:,.0f} steps/s  " if snapshot.running and width >= 100 else ""
    seed = f"seed {e.seed}  " if width >= 100 else ""
    left: list[Piece] = [("bptui  ", BOLD), ("Train", NOW)]
    right: list[Piece] = [(speed + seed, MUTED), (state, NOW)]
    gap = "  ·  " if width >= 100 else " · "
    for fact in facts:
        if length([*left, (gap + fact, SOFT), *right]) + 6 <= width:
            left += [(gap, MUTED), (fact, SOFT)]
    return bar(left, right, width)


def time_left(snapshots: Sequence[Snapshot]) -> str:
    """How long runs that take turns need to their goals; nothing where that is not known, or next to nothing."""
    seconds = sum(snapshot.time_left for snapshot in snapshots if snapshot.running)
    if seconds < 120:
        return f"{seconds:.0f} s left, " if seconds >= 1 else ""
    return f"{seconds / 60:.0f} min left, " if seconds < 1e6 else ""


def started_late(edits: Sequence[Edit]) -> str:
    """What runs with the same knobs show, one of which had them from the start."""
    late = ", ".join(f"{edit.text} since epoch {epoch_text(edit.epoch)}" for edit in edits)
    return f"{late}, against the same from the start; draws and minibatches are the same"


def _data(experiment: Experiment) -> str:
    classes = next((g.shape[0] for g in experiment.net.given if g.target and g.classes), None)
    name = experiment.net.name if experiment.data.kind == "given" else experiment.data.kind
    return f"{name}, K = {classes}" if classes else name


def _net(experiment: Experiment) -> str:
    kinds = {
        layer.module.title or layer.module.kind
        for layer in experiment.net.layers
        if isinstance(layer.module, Pointwise)
    }
    return " ".join([outline(experiment), *sorted(kinds)])


def regularisers(snapshot: Snapshot, width: int, height: int, chosen: int | None, dialled: str | None = None) -> Canvas:
    """One line a regulariser: on or off, its rate, and what it does to the weights just now.

    `chosen` is the row whose rate the arrows turn, `dialled` what they have turned it to, not yet set.
    """
    canvas = Canvas(width, height)
    wide = width >= 50
    hint = "space switches, ← → sets the rate" if wide else ""
    canvas.paste(rule(width, "Regularisers", right=hint, accent=BOLD), 0, 0)
    rows = _regularisers(snapshot)
    for k, (name, label, on, rate, notes) in enumerate(rows):
        y = 1 + k
        here = k == chosen
        if here:
            canvas.fill(1, y, width - 2, 1, "selection")
        if here and dialled is not None:
            rate, notes = f"◂ {dialled} ▸", [f"enter sets it, still {rate}", f"still {rate}"]
        canvas.put(2, y, "●" if on else "○", Ink("series2" if on else "muted", bold=on))
        canvas.put(4, y, label, NOW if here else BOLD if on else MUTED)
        end = canvas.put(16 if wide else 15, y, rate, NOW if here else BOLD if on else MUTED)
        start = max(end + 2, 25) if wide else end + 2
        fitting = next((note for note in notes if start + cells(note) < width), "")
        canvas.put(start, y, fitting, SOFT if on else MUTED)
        canvas.regions.append(Region(0, y, width, 1, f"regulariser:{name}"))
    return canvas


def _regularisers(snapshot: Snapshot) -> list[tuple[str, str, bool, str, list[str]]]:
    """Name, label, whether it is on, its rate and notes, the longest first, of each."""
    e, probe = snapshot.experiment, snapshot.look.probe
    weights = [w for w in probe.weights if not w.name.endswith(".bias")]
    zeros, size = sum(w.zeros for w in weights), sum(w.size for w in weights)
    none = "no weight is exactly 0" if not zeros else f"{zeros:,} of {size:,} weights exactly 0"
    if e.l1 and not isinstance(e.optimiser, ProximalSGD) and not zeros:
        none = "none exactly 0: that takes proximal SGD"
    dropped = ["no unit is dropped"]
    if e.dropout:
        times = f"× {1 / (1 - e.dropout):.3g}"
        dropped = [f"units that stay count {times}", f"units kept {times}"]
    scores = [(p.validation.loss, p.epoch) for p in snapshot.probes if p.validation and p.step <= snapshot.step]
    best = min(scores, default=None)
    waits = "" if best is None else f"best {best[0]:.3g} at epoch {epoch_text(best[1])}"
    if not e.data.validation:
        waits = "needs validation samples"
    return [
        ("l1", "L1", e.l1 > 0, f"α {number_text(e.l1)}", [none, f"{zeros:,} of {size:,} at 0"]),
        ("l2", "L2", e.l2 > 0, f"α {number_text(e.l2)}", _shrinking(snapshot)),
        ("dropout", "dropout", e.dropout > 0, f"p {number_text(e.dropout)}", dropped),
        ("patience", "early stop", e.patience > 0, f"{e.patience} epochs" if e.patience else "off", [waits]),
    ]


def _shrinking(snapshot: Snapshot) -> list[str]:
    """What L2 does: the factor on every weight under plain SGD, else how much all weights shrank, as measured."""
    e, squares = snapshot.experiment, f"‖w‖² = {short_number(snapshot.look.probe.squares)}"
    if not e.l2:
        return [squares]
    if type(e.optimiser) in (SGD, ProximalSGD):
        shrink = f"w × {1 - 2 * e.lr * e.schedule.factor(snapshot.step) * e.l2:.6g} a step"
    else:
        shrink = f"λ = {number_text(2 * e.l2)}{_measured(snapshot)}"
    return [f"{shrink}, {squares}", shrink, squares]


def _measured(snapshot: Snapshot) -> str:
    """How much all weights together shrank or grew in the epoch before, measured."""
    before = [p for p in snapshot.probes if p.epoch <= snapshot.look.probe.epoch - 1]
    if not before or not before[-1].squares:
        return ""
    ratio = (snapshot.look.probe.squares / before[-1].squares) ** (0.5 / (snapshot.look.probe.epoch - before[-1].epoch))
    return f", × {ratio:.4f} an epoch"


def doctor(findings: Sequence[Finding], shown: int, message: str, width: int, height: int) -> Canvas:
    """What is wrong with the run, the `shown`-th finding in full."""
    canvas = Canvas(width, height)
    count = "" if not findings else "1 finding" if len(findings) == 1 else f"finding {shown + 1} of {len(findings)}"
    canvas.paste(rule(width, "Doctor", right=count, accent=BOLD), 0, 0)
    if message:
        for k, line in enumerate(wrap(message, width - 6)[: height - 1]):
            canvas.put(3, 1 + k, line, Ink("text", bold=True))
        return canvas
    if not findings:
        canvas.put(3, 1, "nothing found", MUTED)
        return canvas
    finding = findings[shown]
    roomy = width >= 50
    actions: list[list[Piece]] = [
        [("d", NOW), (f" jump to epoch {epoch_text(finding.epoch)}{'    ' if roomy else '  '}", SOFT)]
    ]
    if finding.remedy:
        knob, value = finding.remedy
        actions.append([("t", NOW), (f" try {knob} {value}{' beside this run' if roomy else ''}", SOFT)])
    keys = fold(actions, width - 7, indent=0)
    lines: list[list[Piece]] = [[(finding.what, BOLD), ("   ", TEXT), (finding.why, MUTED)]]
    if length(lines[0]) > width - 7:
        lines = [[(line, ink)] for text, ink in lines[0][::2] for line in wrap(text, width - 7)]
    room = max(0, height - 1 - len(keys))
    if 0 < room < len(lines):  # `?` says it in full
        text, ink = lines[room - 1][0]
        lines[room - 1] = [(text[: width - 9] + " …", ink)]
    canvas.put(3, 1, "!", Ink("bad", bold=True))
    for y, pieces in enumerate([*lines[:room], *keys], start=1):
        write(canvas, 5, y, pieces)
    for y, pieces in enumerate(keys, start=1 + min(room, len(lines))):
        x = 5
        for text, _ in pieces:
            if text in _ACTIONS:
                canvas.regions.append(Region(x, y, 20, 1, f"key:{_ACTIONS[text]}"))
            x += cells(text)
    return canvas


_ACTIONS = {"d": "onset", "t": "remedy"}
