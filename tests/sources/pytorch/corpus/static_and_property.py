#: torch: Net()
#: cost: squared mean
import torch
from torch import nn


class Net(nn.Module):
    SCALE = 0.25

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)

    @staticmethod
    def squash(x, by):
        return torch.tanh(x) * by

    @property
    def scale(self):
        return self.SCALE * 2

    def forward(self, x):
        return self.squash(self.fc(x), self.scale)
