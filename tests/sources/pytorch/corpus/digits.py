#: torch: Classifier()
#: cost: nll mean
#: with: optimiser=Adam lr=0.003 batch=16
import torch
import torch.nn.functional as F
from torch import nn, optim

trainset = None


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(16, 6)
        self.fc2 = nn.Linear(6, 3)
        self.dropout = nn.Dropout(p=0.2)

    def forward(self, x):
        # make sure the input is flat
        x = x.view(x.shape[0], -1)
        x = self.dropout(F.relu(self.fc1(x)))
        return F.log_softmax(self.fc2(x), dim=1)


def train(epochs=30):
    loader = torch.utils.data.DataLoader(trainset, batch_size=16, shuffle=True)
    model = Classifier()
    criterion = nn.NLLLoss()
    optimizer = optim.Adam(model.parameters(), lr=0.003)
    losses = []
    for e in range(epochs):
        running = 0
        for images, labels in loader:
            optimizer.zero_grad()
            log_ps = model(images)
            loss = criterion(log_ps, labels)
            loss.backward()
            optimizer.step()
            running += loss.item()
        else:
            with torch.no_grad():
                model.eval()
                top_p, top_class = torch.exp(model(images)).topk(1, dim=1)
        model.train()
        losses.append(running / len(loader))
