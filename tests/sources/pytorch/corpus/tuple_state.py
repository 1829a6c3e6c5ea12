#: torch: Net()
#: cost: squared mean
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.split = nn.ModuleList([nn.Linear(4, 2), nn.Linear(4, 2)])

    def both(self, x):
        a, b = (layer(x) for layer in self.split)
        return a, b

    def forward(self, x):
        first, second = self.both(x)
        (first, second), extra = (second, first), None
        return first * second.tanh()
