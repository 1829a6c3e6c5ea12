#: torch: Net()
#: cost: cross-entropy mean
#: with: batch=2
import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(12, 3)

    def forward(self, x):
        batch_size = x.shape[0]
        x = x.reshape(batch_size, 2, 6)
        x = torch.flatten(x, start_dim=1)
        return self.fc(x)


x = torch.zeros(2, 3, 4)
out = Net()(x)
