#: torch: Net()
#: cost: cross-entropy mean
import torch
from torch import nn


class Net(nn.Module):
    """Python writes self.__fc as self._Net__fc, and so does PyTorch in its parameters' names."""

    def __init__(self):
        super().__init__()
        self.__fc = nn.Linear(3, 4)
        self._head = nn.Linear(4, 2)

    def __squash(self, x):
        return torch.tanh(self.__fc(x))

    def forward(self, x):
        return self._head(self.__squash(x))
