#: torch: Net()
#: cost: squared mean
import torch.nn as nn


class Net(nn.Module):
    """In place, the name x means the changed tensor afterwards."""

    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(3, 3)
        self.relu = nn.ReLU(inplace=True)
        self.fc2 = nn.Linear(3, 3)

    def forward(self, x):
        h = self.fc1(x)
        out = self.fc2(self.relu(h))
        return out + h
