#: torch: Net()
#: cost: cross-entropy mean
import torch.nn as nn
import torch.nn.functional as F


class Block(nn.Module):
    def __init__(self, n_in, n_out):
        super().__init__()
        self.linear = nn.Linear(n_in, n_out)

    def forward(self, x):
        return F.relu(self.linear(x))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.block1 = Block(4, 6)
        self.block2 = Block(6, 5)
        self.head = nn.Linear(5, 3)

    def forward(self, x):
        x = self.block1(x)
        x = self.block2(x)
        return self.head(x)
