#: torch: model
#: cost: cross-entropy mean
#: with: optimiser=AdamW lr=0.003 decay=0.05 beta1=0.8
#: optim: torch.optim.AdamW(net.parameters(), lr=3e-3, betas=(0.8, 0.99), weight_decay=0.05)
import torch.nn as nn
from torch.optim import AdamW

model = nn.Sequential(nn.Linear(3, 4), nn.Softplus(), nn.Linear(4, 2))
criterion = nn.CrossEntropyLoss()
optimizer = AdamW(model.parameters(), lr=3e-3, betas=(0.8, 0.99), weight_decay=0.05)
