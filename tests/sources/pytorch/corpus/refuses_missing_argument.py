#: refuses: 4: Net needs hidden; --arg hidden=VALUE gives it
from torch import nn
class Net(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.a = nn.Linear(3, hidden)
    def forward(self, x):
        return self.a(x)
