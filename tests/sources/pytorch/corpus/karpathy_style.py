#: torch: MLP(3, [4, 4, 1])
#: cost: squared mean
import torch
import torch.nn as nn


class MLP(nn.Module):
    def __init__(self, nin, nouts):
        super().__init__()
        sz = [nin] + nouts
        self.layers = nn.ModuleList([nn.Linear(sz[i], sz[i + 1]) for i in range(len(nouts))])

    def forward(self, x, targets=None):
        for layer in self.layers[:-1]:
            x = layer(x).tanh()
        out = self.layers[-1](x)
        loss = None
        if targets is not None:
            loss = ((out - targets) ** 2).mean()
        return out, loss


model = MLP(3, [4, 4, 1])
