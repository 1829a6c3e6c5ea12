"""A run written down: the experiment by its name where it has one, edits, address, marks, and what was looked at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import tomlkit

from bptui.engine.buffers import Array
from bptui.session.actions import SetKnob
from bptui.session.experiment import Experiment
from bptui.session.history import Address, History
from bptui.session.knobs import KNOBS, KnobError, number_text, setting_names, turned
from bptui.session.redo import NONE, Made, Marks, edits_of
from bptui.session.source import Source
from bptui.session.toml import FORMAT, to_document
from bptui.sources.labs import DESCEND, PRACTICUM, TRAIN
from bptui.sources.presets import PRESETS
from bptui.sources.receipts.receipt import Look, digest, shadows, versions

KNOWN: dict[str, Experiment] = {
    f"{place}/{name}": experiment
    for place, group in (("train", TRAIN), ("practicum", PRACTICUM), ("descend", DESCEND), ("step", PRESETS))
    for name, experiment in group.items()
}


def to_receipt(
    history: History,
    at: Address,
    parameters: Mapping[str, Array],
    marks: Marks = NONE,
    look: Look | None = None,
    source: Source | None = None,
) -> str:
    """The run to an address as TOML; `parameters` are those with which its step begins.

    Raises ValueError for an experiment with numbers that are not finite.
    """
    first = history.path(at.branch)[0].experiment
    document = _known(first) or to_document(first)
    if edits := edits_of(history, at.branch):
        document["edit"] = tomlkit.aot()
        for made in edits:
            document["edit"].append(_edit_table(made))
    document["at"] = {"step": at.step, "event": at.event, "digest": digest(parameters), "made_with": versions()}
    if np.isfinite(found := shadows(parameters)).all():
        document["at"]["shadows"] = list(found)
    if marks != NONE:
        document["marks"] = _marks_table(marks)
    if look is not None:
        plain = vars(Look())
        document["look"] = {"pane": look.pane} | {k: v for k, v in vars(look).items() if v != plain[k]}
    if source is not None:
        places = {"lines": dict(source.lines), "phases": dict(source.phases)}
        document["source"] = {"path": source.path, **places, "text": source.text}
    return tomlkit.dumps(document)


def _known(experiment: Experiment) -> tomlkit.TOMLDocument | None:
    """An experiment as the one that it was made from and the knobs that differ, if it is that and no more."""
    for name, known in KNOWN.items():
        settings = _settings(known, experiment) if known.net.name == experiment.net.name else None
        if settings is not None:
            document = tomlkit.document()
            document["format"] = FORMAT
            document["from"] = name
            if settings:
                document["set"] = settings
            return document
    return None


def _settings(known: Experiment, wanted: Experiment) -> dict[str, str] | None:
    """The knobs that turn one experiment into another, in the order in which they have to be turned."""
    found: dict[str, str] = {}
    made = known
    for name, text in _readings(wanted):
        try:
            if dict(_readings(made)).get(name) != text:
                made, found[name] = turned(made, name, text), text
        except KnobError:
            return None
    return found if made == wanted else None


def _readings(experiment: Experiment) -> list[tuple[str, str]]:
    """Every knob that applies, as text; what the optimiser and the schedule have of their own comes after them."""
    return [(name, knob.read(experiment)) for name, knob in KNOBS.items() if knob.applies(experiment)] + [
        (name, number_text(getattr(getattr(experiment, part), name)))
        for name, part in setting_names(experiment).items()
    ]


def _edit_table(made: Made) -> Any:
    edit, table = made.edit, tomlkit.table()
    table.update({"step": made.at.step, "event": made.at.event})
    if isinstance(edit, SetKnob):
        table.update({"knob": edit.name, "to": edit.text})
        return table
    table.update({"entry": edit.name, "index": list(edit.index), "to": edit.value})
    if made.sample is not None:
        table["sample"] = made.sample
    return table


def _marks_table(marks: Marks) -> Any:
    table = tomlkit.table()
    if marks.sample:
        table["sample"] = marks.sample
    if marks.breakpoints:
        table["breakpoints"] = list(marks.breakpoints)
    if marks.conditions:
        table["condition"] = [vars(condition) for condition in marks.conditions]
    if marks.watches:
        watches = [{"name": w.name, "of": w.of, "index": w.index and list(w.index)} for w in marks.watches]
        table["watch"] = [{key: value for key, value in row.items() if value is not None} for row in watches]
    return table
