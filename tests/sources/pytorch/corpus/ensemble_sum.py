#: torch: Ensemble()
#: cost: squared mean
import torch
from torch import nn


class Ensemble(nn.Module):
    def __init__(self, members=3):
        super().__init__()
        self.members = nn.ModuleList([nn.Linear(4, 3) for _ in range(members)])

    def forward(self, x):
        outputs = [member(x) for member in self.members]
        return sum(outputs) / len(outputs)
