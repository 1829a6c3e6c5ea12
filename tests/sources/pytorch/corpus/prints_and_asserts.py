#: torch: Net()
#: cost: cross-entropy mean
#: with: batch=3
import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self, n=4):
        super().__init__()
        assert n > 0, "wants inputs"
        print("building", n)
        self.fc1 = nn.Linear(n, 4)
        self.fc2 = nn.Linear(4, 2)

    def forward(self, x):
        assert x.dim() == 2
        print("in:", x.shape, x.mean())
        x = torch.relu(self.fc1(x))
        print(f"hidden: {x.shape}")
        return self.fc2(x)


net = Net()
net(torch.rand(3, 4))
