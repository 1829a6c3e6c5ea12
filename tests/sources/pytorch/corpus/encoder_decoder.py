#: torch: AutoEncoder(Encoder(4, 2), Decoder(2, 4))
#: cost: squared mean
from torch import nn


class Encoder(nn.Module):
    def __init__(self, n, code):
        super().__init__()
        self.fc = nn.Linear(n, code)

    def forward(self, x):
        return self.fc(x).tanh()


class Decoder(nn.Module):
    def __init__(self, code, n):
        super().__init__()
        self.fc = nn.Linear(code, n)

    def forward(self, z):
        return self.fc(z)


class AutoEncoder(nn.Module):
    def __init__(self, encoder, decoder):
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder

    def forward(self, x):
        z = self.encoder(x)
        return self.decoder(z)


encoder = Encoder(4, 2)
decoder = Decoder(2, 4)
model = AutoEncoder(encoder, decoder)
loss = nn.MSELoss()
