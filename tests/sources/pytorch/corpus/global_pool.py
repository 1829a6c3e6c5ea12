#: torch: Net()
#: cost: cross-entropy mean
#: with: batch=2
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 2)

    def forward(self, x):
        x = x.mean(dim=(2, 3))
        return self.fc(x)


Net()(torch.randn(2, 3, 4, 5))
