#: refuses: 3: Net has a __call__ of its own
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 3)
    def forward(self, x): return self.fc(x)
    def __call__(self, x): return self.forward(x) * 2
