#: torch: model
#: input: torch.randn(5, 8)
#: halts: 10
import torch
from torch import nn

model = nn.Sequential(
    nn.Linear(8, 6),
    nn.ReLU(),
    nn.Linear(5, 2),
)
out = model(torch.randn(5, 8))
