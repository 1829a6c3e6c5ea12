"""The directives that hold TOML, each from its fence: stage, predict, do, note."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from bptui.course.document import Block, Report
from bptui.course.goal import Goal
from bptui.course.lesson import (
    LABS,
    PANES,
    Choice,
    Do,
    Measured,
    Note,
    Option,
    Ordering,
    Pick,
    Predict,
    Question,
    Stage,
    Values,
)
from bptui.course.moves import MOST_STEPS, MoveError, move
from bptui.course.place import Place, PlaceError
from bptui.course.prose import misread
from bptui.course.quantity import SCORES, Quantity, QuantityError
from bptui.course.table import Table, shown
from bptui.data.numbers import finite
from bptui.engine.net import Net
from bptui.session.names import suggestion

MAX_OPTIONS = 8
KINDS = ("answer", "choices", "pick", "order")
FIXED = ("shape", "parameters", "knob", *SCORES)  # kinds of quantities that other numbers do not make another question

T = TypeVar("T")


def stage(block: Block, held: Stage | None, report: Report) -> Stage:
    """A stage. Without a `net` it goes on from the one before: its net, numbers and knobs, with its own on top."""
    table = Table(block, report)
    before = None if table.has("net") else held
    if before is None and not table.has("net"):
        table.text("net")  # reports that it is missing
    result = Stage(
        block.line - 1,
        before.net if before else _net(table, report),
        table.one_of("lab", LABS, before.lab if before else LABS[0]),
        _merged(before.samples if before else (), _values(table, "samples")),
        _merged(before.parameters if before else (), _values(table, "parameters")),
        _merged(before.knobs if before else (), _knobs(table)),
        _one(table, "at", Place.read),
        table.whole("step", 0, MOST_STEPS, 0),
        table.whole("sample", 0, 100_000, 0),
        _each(table, "hide", Quantity.read),
        _words(table, "show", PANES),
    )
    table.close()
    return result


def _net(table: Table, report: Report) -> str | Net:
    """A net by name, or one of the lesson's own, in the vocabulary of experiment files."""
    if not table.has("net") or table.is_text("net"):
        return table.text("net", "", 60)
    from bptui.session.toml import net_from  # only now: it loads a library that few lessons need

    try:
        return net_from(dict(table.pairs("net")))
    except RecursionError:
        table.wrong("net", "is nested too deeply")
    except ValueError as error:
        table.wrong("net", str(error))
    return ""


def _values(table: Table, key: str) -> Values:
    values = []
    for name, numbers in table.pairs(key):
        try:
            values.append((name, finite(f"{key}.{name}", numbers)))
        except RecursionError:
            table.wrong(key, "is nested too deeply")
        except ValueError as error:
            table.wrong(key, str(error))
    return tuple(values)


def _knobs(table: Table, key: str = "knobs") -> tuple[tuple[str, str], ...]:
    knobs = []
    for name, value in table.pairs(key):
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            table.wrong(key, f"{name}: got {shown(value)}, wants a number or a word")
            continue
        text = shown(value) if not isinstance(value, str) else value
        knobs.append((name, text[:60]))
    return tuple(knobs)


def _merged(before: tuple[tuple[str, T], ...], own: tuple[tuple[str, T], ...]) -> tuple[tuple[str, T], ...]:
    return tuple((dict(before) | dict(own)).items())


def predict(block: Block, report: Report) -> Predict:
    """A question; which of `KINDS` it has says what is asked for."""
    table = Table(block, report)
    ask = _asked(table, block, report)
    kinds = [kind for kind in KINDS if table.has(kind)]
    question = _QUESTIONS[kinds[0]](table) if len(kinds) == 1 else Choice(())
    can = not table.has("reroll") or not table.is_flag("reroll") or table.flag("reroll", True)
    names = table.texts("reroll", ()) if can and not table.is_flag("reroll") else ()
    light = _each(table, "light", Quantity.read)
    if not kinds:  # any kind may have been meant: what belongs to one of them is known
        for key in ("digits", "why", "by"):
            table.has(key)
    if len(kinds) > 1 or (table.close() and not kinds and not table.broken):
        report(block.line - 1, f"predict: wants one of {', '.join(KINDS)}, got {', '.join(kinds) or 'none'}")
    return Predict(block.line - 1, ask, question, light, names if can and _rolls(question) else None)


def _rolls(question: Question) -> bool:
    """Whether other numbers would make another question."""
    if isinstance(question, Measured):
        return question.quantity.kind not in FIXED
    return isinstance(question, Ordering) and bool(question.quantities)


def _asked(table: Table, block: Block, report: Report) -> str:
    ask = table.text("ask", most=500)
    for _, problem in misread(ask):
        table.wrong("ask", problem)
    return ask


def _measured(table: Table) -> Question:
    quantity = _one(table, "answer", Quantity.read) or Quantity("loss")
    return Measured(quantity, table.whole("digits", 0, 6, 3))


