"""Parameters and inputs from a file: JSON as `bptui trace` prints it, NumPy's .npz, or .safetensors.

Nothing in it is executed.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from bptui.data.minibatches import Clock, minibatch
from bptui.data.numbers import extents, finite
from bptui.data.samples import Nested, given_samples
from bptui.engine.buffers import Array, Shape
from bptui.engine.net import Given
from bptui.session.experiment import Experiment
from bptui.session.names import suggestion
from bptui.sources.weights import from_safetensors, is_safetensors, refuse_pickle

MOST_NAMES = 6  # in a message
LIMIT = 32 << 20  # bytes of a file, and of what a compressed one unpacks to


class FileError(ValueError):
    """A file that cannot be read or does not fit. One line: which file, what and where, what is wanted."""


def read_bytes(path: str, limit: int = LIMIT) -> bytes:
    """The bytes of a file. Raises FileError if it cannot be read or is larger than `limit`, before reading it."""
    if not path:
        raise FileError("got an empty name, wants a file")
    try:
        with Path(path).open("rb") as file:
            if file.seekable() and file.seek(0, io.SEEK_END) > limit:
                raise FileError(f"{path}: has {_size(file.tell())}, wants at most {_size(limit)}")
            if file.seekable():
                file.seek(0)
            data = file.read(limit + 1)
    except FileError:
        raise
    except (OSError, ValueError) as error:  # ValueError: a path that no system takes
        raise FileError(f"{path}: {getattr(error, 'strerror', None) or error}") from None
    if len(data) > limit:
        raise FileError(f"{path}: has more than {_size(limit)}, wants at most that")
    return data


def with_parameters(experiment: Experiment, path: str) -> Experiment:
    """The experiment with initial parameters from a file, which must hold all of them. Raises FileError."""
    found = _read(path, "parameters")
    shapes = {p.name: p.shape for p in experiment.graph.parameters}
    try:
        _refuse_unknown(found, shapes, "parameter")
        given = {name: finite(name, value) for name, value in found.items()}
        for name, numbers in given.items():
            shape = extents(name, numbers)
            if shape != shapes[name]:
                raise ValueError(f"{name}: got shape {list(shape)}, wants {list(shapes[name])}")
        missing = [name for name in shapes if name not in found]
        if missing:
            more = f" and {len(missing) - MOST_NAMES} more" if len(missing) > MOST_NAMES else ""
            raise ValueError(f"holds no {', '.join(missing[:MOST_NAMES])}{more}; wants every parameter of the net")
        return experiment.changed(parameters=tuple(given.items()), all_drawn=False).validated()
    except ValueError as error:
        raise FileError(f"{path}: {error}") from None


def with_inputs(experiment: Experiment, path: str) -> Experiment:
    """The experiment on the samples of a file: all of them one minibatch, in their order.

    A variable's values are those of one sample, or of B samples, (B, *shape). `target` stands for the only target, or
    holds several by name; classes are class numbers. A variable that the file leaves out keeps the values of the
    minibatch with which the experiment begins.

    Raises FileError.
    """
    found = _read(path, "inputs")
    net = experiment.net
    targets = [given.name for given in net.given if given.target]
    try:
        if "target" in found and "target" not in {given.name for given in net.given}:
            target = found.pop("target")
            if isinstance(target, Mapping):
                found |= target
            elif target is not None and len(targets) == 1:
                found[targets[0]] = target
            elif target is not None:
                raise ValueError(f"target: wants values by name, for {', '.join(targets) or 'none'}")
        _refuse_unknown(found, {given.name: given.shape for given in net.given}, "input or target")
        if not found:
            raise ValueError(f"holds no samples, wants values of {', '.join(given.name for given in net.given)}")
        samples = _samples(experiment, {name: finite(name, value) for name, value in found.items()})
        count = len(next(iter(samples.values())))
        data = given_samples(samples)
        return experiment.changed(data=data, batch=count, shuffle=False).validated()
    except ValueError as error:
        raise FileError(f"{path}: {error}") from None


# -- fitting


def _refuse_unknown(found: Iterable[str], known: Mapping[str, Shape], what: str) -> None:
    for name in found:
        if name not in known:
            near = suggestion(name, known)
            raise ValueError(f"{name!r} is no {what}; {near}{near and ' '}this net has {', '.join(known)}")


def _samples(experiment: Experiment, found: Mapping[str, Nested]) -> dict[str, Array]:
    """What a file gives, with the rest from the first minibatch, as rows (N, …)."""
    net = experiment.net
    inputs = {g.name: _rows(g, found[g.name], None) for g in net.given if g.name in found and not g.classes}
    counts = {name: len(rows) for name, rows in inputs.items()}
    known = next(iter(counts.values()), None)
    classes = {g.name: _rows(g, found[g.name], known) for g in net.given if g.name in found and g.classes}
    rows = inputs | classes
    first = next(iter(rows))
    for name, values in rows.items():
        if not len(values):
            raise ValueError(f"{name}: holds no sample, wants at least one")
        if len(values) != len(rows[first]):
            raise ValueError(f"{name}: got {_count(values)}, wants {len(rows[first])}, as many as {first} has")
    missing = [given.name for given in net.given if given.name not in rows]
    if missing:
        batch = len(rows[first])
        if batch > experiment.count:
            raise ValueError(f"{missing[0]}: is left out, and the net comes with {experiment.count} samples of it only")
        picked = minibatch(Clock(), batch, experiment.count, experiment.seed, experiment.shuffle)
        rows |= {name: experiment.samples[name][picked] for name in missing}
    return {given.name: rows[given.name] for given in net.given}


def _rows(given: Given, numbers: Nested, count: int | None) -> Array:
    """One variable's values as rows; class numbers stay class numbers. `count` is the number of samples, if known."""
    shape, array = extents(given.name, numbers), np.asarray(numbers, float)
    if given.classes and len(shape) < 2 and not (count == 1 and shape == given.shape != (1,)):
        return array.reshape(-1)
    if shape == given.shape:
        array = array[None]
    elif shape[1:] != given.shape or len(shape) != len(given.shape) + 1:
        classes = "class numbers, or " if given.classes else ""
        many = ", ".join(["B", *map(str, given.shape)])
        raise ValueError(
            f"{given.name}: got shape {list(shape)}, wants {classes}{list(given.shape)}, or [{many}] for B samples"
        )
    if given.classes and not (np.all(array >= 0) and np.allclose(array.sum(axis=1), 1.0)):
        raise ValueError(f"{given.name}: wants class numbers, or probabilities that sum to 1")
    return array


