#: refuses: 9: setting .fc changes the net after it is made
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 3)
    def forward(self, x): return self.fc(x)
model = Net()
model.fc = nn.Linear(3, 10)
