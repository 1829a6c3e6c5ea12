#: torch: Net()
#: cost: cross-entropy mean
import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(3, 4)
        self.b = nn.Linear(4, 4)
        self.c = nn.Linear(4, 2)
        self.lrelu = nn.LeakyReLU(negative_slope=0.1)

    def forward(self, x):
        x = self.lrelu(self.a(x))
        x = F.leaky_relu(self.b(x), 0.3)
        return F.logsigmoid(self.c(x)) if False else self.c(x).clone()
