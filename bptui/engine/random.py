"""Random numbers keyed by what they are for: (seed, purpose, name, step). No generator state is ever saved.

Philox is counter-based: a key and a counter give the numbers, so that any step can be visited in any order, and
switching one purpose on (dropout) never changes another (the shuffle). Source: Salmon et al., "Parallel random
numbers: as easy as 1, 2, 3", 2011.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from struct import Struct
from typing import Any

import numpy as np

from bptui.engine.buffers import Array

_KEY = Struct("<2Q")


def _key(seed: int, purpose: str, name: str) -> bytes:
    return blake2b(f"{seed}/{purpose}/{name}".encode(), digest_size=16).digest()


def _philox(seed: int, purpose: str, name: str, step: int) -> np.random.Philox:
    return np.random.Philox(key=int.from_bytes(_key(seed, purpose, name), "little"), counter=step << 64)


def generator(seed: int, purpose: str, name: str = "", step: int = 0) -> np.random.Generator:
    """A generator for one purpose; the same arguments always give the same numbers."""
    return np.random.Generator(_philox(seed, purpose, name, step))


def _plain(state: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of a Philox's state with lists for arrays, which it is set to in half the time."""
    words = {name: array.tolist() for name, array in state["state"].items()}
    return {**state, "state": words, "buffer": state["buffer"].tolist()}


class StepStream:
    """Uniform numbers for each training step, from one generator whose counter is set to the step.

    Setting the counter costs 1 µs; building a generator anew costs 7 µs, as much as half a small training step.
    """

    def __init__(self, seed: int, purpose: str, name: str) -> None:
        self._bits = _philox(seed, purpose, name, 0)
        self._generator = np.random.Generator(self._bits)
        self._state: Any = _plain(self._bits.state)  # as at the start of a step; drawing does not touch this copy

    def uniform(self, step: int, out: Array) -> None:
        """Fill `out` with numbers in [0, 1): those of this step, whatever was drawn before."""
        self._state["state"]["counter"][1] = step
        self._bits.state = self._state
        self._generator.random(out=out)


class NameStream:
    """Numbers for each name, from one generator whose key is set to the name's, as `StepStream` does with steps."""

    def __init__(self, seed: int, purpose: str) -> None:
        self._seed, self._purpose, self._bits = seed, purpose, _philox(seed, purpose, "", 0)
        self._generator = np.random.Generator(self._bits)
        self._state: Any = _plain(self._bits.state)

    def of(self, name: str) -> np.random.Generator:
        """A generator that gives what `generator` gives for this name; the next call sets it to another."""
        self._state["state"]["key"] = _KEY.unpack(_key(self._seed, self._purpose, name))
        self._bits.state = self._state
        return self._generator
