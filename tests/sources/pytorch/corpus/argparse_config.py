#: options: --arg depth=1
#: torch: Net(argparse.Namespace(width=6, act="tanh", no_bias=False, classes=3), 1)
#: cost: cross-entropy mean
#: with: optimiser=Adam lr=0.002 batch=32
import argparse

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, args, depth):
        super().__init__()
        act = {"relu": nn.ReLU, "tanh": nn.Tanh}[args.act]
        layers = [nn.Linear(4, args.width, bias=not args.no_bias), act()]
        for _ in range(depth):
            layers += [nn.Linear(args.width, args.width), act()]
        self.net = nn.Sequential(*layers, nn.Linear(args.width, args.classes))

    def forward(self, x):
        return self.net(x)


def get_args():
    parser = argparse.ArgumentParser(description="train")
    parser.add_argument("-w", "--width", type=int, default="6")
    parser.add_argument("--act", choices=["relu", "tanh"], default="tanh")
    parser.add_argument("--no-bias", action="store_true")
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--classes", type=int, default=3)
    parser.add_argument("depth", type=int)
    return parser.parse_args()


def main():
    args = get_args()
    loader = torch.utils.data.DataLoader(None, batch_size=args.batch_size)
    model = Net(args, args.depth)
    optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
    for x, y in loader:
        loss = nn.functional.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


if __name__ == "__main__":
    main()
