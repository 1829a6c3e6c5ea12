#: torch: Net()
#: cost: squared mean
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(4, 3)
        self.b = nn.Linear(4, 3)

    def forward(self, x):
        h = torch.tanh(self.a(x))
        s = h.sum(dim=1, keepdim=True)
        m = torch.mean(self.b(x), 1, keepdim=True)
        return s + m
