#: torch: Net()
#: cost: squared sum
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.parts = nn.ModuleDict({"encoder": nn.Linear(4, 3), "decoder": nn.Linear(3, 4)})
        self.act = nn.ModuleDict([["tanh", nn.Tanh()], ["relu", nn.ReLU()]])

    def forward(self, x):
        code = self.act["tanh"](self.parts["encoder"](x))
        return self.parts["decoder"](code)


criterion = nn.MSELoss(reduction="sum")
