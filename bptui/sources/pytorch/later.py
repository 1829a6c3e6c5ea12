"""What a file makes of its net's outputs and parameters: not known, as the file does not run, but how it is made is.

The lenient run takes the operations down, from a call of the net to `backward()`. Once the net itself has been read,
`cost` computes them, by the same functions that forward is read with.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bptui.sources.pytorch.values import Later, Library, Loss, Method, Net, Parameter, Tensor, Unknown, Value

if TYPE_CHECKING:
    from bptui.sources.pytorch.evidence import Called, Made
    from bptui.sources.pytorch.machine import Machine

Conditions = tuple[tuple[str, str, bool], ...]  # how, a word, and whether it must be so
PLAIN = (bool, int, float, str, type(None), tuple, list, Tensor)  # what may be a part beside other `Later`
KNOWN_NUMBERS = ("item", "detach", "tolist", "numpy", "cpu", "data")  # of which no gradient goes back


@dataclass(eq=False)
class Output(Later):
    """What a net makes in a call; with an index, one of several things."""

    called: Called | None = None
    index: int | None = None


@dataclass(eq=False)
class Taken(Later):
    """A cost of a prediction and a target; `title` and `word` are what the file calls the cost and the target."""

    loss: Loss | None = None
    prediction: Value = None
    target: Value = None
    title: str = ""
    word: str = ""


@dataclass(eq=False)
class Some(Later):
    """The parameters of a net under a name (empty: all), those that fulfil `only`; `named`: with their names.

    A "parameter" is one of them, "each" is what stands for all of them in a sum.
    """

    made: Made | None = None
    under: str = ""
    only: Conditions = ()
    named: bool = False


def followed(value: Value) -> Value:
    """A parameter of a net as one that is followed; any other value as it is."""
    names: list[str] = []
    here = value
    while isinstance(here, Method):
        names.insert(0, here.name)
        here = here.this
    if isinstance(here, Net) and names and names[-1] in ("weight", "bias") and "[]" not in names:
        return Some("parameter", here.made.line, made=here.made, under=".".join(names))
    if isinstance(value, Parameter):
        return Some("parameter", value.owner.line, parts=(value,))
    return value


def recorded(
    what: str, line: int, form: Callable[..., Value], parts: Sequence[Value], keywords: dict[str, Value]
) -> Later | None:
    """An operation on something followed and on plain values; None where there is another thing among them."""
    values = tuple(followed(part) for part in parts)
    if not any(isinstance(value, Later) for value in values):
        return None
    if not all(isinstance(value, (Later, *PLAIN)) for value in (*values, *keywords.values())):
        return None
    return Later(what, line, form, values, keywords)


def joined(op: type[ast.operator], sign: str, left: Value, right: Value, line: int) -> Later | None:
    """left op right."""

    def form(machine: Machine, parts: Sequence[Value], keywords: dict[str, Value]) -> Value:
        from bptui.sources.pytorch.operators import binary

        return binary(machine, op, parts[0], parts[1], line)

    return recorded(sign, line, form, (left, right), {})


def negated(value: Later, line: int) -> Later:
    """−value."""

    def form(machine: Machine, parts: Sequence[Value], keywords: dict[str, Value]) -> Value:
        from bptui.sources.pytorch.operators import binary

        return binary(machine, ast.Mult, -1.0, parts[0], line)

    return Later("negative", line, form, (value,))


def by_function(function: Value, parts: Sequence[Value], keywords: dict[str, Value], line: int) -> Later | None:
    """A call of a function of PyTorch's, or of one of its modules without parameters."""

    def form(machine: Machine, parts: Sequence[Value], keywords: dict[str, Value]) -> Value:
        return machine.call(function, parts, keywords, line)

    name = function.name if isinstance(function, Library) else ""
    what = name.removeprefix("torch.").removeprefix("linalg.vector_") if name != "torch.linalg.norm" else name
    return recorded(what, line, form, parts, keywords)


