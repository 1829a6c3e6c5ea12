#: torch: Net()
#: input: torch.randn(4)
#: halts: 16
import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(4, 3)
        self.b = nn.Linear(4, 3)

    def forward(self, x):
        h = self.a(x)
        h = torch.cat([h, self.b(x)], dim=1)
        return h


Net()(torch.randn(4))
