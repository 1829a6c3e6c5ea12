#: refuses: 8: this Linear is no attribute of the net
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(3, 3)
    def forward(self, x):
        return nn.Linear(3, 2)(self.a(x))
