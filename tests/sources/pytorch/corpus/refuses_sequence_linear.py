#: refuses: 9: a Linear on the last axis of [2, 5, 3] is not supported
import torch
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(3, 3)
    def forward(self, x):
        return self.a(x)
Net()(torch.randn(2, 5, 3))
