"""The knobs: as one line under the inspector, and as a list in which they are turned."""

from __future__ import annotations

from bptui.drawing.canvas import Canvas, Ink, Region, cells
from bptui.drawing.lines import BOLD, MUTED, NOW, TEXT, rule, wrap
from bptui.session.dial import notch
from bptui.session.experiment import Experiment
from bptui.session.knobs import KNOBS, cost_name, number_text, setting_names

SWITCHED_ON = {"l1": "0.01", "l2": "0.01", "dropout": "0.5"}  # what space turns an idle regulariser to
LEAST_ROWS = 3  # of knobs; what the chosen one does is said where there is room beyond
_LABELS = {"l1": "L1", "l2": "L2"}
_VALUES, _NEAR = 14, 12  # the column of the values; in a narrow pane it is as near to the names as they allow
_NARROW = 32


def names(experiment: Experiment) -> list[str]:
    """The knobs that apply, the optimiser's and the schedule's own numbers behind the knob that chose them."""
    found: list[str] = []
    parts = setting_names(experiment)
    for name, knob in KNOBS.items():
        if knob.applies(experiment):
            found += [name, *(setting for setting, part in parts.items() if part == name)]
    return found


def reading(experiment: Experiment, name: str) -> str:
    """A knob's value as text."""
    if name in KNOBS:
        return KNOBS[name].read(experiment)
    value = getattr(getattr(experiment, setting_names(experiment)[name]), name)
    return number_text(value)


def toggled(experiment: Experiment, name: str) -> str | None:
    """What space turns a knob to: on or off, or the next choice; None for a plain number."""
    if name in SWITCHED_ON:
        return "0" if float(reading(experiment, name)) else SWITCHED_ON[name]
    if name not in KNOBS or KNOBS[name].choices is None:
        return None
    return notch(experiment, name, reading(experiment, name), 1)


def strip(experiment: Experiment, width: int, height: int) -> Canvas:
    """The most used knobs under a rule, in as many rows as there are; each is a region `knob:name`."""
    canvas = Canvas(width, max(2, height))
    canvas.paste(rule(width, "knobs"), 0, 0)
    x, y = 0, 1
    shown = [
        *((name, *_switch(experiment, name)) for name in ("l2", "l1", "dropout")),
        ("lr", "", f"{experiment.lr:g}"),
        ("batch", "", f"{experiment.batch} of {experiment.count}"),
        ("optimiser", "", experiment.optimiser.kind),
        ("cost", "", cost_name(experiment)),
        ("seed", "", str(experiment.seed)),
    ]
    for name, mark, value in shown:
        label = _LABELS.get(name, name)
        wide = cells(f"{label} {mark}{value}")
        if x + wide > width:
            x, y = 0, y + 1
        end = canvas.put(x, y, label + " ", MUTED)
        end = canvas.put(end, y, mark, Ink("cost") if mark.startswith("●") else TEXT)
        canvas.put(end, y, value, TEXT)
        if KNOBS[name].applies(experiment):
            canvas.regions.append(Region(x, y, wide, 1, f"knob:{name}"))
        x += wide + 3
    return canvas


def _switch(experiment: Experiment, name: str) -> tuple[str, str]:
    value = reading(experiment, name)
    if not float(value):
        return "○ ", "off"
    return "● ", value if name == "dropout" else f"α {value}"


def panel(
    experiment: Experiment,
    width: int,
    height: int,
    chosen: int | None,
    *,
    title: bool = True,
    dialled: str | None = None,
) -> Canvas:
    """All knobs, one a row, the chosen one lit, and below what it does.

    `chosen` is None while none is turned; `dialled` is what the arrows have turned it to, not yet set.
    """
    found = names(experiment)
    head = int(title)
    words = wrap(_about(experiment, found[chosen], dialled), width - 2) if chosen is not None else []
    if height - head - len(words) - 1 < LEAST_ROWS:
        words = []
    room = max(1, height - head - (len(words) + 1 if words else 0))
    top = 0 if chosen is None or len(found) <= room else max(0, min(chosen - room // 2, len(found) - room))
    canvas, at = Canvas(width, height), _VALUES if width >= _NARROW else _NEAR
    if title:
        which = f"{chosen + 1} of {len(found)}" if chosen is not None and len(found) > room else ""
        canvas.paste(rule(width, "knobs" if chosen is None else "turn a knob", right=which), 0, 0)
    parts = setting_names(experiment)
    for k, name in enumerate(found[top : top + room], top):
        y = head + k - top
        here = k == chosen
        if here:
            canvas.fill(0, y, width, 1, "selection")
        indent = 3 if name in parts else 1
        canvas.put(indent, y, _LABELS.get(name, name), NOW if here else MUTED)
        if here and dialled is not None:
            _dialled(canvas, at, y, dialled, reading(experiment, name))
        else:
            _value(canvas, at, y, experiment, name, here=here)
        canvas.regions.append(Region(0, y, width, 1, f"knob:{name}"))
    for k, line in enumerate(words):
        canvas.put(1, height - len(words) + k, line, MUTED)
    return canvas


def _dialled(canvas: Canvas, x: int, y: int, value: str, former: str) -> None:
    end = canvas.put(x, y, f"◂ {value} ▸", NOW)
    canvas.put(end + 2, y, f"still {former}", MUTED)


def _value(canvas: Canvas, x: int, y: int, experiment: Experiment, name: str, *, here: bool) -> None:
    """A knob's value; between arrows that turn it, where it is the chosen one."""
    value, ink = reading(experiment, name), BOLD if here else TEXT
    if name in SWITCHED_ON:
        mark, text = _switch(experiment, name)
        if here:
            canvas.put(x - 2, y, "◂", Ink("cursor"))
        canvas.put(x, y, mark, Ink("cost") if mark.startswith("●") else MUTED)
        end = canvas.put(x + 2, y, text, ink)
        end = canvas.put(end, y, " ▸" if here else "", Ink("cursor"))
        if name == "l2" and experiment.l2:
            equal = f"= weight_decay {2 * experiment.l2:g}"
            if end + 2 + cells(equal) <= canvas.width:
                canvas.put(end + 2, y, equal, MUTED)
        return
    canvas.put(x, y, "◂ " if here else "", Ink("cursor"))
    end = canvas.put(x + 2, y, value, ink)
    end = canvas.put(end, y, " ▸" if here else "", Ink("cursor"))
    if name == "batch":
        canvas.put(end, y, f" of {experiment.count}", MUTED)


def _about(experiment: Experiment, name: str, dialled: str | None) -> str:
    if dialled is not None:
        return f"enter, or another row, sets {name} to {dialled}; esc leaves it at {reading(experiment, name)}"
    if name not in KNOBS:
        return f"{name} of {setting_names(experiment)[name]}"
    restart = "; the run starts anew" if KNOBS[name].restarts else ""
    return f"{KNOBS[name].about}{restart}"
