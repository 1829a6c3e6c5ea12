"""Receipts: a run as a few lines of TOML, from which it is run again to the same numbers.

A receipt is an experiment, the edits of one branch, an address, and a digest of the parameters there. The experiment is
one that comes with bptui, by name, with the knobs that differ; any other is written out. Reading executes nothing.
"""

from __future__ import annotations

import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
import tomlkit

from bptui import __version__
from bptui.engine.module import Array
from bptui.session.actions import ActionError, Edit, Jump, NextStep, SetEntry, SetKnob, ShowSample
from bptui.session.experiment import Experiment
from bptui.session.history import Address, Branch, History
from bptui.session.knobs import KNOBS, KnobError, number_text, setting_names, turned
from bptui.session.session import FAR, Session
from bptui.session.toml import FORMAT, from_document, parsed, to_document
from bptui.session.toml_values import TomlError, one_of, refuse_unknown, table_of, tables_of, typed
from bptui.sources.labs import DESCEND, PRACTICUM, TRAIN
from bptui.sources.presets import PRESETS

KNOWN: dict[str, Experiment] = {
    f"{place}/{name}": experiment
    for place, group in (("train", TRAIN), ("practicum", PRACTICUM), ("descend", DESCEND), ("step", PRESETS))
    for name, experiment in group.items()
}

_DIGEST = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Receipt:
    """A run that was read: a session at the address, its edits made, not yet run up to there.

    `digest` is that of the parameters as they were saved; a plain experiment has none.
    """

    session: Session
    digest: str = ""
    made_with: str = ""

    @property
    def is_run(self) -> bool:
        """Whether there is more than an experiment at its beginning."""
        return bool(self.digest) or len(self.session.branches) > 1

    def arrived(self) -> str:
        """What there is to say at the address: whether the numbers are those that were saved, in one line.

        Runs up to there, unless the session's history stands there.
        """
        at = self.session.address
        if not self.digest:
            return ""
        run_up(self.session.history, at)
        if digest(self.session.history.parameters(at.branch, at.step)[1]) == self.digest:
            return f"run again to step {at.step}: every bit as it was saved"
        return (
            f"run again to step {at.step}, and the numbers differ from those that were saved with "
            f"{self.made_with or 'another version'}; here are {_versions()}"
        )


def digest(parameters: Mapping[str, Array]) -> str:
    """32 hexadecimal digits that differ wherever any bit of the parameters does."""
    found = blake2b(digest_size=16)
    for name in sorted(parameters):
        found.update(name.encode())
        found.update(np.ascontiguousarray(parameters[name]).tobytes())
    return found.hexdigest()


def run_up(history: History, at: Address) -> None:
    """Run to the beginning of a step by the plan, through all stretches of its branch."""
    path = history.path(at.branch)
    ends = [min(later.start, at.step) for later in path[1:]]
    for branch, end in zip(path, [*ends, at.step], strict=True):
        if end > branch.start:
            history.train(branch.number, branch.start, end - branch.start)


# -- writing


def to_receipt(history: History, at: Address, parameters: Mapping[str, Array]) -> str:
    """The run to an address as TOML; `parameters` are those with which its step begins.

    Raises ValueError for an experiment with numbers that are not finite.
    """
    first, *edited = history.path(at.branch)
    document = _known(first.experiment) or to_document(first.experiment)
    if edited:
        document["edit"] = tomlkit.aot()
        for branch in edited:
            document["edit"].append(_edit_table(branch))
    address = {"step": at.step, "event": at.event, "digest": digest(parameters), "made_with": _versions()}
    document["at"] = address
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


def _edit_table(branch: Branch) -> Any:
    at, edit, table = branch.made_at, branch.edit, tomlkit.table()
    assert at is not None and edit is not None
    table.update({"step": at.step, "event": at.event})
    if isinstance(edit, SetKnob):
        table.update({"knob": edit.name, "to": edit.text})
        return table
    table.update({"entry": edit.name, "index": list(edit.index), "to": edit.value})
    if branch.experiment.graph.variables[edit.name].batched:
        table["sample"] = branch.pokes[-1].index[0]
    return table


def _versions() -> str:
    return f"bptui {__version__}, NumPy {np.__version__}, {platform.machine() or 'an unknown processor'}"


# -- reading


def from_receipt(text: str) -> Receipt:
    """The run in a TOML text; an experiment alone is one, too. Raises TomlError: what is wrong, and where."""
    document = parsed(text)
    rest = {key: value for key, value in document.items() if key not in ("edit", "at")}
    try:
        session = Session(_named(rest) if "from" in rest else from_document(rest))
    except TomlError:
        raise
    except ValueError as error:
        raise TomlError(str(error)) from None
    for k, row in enumerate(tables_of("edit", document, "edit") if "edit" in document else (), start=1):
        _make(session, f"edit {k}", row)
    if "at" not in document:
        return Receipt(session)
    address = table_of("at", document)
    refuse_unknown("at", address, ("step", "event", "digest", "made_with"))
    _go(session, "at", address)
    saved = typed("at.digest", address.get("digest"), str)
    if not _DIGEST.fullmatch(saved):
        raise TomlError(f"at.digest: got {saved!r}, wants 32 hexadecimal digits")
    return Receipt(session, saved, typed("at.made_with", address.get("made_with", ""), str))


def _named(document: Mapping[str, Any]) -> Experiment:
    refuse_unknown("", document, ("format", "from", "set"), ("format", "from", "set", "edit", "at"))
    experiment = KNOWN[one_of("from", document["from"], KNOWN)]
    for name, text in (table_of("set", document) if "set" in document else {}).items():
        try:
            experiment = turned(experiment, name, typed(f"set.{name}", text, str))
        except KnobError as error:
            raise TomlError(f"set: {error}") from None
    return experiment


def _make(session: Session, place: str, row: Mapping[str, Any]) -> None:
    """Make one edit where it was made."""
    kind = "entry" if "entry" in row else "knob"
    own = ("entry", "index", "sample") if kind == "entry" else ("knob",)
    refuse_unknown(
        place, row, ("step", "event", "to", *own), ("step", "event", "to", "knob", "entry", "index", "sample")
    )
    name = typed(f"{place}: {kind}", row.get(kind), str)
    edit: Edit
    if kind == "knob":
        edit = SetKnob(name, typed(f"{place}: to", row.get("to"), str))
    else:
        value = row.get("to")
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TomlError(f"{place}: to: wants a number")
        edit = SetEntry(name, typed(f"{place}: index", row.get("index"), tuple[int, ...]), float(value))
    _go(session, place, row)
    try:
        if "sample" in row:
            session.apply(ShowSample(typed(f"{place}: sample", row["sample"], int)))
        session.apply(edit)
    except ActionError as error:
        raise TomlError(f"{place}: {error}") from None


def _go(session: Session, place: str, row: Mapping[str, Any]) -> None:
    """To the step and event that a table names; nothing is run on the way."""
    step, event = (typed(f"{place}: {name}", row.get(name), int) for name in ("step", "event"))
    try:
        while step > session.address.step + FAR:
            session.apply(NextStep(FAR))
        session.apply(Jump(step, event))
    except ActionError as error:
        raise TomlError(f"{place}: {error}") from None
