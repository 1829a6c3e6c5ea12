#: torch: Deep()
#: cost: squared mean
import torch.nn as nn


class Deep(nn.Module):
    def __init__(self, width=4, depth=3):
        super().__init__()
        self.hidden = nn.ModuleList([nn.Linear(width, width) for _ in range(depth)])
        self.out = nn.Linear(width, 1)
        self.act = nn.Tanh()

    def forward(self, x):
        for layer in self.hidden:
            x = self.act(layer(x))
        return self.out(x)
