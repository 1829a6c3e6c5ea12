"""Modules: made, registered under names, and called."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bptui.sources.pytorch.doubt import kept
from bptui.sources.pytorch.evidence import Made
from bptui.sources.pytorch.functions import bound
from bptui.sources.pytorch.library import At, bind
from bptui.sources.pytorch.linear import called as title_of
from bptui.sources.pytorch.problem import Refusal
from bptui.sources.pytorch.values import (
    ALL,
    Class,
    Container,
    Function,
    Instance,
    Leaf,
    Net,
    Unknown,
    Value,
    is_module,
)

if TYPE_CHECKING:
    from bptui.sources.pytorch.machine import Machine

EVIDENCE = 100  # nets that are made, and calls of them, that are looked at


# -- making


def made(machine: Machine, cls: Class, arguments: Sequence[Value], keywords: dict[str, Value], line: int) -> Value:
    """An object of a class of the file. In the lenient run, a net is only noted. Raises Refusal."""
    if cls.is_module and machine.lenient:
        kept_now = [kept(each) for each in arguments], {name: kept(each) for name, each in keywords.items()}
        if len(machine.evidence.made) >= EVIDENCE:
            return Unknown("nets are made too often to follow", line)
        note = Made(cls, tuple(kept_now[0]), kept_now[1], line, names=kept(cls.scope.outermost.names))
        machine.evidence.made.append(note)
        return Net(note)
    if cls.is_module:
        _refuse_unusual(cls)
        machine.count_module(line)
    elif cls.base is not None and cls.root is not None and cls.root.name not in PLAIN:
        return Unknown(f"a {cls.node.name} is not followed", line)
    this = Instance(cls, line)
    found = cls.find("__init__")
    if found is None:
        if cls.is_module:
            initial(machine, this, arguments, line)
        elif _is_dataclass(cls):
            _fill(this, arguments, keywords, line)
            if cls.find("__post_init__") is not None:
                machine.call(machine.attribute(this, "__post_init__", line), (), {}, line)
        elif arguments or keywords:
            raise Refusal(line, f"{cls.node.name} takes no arguments")
        return this
    init, owner = found
    if not isinstance(init, Function):
        raise Refusal(line, f"{cls.node.name}.__init__ is no function")
    method = replace(init, owner=owner, this=this)
    machine.run_function(method, bound(machine, method, arguments, keywords, line))
    return this


def _refuse_unusual(cls: Class) -> None:
    """A class whose objects PyTorch would call or look into otherwise."""
    for one in cls.ancestry:
        odd = [name for name in ("__call__", "__getattr__", "__getattribute__", "__setattr__") if name in one.names]
        if odd:
            raise Refusal(one.node.lineno, f"{one.node.name} has a {odd[0]} of its own, which is not supported")
        if one.node.decorator_list or one.node.keywords:
            raise Refusal(one.node.lineno, f"{one.node.name} has a decorator or a metaclass, which is not supported")


PLAIN = ("builtins.object", "abc.ABC", "typing.NamedTuple", "typing.Generic")


def _is_dataclass(cls: Class) -> bool:
    import ast

    return any("dataclass" in ast.unparse(decorator) for decorator in cls.node.decorator_list)


def _fill(this: Instance, arguments: Sequence[Value], keywords: dict[str, Value], line: int) -> None:
    """The fields of a dataclass from its arguments, those of the classes that it derives from first."""
    import ast

    bodies = [statement for cls in reversed(this.cls.ancestry) for statement in cls.node.body]
    named = [s.target.id for s in bodies if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name)]
    fields = list(dict.fromkeys(named))
    if len(arguments) > len(fields) or not keywords.keys() <= set(fields):
        raise Refusal(line, f"{this.cls.node.name} has the fields {', '.join(fields)}")
    this.names |= dict(zip(fields, arguments, strict=False)) | keywords


def initial(machine: Machine, this: Instance, arguments: Sequence[Value], line: int) -> None:
    """The constructor of nn.Module, or of nn.Sequential with its modules."""
    if this.ready:
        raise Refusal(line, "nn.Module's constructor is called a second time, which is not supported")
    this.ready = True
    if this.cls.root is not None and this.cls.root.name == "torch.nn.Sequential":
        this.names[ALL] = sequential(At(machine, line), *arguments)


def sequential(at: At, *arguments: Value) -> Container:
    """nn.Sequential(a, b, …), or of an OrderedDict."""
    if len(arguments) == 1 and isinstance(arguments[0], dict):
        return _named(at, "Sequential", arguments[0])
    return Container("Sequential", at.line, {str(k): _module(at, value) for k, value in enumerate(arguments)})


def module_list(at: At, modules: Value = ()) -> Container:
    from bptui.sources.pytorch.comprehensions import iterated

    items = iterated(at.machine, modules, at.line)
    return Container("ModuleList", at.line, {str(k): _module(at, value) for k, value in enumerate(items)})


def module_dict(at: At, modules: Value = None) -> Container:
    if isinstance(modules, list | tuple):
        modules = dict(modules)
    if not isinstance(modules, dict | None):
        raise Refusal(at.line, "nn.ModuleDict: wants a dict of modules")
    return _named(at, "ModuleDict", modules or {})


def _named(at: At, kind: str, items: dict[Value, Value]) -> Container:
    for name in items:
        if not isinstance(name, str) or not name or "." in name:
            raise Refusal(at.line, f"nn.{kind}: {name!r:.40} is no name of a module")
    return Container(kind, at.line, {str(name): _module(at, value) for name, value in items.items()})


def _module(at: At, value: Value) -> Value:
    if isinstance(value, Unknown):
        if at.machine.lenient:
            return value
        raise Refusal(value.line, value.why)
    if not is_module(value) and not isinstance(value, Net):
        raise Refusal(at.line, "wants modules, such as nn.Linear(4, 3) or nn.ReLU()")
    return value


def made_of(machine: Machine, value: Value) -> Made:
    """The note of a net that is called in the lenient run."""
    if isinstance(value, Net):
        made: Made = value.made
        return made
    for note in machine.evidence.made:
        if note.whole is value:
            return note
    note = Made(None, (), {}, value.line, whole=value)
    machine.evidence.made.append(note)
    return note


def fresh(machine: Machine, value: Value, memo: dict[int, Value] | None = None) -> Value:
    """A copy of modules that were made elsewhere; nets that were only noted are made."""
    memo = {} if memo is None else memo
    if id(value) in memo:
        return memo[id(value)]
    made_now = value
    if isinstance(value, Net):
        note: Made = value.made
        if note.cls is not None:
            arguments = [fresh(machine, each, memo) for each in note.arguments]
            keywords = {name: fresh(machine, each, memo) for name, each in note.keywords.items()}
            made_now = made(machine, note.cls, arguments, keywords, note.line)
        else:
            made_now = fresh(machine, note.whole, memo)
    elif isinstance(value, Leaf):
        machine.count_module(value.line)
        made_now = Leaf(value.kind, value.line, value.apply, value.features)
    elif isinstance(value, Container):
        machine.count_module(value.line)
        items = {name: fresh(machine, each, memo) for name, each in value.items.items()}
        made_now = Container(value.kind, value.line, items)
    elif isinstance(value, Instance) and value.cls.is_module:
        made_now = Instance(value.cls, value.line, ready=value.ready)
        memo[id(value)] = made_now
        made_now.names |= {name: fresh(machine, each, memo) for name, each in value.names.items()}
    elif isinstance(value, list | tuple):
        made_now = type(value)(fresh(machine, each, memo) for each in value)
    elif isinstance(value, dict):
        made_now = {name: fresh(machine, each, memo) for name, each in value.items()}
    memo[id(value)] = made_now
    return made_now


# -- naming


def children(value: Value) -> Iterator[tuple[str, Value]]:
    """The modules that PyTorch registers in a module, by name."""
    items = value.items if isinstance(value, Container) else value.names if isinstance(value, Instance) else {}
    for name, child in items.items():
        if name == ALL:
            yield from children(child)
        elif is_module(child):
            yield name, child


def all_in(root: Value) -> list[Value]:
    """A module and all that are in it, each once, in PyTorch's order."""
    found: dict[int, Value] = {}
    waiting = [root]
    while waiting:
        value = waiting.pop()
        if id(value) not in found:
            found[id(value)] = value
            waiting += reversed([child for _, child in children(value)])
    return list(found.values())


