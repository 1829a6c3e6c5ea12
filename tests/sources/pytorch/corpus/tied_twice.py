#: torch: Siamese()
#: cost: squared mean
import torch
from torch import nn


class Siamese(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(4, 3), nn.Tanh())
        self.head = nn.Linear(6, 1)

    def forward(self, left, right):
        a = self.encoder(left)
        b = self.encoder(right)
        return self.head(torch.cat([a, b], dim=1))
