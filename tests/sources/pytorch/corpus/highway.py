#: torch: Highway(3)
#: cost: squared mean
import torch
import torch.nn as nn


class Highway(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.transform = nn.Linear(size, size)
        self.gate = nn.Linear(size, size)

    def forward(self, x):
        t = torch.sigmoid(self.gate(x))
        h = torch.tanh(self.transform(x))
        return t * h + (1.0 - t) * x


model = Highway(size=3)