def _choice(table: Table) -> Question:
    options = []
    for row in table.rows("choices"):
        option = Option(row.text("text", most=300), row.flag("right", False), row.text("why", "", 500))
        row.close()
        if not option.right and not option.why:
            table.wrong("choices", f"{option.text!r} is wrong and has no why")
        options.append(option)
    if not 2 <= len(options) <= MAX_OPTIONS:
        table.wrong("choices", f"got {len(options)}, wants 2 to {MAX_OPTIONS}")
    if sum(option.right for option in options) != 1:
        table.wrong("choices", "wants exactly one with right = true")
    if len({option.text for option in options}) < len(options):
        table.wrong("choices", "two have the same text")
    return Choice(tuple(options))


def _pick(table: Table) -> Question:
    names = (table.text("pick"),) if table.is_text("pick") else table.texts("pick")
    if not names:
        table.wrong("pick", "wants the name of a module or a variable")
    why = []
    for name, text in table.pairs("why"):
        if not isinstance(text, str):
            table.wrong("why", f"{name}: got {shown(text)}, wants text")
            continue
        why.append((name, text))
    return Pick(names, tuple(why))


def _order(table: Table) -> Question:
    items = table.texts("order")
    if not 2 <= len(items) <= MAX_OPTIONS:
        table.wrong("order", f"got {len(items)}, wants 2 to {MAX_OPTIONS}")
    if len(set(items)) < len(items):
        table.wrong("order", "two are the same")
    if table.one_of("by", ("place", "value"), "place") == "place":
        return Ordering(items)
    return Ordering((), _each(table, "order", Quantity.read))


_QUESTIONS: dict[str, Callable[[Table], Question]] = {
    "answer": _measured,
    "choices": _choice,
    "pick": _pick,
    "order": _order,
}


def do(block: Block, report: Report) -> Do:
    """Something to reach."""
    table = Table(block, report)
    ask = _asked(table, block, report)
    goal = Goal(
        cursor=_one(table, "cursor", Place.read),
        step=table.whole("step", 0, MOST_STEPS, 0),
        breakpoint=table.text("breakpoint", "", 60),
        hit=table.text("hit", "", 60),
        loss_below=table.number("loss_below") if table.has("loss_below") else None,
        loss_above=table.number("loss_above") if table.has("loss_above") else None,
        zeros=table.whole("zeros", 0, 100_000, 0),
        knobs=_knobs(table),
        set=_one(table, "set", lambda words: Quantity.read(f"value {words}")),
        traced=table.text("traced", "", 60),
        sample=table.whole("sample", 0, 100_000) if table.has("sample") else None,
        above=_bounds(table, "above"),
        below=_bounds(table, "below"),
    )
    solution = table.texts("solution")
    if not solution and not table.broken:
        table.wrong("solution", "wants at least one action")
    for words in solution:
        try:
            move(words)
        except (MoveError, PlaceError) as error:
            table.wrong("solution", str(error))
    if table.close() and goal == Goal() and not table.broken:
        report(block.line - 1, "do: wants a condition, such as cursor, hit, loss_below, zeros, knobs or set")
    return Do(block.line - 1, ask, goal, solution)


def _bounds(table: Table, key: str) -> tuple[tuple[Quantity, float], ...]:
    bounds = []
    for words, bound in table.pairs(key):
        if isinstance(bound, bool) or not isinstance(bound, int | float) or not abs(bound) < 1e300:
            table.wrong(key, f"{words}: got {shown(bound)}, wants a finite number")
            continue
        quantity = _read(table, key, Quantity.read, words)
        if quantity is not None:
            bounds.append((quantity, float(bound)))
    return tuple(bounds)


def note(block: Block, report: Report) -> Note:
    """The correction of a common statement."""
    table = Table(block, report)
    result = Note(block.line - 1, table.text("said"), table.text("where", most=200), table.text("instead"))
    table.close()
    return result


def _one(table: Table, key: str, read: Callable[[str], T]) -> T | None:
    """What the words of a key name; None if it is not there, or wrong."""
    return _read(table, key, read, table.text(key)) if table.has(key) else None


def _each(table: Table, key: str, read: Callable[[str], T]) -> tuple[T, ...]:
    found = (_read(table, key, read, words) for words in table.texts(key, ()))
    return tuple(item for item in found if item is not None)


def _read(table: Table, key: str, read: Callable[[str], T], words: str) -> T | None:
    try:
        return read(words)
    except (QuantityError, PlaceError) as error:
        table.wrong(key, str(error))
        return None


def _words(table: Table, key: str, known: tuple[str, ...]) -> tuple[str, ...]:
    words = table.texts(key, ())
    for word in words:
        if word not in known:
            near = suggestion(word, known)
            table.wrong(key, f"got {word!r}, wants some of {', '.join(known)}{near and '; '}{near}")
    return tuple(word for word in words if word in known)