def _count(rows: Array) -> str:
    return f"{len(rows)} sample{'s' * (len(rows) != 1)}"


def _size(count: int) -> str:
    return f"{count / (1 << 20):.0f} MB" if count >= 1 << 20 else f"{count} bytes"


# -- reading


def _read(path: str, section: str) -> dict[str, Any]:
    """Values by name, from a file of either kind; `section` is where they stand in the output of `trace`."""
    data = read_bytes(path)
    try:
        refuse_pickle(path, data)
        if is_safetensors(path, data):
            return from_safetensors(data)
    except ValueError as error:
        raise FileError(f"{path}: {error}") from None
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _from_npz(path, data)
    found = _from_json(path, data)
    part = found.get(section)
    if not isinstance(part, dict):
        return found
    return part | {"target": found["target"]} if section == "inputs" and "target" in found else part


def _from_json(path: str, data: bytes) -> dict[str, Any]:
    import json  # only now, as what unpacks an .npz: most nets come without a file of numbers

    try:
        found = json.loads(data, parse_int=float, object_pairs_hook=_without_doubles)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise FileError(f"{path}: {place}: {error.msg}; wants JSON, .npz or .safetensors") from None
    except UnicodeDecodeError:
        raise FileError(f"{path}: is neither JSON nor .npz nor .safetensors") from None
    except RecursionError:
        raise FileError(f"{path}: lists are nested too deeply") from None
    except ValueError as error:
        raise FileError(f"{path}: {error}") from None
    if not isinstance(found, dict):
        raise FileError(f'{path}: wants an object with values by name, such as {{"m0.weight": [[…]]}}')
    return found


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{next(name for name in names if names.count(name) > 1)!r} stands there twice")
    return found


def _from_npz(path: str, data: bytes) -> dict[str, Any]:
    import zipfile
    import zlib

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if sum(member.file_size for member in members) > LIMIT:
                raise ValueError(f"unpacks to more than {_size(LIMIT)}, wants at most that")
            return {
                member.filename.removesuffix(".npy"): _from_npy(member.filename, archive.read(member))
                for member in members
            }
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise FileError(f"{path}: is a damaged .npz ({error})") from None
    except ValueError as error:
        raise FileError(f"{path}: {error}") from None


def _from_npy(name: str, data: bytes) -> Any:
    """One array of an .npz as nested lists. The header is checked against the data before anything is built."""
    file = io.BytesIO(data)
    try:
        version = np.lib.format.read_magic(file)
        readers = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
        shape, fortran, dtype = readers[version](file)
    except (ValueError, KeyError):
        raise ValueError(f"{name}: is no array that can be read") from None
    if dtype.kind not in "fiu":
        raise ValueError(f"{name}: holds {dtype}, wants numbers")
    rest = data[file.tell() :]
    if len(rest) != math.prod(shape) * dtype.itemsize:
        raise ValueError(f"{name}: has {len(rest)} bytes, which is not an array of shape {list(shape)}")
    return np.frombuffer(rest, dtype).reshape(shape, order="F" if fortran else "C").astype(float).tolist()
