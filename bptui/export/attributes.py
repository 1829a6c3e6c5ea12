"""What a net's modules are called inside a PyTorch module, so that its parameters keep the names that bptui shows."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Mapping

from bptui.export.text import Identifiers

# fmt: off
OWN = (  # of every nn.Module
    "add_module", "apply", "bfloat16", "buffers", "call_super_init", "children", "compile", "cpu", "cuda", "double",
    "dump_patches", "eval", "extra_repr", "float", "forward", "get_buffer", "get_extra_state", "get_parameter",
    "get_submodule", "half", "ipu", "load_state_dict", "modules", "mtia", "named_buffers", "named_children",
    "named_modules", "named_parameters", "parameters", "register_backward_hook", "register_buffer",
    "register_forward_hook", "register_forward_pre_hook", "register_full_backward_hook",
    "register_full_backward_pre_hook", "register_load_state_dict_post_hook", "register_load_state_dict_pre_hook",
    "register_module", "register_parameter", "register_state_dict_post_hook", "register_state_dict_pre_hook",
    "requires_grad_", "set_extra_state", "set_submodule", "share_memory", "state_dict", "to", "to_empty", "train",
    "training", "type", "xpu", "zero_grad",
)
# fmt: on
OF_DICT = ("clear", "items", "keys", "pop", "update", "values")  # of every nn.ModuleDict, besides

Path = tuple[str, ...]


def paths(names: Iterable[str]) -> dict[str, Path]:
    """Where each module stands: `enc.fc1` is `fc1` in a ModuleDict `enc`.

    A name that Python or PyTorch has no place for is replaced by the nearest one that they have.
    """
    given = [tuple(name.split(".")) for name in names]
    inner = {path[:k] for path in given for k in range(1, len(path))}
    taken = Identifiers((*OWN, *OF_DICT, *(path[0] for path in given)))
    return {
        ".".join(path): path if path not in inner and _usable(path) else (taken.fresh(".".join(path)),)
        for path in given
    }


def _usable(path: Path) -> bool:
    first, *rest = path
    return _plain(first) and all((_plain(part) and part not in OF_DICT) or part.isdecimal() for part in rest)


def _plain(part: str) -> bool:
    named = re.fullmatch(r"[A-Za-z]\w*", part, re.ASCII) is not None
    return named and part not in OWN and not keyword.iskeyword(part)


def dotted(path: Path) -> str:
    """An attribute behind `self` or `model`: `enc.fc1`, `net["0"].out`."""
    return path[0] + "".join(f'["{part}"]' if part.isdecimal() else f".{part}" for part in path[1:])


def constructed(made: Mapping[Path, str], indent: int = 8) -> list[str]:
    """The lines of `__init__` that make modules from their constructors, by path."""
    lines = []
    for first in dict.fromkeys(path[0] for path in made):
        inside = {path[1:]: text for path, text in made.items() if path[0] == first}
        lines.append(f"{' ' * indent}self.{first} = {_constructor(inside, indent)}")
    return lines


def _constructor(inside: Mapping[Path, str], indent: int) -> str:
    if () in inside:
        return inside[()]
    pad = " " * (indent + 4)
    items = []
    for first in dict.fromkeys(path[0] for path in inside):
        deeper = {path[1:]: text for path, text in inside.items() if path[0] == first}
        items.append(f'{pad}"{first}": {_constructor(deeper, indent + 4)},\n')
    return "nn.ModuleDict({\n" + "".join(items) + " " * indent + "})"
