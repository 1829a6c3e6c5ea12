#: refuses: 11: setting .weight changes the net after it is made
import torch
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(3, 3)
        self.b = nn.Linear(3, 3)
    def forward(self, x): return self.b(self.a(x).tanh())
net = Net()
net.b.weight = net.a.weight
