#: refuses: 9: forward is decorated by twice
from torch import nn
def twice(f): return lambda self, x: f(self, f(self, x))
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 3)
    @twice
    def forward(self, x): return self.fc(x)
