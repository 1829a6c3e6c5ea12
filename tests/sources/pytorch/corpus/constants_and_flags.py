#: torch: Net(use_skip=True)
#: cost: squared mean
from torch import nn

WIDTH = 4
DEPTH = 1 + 1
USE_TANH = not False


class Net(nn.Module):
    def __init__(self, use_skip=False, scale=None):
        super().__init__()
        self.use_skip = use_skip
        self.scale = scale or 0.5
        self.fcs = nn.ModuleList(nn.Linear(WIDTH, WIDTH) for _ in range(DEPTH))
        self.act = nn.Tanh() if USE_TANH else nn.ReLU()

    def forward(self, x):
        h = x
        for fc in self.fcs:
            h = self.act(fc(h))
        if self.use_skip:
            h = h + x * self.scale
        return h


net = Net(use_skip=True)
