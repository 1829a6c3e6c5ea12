#: refuses: 11: Linear's out_features is not known: hidden is only known when the file runs
import sys
from torch import nn
class Net(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.a = nn.Linear(3, hidden)
    def forward(self, x):
        return self.a(x)
def main():
    hidden = int(sys.argv[1])
    net = Net(hidden)
main()
