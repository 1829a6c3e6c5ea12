"""What the statements of the file do."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bptui.sources.pytorch import lenient, methods
from bptui.sources.pytorch.comprehensions import iterated, one_by_one, refuse_lazy
from bptui.sources.pytorch.doubt import spoil
from bptui.sources.pytorch.expressions import condition
from bptui.sources.pytorch.functions import made_function, mangled, own_name
from bptui.sources.pytorch.functions_of_two import in_place
from bptui.sources.pytorch.imports import imported, imported_from
from bptui.sources.pytorch.later import Output, entry
from bptui.sources.pytorch.library import At
from bptui.sources.pytorch.operators import SYMBOLIC, binary
from bptui.sources.pytorch.problem import Refusal
from bptui.sources.pytorch.values import (
    ALL,
    Class,
    Container,
    Function,
    Instance,
    Later,
    Library,
    Net,
    Tensor,
    Unknown,
    Value,
    is_module,
)

if TYPE_CHECKING:
    from bptui.sources.pytorch.machine import Machine, Scope


LONGEST = 40  # letters of a variable's name that a screen has room for
SEVERAL = (ast.Tuple, ast.List)  # targets in one


class Returned(Exception):  # noqa: N818
    """A function ends with a value."""

    def __init__(self, value: Value) -> None:
        super().__init__()
        self.value = value


class Broken(Exception):  # noqa: N818
    """A loop ends."""


class Continued(Exception):  # noqa: N818
    """A turn of a loop ends."""


def run(machine: Machine, statement: ast.stmt, scope: Scope) -> None:
    """Run one statement. Raises Refusal, and what ends a block early."""
    form = _RUN.get(type(statement))
    if machine.lenient:
        lenient.run(machine, statement, scope, form)
    elif form is None:
        name = type(statement).__name__.lower().replace("async", "async ")
        raise Refusal(statement.lineno, f"{name}: this statement is not supported in a net")
    else:
        form(machine, statement, scope)


def _expression(machine: Machine, node: Any, scope: Scope) -> None:
    machine.evaluate(node.value, scope)


def _assign(machine: Machine, node: Any, scope: Scope) -> None:
    value = machine.evaluate(node.value, scope)
    for target in node.targets:
        assign(machine, target, value, scope)


def _annotated(machine: Machine, node: Any, scope: Scope) -> None:
    if node.value is not None:
        assign(machine, node.target, machine.evaluate(node.value, scope), scope)


def assign(machine: Machine, target: ast.expr, value: Value, scope: Scope) -> None:
    """Give a value a name, or several. Raises Refusal."""
    if isinstance(target, SEVERAL):
        _unpack(machine, target, value, scope)
        return
    refuse_lazy(machine, value, target.lineno)
    if isinstance(target, ast.Name):
        scope.elsewhere.get(target.id, scope).names[target.id] = value
        _name(value, target.id)
    elif isinstance(target, ast.Attribute):
        owner = machine.evaluate(target.value, scope)
        set_attribute(machine, owner, own_name(target.attr, scope), value, target.lineno)
    elif isinstance(target, ast.Subscript):
        owner, index = machine.evaluate(target.value, scope), machine.evaluate(target.slice, scope)
        _set_entry(machine, owner, index, value, target.lineno)
    else:
        raise Refusal(target.lineno, "this assignment is not understood")


def _name(value: Value, name: str) -> None:
    """A value of the net that has no name yet goes by the first one that it is given."""
    if isinstance(value, Later):
        value.labels.append(name)
    elif isinstance(value, Tensor) and value.variable.name is None and shown(name):
        value.variable.name = name


def shown(name: str) -> bool:
    """Whether a name of the file's is one for a variable on the screen."""
    return not name.startswith("_") and len(name) <= LONGEST


