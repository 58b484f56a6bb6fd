"""A generator and a discriminator play against each other (DCGAN, 2015)."""

import torch
from torch import nn

torch.manual_seed(999)
NOISE = 10


def initialize(module):
    name = type(module).__name__
    if "Conv" in name:
        nn.init.normal_(module.weight, 0.0, 0.02)
    elif "BatchNorm" in name:
        nn.init.normal_(module.weight, 1.0, 0.02)
        nn.init.zeros_(module.bias)


generator = nn.Sequential(
    nn.ConvTranspose2d(NOISE, 16, 4, 1, 0, bias=False),
    nn.BatchNorm2d(16),
    nn.ReLU(True),
    nn.ConvTranspose2d(16, 8, 4, 2, 1, bias=False),
    nn.BatchNorm2d(8),
    nn.ReLU(True),
    nn.ConvTranspose2d(8, 3, 4, 2, 1, bias=False),
    nn.Tanh(),
).apply(initialize)
discriminator = nn.Sequential(
    nn.Conv2d(3, 8, 4, 2, 1, bias=False),
    nn.LeakyReLU(0.2, inplace=True),
    nn.Conv2d(8, 16, 4, 2, 1, bias=False),
    nn.BatchNorm2d(16),
    nn.LeakyReLU(0.2, inplace=True),
    nn.Conv2d(16, 1, 4, 1, 0, bias=False),
    nn.Sigmoid(),
    nn.Flatten(0),
).apply(initialize)
print(generator, discriminator, sep="\n")
players = [
    torch.optim.Adam(net.parameters(), lr=2e-4, betas=(0.5, 0.999)) for net in (discriminator, generator)
]
criterion = nn.BCELoss()
pictures = torch.rand(16, 3, 16, 16) * 2 - 1
real, fake = torch.ones(16), torch.zeros(16)
for step in range(4):
    made = generator(torch.randn(16, NOISE, 1, 1))
    loss = criterion(discriminator(pictures), real) + criterion(discriminator(made.detach()), fake)
    discriminator.zero_grad()
    loss.backward()
    players[0].step()
    generator.zero_grad()
    generator_loss = criterion(discriminator(made), real)
    generator_loss.backward()
    players[1].step()
    print(f"[{step}] {loss.item():.4f} {generator_loss.item():.4f} {made.std().item():.4f}")
print(list(discriminator.state_dict()), discriminator[3].running_mean, made[0, 0, :3, :3], sep="\n")
