"""A policy learns to walk to the end of a corridor (REINFORCE), another to steer by clipped steps (PPO)."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.distributions import Categorical, Independent, Normal, kl_divergence

torch.manual_seed(543)
LENGTH = 6


def walk(policy, most=20):
    place, log_probs, rewards, entropies = 0, [], [], []
    for _ in range(most):
        choice = Categorical(logits=policy(F.one_hot(torch.tensor(place), LENGTH).float()))
        action = choice.sample()
        log_probs.append(choice.log_prob(action))
        entropies.append(choice.entropy())
        place = max(0, place + (1 if action.item() == 1 else -1))
        rewards.append(1.0 if place == LENGTH - 1 else -0.1)
        if place == LENGTH - 1:
            break
    return torch.stack(log_probs), rewards, torch.stack(entropies)


policy = nn.Sequential(nn.Linear(LENGTH, 16), nn.Dropout(0.1), nn.ReLU(), nn.Linear(16, 2))
optimizer = torch.optim.Adam(policy.parameters(), lr=1e-2)
for episode in range(40):
    log_probs, rewards, entropies = walk(policy)
    returns, total = [], 0.0
    for reward in reversed(rewards):
        total = reward + 0.95 * total
        returns.insert(0, total)
    returns = torch.tensor(returns)
    returns = (returns - returns.mean()) / (returns.std() + 1e-6)
    loss = -(log_probs * returns).sum() - 0.01 * entropies.mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if episode % 8 == 7:
        print(f"episode {episode}: {len(rewards)} steps, loss {loss.item():.4f}, {entropies.mean():.4f}")


class ActorCritic(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(3, 32), nn.Tanh())
        self.mean = nn.Linear(32, 2)
        self.log_std = nn.Parameter(torch.zeros(2))
        self.value = nn.Linear(32, 1)

    def forward(self, state):
        hidden = self.body(state)
        return Independent(Normal(self.mean(hidden), self.log_std.exp()), 1), self.value(hidden).squeeze(-1)


net = ActorCritic()
optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
for update in range(6):
    states = torch.randn(64, 3)
    with torch.no_grad():
        before, values = net(states)
        actions = before.sample()
        old_log_probs = before.log_prob(actions)
        rewards = -(actions - states[:, :2]).pow(2).sum(-1)
        advantages = rewards - values
        advantages = (advantages - advantages.mean()) / advantages.std()
    for _ in range(4):
        policy_now, values = net(states)
        ratio = (policy_now.log_prob(actions) - old_log_probs).exp()
        clipped = ratio.clamp(0.8, 1.2)
        actor_loss = -torch.min(ratio * advantages, clipped * advantages).mean()
        loss = actor_loss + 0.5 * F.mse_loss(values, rewards) - 0.01 * policy_now.entropy().mean()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 0.5)
        optimizer.step()
    divergence = kl_divergence(before, net(states)[0]).mean()
    print(f"update {update}: reward {rewards.mean():.4f}, loss {loss.item():.4f}, KL {divergence.item():.5f}")
print(before, before.base_dist.mean[0], net.log_std.data, sep="\n")
