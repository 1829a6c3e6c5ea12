#: torch: Net(True)
#: cost: squared mean
from torch import nn


class Net(nn.Module):
    def __init__(self, project):
        super().__init__()
        self.proj = nn.Linear(3, 4) if project else nn.Identity()
        self.norm = nn.Identity()
        self.layers = nn.Sequential(nn.Linear(4, 4), nn.Tanh())

    def forward(self, x):
        x = self.norm(self.proj(x))
        for layer in self.layers:
            if isinstance(layer, nn.Linear):
                x = layer(x) + x
            else:
                x = layer(x)
        return x


net = Net(True)
