#: torch: Ensemble()
#: cost: squared mean
import torch
from torch import nn


class Ensemble(nn.Module):
    def __init__(self, members=2):
        super().__init__()
        self.members = nn.ModuleList([nn.Linear(4, 3) for _ in range(members)])

    def forward(self, x):
        outputs = torch.stack([member(x) for member in self.members])
        return outputs.mean(dim=0)
