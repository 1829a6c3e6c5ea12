#: torch: Net()
#: cost: squared mean
from torch import nn


class Net(nn.Module):
    def __init__(self, start=8, end=2):
        super().__init__()
        layers = []
        width = start
        while width > end:
            layers += [nn.Linear(width, width // 2), nn.ReLU()]
            width //= 2
        self.tower = nn.Sequential(*layers)
        self.out = nn.Linear(width, 1)

    def forward(self, x):
        return self.out(self.tower(x))
