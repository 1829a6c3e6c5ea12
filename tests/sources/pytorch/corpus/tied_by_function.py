#: torch: AutoEncoder()
#: cost: cross-entropy mean
import torch.nn as nn
import torch.nn.functional as F


class AutoEncoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = nn.Linear(4, 4)

    def forward(self, x):
        h = F.sigmoid(self.enc(x))
        return F.linear(h, self.enc.weight, self.enc.bias)
