#: torch: Net()
#: cost: squared mean
import collections

import torch


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        layers = collections.OrderedDict()
        layers["first"] = torch.nn.Linear(3, 4)
        layers["act"] = torch.nn.Tanh()
        layers["second"] = torch.nn.Linear(4, 2)
        self.body = torch.nn.Sequential(layers)

    def forward(self, inputs):
        return self.body(inputs)


loss_fn = torch.nn.MSELoss()
