#: torch: Net()
#: cost: squared mean
import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(3, 3)
        self.b = nn.Linear(3, 3)

    def forward(self, x):
        a = self.a(x)
        b = self.b(x)
        c = 2 * a - b / 4
        d = -c + 0.5
        e = 1 - d * a
        return (e - 3) * 0.1 + b ** 2
