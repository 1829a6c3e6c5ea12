#: torch: Net()
#: cost: cross-entropy mean
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self, p=0.3):
        super().__init__()
        self.fc1 = nn.Linear(4, 6)
        self.dropout = nn.Dropout(p)
        self.fc2 = nn.Linear(6, 5)
        self.fc3 = nn.Linear(5, 2)

    def forward(self, x):
        x = self.dropout(F.relu(self.fc1(x)))
        x = self.dropout(F.relu(self.fc2(x)))
        return self.fc3(x)
