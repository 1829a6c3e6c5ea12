#: torch: Net()
#: cost: squared mean
from torch import nn


class Net(nn.Module):
    def __init__(self, depth=3):
        super().__init__()
        for i in range(depth):
            setattr(self, "fc%d" % i, nn.Linear(3, 3))
        self.names = ["fc%d" % i for i in range(depth)]
        self.act = nn.Sigmoid()

    def forward(self, x):
        for name in self.names:
            x = self.act(getattr(self, name)(x))
        return x
