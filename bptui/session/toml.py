"""Experiments as TOML: written and read back equal, number for number. Reading executes nothing and trusts nothing."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields
from functools import cache
from typing import Any, TypeVar, get_type_hints

import tomlkit
from tomlkit.items import Array, Trivia

import bptui.engine.modules  # noqa: F401 (fills the registry)
from bptui.data.numbers import finite
from bptui.data.samples import KINDS as DATA_KINDS
from bptui.data.samples import Data, Nested
from bptui.engine.graph import wire
from bptui.engine.initialisation import KINDS as INIT_KINDS
from bptui.engine.module import REGISTRY, Module
from bptui.engine.modules.costs import COSTS
from bptui.engine.modules.penalties import Penalty
from bptui.engine.net import Given, Layer, Net
from bptui.engine.optimisers import OPTIMISERS, Optimiser
from bptui.engine.schedules import SCHEDULES, Schedule
from bptui.session.experiment import Experiment
from bptui.session.knobs import KNOBS
from bptui.session.toml_values import TomlError, name_of, one_of, refuse_unknown, table_of, tables_of, typed

FORMAT = 1
MAX_TEXT = 16 << 20  # characters of a file
_PART = r"""(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')"""
_DEEP = re.compile(rf"""(?<![\w"'-]){_PART}(?:[ \t]*+\.[ \t]*+{_PART}){{32}}""")  # a key of more parts than any has
MAX_ENTRIES = 16_000_000  # entries of all variables of one minibatch, and of all samples

# fmt: off
_PLAIN = (
    "seed", "init", "all_drawn", "scale", "cost", "reduction", "kink", "lr", "batch", "shuffle", "l1", "l2",
    "dropout", "patience", "decay_biases", "zero_gradients", "training", "dtype", "layout",
)
# fmt: on
_CHOICES: dict[str, Iterable[str]] = {
    "init": INIT_KINDS,
    "cost": COSTS,
    "reduction": ("sum", "batch", "elements"),
    "kink": ("torch", "other"),
    "dtype": ("float64", "float32"),
    "layout": ("rows", "features"),
}

T = TypeVar("T")
_hints = cache(get_type_hints)


# -- writing


def to_toml(experiment: Experiment) -> str:
    """The experiment as a TOML document that `from_toml` reads back equal.

    Raises ValueError for numbers that are not finite.
    """
    return tomlkit.dumps(to_document(experiment))


def to_document(experiment: Experiment) -> tomlkit.TOMLDocument:
    """What `to_toml` writes, for others to add to. Raises ValueError for numbers that are not finite."""
    document = tomlkit.document()
    document["format"] = FORMAT
    for name in _PLAIN:
        value = getattr(experiment, name)
        if value is not None:
            document[name] = finite(name, value) if isinstance(value, float) else value
    for name in ("optimiser", "schedule"):
        part = getattr(experiment, name)
        document[name] = {"kind": part.kind, **part.settings()}
    document["data"] = _data_table(experiment.data)
    if experiment.parameters:
        document["parameters"] = _numbers_table(experiment.parameters)
    document["net"] = _net_table(experiment.net)
    return document


class _Numbers(Array):
    """Nested numbers, written at once: tomlkit's own arrays take a second for a net of 40 000 weights."""

    def __init__(self, text: str) -> None:
        super().__init__([], Trivia())
        self._text = text

    def as_string(self) -> str:
        return self._text


def _numbers_table(values: Iterable[tuple[str, Nested]]) -> Any:
    table = tomlkit.table()
    for name, numbers in values:
        checked = finite(name, numbers)
        table[name] = _Numbers(_rows(checked)) if isinstance(checked, tuple) else checked
    return table


def _rows(numbers: Nested) -> str:
    """Nested tuples as TOML, a row a line. A float's `repr` is TOML, and exact."""
    if not isinstance(numbers, tuple):
        return repr(numbers)
    if numbers and isinstance(numbers[0], tuple):
        return "[\n" + "".join(f"{_rows(row)},\n" for row in numbers) + "]"
    return "[" + ", ".join(map(repr, numbers)) + "]"


def _data_table(data: Data) -> Any:
    table = tomlkit.table()
    table.update({"kind": data.kind, "count": data.count, "noise": finite("noise", data.noise), "seed": data.seed})
    table.update({"validation": data.validation, "normalise": data.normalise, "repeat": data.repeat})
    if data.given:
        table["given"] = _numbers_table(data.given)
    return table


def _net_table(net: Net) -> Any:
    table, given, layers = tomlkit.table(), tomlkit.aot(), tomlkit.aot()
    table.update({"name": net.name, "description": net.description})
    for observed in net.given:
        row = tomlkit.table()
        row.update({"name": observed.name, "shape": list(observed.shape)})
        row.update({"target": observed.target, "classes": observed.classes})
        given.append(row)
    for layer in net.layers:
        row = tomlkit.table()
        row.update({"name": layer.name, "module": layer.module.kind})
        row.update({"inputs": list(layer.inputs), "outputs": list(layer.outputs)})
        if layer.shares is not None:
            row["shares"] = layer.shares
        row.update(layer.module.settings())
        layers.append(row)
    table["given"], table["layer"] = given, layers
    return table


# -- reading


def from_toml(text: str) -> Experiment:
    """The experiment that a TOML document describes.

    Raises TomlError for all that is wrong: syntax (with its line), unknown keys (with the nearest known one), values
    of the wrong type or out of bounds, a net that cannot be wired, data or parameters that do not fit it.
    """
    return from_document(parsed(text))


def parsed(text: str) -> dict[str, Any]:
    """A TOML text of this format, or an older one, as plain values. Raises TomlError."""
    if len(text) > MAX_TEXT:
        raise TomlError(f"has {len(text)} characters, wants at most {MAX_TEXT}")
    if _DEEP.search(text):  # tomllib takes the square of such a key's length, minutes for a long one
        raise TomlError("has a key of too many parts")
    try:
        document = tomllib.loads(text)
    except RecursionError:
        raise TomlError("is nested too deeply") from None
    except ValueError as error:
        raise TomlError(f"is no TOML: {error}") from None
    version = document.get("format")
    if type(version) is not int or version < 1:
        raise TomlError(f"format: got {version!r}, wants {FORMAT}; is this an experiment of bptui?")
    if version > FORMAT:
        raise TomlError(f"format: got {version}, this version of bptui reads up to {FORMAT}; a newer one reads this")
    return document


def from_document(document: Mapping[str, Any]) -> Experiment:
    """The experiment that a parsed document describes. Raises TomlError, as `from_toml`."""
    try:
        return _experiment(document)
    except TomlError:
        raise
    except RecursionError:
        raise TomlError("is nested too deeply") from None
    except ValueError as error:
        raise TomlError(str(error)) from None


def _experiment(document: Mapping[str, Any]) -> Experiment:
    refuse_unknown("", document, ("format", *_PLAIN, "optimiser", "schedule", "data", "parameters", "net"))
    hints = get_type_hints(Experiment)
    values: dict[str, Any] = {}
    for name in _PLAIN:
        if name in document:
            if name in _CHOICES:
                values[name] = one_of(name, document[name], _CHOICES[name])
            else:
                values[name] = typed(name, document[name], hints[name])
    net = net_from(table_of("net", document))
    if "optimiser" in document:
        values["optimiser"] = _kind(table_of("optimiser", document), "optimiser", OPTIMISERS)
    if "schedule" in document:
        values["schedule"] = _kind(table_of("schedule", document), "schedule", SCHEDULES)
    if "data" in document:
        values["data"] = _data(table_of("data", document))
    if "parameters" in document:
        values["parameters"] = _numbers("parameters", table_of("parameters", document))
    experiment = Experiment(net, **values)
    for knob in KNOBS.values():  # the same bounds as at the panel: each knob must take the value that it has
        if knob.applies(experiment) and (knob.name != "cost" or experiment.cost is not None):
            knob.turn(experiment, knob.read(experiment))
    _bounded(experiment)
    return experiment.validated()


def _bounded(experiment: Experiment) -> None:
    """Refuse what would not fit in memory, before anything is allocated."""
    entries = sum(
        _product(v.shape) * (experiment.batch if v.batched else 1) for v in experiment.graph.variables.values()
    )
    samples = (
        experiment.data.count * experiment.data.repeat * sum(_product(given.shape) for given in experiment.net.given)
    )
    if max(entries, samples) > MAX_ENTRIES:
        raise TomlError(f"net: has {max(entries, samples)} numbers, wants at most {MAX_ENTRIES}")


def _product(shape: tuple[int, ...]) -> int:
    product = 1
    for extent in shape:
        product *= extent
    return product


def net_from(table: Mapping[str, Any]) -> Net:
    """The net that a [net] table describes, wired once as a trial. Raises TomlError or GraphError, one line."""
    refuse_unknown("net", table, ("name", "description", "given", "layer"))
    given = tuple(_given(f"net.given {k + 1}", row) for k, row in enumerate(tables_of("net.given", table, "given")))
    layers = tuple(_layer(f"net.layer {k + 1}", row) for k, row in enumerate(tables_of("net.layer", table, "layer")))
    if not any(not observed.target for observed in given):
        raise TomlError("net.given: wants at least one input")
    names = [observed.name for observed in given]
    if len(set(names)) < len(names):
        raise TomlError(f"net.given: two have the name {next(n for n in names if names.count(n) > 1)!r}")
    if not any(layer.module.role in ("cost", "halt") for layer in layers):
        raise TomlError(f"net.layer: wants a cost, one of {', '.join(cost.kind for cost in COSTS.values())}")
    read = {name for layer in layers for name in layer.inputs}
    for name in names:
        if name not in read:
            raise TomlError(f"net.given: {name!r} is read by no layer")
    description = typed("net.description", table.get("description", ""), str)
    net = Net(name_of("net.name", table.get("name")), description, given, layers)
    wire(net)  # raises GraphError
    return net


def _given(place: str, row: Mapping[str, Any]) -> Given:
    refuse_unknown(place, row, ("name", "shape", "target", "classes"))
    shape = typed(f"{place}: shape", row.get("shape"), tuple[int, ...])
    if len(shape) > 8 or any(extent < 1 for extent in shape):
        raise TomlError(f"{place}: shape: got {list(shape)}, wants up to 8 numbers from 1")
    target = typed(f"{place}: target", row.get("target", False), bool)
    classes = typed(f"{place}: classes", row.get("classes", False), bool)
    if classes and (not target or len(shape) != 1):
        raise TomlError(f"{place}: classes: wants a target whose shape is [number of classes]")
    return Given(name_of(f"{place}: name", row.get("name")), shape, target, classes)


def _layer(place: str, row: Mapping[str, Any]) -> Layer:
    name = name_of(f"{place}: name", row.get("name"))
    place = f"{place} ({name})"
    kind = one_of(f"{place}: module", row.get("module"), REGISTRY)
    own = ("name", "module", "inputs", "outputs", "shares")
    inputs = typed(f"{place}: inputs", row.get("inputs"), tuple[str, ...])
    outputs = tuple(
        name_of(f"{place}: outputs", out) for out in typed(f"{place}: outputs", row.get("outputs"), tuple[str, ...])
    )
    shares = typed(f"{place}: shares", row["shares"], str) if "shares" in row else None
    module: Module = _made(place, REGISTRY[kind], {k: v for k, v in row.items() if k not in own}, own)
    if isinstance(module, Penalty) and len(module.rates) != len(inputs):
        raise TomlError(f"{place}: got {len(module.rates)} rates, wants {len(inputs)}, one for each input")
    return Layer(name, module, inputs, outputs, shares)


def _data(table: Mapping[str, Any]) -> Data:
    own = ("kind", "count", "noise", "seed", "validation", "normalise", "repeat", "given")
    refuse_unknown("data", table, own)
    hints = get_type_hints(Data)
    values = {name: typed(f"data.{name}", table[name], hints[name]) for name in own[:-1] if name in table}
    values["kind"] = one_of("data.kind", values.get("kind", Data.kind), DATA_KINDS)
    if (
        values.get("seed", 0) < 0
        or values.get("noise", 0.0) < 0
        or min(values.get(n, 1) for n in ("count", "repeat")) < 1
    ):
        raise TomlError("data: wants count and repeat from 1, and noise and seed from 0")
    given = _numbers("data.given", table_of("given", table)) if "given" in table else ()
    return Data(**values, given=given)


def _numbers(place: str, table: Mapping[str, Any]) -> tuple[tuple[str, Nested], ...]:
    return tuple((name, finite(f"{place}.{name}", value)) for name, value in table.items())


def _kind(table: Mapping[str, Any], place: str, kinds: Mapping[str, type[T]]) -> T:
    kind = one_of(f"{place}.kind", table.get("kind"), kinds)
    return _made(place, kinds[kind], {name: value for name, value in table.items() if name != "kind"}, ("kind",))


def _made(place: str, cls: type[T], settings: Mapping[str, Any], beside: tuple[str, ...]) -> T:
    """An optimiser, a schedule or a module from its settings, each checked against its annotation."""
    hints = _hints(cls)  # type: ignore[arg-type]
    own = {f.name: f for f in fields(cls)}  # type: ignore[arg-type]
    refuse_unknown(place, settings, own, (*own, *beside))
    for name, f in own.items():
        if name not in settings and f.default is MISSING:
            raise TomlError(f"{place}: wants {name}")
    values = {name: typed(f"{place}: {name}", value, hints[name]) for name, value in settings.items()}
    for name, value in values.items():
        low = 1 if hints[name] is int else 0 if issubclass(cls, Optimiser | Schedule) else None
        if low is not None and value < low:
            raise TomlError(f"{place}: {name}: got {value}, wants {low} or more")
    return cls(**values)
