#: refuses: 8: Net has no attribute fc2
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(3, 3)
    def forward(self, x):
        return self.fc2(self.fc1(x))
