#: torch: Net()
#: cost: squared mean
import torch
from torch import nn

act = lambda t: torch.tanh(t)  # noqa: E731


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(3, 3)
        self.b = nn.Linear(3, 1)

    def forward(self, x):
        if (h := self.a(x)) is not None:
            h = act(h)
        return self.b(h)