def set_attribute(machine: Machine, owner: Value, name: str, value: Value, line: int) -> None:
    """owner.name = value, which registers a module. Raises Refusal."""
    if name == "requires_grad":
        machine.evidence.unread.append((methods.FROZEN, line))
        return
    if machine.lenient and methods.of_net(owner):
        if name == "data":
            machine.evidence.unread.append(("parameters that the file sets are", line))
        elif name not in ("grad", "training") and not _is_unused(owner, name):
            machine.evidence.changed.append((f"setting .{name} changes the net after it is made", line))
        return
    if isinstance(owner, Instance):
        _set_own(owner, name, value, line)
        return
    if isinstance(owner, Library) and f"{owner.name}.{name}" == "torch.nn.Dropout.forward":  # as our own programs do
        machine.evidence.unread.append(("masks of dropout that the file sets are", line))
        return
    if isinstance(owner, Library) and owner.name.startswith("torch") and not owner.name.startswith("torch.backends"):
        machine.evidence.changed.append((f"{owner.name}.{name} is set to something else", line))
        return
    if isinstance(owner, Unknown | Net) or (machine.lenient and not isinstance(owner, Class)):
        return
    if isinstance(owner, Class):
        owner.names[name] = value
    elif isinstance(owner, Container) and is_module(value):
        owner.items[name] = value
    else:
        raise Refusal(line, f"setting .{name} of this is not supported")


def _set_own(owner: Instance, name: str, value: Value, line: int) -> None:
    """self.name = value."""
    if name in ("training", "forward") and owner.cls.is_module:
        raise Refusal(line, f"setting self.{name} is not supported")
    if not is_module(value):
        owner.names[name] = value
        _name(value, name)
        return
    if owner.cls.is_module and not owner.ready:
        raise Refusal(line, "cannot assign module before Module.__init__() call; super().__init__() comes first")
    if not is_module(owner.names.get(name)):
        owner.names.pop(name, None)
    names = owner.names[ALL].items if ALL in owner.names else owner.names
    names[name] = value


def _is_unused(owner: Value, name: str) -> bool:
    """Whether an attribute that is set on a net is none that its class speaks of, or may come to by its name."""
    cls = owner.made.cls if isinstance(owner, Net) else None
    parts = [part for one in cls.ancestry for part in ast.walk(one.node)] if cls is not None else []
    spoken_of = {part.attr for part in parts if isinstance(part, ast.Attribute)}
    spoken_of |= {part.id for part in parts if isinstance(part, ast.Name)}
    return bool(parts) and not spoken_of & {name, *BY_NAME} and name not in ("forward", "__class__")


BY_NAME = frozenset(
    ["getattr", "vars", "__dict__", "_modules", "children", "named_children", "modules", "named_modules", "Sequential"]
)


def _set_entry(machine: Machine, owner: Value, index: Value, value: Value, line: int) -> None:
    if machine.lenient and methods.of_net(owner):
        machine.evidence.changed.append(("setting an entry changes the net after it is made", line))
        return
    if machine.lenient and isinstance(owner, Tensor):
        owner.numbers = None
        return
    if isinstance(owner, Unknown) or isinstance(index, Unknown):
        if not machine.lenient:
            raise Refusal(line, "setting an entry of something unknown is not supported")
        spoil(owner, "an entry of this is set that is not known", line)
        return
    key = isinstance(index, str | int | float | tuple | type(None))
    place = isinstance(owner, list) and isinstance(index, int) and -len(owner) <= index < len(owner)
    if (isinstance(owner, dict) and key) or place:
        owner[index] = value
    elif isinstance(owner, Container) and is_module(value):
        names = list(owner.items)
        if isinstance(index, int) and -len(names) <= index < len(names):
            owner.items[names[index]] = value
        elif isinstance(index, str):
            owner.items[index] = value
        else:
            raise Refusal(line, "there is no such entry")
    else:
        raise Refusal(line, "setting an entry of this is not supported")


