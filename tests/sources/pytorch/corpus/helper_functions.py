#: torch: Net()
#: cost: cross-entropy mean
import torch.nn as nn
import torch.nn.functional as F


def make_layers(sizes, activation=nn.ReLU):
    layers = []
    for a, b in zip(sizes, sizes[1:]):
        layers.extend([nn.Linear(a, b), activation()])
    return layers[:-1]


def double(t):
    return t * 2


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(*make_layers([4, 5, 5], nn.Tanh))
        self.head = nn.Linear(5, 2)
        self.post = lambda t: double(F.relu(t))

    def forward(self, x):
        return self.head(self.post(self.body(x)))
