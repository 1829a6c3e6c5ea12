"""Imports: a name for each thing by its full name. Nothing is imported."""

from __future__ import annotations

import ast

from bptui.sources.pytorch.library import FUNCTIONS, LAYERS
from bptui.sources.pytorch.values import Library, Value


def imported(node: ast.Import) -> dict[str, Value]:
    """import torch.nn as nn; import torch.nn binds torch."""
    names: dict[str, Value] = {}
    for alias in node.names:
        if alias.asname:
            names[alias.asname] = Library(alias.name)
        else:
            top = alias.name.partition(".")[0]
            names[top] = Library(top)
    return names


def imported_from(node: ast.ImportFrom) -> dict[str, Value]:
    """from torch import nn; a star brings what the table knows."""
    module = "." * node.level + (node.module or "")
    names: dict[str, Value] = {}
    for alias in node.names:
        if alias.name == "*":
            known = [*LAYERS, *FUNCTIONS, "torch.nn.Module", "torch.nn.Sequential", "torch.nn.ModuleList"]
            for full in known:
                if full.rpartition(".")[0] == module:
                    names[full.rpartition(".")[2]] = Library(full)
        else:
            names[alias.asname or alias.name] = Library(f"{module}.{alias.name}")
    return names
