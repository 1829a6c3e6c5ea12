#: torch: mynet(600, 60, 40, 10)
#: halts: 19
import torch
from torch import nn

image = torch.randn(3, 10, 20)
d0 = image.nelement()


class mynet(nn.Module):
    def __init__(self, d0, d1, d2, d3):
        super().__init__()
        self.m0 = nn.Linear(d0, d1)
        self.m1 = nn.Linear(d1, d2)
        self.m2 = nn.Linear(d2, d3)

    def forward(self, x):
        z0 = x.view(-1)
        s1 = self.m0(x)
        z1 = torch.relu(s1)
        s2 = self.m1(z1)
        z2 = torch.relu(s2)
        return self.m2(z2)


model = mynet(d0, 60, 40, 10)
out = model(image)
