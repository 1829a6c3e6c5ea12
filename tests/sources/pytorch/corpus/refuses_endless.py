#: refuses: 8: takes more than
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        n = 0
        while True:
            n = n + 1
        self.a = nn.Linear(3, 3)
    def forward(self, x):
        return self.a(x)
