#: torch: Net((5, 4, 3))
#: cost: cross-entropy mean
from torch import nn


class Net(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        layers = []
        for n_in, n_out in zip(sizes[:-1], sizes[1:]):
            layers += [nn.Linear(n_in, n_out), nn.Sigmoid()]
        self.net = nn.Sequential(*layers[:-1])

    def forward(self, x):
        return self.net(x)


if __name__ == "__main__":
    net = Net((5, 4, 3))
