#: refuses: 9: this view would join the samples of the batch
import torch
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(12, 3)
    def forward(self, x):
        return self.fc(x.view(-1))
net = Net()
net(torch.randn(8, 12))
