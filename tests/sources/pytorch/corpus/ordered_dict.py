#: torch: model
#: cost: nll mean
from collections import OrderedDict

from torch import nn

model = nn.Sequential(
    OrderedDict(
        [
            ("fc1", nn.Linear(6, 5)),
            ("relu1", nn.ReLU()),
            ("fc2", nn.Linear(5, 4)),
            ("relu2", nn.ReLU()),
            ("output", nn.Linear(4, 3)),
            ("logprobs", nn.LogSoftmax(dim=1)),
        ]
    )
)
criterion = nn.NLLLoss()
