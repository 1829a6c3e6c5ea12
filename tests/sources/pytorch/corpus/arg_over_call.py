#: options: --arg hidden=3
#: torch: Net(4, 3)
#: cost: squared mean
from torch import nn


class Net(nn.Module):
    def __init__(self, d, hidden):
        super().__init__()
        self.a = nn.Linear(d, hidden)
        self.b = nn.Linear(hidden, 1)

    def forward(self, x):
        return self.b(self.a(x).tanh())


net = Net(4, hidden=64)
