"""The lessons, the nets and the labs, as home lists them before NumPy is loaded.

Tests hold it to the course and to the presets.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from string import ascii_lowercase
from typing import NamedTuple

LETTERS = ascii_lowercase  # the keys of nets after `n`, and of lessons after `l`


class Taught(NamedTuple):
    """One lesson of the course: its id and its title."""

    id: str
    title: str


class Chapter(NamedTuple):
    """Lessons that belong together, in the course's order."""

    title: str
    lessons: tuple[Taught, ...]


CHAPTERS = (
    Chapter(
        "Loss and descent",
        (
            Taught("parametrised-models", "Parametrised models"),
            Taught("losses", "Losses"),
            Taught("gradient-descent", "Gradient descent"),
            Taught("across-the-contours", "Across the contours"),
            Taught("sgd-and-redundancy", "SGD and redundancy"),
            Taught("no-gradient", "No gradient at all"),
        ),
    ),
    Chapter(
        "Backprop",
        (
            Taught("traditional-net", "A traditional net"),
            Taught("through-a-function", "Through a non-linearity"),
            Taught("through-a-sum", "Through a weighted sum"),
            Taught("jacobians", "Jacobians"),
            Taught("transformed-graph", "The transformed graph"),
            Taught("any-graph", "Any graph without loops"),
        ),
    ),
    Chapter(
        "Modules and practice",
        (
            Taught("basic-modules", "Basic modules"),
            Taught("softmax", "SoftMax and LogSoftMax"),
            Taught("mynet", "mynet in PyTorch"),
            Taught("tricks", "Tricks, one by one"),
            Taught("regularisers", "L1, L2 and weight decay"),
            Taught("init-and-dropout", "Init and dropout"),
            Taught("spirals", "Spirals"),
        ),
    ),
)
COURSE = tuple(lesson for chapter in CHAPTERS for lesson in chapter.lessons)


def uncatalogued(course: Sequence[Taught]) -> Iterator[str]:
    """What home would list wrongly of the lessons that come with bptui, in their order: a line each."""
    where = "CHAPTERS in bptui/tui/catalogue.py"
    listed, there = dict(COURSE), dict(course)
    for name, title in course:
        if name not in listed:
            yield f'the lesson {name!r} is not listed at home; wants the line Taught("{name}", "{title}") in {where}'
        elif listed[name] != title:
            yield f"the lesson {name!r} is called {title!r}, and {listed[name]!r} in {where}"
    yield from (f"no lesson has the id {name!r}, which is listed in {where}" for name in listed if name not in there)
    if set(listed) == set(there) and list(listed) != list(there):
        yield f"the lessons are in another order than in {where}"


class Listed(NamedTuple):
    """One line of the list: a net's name, its sizes, and what it is for."""

    name: str
    outline: str
    about: str


NETS = (
    Listed("perceptron", "2-1", "one linear module and a squared error: where every gradient starts"),
    Listed("chain", "1-1-1", "a non-linear function h in a black box: dC/ds = dC/dz · h′(s)"),
    Listed("weighted-sum", "1-3", "one z feeds three sums: the weights are used backwards"),
    Listed("two-layer", "6-3-2", "6-3-2 with ReLU and cross-entropy: small enough to read every number"),
    Listed("mynet", "600-60-40-10", "the lecture's net: a 3×10×20 image through 600-60-40-10 with ReLU"),
    Listed("skip", "3-3", "Duplicate and Add: x goes round m0, and two gradients come back"),
    Listed("switch", "2-3-3", "Max of two linear modules: the gradient goes to the winner alone"),
    Listed("logsoftmax", "4-3", "LogSoftMax and negative log-likelihood: wrong answers keep their gradient"),
    Listed("softmax", "4-3", "SoftMax and a squared error, the same weights: confidently wrong, and hardly a gradient"),
    Listed("dropout", "4-6-2", "a hidden layer with half its entries dropped, drawn anew for each sample"),
    Listed("average", "2-1", "the average loss: four samples, four copies of G and C, one w"),
    Listed("spiral", "2-100-3", "the practicum's spirals: 2-100-3 with ReLU"),
)


class Lab(NamedTuple):
    """A lab: the key that opens it at home, its place in the app, what it is for, and what it opens with.

    `about` is a few words, `purpose` a sentence.
    """

    key: str
    place: str
    about: str
    purpose: str
    first: str

    @property
    def title(self) -> str:
        return self.place.capitalize()


LABS = (
    Lab(
        "d",
        "descend",
        "paths on a loss surface",
        "Race optimisers over a loss surface, and take each update apart into the samples' own pulls.",
        "line",
    ),
    Lab(
        "t",
        "train",
        "data, boundary, doctor",
        "Train a net on a data set: its decision boundary, its losses, and a doctor that names what is wrong.",
        "spirals",
    ),
)