def _unpack(machine: Machine, target: Any, value: Value, scope: Scope) -> None:
    if isinstance(value, Unknown | Later):
        unpacked: Value = value if isinstance(value, Unknown) else Unknown("this is not followed", target.lineno)
        starred = any(isinstance(each, ast.Starred) for each in target.elts)
        for k, each in enumerate(target.elts):
            one = entry(value, k, target.lineno) if isinstance(value, Output) and not starred else None
            assign(machine, each.value if isinstance(each, ast.Starred) else each, one or unpacked, scope)
        return
    items = iterated(machine, value, target.lineno)
    stars = [k for k, each in enumerate(target.elts) if isinstance(each, ast.Starred)]
    wanted = len(target.elts)
    if (not stars and len(items) != wanted) or (stars and len(items) < wanted - 1):
        raise Refusal(target.lineno, f"{len(items)} values are unpacked into {wanted} names")
    if stars:
        k = stars[0]
        end = len(items) - (wanted - k - 1)
        items = [*items[:k], items[k:end], *items[end:]]
    for each, item in zip(target.elts, items, strict=True):
        assign(machine, each.value if isinstance(each, ast.Starred) else each, item, scope)


def _augmented(machine: Machine, node: Any, scope: Scope) -> None:
    reading = copy.copy(node.target)
    reading.ctx = ast.Load()
    old, other = machine.evaluate(reading, scope), machine.evaluate(node.value, scope)
    if isinstance(old, Tensor) and isinstance(other, (*SYMBOLIC, int, float)):
        in_place(At(machine, node.lineno), type(node.op), old, other)
        if isinstance(node.target, ast.Name):
            _name(old, node.target.id)
        return
    if isinstance(old, Container) and isinstance(node.op, ast.Add):
        for module in iterated(machine, other, node.lineno):
            old.items[str(len(old.items))] = module
        return
    if isinstance(old, list) and isinstance(node.op, ast.Add):
        old.extend(iterated(machine, other, node.lineno))
        return
    assign(machine, node.target, binary(machine, type(node.op), old, other, node.lineno), scope)


def _if(machine: Machine, node: Any, scope: Scope) -> None:
    known = condition(machine, node.test, scope)
    if isinstance(known, Unknown):
        raise Refusal(known.line, known.why)
    machine.run(node.body if known else node.orelse, scope)


def _for(machine: Machine, node: Any, scope: Scope) -> None:
    over = machine.evaluate(node.iter, scope)
    refuse_lazy(machine, over, node.iter.lineno)
    for item in one_by_one(over, iterated(machine, over, node.lineno), node.lineno):
        assign(machine, node.target, item, scope)
        try:
            machine.run(node.body, scope)
        except Continued:
            continue
        except Broken:
            return
    machine.run(node.orelse, scope)


def _while(machine: Machine, node: Any, scope: Scope) -> None:
    while True:
        known = condition(machine, node.test, scope)
        if isinstance(known, Unknown):
            raise Refusal(known.line, known.why)
        if not known:
            break
        try:
            machine.run(node.body, scope)
        except Continued:
            continue
        except Broken:
            return
    machine.run(node.orelse, scope)


def _return(machine: Machine, node: Any, scope: Scope) -> None:
    raise Returned(None if node.value is None else machine.evaluate(node.value, scope))


def _break(machine: Machine, node: Any, scope: Scope) -> None:
    raise Broken


def _continue(machine: Machine, node: Any, scope: Scope) -> None:
    raise Continued


def _pass(machine: Machine, node: Any, scope: Scope) -> None:
    """Nothing to do."""


def _function(machine: Machine, node: Any, scope: Scope) -> None:
    made = made_function(machine, node, scope)
    made.owner = None
    scope.names[node.name] = made


def _class(machine: Machine, node: Any, scope: Scope) -> None:
    scope.names[node.name] = _made_class(machine, node, scope)


