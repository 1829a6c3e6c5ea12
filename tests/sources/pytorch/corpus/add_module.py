#: torch: Net()
#: cost: squared mean
import torch.nn as nn


class Net(nn.Module):
    def __init__(self, depth=2):
        super().__init__()
        self.depth = depth
        for i in range(depth):
            self.add_module(f"fc{i}", nn.Linear(3, 3))
            setattr(self, "act%d" % i if False else f"act{i}", nn.Tanh())
        self.seq = nn.Sequential()
        self.seq.add_module("last", nn.Linear(3, 1))

    def forward(self, x):
        for i in range(self.depth):
            x = getattr(self, f"fc{i}")(x)
            x = getattr(self, f"act{i}")(x)
        return self.seq(x)
