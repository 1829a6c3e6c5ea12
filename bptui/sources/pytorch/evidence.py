"""What the rest of the file tells of the net: how it is made and called, its cost, its optimiser, its data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bptui.sources.pytorch.values import Class, Later, Loss, Tensor, Value


@dataclass(frozen=True, eq=False)
class Made:
    """A net that the file makes: of which class (None for a container at the top), with which arguments.

    `names` are those at the top of the file, as they stood then.
    """

    cls: Class | None
    arguments: tuple[Value, ...]
    keywords: dict[str, Value]
    line: int
    whole: Value = None  # the container
    names: dict[str, Value] | None = None


@dataclass(frozen=True, eq=False)
class Called:
    """A call of a net that the file made; `names` as in `Made`."""

    made: Made
    arguments: tuple[Value, ...]
    keywords: dict[str, Value]
    line: int
    names: dict[str, Value] | None = None


@dataclass(frozen=True, eq=False)
class Compared:
    """A cost that the file takes of something and a target."""

    loss: Loss
    target: Value
    line: int
    swapped: bool = False  # the target stands first


@dataclass(frozen=True, eq=False)
class Minimised:
    """What `backward()` is called of, where it is known how that is made."""

    cost: Later
    line: int


@dataclass(frozen=True, eq=False)
class Optimised:
    """An optimiser that the file makes, by PyTorch's name, with its settings."""

    name: str
    settings: dict[str, Any]
    line: int
    groups: tuple[tuple[Value, Value], ...] = ()  # of parameters, with the weight_decay of each


@dataclass(eq=False)
class Evidence:
    """All of it, in the order in which it was found."""

    made: list[Made] = field(default_factory=list)
    called: list[Called] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)
    compared: list[Compared] = field(default_factory=list)
    minimised: list[Minimised] = field(default_factory=list)
    parameters: list[tuple[dict[str, Tensor], int]] = field(default_factory=list)  # written out, loaded into a net
    optimisers: list[Optimised] = field(default_factory=list)
    schedules: list[Optimised] = field(default_factory=list)
    loaders: list[tuple[Value, int]] = field(default_factory=list)  # the size of a minibatch, and the line
    unread: list[tuple[str, int]] = field(default_factory=list)  # what decides numbers, and is not read
    changed: list[tuple[str, int]] = field(default_factory=list)  # what the file does to a net that it has made
