#: torch: Classifier()
#: cost: cross-entropy mean
from torch import nn


class Classifier(nn.Module):
    """A stack of layers in one attribute."""

    def __init__(self, in_features: int = 5, hidden: int = 7, classes: int = 3) -> None:
        super().__init__()
        self.flatten = nn.Flatten()
        self.linear_relu_stack = nn.Sequential(
            nn.Linear(in_features, hidden),
            nn.ReLU(),
            nn.Linear(hidden, hidden),
            nn.ReLU(),
            nn.Linear(hidden, classes),
        )

    def forward(self, x):
        x = self.flatten(x)
        logits = self.linear_relu_stack(x)
        return logits
