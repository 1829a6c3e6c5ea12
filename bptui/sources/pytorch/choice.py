"""Which net of a file is meant, and with which arguments it is made."""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping, Sequence
from typing import Any

from bptui.data.samples import MOST
from bptui.session.names import suggestion
from bptui.sources.pytorch.evidence import Evidence, Made
from bptui.sources.pytorch.functions import default_of, parameter_names
from bptui.sources.pytorch.problem import Refusal
from bptui.sources.pytorch.values import Class, Container, Function, Leaf, Net, Unknown, Value

MISTAKES = ("nn.", "Linear's ", "Sequential", "Dropout's ", "Flatten's ")  # how reasons begin that are a net's own


def chosen(classes: Mapping[str, Class], top: Mapping[str, Value], evidence: Evidence, wanted: str | None) -> Made:
    """The net that is meant. Raises Refusal where nothing in the file says which."""
    if wanted is not None:
        return _by_name(classes, evidence, wanted)
    mixed = [v for v in top.values() if isinstance(v, Unknown) and "one of them a net" in v.why]
    if mixed:
        raise Refusal(mixed[-1].line, mixed[-1].why)
    called = [call.made for call in evidence.called]
    for notes in (called, _outermost(evidence.made)):
        kinds = _kinds([note for note in notes if note.cls is not None]) or _kinds(notes)
        if len(kinds) > 1:
            kinds = _kinds([note for note in notes if note.cls is None or not _is_used(note.cls, kinds)])
        if len(kinds) > 1:
            names = ", ".join(dict.fromkeys(_title(note) for note in kinds))
            raise Refusal(kinds[-1].line, f"makes several nets; --class NAME says which: {names}")
        if kinds:
            return _best([note for note in notes if _same(note, kinds[0])])
    unused = [cls for cls in classes.values() if not _is_used_by(cls, classes)]
    if unused:
        return Made(unused[-1], (), {}, unused[-1].node.lineno)
    if classes:
        raise Refusal(1, f"--class NAME says which class is meant: {', '.join(classes)}")
    containers = [
        v for v in top.values() if isinstance(v, Leaf) or (isinstance(v, Container) and v.kind == "Sequential")
    ]
    if containers:
        return Made(None, (), {}, containers[-1].line, whole=containers[-1])
    mistaken = [v for v in top.values() if isinstance(v, Unknown) and v.why.startswith(MISTAKES)]
    if mistaken:
        raise Refusal(mistaken[-1].line, mistaken[-1].why)
    _refuse_bases(top)
    raise Refusal(1, "holds no class that derives from nn.Module, and no nn.Sequential at its top; wants one")


def _refuse_bases(top: Mapping[str, Value]) -> None:
    """A class that looks like a net and derives from something else, such as `nn.module`."""
    for cls in (value for value in top.values() if isinstance(value, Class)):
        base = cls.root
        if base is not None and base.name.startswith("torch.nn."):
            raise Refusal(cls.node.lineno, f"{cls.node.name} derives from {base.name[6:]}; wants nn.Module")
        if "forward" in cls.names and cls.base is None:
            name = cls.node.name
            raise Refusal(cls.node.lineno, f"{name} derives from nothing; wants class {name}(nn.Module)")


def _by_name(classes: Mapping[str, Class], evidence: Evidence, wanted: str) -> Made:
    if wanted not in classes:
        near = suggestion(wanted, classes)
        there = ", ".join(classes) or "none"
        raise Refusal(
            1, f"has no class {wanted!r:.60} that derives from nn.Module; {near}{near and ' '}there is {there}"
        )
    cls = classes[wanted]
    notes = [call.made for call in evidence.called if call.made.cls is cls]
    notes += [note for note in evidence.made if note.cls is cls]
    return _best(notes) if notes else Made(cls, (), {}, cls.node.lineno)


def _best(notes: Sequence[Made]) -> Made:
    """The first whose arguments are all known; else the first."""
    return next(
        (n for n in notes if not any(isinstance(v, Unknown) for v in (*n.arguments, *n.keywords.values()))), notes[0]
    )


def _same(a: Made, b: Made) -> bool:
    return a.cls is b.cls and (a.cls is not None or a.whole is b.whole)


def _kinds(notes: Sequence[Made]) -> list[Made]:
    """One note of each class, or of each container."""
    kinds: list[Made] = []
    for note in notes:
        if not any(_same(note, other) for other in kinds):
            kinds.append(note)
    return kinds


