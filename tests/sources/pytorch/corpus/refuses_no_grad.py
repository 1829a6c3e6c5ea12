#: refuses: 9: with torch.no_grad(): is not supported
import torch
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(3, 3)
    def forward(self, x):
        with torch.no_grad():
            h = self.a(x)
        return h
