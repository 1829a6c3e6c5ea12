#: torch: Net()
#: cost: cross-entropy mean
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.relu = nn.Linear(3, 3)
        self.cost = nn.Linear(3, 3)
        self.y = nn.Linear(3, 2)

    def forward(self, x):
        C = torch.relu(self.relu(x))
        y = torch.relu(self.cost(C))
        s1 = y + C
        s1 = s1 * 2
        L = self.y(s1)
        return L
