"""What NET means on a command line and at home: a net's name, or an experiment in a file."""

from __future__ import annotations

from bptui.session.experiment import Experiment
from bptui.sources.arrays import FileError, read_bytes
from bptui.sources.presets import preset


def opened(net: str) -> Experiment:
    """The experiment that a name or a path stands for. Raises ValueError, one line that names it."""
    if net.endswith(".py"):
        raise FileError(f"{net}: this version does not read Python files; give a net's name or a .toml experiment")
    return from_file(net) if net.endswith(".toml") else preset(net)


def from_file(path: str) -> Experiment:
    """The experiment in a TOML file. Raises FileError, one line."""
    from bptui.session.toml import from_toml  # only now: it loads a library that nothing else needs
    from bptui.session.toml_values import TomlError

    try:
        return from_toml(read_bytes(path).decode())
    except UnicodeDecodeError:
        raise FileError(f"{path}: is not text in UTF-8") from None
    except TomlError as error:
        raise FileError(f"{path}: {error}") from None
