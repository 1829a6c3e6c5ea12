#: torch: Net(n=3)
#: cost: binary mean
#: with: optimiser=Adam lr=0.05 batch=16
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Net(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.seq = nn.Sequential(nn.Linear(n, 4), nn.Tanh(), nn.Linear(4, 2))

    def forward(self, x):
        return self.seq(x)


class Trainer:
    def __init__(self, data, targets):
        self.loader = DataLoader(TensorDataset(data, targets), batch_size=16)
        self.net = Net(n=3)
        self.criterion = nn.BCEWithLogitsLoss()
        self.optimizer = torch.optim.Adam(self.net.parameters(), 0.05)

    def run(self, epochs=10):
        for epoch in range(epochs):
            for xb, yb in self.loader:
                self.optimizer.zero_grad()
                loss = self.criterion(self.net(xb), yb)
                loss.backward()
                self.optimizer.step()
