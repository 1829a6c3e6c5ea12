#: torch: ResNet()
#: cost: cross-entropy mean
import torch
import torch.nn as nn


class ResidualBlock(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.fc1 = nn.Linear(dim, dim)
        self.fc2 = nn.Linear(dim, dim)
        self.relu = nn.ReLU()

    def forward(self, x):
        identity = x
        out = self.fc1(x)
        out = self.relu(out)
        out = self.fc2(out)
        out += identity
        return self.relu(out)


class ResNet(nn.Module):
    def __init__(self, dim=4, blocks=2):
        super().__init__()
        self.blocks = nn.Sequential(*[ResidualBlock(dim) for _ in range(blocks)])
        self.head = nn.Linear(dim, 2)

    def forward(self, x):
        return self.head(self.blocks(x))
