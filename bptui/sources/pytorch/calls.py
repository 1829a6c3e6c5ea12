"""Calls: of functions and classes of the file, of modules, and of what is known of PyTorch and Python."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from bptui.sources.pytorch import (
    builtins,
    functions,
    functions_around,
    functions_of_one,
    functions_of_shape,
    later,
    library,
    methods,
    modules,
    options,
)
from bptui.sources.pytorch.comprehensions import iterated
from bptui.sources.pytorch.doubt import kept
from bptui.sources.pytorch.evidence import Called
from bptui.sources.pytorch.later import Output
from bptui.sources.pytorch.library import At, bind, shown
from bptui.sources.pytorch.patterns import loss_by_hand
from bptui.sources.pytorch.problem import Refusal
from bptui.sources.pytorch.values import (
    LIBRARY_MODULES,
    Class,
    Function,
    Instance,
    Later,
    Leaf,
    Library,
    Loss,
    Method,
    Net,
    Parameter,
    Stack,
    Super,
    Tensor,
    Unknown,
    Value,
    is_module,
)

if TYPE_CHECKING:
    from bptui.sources.pytorch.machine import Machine, Scope

__all__ = ["call", "call_node", "functions_of_one", "functions_of_shape"]  # these fill the table


PARAMETERS = ("torch.nn.Parameter", "torch.nn.parameter.Parameter")
SPECIAL = frozenset({"builtins.print", "builtins.super", *PARAMETERS})  # whose arguments are not just worked out


def call_node(machine: Machine, node: ast.Call, scope: Scope) -> Value:
    """The value of a call as it stands in the file. Raises Refusal."""
    function = machine.evaluate(node.func, scope)
    line = node.lineno
    if isinstance(function, Library) and function.name in SPECIAL:
        if function.name == "builtins.print" and not machine.lenient and not _changes(node):
            return None
        if function.name == "builtins.super":
            return _super(machine, node, scope)
        if function.name in PARAMETERS and not machine.lenient:
            raise Refusal(line, "nn.Parameter is not supported; parameters are those of nn.Linear")
    if machine.lenient:
        by_hand = loss_by_hand(node)
        if by_hand is not None:
            return _by_hand(machine, *by_hand, line, scope)
    evaluate = partial(_leniently, machine) if machine.lenient else machine.evaluate
    arguments: list[Value] = []
    for each in node.args:
        if isinstance(each, ast.Starred):
            arguments += iterated(machine, machine.evaluate(each.value, scope), line)
        else:
            arguments.append(evaluate(each, scope))
    keywords: dict[str, Value] = {}
    for keyword in node.keywords:
        value = machine.evaluate(keyword.value, scope)
        if keyword.arg is not None:
            keywords[keyword.arg] = value
        elif isinstance(value, dict) and all(isinstance(key, str) for key in value):
            keywords |= value
        else:
            raise Refusal(line, "** of this is not understood")
    machine.at = node
    return call(machine, function, arguments, keywords, line)


def _leniently(machine: Machine, node: ast.expr, scope: Scope) -> Value:
    """An argument in the rest of the file: one that is not understood is unknown, and the call still seen."""
    try:
        return machine.evaluate(node, scope)
    except Refusal as refusal:
        return Unknown(refusal.message, refusal.line)


def _by_hand(machine: Machine, cost: str, reduction: str, sides: list[ast.expr], line: int, scope: Scope) -> Value:
    """A cost that is written out, of the two sides of a difference."""
    loss = Loss(cost, reduction, line)
    machine.evidence.losses.append(loss)
    values = [(machine.evaluate(side, scope), side) for side in sides]
    values.sort(key=lambda pair: not isinstance(pair[0], Later))  # what the net makes comes first
    (prediction, _), (target, word) = values
    return functions_around.compared(At(machine, line), loss, (prediction, target), ast.unparse(word))


def _changes(node: ast.Call) -> bool:
    """Whether an argument of print could change something: a call of an in-place method, an assignment."""
    inner = [part for argument in node.args for part in ast.walk(argument)]
    return any(
        isinstance(part, ast.NamedExpr)
        or (isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and part.func.attr.endswith("_"))
        or (isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and _is_self(part.func.value))
        for part in inner
    )


def _is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"


def _super(machine: Machine, node: ast.Call, scope: Scope) -> Value:
    owner, this = functions.owner_of(scope)
    if node.args:
        owner = machine.evaluate(node.args[0], scope)
        this = machine.evaluate(node.args[1], scope) if len(node.args) > 1 else None
    if isinstance(this, Unknown) or this is None:
        return machine.unknown(node.lineno, "super() is not known here")
    if not isinstance(owner, Class) or not isinstance(this, Instance):
        raise Refusal(node.lineno, "this use of super() is not understood")
    return Super(this, owner)


def call(machine: Machine, function: Value, arguments: Sequence[Value], keywords: dict[str, Value], line: int) -> Value:
    """The value of a call. Raises Refusal."""
    if isinstance(function, Library):
        return _of_library(machine, function.name, arguments, keywords, line)
    if is_module(function) and not (machine.lenient and isinstance(function, LIBRARY_MODULES)):
        return modules.called(machine, function, arguments, keywords, line)
    if isinstance(function, Unknown):
        _refuse_touching(machine, function.line, function.why, arguments, keywords)
        return function
    if isinstance(function, Class):
        return modules.made(machine, function, arguments, keywords, line)
    if isinstance(function, Function):
        odd = _odd_decorator(function)
        if odd and not machine.lenient:
            raise Refusal(function.node.lineno, f"{function.name} is decorated by {odd}, which is not supported")
        return machine.run_function(function, functions.bound(machine, function, arguments, keywords, line))
    if isinstance(function, Method):
        return methods.called(machine, function, arguments, keywords, line)
    if machine.lenient and isinstance(function, Leaf) and function.features is None:
        return later.by_function(function, arguments, keywords, line) or Unknown(
            "what a module makes is not known", line
        )
    if isinstance(function, Net) or (machine.lenient and isinstance(function, LIBRARY_MODULES)):
        made = modules.made_of(machine, function)
        if len(machine.evidence.called) < modules.EVIDENCE:
            names = kept(made.cls.scope.outermost.names) if made.cls is not None else None
            note = Called(made, tuple(arguments), keywords, line, names)
            machine.evidence.called.append(note)
            return Output("output", line, called=note)
        return Unknown("what a net makes is not known", line)
    if isinstance(function, Loss):
        return functions_around.compared(At(machine, line), function, [*arguments, *keywords.values()])
    if isinstance(function, Instance):
        found = function.cls.find("__call__")
        if found is not None and isinstance(found[0], Function):
            return machine.call(machine.attribute(function, "__call__", line), arguments, keywords, line)
    if machine.lenient:
        return Unknown("this call is not understood", line)
    raise Refusal(line, "this is no function, and no module that can be called")


DECORATORS = {"staticmethod", "classmethod", "property", "abstractmethod", "override", "compile", "cache", "lru_cache"}


def _odd_decorator(function: Function) -> str:
    """A decorator that may make another function of it; empty if there is none."""
    if not isinstance(function.node, ast.FunctionDef):
        return ""
    for decorator in function.node.decorator_list:
        named = decorator.func if isinstance(decorator, ast.Call) else decorator
        name = named.attr if isinstance(named, ast.Attribute) else named.id if isinstance(named, ast.Name) else ""
        if name not in DECORATORS:
            return ast.unparse(decorator)[:40]
    return ""


def _of_library(
    machine: Machine, name: str, arguments: Sequence[Value], keywords: dict[str, Value], line: int
) -> Value:
    at, name = At(machine, line), library.aliases(name)
    constructor = library.LAYERS.get(name) or CONTAINERS.get(name)
    if constructor is not None:
        machine.count_module(line)
        return bind(constructor, name, at, arguments, keywords)
    if name.startswith("builtins."):
        return builtins.called(machine, name.removeprefix("builtins."), arguments, keywords, line)
    if machine.lenient and name.rpartition(".")[0] in OF_TENSORS and not _is_cost(name):
        found = later.by_function(Library(name), arguments, keywords, line)
        if found is not None:
            return found
    if name in library.FUNCTIONS:
        _refuse_unknown(machine, arguments, keywords)
        return bind(library.FUNCTIONS[name], name, at, arguments, keywords)
    if name.startswith("Tensor.") and name.removeprefix("Tensor.") in library.METHODS:
        return bind(library.METHODS[name.removeprefix("Tensor.")], name, at, arguments, keywords)
    if name == "torch.nn.Module.__init__" and arguments and isinstance(arguments[0], Instance):
        modules.initial(machine, arguments[0], (), line)
        return None
    if name.startswith("torch.optim.") and not name.startswith("torch.optim.lr_scheduler."):
        return functions_around.optimiser(at, name.rpartition(".")[2], tuple(arguments), keywords)
    if name.startswith("torch.optim.lr_scheduler."):
        return functions_around.schedule(at, name.rpartition(".")[2], tuple(arguments), keywords)
    if name.startswith("torch.nn.init.") and arguments and isinstance(arguments[0], Tensor):
        arguments[0].numbers = None
        return arguments[0]
    if name.startswith("torch.nn.init."):
        if machine.builder.called and not machine.lenient:
            raise Refusal(line, f"{shown(name)} in forward is not supported")
        machine.evidence.unread.append(("initial parameters from nn.init are", line))
        return None
    if name == "argparse.ArgumentParser":
        return options.Parser(line)
    if name.endswith(".DataLoader"):
        size = keywords.get("batch_size", arguments[1] if len(arguments) > 1 else 1)
        machine.evidence.loaders.append((size, line))
        return Unknown("a DataLoader is not read", line)
    if name in ("torch.compile", "torch.nn.DataParallel") and arguments:
        return arguments[0]
    if name.startswith("torch.nn.utils.") and name.rpartition(".")[2] not in HARMLESS_UTILS:
        machine.evidence.changed.append((f"{shown(name)} changes the net after it is made", line))
    known = builtins.of_modules(machine, name, arguments, keywords, line)
    if known is not builtins.NOT_KNOWN:
        return known
    why = f"{shown(name)} is not supported"
    if name.rpartition(".")[2] in functions_around.OTHER_LOSSES and name.startswith("torch.nn."):
        why += f"; costs are {', '.join(functions_around.LOSSES)}"
        machine.evidence.losses.append(Loss(why, "mean", line))
    elif name.startswith("torch.nn.functional."):
        why += f"; functions are {library.supported_functions()}"
    elif name.startswith("torch.nn."):
        why += f"; modules are {library.supported_layers()}"
    if name.startswith("torch.") and not machine.lenient and not name.startswith(HARMLESS):
        raise Refusal(line, why)
    _refuse_touching(machine, line, why, arguments, keywords)
    return Unknown(why, line)


OF_TENSORS = ("torch", "torch.nn.functional", "torch.linalg")  # what is here takes and gives tensors


def _is_cost(name: str) -> bool:
    return name.rpartition(".")[2] in (*functions_around.LOSSES, *functions_around.LOSS_FUNCTIONS)


HARMLESS_UTILS = ("clip_grad_norm_", "clip_grad_value_", "parameters_to_vector", "vector_to_parameters")
HARMLESS = ("torch.cuda.", "torch.backends.", "torch.device", "torch.utils.data.", "torch.float", "torch.get_")


def _refuse_unknown(machine: Machine, arguments: Sequence[Value], keywords: dict[str, Value]) -> None:
    """A function of a tensor and of something unknown."""
    if machine.lenient:
        return
    values = [*arguments, *keywords.values()]
    unknown = [value for value in values if isinstance(value, Unknown)]
    if unknown and any(isinstance(value, Tensor) for value in values):
        raise Refusal(unknown[0].line, unknown[0].why)


def _refuse_touching(
    machine: Machine, line: int, why: str, arguments: Sequence[Value], keywords: dict[str, Value]
) -> None:
    """What is not known may do anything to a tensor or a module that it gets."""
    if machine.lenient:
        return
    values = [*arguments, *keywords.values()]
    values += [each for value in values if isinstance(value, list | tuple) for each in value]
    if any(isinstance(value, Tensor | Parameter | Stack) or is_module(value) for value in values):
        raise Refusal(line, why)


CONTAINERS: dict[str, library.Form] = {
    "torch.nn.Sequential": modules.sequential,
    "torch.nn.ModuleList": modules.module_list,
    "torch.nn.ModuleDict": modules.module_dict,
}