def by_method(
    this: Later, name: str, arguments: Sequence[Value], keywords: dict[str, Value], line: int
) -> Later | None:
    """A call of a tensor's method."""

    def form(machine: Machine, parts: Sequence[Value], keywords: dict[str, Value]) -> Value:
        return machine.call(machine.attribute(parts[0], name, line), parts[1:], keywords, line)

    return None if name in KNOWN_NUMBERS else recorded(name, line, form, (this, *arguments), keywords)


def entry(value: Later, index: Any, line: int) -> Later:
    """One of the things that a net makes; or of the entries of a tensor."""
    if isinstance(value, Output) and value.index is None and isinstance(index, int) and not isinstance(index, bool):
        return Output("output", line, called=value.called, index=index)

    def form(machine: Machine, parts: Sequence[Value], keywords: dict[str, Value]) -> Value:
        from bptui.sources.pytorch.operators import subscript

        return subscript(machine, parts[0], index, line)

    return Later("entry", line, form, (value,))


# -- parameters, gone through


def each_of(value: Some, conditions: Conditions, line: int) -> Value:
    """What a loop over parameters goes through, once for all of them that fulfil some conditions."""
    one = Some("each", line, made=value.made, under=value.under, only=(*value.only, *conditions))
    return (Unknown("the name of a parameter is not known here", line), one) if value.named else one


def total(value: Value, line: int) -> Later:
    """The sum, over the parameters that it is about, of an expression."""
    return Later("total", line, None, (value,))


def conditions(test: ast.expr, target: ast.expr) -> Conditions | None:
    """Which parameters a condition lets through, in a loop that calls them as `target` says; None where that is open.

    "in" and "ends" are about a name, "axes" is about how many a parameter has.
    """
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        found = [conditions(part, target) for part in test.values]
        return None if None in found else tuple(each for some in found for each in some or ())
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = conditions(test.operand, target)
        return ((*inner[0][:2], not inner[0][2]),) if inner and len(inner) == 1 else None
    names = [each.id for each in ast.walk(target) if isinstance(each, ast.Name)]
    one, name = names[-1], names[0] if len(names) == 2 else ""
    text = ast.unparse(test)
    if text == f"{one}.requires_grad":
        return ()
    if isinstance(test, ast.Call) and ast.unparse(test.func) == f"{name}.endswith" and len(test.args) == 1:
        word = _text(test.args[0])
        return (("ends", word, True),) if word is not None else None
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        op, other = test.ops[0], test.comparators[0]
        word = _text(test.left)
        if isinstance(op, ast.In | ast.NotIn) and ast.unparse(other) == name and word is not None:
            return (("in", word, isinstance(op, ast.In)),)
        if ast.unparse(test.left) in (f"{one}.dim()", f"{one}.ndim", f"len({one}.shape)", f"len({one}.size())"):
            axes = text.removeprefix(ast.unparse(test.left))
            return {each: (("axes", "", wanted),) for each, wanted in AXES.items()}.get(axes)
    return None


AXES = {" > 1": True, " >= 2": True, " == 2": True, " != 1": True, " == 1": False, " < 2": False, " <= 1": False}


def _text(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def meant(some: Some, names: Sequence[str]) -> list[str]:
    """The parameters of a net that are meant, of all by name."""
    if some.what == "parameter" and some.under in names:
        return [some.under]
    start = f"{some.under}." if some.under else ""
    return [name for name in names if name.startswith(start) and _fulfils(name.removeprefix(start), some.only)]


def _fulfils(name: str, conditions: Conditions) -> bool:
    def holds(how: str, word: str) -> bool:
        if how == "axes":  # parameters are those of Linears: a weight has two axes, a bias has one
            return name.rpartition(".")[2] == "weight"
        return word in name if how == "in" else name.endswith(word)

    return all(holds(how, word) is wanted for how, word, wanted in conditions)
