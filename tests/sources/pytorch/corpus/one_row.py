#: torch: Net()
#: cost: cross-entropy mean
#: with: batch=1
import torch
from torch import nn


class Net(nn.Module):
    """One image, made a batch of one."""

    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(12, 4)
        self.fc2 = nn.Linear(4, 3)

    def forward(self, image):
        x = image.view(1, -1)
        x = torch.tanh(self.fc1(x))
        return self.fc2(x)


net = Net()
print(net(torch.rand(3, 2, 2)))
