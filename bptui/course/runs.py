"""Runs that are too long to be trained while one reads, and what they ended with.

Lessons name them: `{{ training accuracy of relu-sgd after 1000 }}`. A slow test trains each anew, and holds it to what
stands here.
"""

from __future__ import annotations

import re

from bptui.session.history import History
from bptui.session.knobs import turned
from bptui.session.train.probe import Prober, Score
from bptui.sources.labs import PRACTICUM, TRAIN, lab

_WORDS = re.compile(r"(?P<lab>[\w-]+)(?: with (?P<knobs>[^ =]+=[^ =]+(?: [^ =]+=[^ =]+)*))? after (?P<steps>\d{1,5})")

RAN = {
    "linear-sgd after 1000": Score(0.8667, 0.5003),
    "linear-adam after 1000": Score(0.7776, 0.5047),
    "relu-sgd after 1000": Score(0.9807, 0.5550),
    "relu-adam after 1000": Score(0.1784, 0.9473),
    "relu-adam after 800": Score(0.2337, 0.9170),
    "relu-sgd with lr=1 after 200": Score(0.2333, 0.9057),
    "relu-adam with activation=tanh after 1000": Score(0.3062, 0.8467),
    "relu-sgd with activation=tanh dropout=0.5 after 1000": Score(0.9024, 0.5047),
    "blobs with shuffle=off optimiser=SGD lr=1 after 12": Score(1.5589, 0.3542),
}


def trained(words: str) -> Score:
    """Train a run from its beginning: an experiment of the train lab, its knobs, so many training steps.

    Raises ValueError.
    """
    match = _WORDS.fullmatch(words)
    if match is None:
        raise ValueError(f"{words!r} is no run, wants words such as relu-sgd with lr=1 after 200")
    experiment = lab(TRAIN | PRACTICUM, match["lab"])
    for knob in (match["knobs"] or "").split():
        experiment = turned(experiment, *knob.split("="))
    history, steps = History(experiment), int(match["steps"])
    history.train(0, 0, steps)
    clock, parameters = history.parameters(0, steps)
    return Prober(experiment).probe(clock, parameters).train
