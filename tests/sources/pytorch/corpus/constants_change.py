#: torch: net
#: cost: cross-entropy mean
import torch
from torch import nn

HIDDEN = 3
sizes = [4, HIDDEN]


class Net(nn.Module):
    """What stands at the top counts as it stood when the net was made."""

    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(*sizes)
        self.fc2 = nn.Linear(HIDDEN, 2)

    def forward(self, x):
        return self.fc2(torch.relu(self.fc1(x)))


net = Net()
HIDDEN = 64
sizes.append(HIDDEN)
sizes[1] = 64