def _outermost(notes: Sequence[Made]) -> list[Made]:
    """Nets that are not handed to the constructor of another."""
    inside = [v.made for n in notes for v in (*n.arguments, *n.keywords.values()) if isinstance(v, Net)]
    return [note for note in notes if not any(note is other for other in inside)]


def _title(note: Made) -> str:
    return note.cls.node.name if note.cls is not None else f"the nn.Sequential of line {note.line}"


def _is_used(cls: Class, notes: Sequence[Made]) -> bool:
    return any(note.cls is not None and note.cls is not cls and _names(note.cls, cls) for note in notes)


def _is_used_by(cls: Class, classes: Mapping[str, Class]) -> bool:
    return any(other is not cls and _names(other, cls) for other in classes.values())


def _names(user: Class, cls: Class) -> bool:
    """Whether a class speaks of another in its body, or derives from it."""
    return cls.node.name in user.spoken_of


# -- arguments


def parsed_argument(text: str) -> tuple[str, Value]:
    """`d0=600` as a name and a value. Raises ValueError, one line."""
    name, equals, value = text.partition("=")
    if not equals or not name.isidentifier():
        raise ValueError(f"--arg: got {text[:60]!r}, wants NAME=VALUE")
    if len(value) > 1000:
        raise ValueError(f"--arg {name}: the value is too long")
    try:
        made = ast.literal_eval(value.strip())
    except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
        return name, value
    return name, made if isinstance(made, bool | int | float | str | list | tuple | dict | type(None)) else value


def arguments_for(note: Made, given: Mapping[str, Any]) -> tuple[tuple[Value, ...], dict[str, Value]]:
    """What the constructor gets: what the file gives, and what the command line puts in its place. Raises Refusal."""
    found = note.cls.find("__init__") if note.cls is not None else None
    if note.cls is None or found is None or not isinstance(found[0], Function):
        if given:
            raise Refusal(note.line, f"--arg: {_title(note)} has no constructor that takes {', '.join(given)}")
        return note.arguments, note.keywords
    init = Function(found[0].node, found[0].scope, found[1], this=note.cls, defaults=found[0].defaults)
    names, more = parameter_names(init), {a.arg for a in init.node.args.kwonlyargs}
    for name in given:
        if name not in names and name not in more and init.node.args.kwarg is None:
            near = suggestion(name, [*names, *more])
            there = ", ".join([*names, *sorted(more)]) or "nothing"
            raise Refusal(note.line, f"--arg {name}: {note.cls.node.name} takes {there}{near and '; '}{near}")
    arguments = tuple(given.get(names[k], value) if k < len(names) else value for k, value in enumerate(note.arguments))
    used = set(names[: len(arguments)])
    keywords = note.keywords | {name: value for name, value in given.items() if name not in used}
    values = dict(zip(names, arguments, strict=False)) | keywords
    known = default_of(init) | values
    missing = [name for name in (*names, *sorted(more)) if name not in known]
    if missing:
        raise Refusal(
            init.node.lineno, f"{note.cls.node.name} needs {', '.join(missing)}; --arg {missing[0]}=VALUE gives it"
        )
    return (
        tuple(_explained(names[k] if k < len(names) else "", v) for k, v in enumerate(arguments)),
        {name: _explained(name, value) for name, value in keywords.items()},
    )


def _explained(name: str, value: Value) -> Value:
    if not isinstance(value, Unknown) or not name:
        return value
    return Unknown(f"{name} is only known when the file runs ({value.why}); --arg {name}=VALUE gives it", value.line)


def parsed_shape(text: str) -> tuple[int, ...]:
    """`3,10,20` as the shape of one sample. Raises ValueError, one line."""
    words = text.replace("x", ",").replace("×", ",").split(",")
    if not all(word.strip().isascii() and word.strip().isdecimal() and int(word[:9]) > 0 for word in words):
        raise ValueError(f"--input-shape: got {text[:60]!r}, wants whole numbers from 1, such as 3,10,20")
    shape = tuple(int(word[:9]) for word in words)
    if len(shape) > 8 or math.prod(shape) > MOST:
        raise ValueError(f"--input-shape: got {text[:60]!r}, wants at most {MOST} numbers a sample")
    return shape