def _made_class(machine: Machine, node: ast.ClassDef, scope: Scope) -> Value:
    from bptui.sources.pytorch.machine import Scope as NewScope

    bases = [machine.evaluate(base, scope) for base in node.bases]
    bases = [b for b in bases if not (isinstance(b, Library) and b.name in IGNORED)]
    if len(bases) > 1:
        kind = "several classes, one of them a net" if any(map(_is_of_modules, bases)) else "several classes"
        return Unknown(f"{node.name} derives from {kind}, which is not supported", node.lineno)
    base = bases[0] if bases else None
    if isinstance(base, Unknown):
        return base
    if isinstance(base, Library):
        base = Library(ALIASES.get(base.name, base.name))
    made = Class(node, scope, base)
    inner = NewScope(outer=scope)
    try:
        machine.run(node.body, inner)
    except (Returned, Broken, Continued):
        raise Refusal(machine.line, "is no Python: return, break or continue in the body of a class") from None
    made.names = {mangled(name, made): value for name, value in inner.names.items()}
    for value in made.names.values():
        if isinstance(value, Function):
            value.scope = scope  # names of the class are not seen from its methods
    return made


def _is_of_modules(base: Value) -> bool:
    if isinstance(base, Class):
        return base.is_module
    return isinstance(base, Library) and base.name.startswith("torch.nn.")


IGNORED = frozenset({"abc.ABC", "builtins.object", "typing.Generic", "typing.Protocol"})
ALIASES = {"torch.nn.modules.Module": "torch.nn.Module", "torch.nn.modules.module.Module": "torch.nn.Module"}


def _import(machine: Machine, node: Any, scope: Scope) -> None:
    scope.names |= imported(node)


def _import_from(machine: Machine, node: Any, scope: Scope) -> None:
    scope.names |= imported_from(node)


def _assert(machine: Machine, node: Any, scope: Scope) -> None:
    known = condition(machine, node.test, scope)
    if known is False:
        raise Refusal(node.lineno, f"assert {ast.unparse(node.test)[:60]} would fail")


def _raise(machine: Machine, node: Any, scope: Scope) -> None:
    raise Refusal(node.lineno, f"{ast.unparse(node)[:80]} would be raised")


def _with(machine: Machine, node: Any, scope: Scope) -> None:
    texts = [ast.unparse(item.context_expr) for item in node.items]
    if machine.builder.called or texts != ["torch.no_grad()"]:
        raise Refusal(node.lineno, f"with {texts[0][:40]}: is not supported in a net")
    machine.run(node.body, scope)


def _global(machine: Machine, node: Any, scope: Scope) -> None:
    outer: Scope | None = scope.outermost if isinstance(node, ast.Global) else scope.outer
    for name in node.names:
        found = outer.find(name) if outer is not None else None
        scope.elsewhere[name] = found or scope.outermost


def _delete(machine: Machine, node: Any, scope: Scope) -> None:
    for target in node.targets:
        if isinstance(target, ast.Name) and target.id in scope.names:
            del scope.names[target.id]
            continue
        owner = machine.evaluate(target.value, scope) if isinstance(target, ast.Attribute | ast.Subscript) else None
        if machine.lenient and methods.of_net(owner):
            machine.evidence.changed.append(("del changes the net after it is made", node.lineno))
        elif isinstance(target, ast.Attribute) and isinstance(owner, Instance) and target.attr in owner.names:
            del owner.names[target.attr]
        else:
            raise Refusal(node.lineno, "this del is not supported")


_RUN: dict[type[ast.stmt], Callable[[Machine, Any, Scope], None]] = {
    ast.Expr: _expression,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.If: _if,
    ast.For: _for,
    ast.While: _while,
    ast.Return: _return,
    ast.Break: _break,
    ast.Continue: _continue,
    ast.Pass: _pass,
    ast.FunctionDef: _function,
    ast.ClassDef: _class,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.Assert: _assert,
    ast.Raise: _raise,
    ast.With: _with,
    ast.Global: _global,
    ast.Nonlocal: _global,
    ast.Delete: _delete,
}
