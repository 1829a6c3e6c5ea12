#: torch: Net()
#: input: torch.randn(7, 4)
#: halts: 15
import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 3)

    def forward(self, x):
        h = self.fc(x)
        return torch.relu(h + x)


Net()(torch.randn(7, 4))
