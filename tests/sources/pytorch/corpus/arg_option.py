#: options: --arg d=4 --arg hidden=(5,6) --arg act="tanh"
#: torch: Net(4, (5, 6), "tanh")
#: cost: cross-entropy mean
from torch import nn

ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid}


class Net(nn.Module):
    def __init__(self, d, hidden, act="relu", classes=3):
        super().__init__()
        layers = []
        for h in hidden:
            layers.append(nn.Linear(d, h))
            layers.append(ACTIVATIONS[act]())
            d = h
        layers.append(nn.Linear(d, classes))
        self.layers = nn.Sequential(*layers)

    def forward(self, x):
        return self.layers(x)
