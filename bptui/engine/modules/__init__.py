"""The modules, one file a family. Importing this package registers them all."""

from bptui.engine.modules.constants import Average, Scale, Shift
from bptui.engine.modules.costs import (
    AbsoluteError,
    BinaryCrossEntropy,
    CrossEntropy,
    NegativeLogLikelihood,
    SquaredError,
)
from bptui.engine.modules.dropout import Dropout
from bptui.engine.modules.gates import Max, Multiply
from bptui.engine.modules.halt import Halt
from bptui.engine.modules.landscapes import Beale, Himmelblau, Rosenbrock, Saddle, Staircase, Valley
from bptui.engine.modules.linear import Linear
from bptui.engine.modules.penalties import L1Penalty, L2Penalty
from bptui.engine.modules.pointwise import LeakyReLU, ReLU, Sigmoid, Softplus, Tanh
from bptui.engine.modules.routing import Add, Concatenate, Duplicate, Flatten
from bptui.engine.modules.softmax import LogSoftMax, SoftMax
from bptui.engine.modules.sums import Sum

__all__ = [
    "AbsoluteError",
    "Add",
    "Average",
    "Beale",
    "BinaryCrossEntropy",
    "Concatenate",
    "CrossEntropy",
    "Dropout",
    "Duplicate",
    "Flatten",
    "Halt",
    "Himmelblau",
    "L1Penalty",
    "L2Penalty",
    "LeakyReLU",
    "Linear",
    "LogSoftMax",
    "Max",
    "Multiply",
    "NegativeLogLikelihood",
    "ReLU",
    "Rosenbrock",
    "Saddle",
    "Scale",
    "Shift",
    "Sigmoid",
    "SoftMax",
    "Softplus",
    "SquaredError",
    "Staircase",
    "Sum",
    "Tanh",
    "Valley",
]
