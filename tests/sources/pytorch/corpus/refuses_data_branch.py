#: refuses: 10: a branch that depends on the data is not supported
import torch
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 3)
    def forward(self, x):
        x = self.fc(x)
        if x.sum(1) > 0:
            x = torch.relu(x)
        return x
