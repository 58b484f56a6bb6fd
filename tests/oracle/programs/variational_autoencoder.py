"""Pictures from a code that is drawn (VAE, 2014), and from a mixture of choices made continuous (2017)."""

import torch
from torch import distributions, nn
from torch.distributions.kl import kl_divergence

torch.manual_seed(11)
CODE, CLASSES = 4, 3


class Autoencoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.ReLU())
        self.heads = nn.ModuleList([nn.Linear(32, CODE), nn.Linear(32, CODE), nn.Linear(32, CLASSES)])
        self.decoder = nn.Sequential(nn.Linear(CODE + CLASSES, 32), nn.ReLU(), nn.Linear(32, 64))

    def forward(self, pictures, temperature):
        hidden = self.encoder(pictures)
        mean, log_variance, logits = (head(hidden) for head in self.heads)
        code = distributions.Independent(distributions.Normal(mean, (0.5 * log_variance).exp()), 1)
        choice = distributions.RelaxedOneHotCategorical(temperature, logits=logits)
        joined = torch.cat([code.rsample(), choice.rsample()], dim=-1)
        pixels = distributions.Bernoulli(logits=self.decoder(joined).view(-1, 8, 8))
        return code, distributions.OneHotCategorical(logits=logits), distributions.Independent(pixels, 2)


patterns = (torch.arange(64).view(1, 8, 8) // torch.tensor([[[1]], [[8]], [[9]]])) % 2
data = distributions.Bernoulli(0.05 + 0.9 * patterns.float()).sample((20,)).flatten(0, 1)
net = Autoencoder()
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
prior = distributions.Independent(distributions.Normal(torch.zeros(CODE), torch.ones(CODE)), 1)
even = distributions.OneHotCategorical(torch.ones(CLASSES))
for step in range(30):
    code, choice, pixels = net(data, torch.tensor(max(0.5, 1 - step / 30)))
    divergence = kl_divergence(code, prior) + kl_divergence(choice, even)
    bound = pixels.log_prob(data) - divergence
    optimizer.zero_grad()
    (-bound.mean()).backward()
    optimizer.step()
    if step % 6 == 5:
        print(f"step {step}: bound {bound.mean().item():.3f}, divergence {divergence.mean().item():.4f}")
print(code, choice, pixels, sep="\n")

flow = distributions.TransformedDistribution(
    prior, [distributions.TanhTransform(), distributions.AffineTransform(0.0, 2.0)]
)
drawn = flow.rsample((3,))
print(flow.log_prob(drawn), drawn, flow.event_shape, sep="\n")
mixture = distributions.MixtureSameFamily(
    distributions.Categorical(torch.ones(2)),
    distributions.MultivariateNormal(torch.tensor([[0.0, 1.0], [3.0, -1.0]]), scale_tril=torch.eye(2)),
)
print(mixture, mixture.sample((2,)), mixture.mean, sep="\n")
try:
    distributions.Normal(0.0, -1.0)
except ValueError as error:
    print(error)
