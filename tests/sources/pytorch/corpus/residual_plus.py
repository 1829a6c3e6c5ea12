#: torch: Net(3)
#: cost: absolute mean
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.m0 = nn.Linear(n, n)

    def forward(self, x):
        return torch.relu(self.m0(x) + x)


net = Net(3)
loss = nn.L1Loss()
