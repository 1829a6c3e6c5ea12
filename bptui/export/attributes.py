"""What a net's modules are called inside a PyTorch module, so that its parameters keep the names that bptui shows."""

from __future__ import annotations

import keyword
from collections.abc import Collection, Iterable, Mapping

from bptui.export.text import Identifiers, is_identifier

# fmt: off
OWN = (  # of every nn.Module
    "T_destination", "add_module", "apply", "bfloat16", "buffers", "call_super_init", "children", "compile", "cpu",
    "cuda", "double", "dump_patches", "eval", "extra_repr", "float", "forward", "get_buffer", "get_extra_state",
    "get_parameter", "get_submodule", "half", "ipu", "load_state_dict", "modules", "mtia", "named_buffers",
    "named_children", "named_modules", "named_parameters", "parameters", "register_backward_hook", "register_buffer",
    "register_forward_hook", "register_forward_pre_hook", "register_full_backward_hook",
    "register_full_backward_pre_hook", "register_load_state_dict_post_hook", "register_load_state_dict_pre_hook",
    "register_module", "register_parameter", "register_state_dict_post_hook", "register_state_dict_pre_hook",
    "requires_grad_", "set_extra_state", "set_submodule", "share_memory", "state_dict", "to", "to_empty", "train",
    "training", "type", "xpu", "zero_grad",
)
# fmt: on
OF_DICT = ("clear", "items", "keys", "pop", "update", "values")  # of every nn.ModuleDict, besides

Path = tuple[str, ...]


def paths(names: Iterable[str], trained: Collection[str]) -> dict[str, Path]:
    """Where each module stands: `enc.fc1` is `fc1` in a ModuleDict `enc`. `trained` are those with parameters.

    A name that PyTorch has no place for is replaced by the nearest one that it has; and so is one that Python would not
    take as an attribute, where no parameter is called by it.
    """
    given = {name: tuple(name.split(".")) for name in names}
    inner = {path[:k] for path in given.values() for k in range(1, len(path))}
    taken = Identifiers((*OWN, *OF_DICT, *(path[0] for path in given.values())))
    return {
        name: path if path not in inner and _usable(path, any_name=name in trained) else (taken.fresh(name),)
        for name, path in given.items()
    }


def _usable(path: Path, *, any_name: bool) -> bool:
    reserved = any(part in OWN or (k and part in OF_DICT) or part.startswith("_") for k, part in enumerate(path))
    return not reserved and all(path) and (any_name or all(_plain(part) or part.isdecimal() for part in path))


def _plain(part: str) -> bool:
    return is_identifier(part) and not keyword.iskeyword(part)


def dotted(owner: str, path: Path) -> str:
    """A module inside of `owner`, `self` or `model`: `self.enc.fc1`, `self.net["0"].out`, `getattr(self, "0")`."""
    first, *rest = path
    start = f"{owner}.{first}" if _plain(first) else f"getattr({owner}, {quoted(first)})"
    return start + "".join(f".{part}" if _plain(part) else f"[{quoted(part)}]" for part in rest)


def quoted(text: str) -> str:
    """A text as Python has it, in double quotes where it can be."""
    return f'"{text}"' if text.isprintable() and not {'"', "\\"} & set(text) else repr(text)


def constructed(made: Mapping[Path, str], indent: int = 8) -> list[str]:
    """The lines of `__init__` that make modules from their constructors, by path."""
    lines = []
    for first in dict.fromkeys(path[0] for path in made):
        text = _constructor({path[1:]: text for path, text in made.items() if path[0] == first}, indent)
        pad = " " * indent
        lines.append(
            f"{pad}self.{first} = {text}" if _plain(first) else f"{pad}self.add_module({quoted(first)}, {text})"
        )
    return lines


def _constructor(inside: Mapping[Path, str], indent: int) -> str:
    if () in inside:
        return inside[()]
    pad = " " * (indent + 4)
    items = []
    for first in dict.fromkeys(path[0] for path in inside):
        deeper = {path[1:]: text for path, text in inside.items() if path[0] == first}
        items.append(f"{pad}{quoted(first)}: {_constructor(deeper, indent + 4)},\n")
    return "nn.ModuleDict({\n" + "".join(items) + " " * indent + "})"
