#: refuses: 8: max over a dimension is not supported
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(3, 3)
    def forward(self, x):
        return self.a(x).max(dim=1)[0]