def name_all(root: Value) -> set[str]:
    """Give every registered module its path, as `named_modules` does: the first one by which it is found."""
    if isinstance(root, Leaf):  # PyTorch has no name for it, and calls its parameters weight and bias
        root.path = root.kind.lower()
        return {root.path}
    paths: set[str] = set()
    waiting: list[tuple[str, Value]] = [("", root)]
    while waiting:
        path, value = waiting.pop()
        if value.path is not None:
            continue
        value.path = path
        if path:
            paths.add(path)
        if not isinstance(value, Leaf):
            found = [(f"{path}.{name}" if path else name, child) for name, child in children(value)]
            waiting += reversed(found)
    return paths


# -- calling


def called(machine: Machine, module: Value, arguments: Sequence[Value], keywords: dict[str, Value], line: int) -> Value:
    """What a module makes of its arguments. Raises Refusal, Halted."""
    if isinstance(module, Leaf):
        return _leaf(machine, module, arguments, keywords, line)
    if isinstance(module, Container):
        if module.kind != "Sequential":
            raise Refusal(line, f"nn.{module.kind} has no forward; call the modules in it one by one")
        return _one_by_one(machine, module, arguments, keywords, line)
    found = module.cls.find("forward")
    if found is None and ALL in module.names:
        return _one_by_one(machine, module.names[ALL], arguments, keywords, line)
    if found is None or not isinstance(found[0], Function):
        raise Refusal(line, f"{module.cls.node.name} has no forward")
    method = replace(found[0], owner=found[1], this=module)
    return machine.call(method, arguments, keywords, line)


def _leaf(machine: Machine, leaf: Leaf, arguments: Sequence[Value], keywords: dict[str, Value], line: int) -> Value:
    name = f"nn.{leaf.kind}"
    if leaf.features is not None:
        return bind(leaf.apply, name, At(machine, line), arguments, {**keywords, "leaf": leaf})
    before = len(machine.builder.drafts)
    made_now = bind(leaf.apply, name, At(machine, line, title_of(leaf) if leaf.path else None), arguments, keywords)
    if len(machine.builder.drafts) > before:
        leaf.calls += 1
    return made_now


def _one_by_one(
    machine: Machine, container: Container, arguments: Sequence[Value], keywords: dict[str, Value], line: int
) -> Value:
    """The modules of a Sequential, each shown where it is made."""
    if len(arguments) + len(keywords) != 1 or not keywords.keys() <= {"input"}:
        raise Refusal(line, f"nn.Sequential takes one input, {len(arguments) + len(keywords)} are given")
    value = arguments[0] if arguments else keywords["input"]
    for module in container.items.values():
        value = machine.call(module, (value,), {}, module.line if isinstance(module, Leaf) else line)
    return value
