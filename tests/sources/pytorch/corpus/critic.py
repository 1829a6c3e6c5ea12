#: torch: Critic(3, 2)
#: cost: squared mean
#: with: batch=5
import torch
import torch.nn as nn
import torch.nn.functional as F


class Critic(nn.Module):
    def __init__(self, state_dim: int, action_dim: int):
        super(Critic, self).__init__()
        self.l1 = nn.Linear(state_dim + action_dim, 6)
        self.l2 = nn.Linear(6, 4)
        self.l3 = nn.Linear(4, 1)

    def forward(self, state, action):
        sa = torch.cat([state, action], 1)
        q = F.relu(self.l1(sa))
        q = F.relu(self.l2(q))
        return self.l3(q)


critic = Critic(3, 2)
q = critic(torch.randn(5, 3), torch.randn(5, 2))
target = torch.randn(5, 1)
loss = F.mse_loss(q, target)
