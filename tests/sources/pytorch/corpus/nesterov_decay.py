#: torch: Net(3, 2)
#: cost: cross-entropy sum
#: with: optimiser=nesterov lr=0.01 momentum=0.8 l2=0.005 biases=on
#: optim: torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.8, nesterov=True, weight_decay=0.01)
import torch
from torch import nn

cfg = dict(lr=0.01, momentum=0.8, nesterov=True, weight_decay=1e-2)


class Net(nn.Module):
    def __init__(self, n, k):
        super().__init__()
        self.fc = nn.Linear(n, 4)
        self.out = nn.Linear(4, k)

    def forward(self, x):
        return self.out(torch.relu(self.fc(x)))


net = Net(3, 2)
loss = nn.CrossEntropyLoss(reduction="sum")
opt = torch.optim.SGD(net.parameters(), **cfg)
