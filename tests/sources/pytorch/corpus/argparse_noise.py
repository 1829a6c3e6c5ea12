#: torch: MLP(4, 5, 3)
#: cost: cross-entropy mean
import argparse
import logging
import os

import torch
import torch.nn as nn

logger = logging.getLogger(__name__)


class MLP(nn.Module):
    def __init__(self, n_in, hidden, n_out):
        super().__init__()
        logger.info("hidden %s", hidden)
        self.fc1 = nn.Linear(n_in, hidden)
        self.fc2 = nn.Linear(hidden, n_out)

    def forward(self, x):
        return self.fc2(torch.relu(self.fc1(x)))


def parse_args():
    parser = argparse.ArgumentParser()
    parser.add_argument("--hidden", type=int, default=5)
    parser.add_argument("--lr", type=float, default=0.1)
    return parser.parse_args()


def main():
    args = parse_args()
    os.makedirs("out", exist_ok=True)
    model = MLP(4, args.hidden, 3)
    torch.save(model.state_dict(), os.path.join("out", "model.pt"))


if __name__ == "__main__":
    main()
