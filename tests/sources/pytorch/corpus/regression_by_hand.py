#: torch: Net()
#: cost: squared mean
#: with: optimiser=RMSProp lr=0.02 alpha=0.9
#: optim: torch.optim.RMSprop(net.parameters(), lr=0.02, alpha=0.9)
import torch


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.linear1 = torch.nn.Linear(1, 5)
        self.linear2 = torch.nn.Linear(5, 1)

    def forward(self, x):
        h = torch.tanh(self.linear1(x))
        y_pred = self.linear2(h)
        return y_pred


def fit(x, y, steps=100):
    model = Net()
    optimizer = torch.optim.RMSprop(model.parameters(), lr=0.02, alpha=0.9)
    for step in range(steps):
        y_pred = model(x)
        loss = ((y_pred - y) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model
