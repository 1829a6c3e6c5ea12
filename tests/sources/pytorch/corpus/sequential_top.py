#: torch: model
#: cost: cross-entropy mean
#: with: optimiser=Adam lr=0.001 l2=5e-06 biases=on
#: optim: torch.optim.Adam(net.parameters(), lr=1e-3, weight_decay=1e-5)
import torch
from torch import nn, optim

X, y = None, None
D, H, C = 2, 8, 3
model = nn.Sequential(
    nn.Linear(D, H),
    nn.ReLU(),
    nn.Linear(H, C),
)
criterion = nn.CrossEntropyLoss()
optimizer = optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-5)

if X is not None:
    for t in range(1000):
        y_pred = model(X)
        loss = criterion(y_pred, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
