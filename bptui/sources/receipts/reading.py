"""A receipt read back: every key checked, every edit made again, nothing executed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Literal

from bptui.session.actions import AddWatch, SetEntry, SetKnob
from bptui.session.conditions import KINDS, Condition
from bptui.session.experiment import Experiment
from bptui.session.knobs import KnobError, turned
from bptui.session.redo import NONE, Made, Marks, Stop, Work, redo
from bptui.session.session import Session
from bptui.session.source import Source
from bptui.session.toml import from_document, parsed
from bptui.session.toml_values import TomlError, one_of, refuse_unknown, table_of, tables_of, typed
from bptui.sources.receipts.armour import is_armoured, unarmoured
from bptui.sources.receipts.receipt import Look, Receipt
from bptui.sources.receipts.writing import KNOWN

OWN = ("edit", "at", "marks", "look", "source")  # keys of a receipt beside those of its experiment
MOST_TEXT = 1_000_000  # characters of a source
_DIGEST = re.compile(r"[0-9a-f]{32}")


def from_receipt(text: str, on_step: Callable[[int], object] = lambda step: None) -> Receipt:
    """The run in a TOML text, or in one that was taken home; an experiment alone is one, too.

    `on_step` is told of each step that has to be run, now and with the history later on; it may raise.

    Raises TomlError: what is wrong, and where.
    """
    document = parsed(unarmoured(text) if is_armoured(text) else text)
    rest = {key: value for key, value in document.items() if key not in OWN}
    try:
        session = Session(_named(rest) if "from" in rest else from_document(rest))
    except TomlError:
        raise
    except ValueError as error:
        raise TomlError(str(error)) from None
    session.history.on_step = on_step
    rows = tables_of("edit", document, "edit") if "edit" in document else []
    edits = tuple(_edit(f"edit {k}", row) for k, row in enumerate(rows, start=1))
    saved = _address(table_of("at", document)) if "at" in document else None
    marks = _marks(table_of("marks", document)) if "marks" in document else NONE
    look = _look(table_of("look", document)) if "look" in document else None
    source = _source(table_of("source", document)) if "source" in document else None
    last = edits[-1].at if edits else Stop(0, 0)
    for place, problem in redo(session, Work(edits, saved[0] if saved else last, marks)):
        raise TomlError(f"{place}: {problem}")
    digest, near, made_with = saved[1:] if saved else ("", (), "")
    return Receipt(session, digest, near, made_with, look, source)


def _named(document: Mapping[str, Any]) -> Experiment:
    refuse_unknown("", document, ("format", "from", "set"), ("format", "from", "set", *OWN))
    experiment = KNOWN[one_of("from", document["from"], KNOWN)]
    for name, text in (table_of("set", document) if "set" in document else {}).items():
        try:
            experiment = turned(experiment, name, typed(f"set.{name}", text, str))
        except KnobError as error:
            raise TomlError(f"set: {error}") from None
    return experiment


def _stop(place: str, row: Mapping[str, Any]) -> Stop:
    return Stop(*(typed(f"{place}: {name}", row.get(name), int) for name in ("step", "event")))


def _edit(place: str, row: Mapping[str, Any]) -> Made:
    kind = "entry" if "entry" in row else "knob"
    own = ("entry", "index", "sample") if kind == "entry" else ("knob",)
    refuse_unknown(
        place, row, ("step", "event", "to", *own), ("step", "event", "to", "knob", "entry", "index", "sample")
    )
    name, at = typed(f"{place}: {kind}", row.get(kind), str), _stop(place, row)
    if kind == "knob":
        return Made(at, SetKnob(name, typed(f"{place}: to", row.get("to"), str)))
    value = row.get("to")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TomlError(f"{place}: to: wants a number")
    edit = SetEntry(name, typed(f"{place}: index", row.get("index"), tuple[int, ...]), float(value))
    return Made(at, edit, typed(f"{place}: sample", row["sample"], int) if "sample" in row else None)


def _address(table: Mapping[str, Any]) -> tuple[Stop, str, tuple[float, ...], str]:
    """Where the run stood, the digest and the shadows of its parameters, and what it was made with."""
    refuse_unknown("at", table, ("step", "event", "digest", "shadows", "made_with"))
    stop = _stop("at", table)
    saved = typed("at.digest", table.get("digest"), str)
    if not _DIGEST.fullmatch(saved):
        raise TomlError(f"at.digest: got {saved!r}, wants 32 hexadecimal digits")
    near = typed("at.shadows", table.get("shadows", []), tuple[float, ...])
    return stop, saved, near, typed("at.made_with", table.get("made_with", ""), str)


def _marks(table: Mapping[str, Any]) -> Marks:
    refuse_unknown("marks", table, ("sample", "breakpoints", "condition", "watch"))
    conditions, watches = [], []
    for row in tables_of("marks.condition", table, "condition") if "condition" in table else ():
        refuse_unknown("marks.condition", row, ("kind", "name", "of", "bound"))
        kind, of = one_of("marks.condition: kind", row.get("kind"), KINDS), _of("marks.condition", row)
        name = typed("marks.condition: name", row.get("name", ""), str)
        conditions.append(Condition(kind, name, of, typed("marks.condition: bound", row.get("bound", 0.0), float)))
    for row in tables_of("marks.watch", table, "watch") if "watch" in table else ():
        refuse_unknown("marks.watch", row, ("name", "of", "index"))
        index = typed("marks.watch: index", row["index"], tuple[int, ...]) if "index" in row else None
        watches.append(AddWatch(typed("marks.watch: name", row.get("name"), str), _of("marks.watch", row), index))
    breakpoints = typed("marks.breakpoints", table.get("breakpoints", []), tuple[str, ...])
    sample = typed("marks.sample", table.get("sample", 0), int)
    return Marks(tuple(sorted(set(breakpoints))), tuple(conditions), tuple(watches), sample)


def _of(place: str, row: Mapping[str, Any]) -> Literal["value", "gradient"]:
    return (
        "value" if one_of(f"{place}: of", row.get("of", "gradient"), ("value", "gradient")) == "value" else "gradient"
    )


def _look(table: Mapping[str, Any]) -> Look:
    kinds = {"selected": str, "pane": str, "into": bool, "row": int, "scroll": int, "nudge": float, "upward": bool}
    refuse_unknown("look", table, (*kinds, "entry"))
    found = {name: typed(f"look.{name}", table[name], kind) for name, kind in kinds.items() if name in table}
    if "entry" in table:
        found["entry"] = typed("look.entry", table["entry"], tuple[int, ...])
    return Look(**found)


def _source(table: Mapping[str, Any]) -> Source:
    refuse_unknown("source", table, ("path", "lines", "phases", "text"))
    text = table.get("text")
    if not isinstance(text, str) or len(text) > MOST_TEXT:
        raise TomlError(f"source.text: wants a text of at most {MOST_TEXT} characters")
    lines, phases = (
        {key: typed(f"source.{name}: {key}", line, int) for key, line in table_of(name, table).items()}
        for name in ("lines", "phases")
    )
    path = typed("source.path", table.get("path"), str)
    if not path.isprintable():
        raise TomlError("source.path: wants a name that can be printed")
    return Source(path, text, lines, phases=phases)
