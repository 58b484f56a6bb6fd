"""Spectral norms in a critic, an orthogonal recurrence, a weight norm taken off again, pruning in rounds."""

import copy

import torch
import torch.nn.utils.parametrize as P
import torch.nn.utils.prune as prune
from torch import nn
from torch.nn.utils.parametrizations import orthogonal, spectral_norm, weight_norm


class Symmetric(nn.Module):
    def forward(self, x):
        return x.triu() + x.triu(1).transpose(-1, -2)


class MatrixExponential(nn.Module):
    def forward(self, x):
        return torch.matrix_exp(x)


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = orthogonal(nn.RNNCell(3, 4), "weight_hh")
        self.out = weight_norm(nn.Linear(4, 1))

    def forward(self, sequence):
        state = sequence.new_zeros(sequence.shape[1], 4)
        with P.cached():
            for step in sequence:
                state = self.cell(step, state)
        return self.out(state)


torch.manual_seed(3)
critic = nn.Sequential(
    spectral_norm(nn.Conv2d(1, 4, 3, stride=2)),
    nn.LeakyReLU(0.2),
    nn.Flatten(),
    spectral_norm(nn.Linear(36, 1)),
)
print(critic)
optimizer = torch.optim.Adam(critic.parameters(), lr=1e-2)
for _ in range(3):
    real, fake = torch.randn(4, 1, 7, 7), torch.rand(4, 1, 7, 7)
    loss = critic(fake).mean() - critic(real).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(loss)
print(torch.linalg.matrix_norm(critic[3].weight, 2), [tuple(b.shape) for b in critic.buffers()])

model = Recurrent()
print(model, [name for name, _ in model.named_parameters()])
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
sequence, wanted = torch.randn(5, 8, 3), torch.randn(8, 1)
for _ in range(3):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(sequence), wanted)
    loss.backward()
    optimizer.step()
    print(loss)
weight = model.cell.weight_hh
print(torch.allclose(weight.T @ weight, torch.eye(4), atol=1e-5), P.is_parametrized(model.cell, "weight_hh"))
P.remove_parametrizations(model.out, "weight")
print(model.out, model.out.weight)

layer = nn.Linear(3, 3)
P.register_parametrization(layer, "weight", Symmetric())
P.register_parametrization(layer, "weight", MatrixExponential())
print(layer, layer.weight, layer.parametrizations.weight.original)
try:
    layer.weight = torch.eye(3)
except RuntimeError as error:
    print(error)
other = copy.deepcopy(layer)
print(torch.equal(other.weight, layer.weight), type(other).__name__)

net = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(100, 10))
prune.random_unstructured(net[0], name="weight", amount=0.3)
prune.l1_unstructured(net[0], name="bias", amount=2)
prune.ln_structured(net[0], name="weight", amount=0.5, n=2, dim=0)
print(list(net[0]._forward_pre_hooks), net[0].weight, dict(net[0].named_buffers())["bias_mask"])
places = ((net[0], "weight"), (net[3], "weight"))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for _ in range(2):
    prune.global_unstructured(places, pruning_method=prune.L1Unstructured, amount=0.2)
    loss = net(torch.randn(2, 1, 7, 7)).square().mean()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    loss.backward()
    optimizer.step()
    sparsity = [float((module.weight == 0).sum()) / module.weight.nelement() for module, _ in places]
    print(loss, sparsity, list(net.state_dict()))
for module, name in (*places, (net[0], "bias")):
    prune.remove(module, name)
print(prune.is_pruned(net), list(net.state_dict()), net[0].weight)
