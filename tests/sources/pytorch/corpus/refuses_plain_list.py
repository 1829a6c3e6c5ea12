#: refuses: 6: this Linear is no attribute of the net
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = [nn.Linear(3, 3), nn.Linear(3, 3)]
    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x
