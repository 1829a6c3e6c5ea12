#: options: --cost squared
#: torch: Net()
#: cost: squared mean
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 2)

    def forward(self, x):
        return self.fc(x)


criterion = nn.SmoothL1Loss()
