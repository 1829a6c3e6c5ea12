#: torch: NeuralNetwork()
#: cost: cross-entropy mean
#: with: batch=1
import torch
from torch import nn


class NeuralNetwork(nn.Module):
    def __init__(self):
        super().__init__()
        self.flatten = nn.Flatten()
        self.linear_relu_stack = nn.Sequential(nn.Linear(3 * 4, 5), nn.ReLU(), nn.Linear(5, 3))

    def forward(self, x):
        x = self.flatten(x)
        return self.linear_relu_stack(x)


model = NeuralNetwork().to("cpu")
X = torch.rand(1, 3, 4)
logits = model(X)
y_pred = nn.Softmax(dim=1)(logits).argmax(1)
flat_image = nn.Flatten()(torch.rand(3, 3, 4))
layer1 = nn.Linear(in_features=3 * 4, out_features=20)
hidden1 = nn.ReLU()(layer1(flat_image))
seq_modules = nn.Sequential(nn.Flatten(), layer1, nn.ReLU())
seq_modules(torch.rand(3, 3, 4))
for name, param in model.named_parameters():
    print(f"Layer: {name} | Size: {param.size()}")
