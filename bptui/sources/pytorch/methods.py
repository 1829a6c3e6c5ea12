"""Methods of values that have no code in the file: of tensors, modules, lists, dicts and texts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bptui.session.names import suggestion
from bptui.sources.pytorch import later, library, modules, options
from bptui.sources.pytorch.comprehensions import iterated
from bptui.sources.pytorch.doubt import spoil
from bptui.sources.pytorch.evidence import Made, Minimised
from bptui.sources.pytorch.functions_of_two import parameter_method
from bptui.sources.pytorch.later import Some
from bptui.sources.pytorch.library import At, bind
from bptui.sources.pytorch.limits import ENTRIES
from bptui.sources.pytorch.problem import Refusal
from bptui.sources.pytorch.values import (
    ALL,
    Container,
    Instance,
    Later,
    Leaf,
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
    from bptui.sources.pytorch.machine import Machine


def called(
    machine: Machine, method: Method, arguments: Sequence[Value], keywords: dict[str, Value], line: int
) -> Value:
    """What a method gives. Raises Refusal."""
    this, name = method.this, method.name
    if machine.lenient and isinstance(later.followed(this), Later):
        return _of_later(machine, later.followed(this), name, arguments, keywords, line)
    if isinstance(this, Tensor):
        return _of_tensor(machine, this, name, arguments, keywords, line)
    if isinstance(this, options.Parser):
        return options.called(machine, this, name, arguments, keywords, line)
    if isinstance(this, Stack):
        if name in ("sum", "mean"):
            return bind(library.METHODS[name], name, At(machine, line), (this, *arguments), keywords)
        raise Refusal(line, "stacked tensors can only be summed or averaged along dim 0")
    if isinstance(this, Parameter):
        if machine.lenient:
            return Unknown("parameters are not followed", line)
        if name.endswith("_"):
            return _set_in_place(machine, this, name, line)
        return parameter_method(this, name, arguments, line)
    if isinstance(this, Super):
        return _of_super(machine, this, name, arguments, keywords, line)
    if isinstance(this, Net) and name in ("forward", "__call__"):
        return machine.call(this, arguments, keywords, line)
    if isinstance(this, Net):
        return _of_net(machine, this, name, arguments, line)
    if isinstance(this, Method) and not machine.lenient and _of_parameter(this) and name.endswith("_"):
        return _set_in_place(machine, this, name, line)
    if isinstance(this, Method):
        _note(machine, of_net(this) and not _is_gradient(this), name, line)
        return machine.unknown(line, f".{name} is not understood")
    if isinstance(this, Container | Leaf | Instance):
        return _of_module(machine, this, name, arguments, keywords, line)
    if isinstance(this, list):
        return _of_list(machine, this, name, arguments, keywords, line)
    if isinstance(this, dict):
        return _of_dict(machine, this, name, arguments, keywords, line)
    if isinstance(this, str | tuple | range | int | float):
        return _of_constant(machine, this, name, arguments, keywords, line)
    return machine.unknown(line, f".{name} is not understood")


def _of_parameter(value: Value) -> bool:
    """Whether a value is an attribute of a parameter: `weight.data`."""
    while isinstance(value, Method):
        value = value.this
    return isinstance(value, Parameter)


def _set_in_place(machine: Machine, this: Value, name: str, line: int) -> Value:
    """weight.data.normal_(), and its like: a constructor may do that, and it is said. Raises Refusal."""
    if machine.builder.called:
        raise Refusal(line, f".{name} of a parameter in forward is not supported")
    what = FROZEN if name == "requires_grad_" else "parameters that the file sets are"
    machine.evidence.unread.append((what, line))
    return this


def _of_later(
    machine: Machine, this: Later, name: str, arguments: Sequence[Value], keywords: dict[str, Value], line: int
) -> Value:
    if name == "backward" and len(machine.evidence.minimised) < modules.EVIDENCE:
        machine.evidence.minimised.append(Minimised(this, line))
    if isinstance(this, Some):
        _note(machine, True, name, line)
    elif name.endswith("_"):
        machine.evidence.unread.append(("what is done in place to what the net makes is", line))
    return later.by_method(this, name, arguments, keywords, line) or Unknown(f".{name} is not followed", line)


def of_net(value: Value) -> bool:
    """Whether a value is a net that was only noted, or an attribute of one, at any depth."""
    while isinstance(value, Method):
        value = value.this
    return isinstance(value, Net)


def _of_net(machine: Machine, this: Net, name: str, arguments: Sequence[Value], line: int) -> Value:
    if name in ("parameters", "named_parameters"):
        return Some("parameters", line, made=this.made, named=name != "parameters")
    if name == "load_state_dict" and arguments and _are_written_out(arguments[0]):
        machine.evidence.parameters.append((arguments[0], line))
        return None
    _note(machine, True, name, line)
    if name == "eval" and not machine.evidence.called:
        machine.evidence.unread.append(("that the net is there to evaluate (eval) is", line))
    return this if name in SAME else Unknown(f"{name} of a net is not followed", line)


def _are_written_out(value: Value) -> bool:
    """Whether a value is a dict of tensors, of which all numbers stand in the file."""
    return isinstance(value, dict) and all(isinstance(v, Tensor) and v.numbers is not None for v in value.values())


def _is_gradient(value: Method) -> bool:
    while isinstance(value.this, Method) and value.name != "grad":
        value = value.this
    return value.name == "grad"


def _note(machine: Machine, inside: bool, name: str, line: int) -> None:
    """What a method does to a net that the file has made."""
    if not inside:
        return
    if name == "requires_grad_":
        machine.evidence.unread.append((FROZEN, line))
    elif name in ("load_state_dict", "apply") or name.endswith("_"):
        machine.evidence.unread.append(("parameters that the file sets are", line))
    elif name in ("add_module", "register_module", "append", "extend", "insert", "pop") or name.startswith("register_"):
        machine.evidence.changed.append((f".{name} changes the net after it is made", line))


FROZEN = "parameters that are frozen (requires_grad) are"
SAME = frozenset(["to", "cuda", "cpu", "float", "double", "half", "train", "eval", "type", "requires_grad_", "compile"])


def _of_tensor(
    machine: Machine, this: Tensor, name: str, arguments: Sequence[Value], keywords: dict[str, Value], line: int
) -> Value:
    form = library.METHODS.get(name)
    if form is None:
        if machine.lenient:
            if name.endswith("_"):
                this.numbers = None
            return Unknown(f".{name} of a tensor is not known", line)
        near = suggestion(name, library.METHODS)
        raise Refusal(line, f".{name} of a tensor is not supported{near and '; '}{near}")
    return bind(form, f".{name}", At(machine, line), (this, *arguments), keywords)


def _of_super(
    machine: Machine, this: Super, name: str, arguments: Sequence[Value], keywords: dict[str, Value], line: int
) -> Value:
    if name == "__init__":
        modules.initial(machine, this.this, arguments, line)
        return None
    if name in ("forward", "__call__") and ALL in this.this.names:
        return machine.call(this.this.names[ALL], arguments, keywords, line)
    if name in ("train", "eval", "__setattr__", "__post_init__"):
        return None
    raise Refusal(line, f"super().{name} is not understood")


def _of_module(
    machine: Machine, this: Value, name: str, arguments: Sequence[Value], keywords: dict[str, Value], line: int
) -> Value:
    if name in SAME:
        if name == "requires_grad_":
            machine.evidence.unread.append((FROZEN, line))
        if not machine.lenient and (name == "eval" or (name == "train" and _is_other(arguments, keywords))):
            raise Refusal(line, f".{name}() inside of a net is not supported; what is drawn is the net in training")
        return this
    if name in ("forward", "__call__"):
        return machine.call(this, arguments, keywords, line)
    if name in ("add_module", "register_module") and len(arguments) == 2 and isinstance(arguments[0], str):
        return _add(machine, this, arguments[0], arguments[1], line)
    if name == "modules":
        return modules.all_in(this)
    if name in ("children", "named_children"):
        once: dict[int, tuple[str, Value]] = {}
        for key, child in modules.children(this):
            once.setdefault(id(child), (key, child))
        inside = list(once.values())
        return inside if name == "named_children" else [child for _, child in inside]
    if name == "apply":
        machine.evidence.unread.append(("initial parameters from apply are", line))
        return this
    if machine.lenient and isinstance(this, Container) and name in ("parameters", "named_parameters"):
        note = Made(None, (), {}, this.line, whole=this)
        return Some("parameters", line, made=note, named=name != "parameters")
    if machine.lenient and name == "load_state_dict" and arguments and _are_written_out(arguments[0]):
        machine.evidence.parameters.append((arguments[0], line))
        return None
    if name in ("parameters", "named_parameters", "state_dict", "load_state_dict", "zero_grad", "buffers"):
        return Unknown(f"{name} of a module is not followed", line)
    if name == "register_buffer" or name == "register_parameter":
        raise Refusal(line, f"{name} is not supported; parameters are those of nn.Linear")
    if isinstance(this, Instance) and ALL in this.names and name in ("append", "extend", "insert"):
        _of_container(machine, this.names[ALL], name, arguments, line)
        return this
    if isinstance(this, Container):
        return _of_container(machine, this, name, arguments, line)
    if name == "reset_parameters":
        return None
    return _not_understood(machine, f".{name} of a module", line)


def _is_other(arguments: Sequence[Value], keywords: dict[str, Value]) -> bool:
    """Whether `train` gets another mode than True."""
    return any(mode is not True for mode in (*arguments, *keywords.values()))


def _not_understood(machine: Machine, what: str, line: int) -> Value:
    """A method that may change a module."""
    if not machine.lenient:
        raise Refusal(line, f"{what} is not understood")
    machine.evidence.changed.append((f"{what} may change the net after it is made", line))
    return Unknown(f"{what} is not understood", line)


def _spoiled(machine: Machine, value: Value, why: str, line: int) -> None:
    """A method that may change a list or a dict."""
    if not machine.lenient:
        raise Refusal(line, why)
    spoil(value, why, line)


def _add(machine: Machine, this: Value, name: str, child: Value, line: int) -> None:
    from bptui.sources.pytorch.statements import set_attribute

    if not is_module(child):
        raise Refusal(line, "add_module: wants a name and a module")
    if isinstance(this, Instance):
        set_attribute(machine, this, name, child, line)
    elif isinstance(this, Container):
        this.items[name] = child


def _of_container(machine: Machine, this: Container, name: str, arguments: Sequence[Value], line: int) -> Value:
    if this.kind == "ModuleDict":
        if name in ("items", "keys", "values", "get", "pop"):
            return _of_dict(machine, this.items, name, arguments, {}, line)
    elif name == "append" and len(arguments) == 1:
        if not is_module(arguments[0]):
            raise Refusal(line, f"nn.{this.kind}: append wants a module")
        this.items[str(len(this.items))] = arguments[0]
        return this
    elif name == "extend" and len(arguments) == 1:
        for each in iterated(machine, arguments[0], line):
            _of_container(machine, this, "append", [each], line)
        return this
    elif name == "insert" and len(arguments) == 2 and isinstance(arguments[0], int) and is_module(arguments[1]):
        values = list(this.items.values())
        values.insert(arguments[0], arguments[1])
        this.items.clear()
        this.items.update({str(k): value for k, value in enumerate(values)})
        return this
    return _not_understood(machine, f".{name} of nn.{this.kind}", line)


def _of_list(
    machine: Machine, this: list[Value], name: str, arguments: Sequence[Value], keywords: dict[str, Value], line: int
) -> Value:
    if len(this) > ENTRIES:
        raise Refusal(line, f"has more than {ENTRIES} entries")
    if name == "append" and len(arguments) == 1:
        return this.append(arguments[0])
    if name == "extend" and len(arguments) == 1:
        return this.extend(iterated(machine, arguments[0], line))
    if name == "insert" and len(arguments) == 2 and isinstance(arguments[0], int):
        return this.insert(arguments[0], arguments[1])
    if name == "pop" and this and all(isinstance(a, int) and -len(this) <= a < len(this) for a in arguments[:1]):
        return this.pop(*arguments[:1])
    if name == "copy":
        return list(this)
    if name == "reverse":
        return this.reverse()
    if name == "clear":
        return this.clear()
    if name not in ("index", "count"):
        _spoiled(machine, this, f".{name} of a list is not understood", line)
    return machine.unknown(line, f".{name} of a list is not understood")


def _of_dict(
    machine: Machine,
    this: dict[Any, Value],
    name: str,
    arguments: Sequence[Value],
    keywords: dict[str, Value],
    line: int,
) -> Value:
    if name in ("items", "keys", "values"):
        return list(getattr(this, name)())
    if name in ("get", "pop", "setdefault") and arguments and isinstance(arguments[0], str | int | float | type(None)):
        key, default = arguments[0], arguments[1] if len(arguments) > 1 else None
        if name == "setdefault":
            return this.setdefault(key, default)
        if name == "pop" and key not in this and len(arguments) == 1:
            raise Refusal(line, f"there is no entry {key!r:.40}")
        return this.get(key, default) if name == "get" else this.pop(key, default)
    if name == "update" and len(arguments) <= 1 and all(isinstance(each, dict) for each in arguments):
        return this.update(*arguments, **keywords)
    _spoiled(machine, this, f".{name} of a dict is not understood", line)
    return machine.unknown(line, f".{name} of a dict is not understood")


TEXT = frozenset(
    ["lower", "upper", "strip", "lstrip", "rstrip", "split", "startswith", "endswith", "title", "capitalize"]
)


def _of_constant(
    machine: Machine, this: Value, name: str, arguments: Sequence[Value], keywords: dict[str, Value], line: int
) -> Value:
    plain = all(isinstance(a, str | int) for a in arguments) and not keywords
    if isinstance(this, str) and name in TEXT and plain and len(this) <= ENTRIES:
        try:
            return getattr(this, name)(*arguments)
        except (TypeError, ValueError) as error:
            raise Refusal(line, f".{name}: {error}") from None
    if isinstance(this, str) and name == "format" and plain and this.count("{}") == len(arguments):
        parts = this.split("{}")
        text = "".join(part + str(word) for part, word in zip(parts, (*arguments, ""), strict=True))
        if not re.search("[{}]", "".join(parts)) and len(text) <= ENTRIES:
            return text
    if isinstance(this, tuple) and name == "numel" and all(isinstance(d, int) for d in this):
        return bind(library.FUNCTIONS["math.prod"], "numel", At(machine, line), (this,), {})
    return machine.unknown(line, f".{name} is not understood")
