#: torch: Dense()
#: cost: cross-entropy mean
import torch
from torch import nn


class Dense(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(3, 2)
        self.b = nn.Linear(5, 2)
        self.c = nn.Linear(7, 3)

    def forward(self, x):
        h = torch.cat((x, torch.relu(self.a(x))), dim=1)
        h = torch.cat([h, torch.relu(self.b(h))], 1)
        return self.c(h)
