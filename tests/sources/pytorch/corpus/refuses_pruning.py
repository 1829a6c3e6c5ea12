#: refuses: 9: nn.utils.prune.l1_unstructured changes the net after it is made
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 3)
    def forward(self, x): return self.fc(x)
net = Net()
nn.utils.prune.l1_unstructured(net.fc, "weight", amount=0.3)
