#: torch: Net()
#: cost: cross-entropy mean
import torch
import torch.nn as nn


class Net(nn.Module):
    """A usual slip: the cost takes the softmax once more. It is what the file says, so it is what is drawn."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 3)

    def forward(self, x):
        return torch.softmax(self.fc(x), dim=-1)


criterion = nn.CrossEntropyLoss()
