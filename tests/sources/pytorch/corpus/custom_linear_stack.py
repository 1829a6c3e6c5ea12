#: torch: Net()
#: cost: cross-entropy mean
import copy

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        template = nn.Linear(4, 4)
        self.layers = nn.ModuleList([copy.deepcopy(template) for _ in range(2)])
        self.head = nn.Linear(4, 2)

    def forward(self, x):
        for i, layer in enumerate(reversed(self.layers)):
            x = torch.relu(layer(x)) if i % 2 == 0 else torch.tanh(layer(x))
        return self.head(x)
