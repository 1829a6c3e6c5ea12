#: refuses: 9: mylib.activate is not supported
from torch import nn
import mylib
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(3, 3)
    def forward(self, x):
        return mylib.activate(self.a(x))
