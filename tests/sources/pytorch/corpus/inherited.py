#: torch: Bigger()
#: cost: cross-entropy mean
import torch
from torch import nn


class Base(nn.Module):
    activation = torch.tanh

    def __init__(self, width):
        super().__init__()
        self.fc1 = nn.Linear(4, width)
        self.fc2 = nn.Linear(width, 3)

    def features(self, x):
        return torch.tanh(self.fc1(x))

    def forward(self, x):
        return self.fc2(self.features(x))


class Bigger(Base):
    def __init__(self):
        super().__init__(width=5)
        self.fc0 = nn.Linear(2, 4)

    def features(self, x):
        return super().features(torch.relu(self.fc0(x)))
