"""PyTorch's names, and what this version knows of each: one table for nn.X, F.x, torch.x and Tensor.x.

The functions here have PyTorch's parameters, so that Python itself binds the arguments of a call.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from bptui.sources.pytorch.problem import Refusal
from bptui.sources.pytorch.values import Value

if TYPE_CHECKING:
    from bptui.sources.pytorch.machine import Machine


@dataclass(eq=False)
class At:
    """The place of a call: the machine, the line, and what the node is to be called (None: by its kind)."""

    machine: Machine
    line: int
    name: str | None = None

    def title(self, kind: str) -> str:
        return self.name or self.machine.builder.free(kind)


Form = Callable[..., Value]
Same = TypeVar("Same", bound=Form)
FUNCTIONS: dict[str, Form] = {}  # by full name: torch.relu, torch.nn.functional.relu
METHODS: dict[str, Form] = {}  # of a tensor, by name
LAYERS: dict[str, Form] = {}  # constructors of torch.nn, by name
_PREFIXES = {"F": "torch.nn.functional.", "torch": "torch."}


def function(*names: str, forms: str = "F torch tensor") -> Callable[[Same], Same]:
    """Make a function known under names, in the forms that PyTorch has of it."""

    def known(form: Same) -> Same:
        for name in names:
            for where in forms.split():
                if where == "tensor":
                    METHODS[name] = form
                else:
                    FUNCTIONS[_PREFIXES[where] + name] = form
        return form

    return known


def layer(*names: str) -> Callable[[Same], Same]:
    """Make the constructor of a module known by its names in torch.nn."""

    def known(form: Same) -> Same:
        for name in names:
            LAYERS[f"torch.nn.{name}"] = form
        return form

    return known


def bind(form: Form, name: str, at: At, arguments: Any, keywords: dict[str, Value]) -> Value:
    """Call a function of the table. Raises Refusal where PyTorch would not take the arguments, or we do not."""
    try:
        return form(at, *arguments, **keywords)
    except TypeError:
        _refuse_arguments(form, name, at, arguments, keywords)
        raise


def _refuse_arguments(form: Form, name: str, at: At, arguments: Any, keywords: dict[str, Value]) -> None:
    try:
        inspect.signature(form).bind(at, *arguments, **keywords)
    except TypeError as error:
        raise Refusal(at.line, f"{shown(name)}: {error}") from None


def shown(name: str) -> str:
    """A full name as one writes it: nn.Linear, F.relu."""
    return name.replace("torch.nn.functional.", "F.").replace("torch.nn.", "nn.").removeprefix("builtins.")


def supported_layers() -> str:
    """The modules that can be read, for a message."""
    names = sorted({name.rpartition(".")[2] for name in LAYERS} | {"Sequential", "ModuleList", "ModuleDict"})
    return ", ".join(names)


def supported_functions() -> str:
    """The functions of torch.nn.functional that can be read, for a message."""
    prefix = _PREFIXES["F"]
    names = sorted(name.removeprefix(prefix) for name in FUNCTIONS if name.startswith(prefix))
    costs = ("cross_entropy", "logits", "loss")
    return ", ".join(name for name in names if not name.endswith(("_", *costs)))


def aliases(name: str) -> str:
    """The name under which the table has it: torch.nn.modules.linear.Linear is torch.nn.Linear."""
    if name in LAYERS or name in FUNCTIONS:
        return name
    if name.startswith("torch.nn.modules."):
        return f"torch.nn.{name.rpartition('.')[2]}"
    if name.startswith("torch.Tensor."):
        return "Tensor." + name.removeprefix("torch.Tensor.")
    return name
