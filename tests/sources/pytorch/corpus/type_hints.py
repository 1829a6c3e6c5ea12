#: torch: Net(Config())
#: cost: cross-entropy mean
from __future__ import annotations

from dataclasses import dataclass
from typing import List, Optional

import torch
from torch import Tensor, nn


@dataclass
class Config:
    n_in: int = 4
    n_hidden: int = 5
    n_out: int = 3
    bias: bool = True


class Net(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config: Config = config
        self.up: nn.Linear = nn.Linear(config.n_in, config.n_hidden, bias=config.bias)
        self.down: nn.Linear = nn.Linear(config.n_hidden, config.n_out, bias=config.bias)

    def forward(self, x: Tensor, mask: Optional[Tensor] = None) -> Tensor:
        h: Tensor = torch.relu(self.up(x))
        if mask is not None:
            h = h * mask
        return self.down(h)


model = Net(Config())
