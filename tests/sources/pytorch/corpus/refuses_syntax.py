#: refuses: 4: is no Python
from torch import nn
class Net(nn.Module):
    def __init__(self:
        pass
