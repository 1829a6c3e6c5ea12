#: refuses: 16: makes several nets; --class NAME says which: A, B
from torch import nn
class A(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(3, 1)
    def forward(self, x):
        return self.a(x)
class B(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(3, 2)
    def forward(self, x):
        return self.a(x)
a = A()
b = B()
