#: torch: Recurring()
#: cost: squared mean
import torch
import torch.nn as nn


class Recurring(nn.Module):
    """The same layer three times: one set of weights."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 3)
        self.out = nn.Linear(3, 1)

    def forward(self, x):
        for _ in range(3):
            x = torch.tanh(self.fc(x))
        return self.out(x)
