"""A network learns Burgers' equation from its residual; a Hamiltonian moves a state; fields curve."""

import math

import torch
from torch import nn

torch.manual_seed(1234)
torch.set_default_dtype(torch.float64)


class Solution(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.linears = nn.ModuleList([nn.Linear(i, o) for i, o in zip(sizes, sizes[1:], strict=False)])
        for linear in self.linears:
            nn.init.xavier_normal_(linear.weight.data, gain=1.0)
            nn.init.zeros_(linear.bias.data)
        self.speed = nn.Parameter(torch.tensor([0.5]))

    def forward(self, x, t):
        hidden = torch.cat([x, t], dim=1)
        for linear in self.linears[:-1]:
            hidden = torch.tanh(linear(hidden))
        return self.linears[-1](hidden)


def residual(net, x, t, viscosity=0.01 / math.pi):
    u = net(x, t)
    u_x, u_t = torch.autograd.grad(u, [x, t], torch.ones_like(u), create_graph=True, retain_graph=True)
    (u_xx,) = torch.autograd.grad(u_x, x, torch.ones_like(u_x), create_graph=True)
    return u_t + net.speed * u * u_x - viscosity * u_xx


net = Solution([2, 12, 12, 1])
x = (torch.rand(60, 1) * 2 - 1).requires_grad_()
t = torch.rand(60, 1, requires_grad=True)
start = torch.linspace(-1, 1, 20).view(-1, 1)


def loss_of(net):
    at_start = net(start, torch.zeros_like(start)) + torch.sin(math.pi * start)
    return residual(net, x, t).pow(2).mean() + at_start.square().mean()


adam = torch.optim.Adam(net.parameters(), lr=1e-2)
decay = torch.optim.lr_scheduler.ExponentialLR(adam, gamma=0.9)
for step in range(20):
    adam.zero_grad()
    loss = loss_of(net)
    loss.backward()
    adam.step()
    decay.step()
    if step % 5 == 0:
        print(f"step: {step}, loss: {loss.item():.6e}, speed: {net.speed.item():.6f}")

lbfgs = torch.optim.LBFGS(net.parameters(), max_iter=15, history_size=50, line_search_fn="strong_wolfe")
calls = 0


def closure():
    global calls
    calls += 1
    lbfgs.zero_grad()
    loss = loss_of(net)
    loss.backward()
    return loss


print(lbfgs.step(closure), calls, closure())

energy = nn.Sequential(nn.Linear(2, 16), nn.Softplus(), nn.Linear(16, 1))


def motion(state):
    (slope,) = torch.autograd.grad(energy(state).sum(), state, create_graph=True)
    return torch.stack([slope[:, 1], -slope[:, 0]], -1)


state = torch.tensor([[1.0, 0.0], [0.3, 0.2]], requires_grad=True)
path = [state]
for _ in range(4):
    middle = path[-1] + 0.05 * motion(path[-1])
    path.append(path[-1] + 0.1 * motion(middle))
path[-1].pow(2).sum().backward()
print(torch.stack(path)[-1], state.grad, energy[0].weight.grad.norm())


def field(point):
    return torch.sin(point[..., 0]) * torch.exp(point[..., 1]) + point[..., 0] ** 3


points = torch.rand(4, 2, requires_grad=True)
(slope,) = torch.autograd.grad(field(points).sum(), points, create_graph=True)
curvature = sum(torch.autograd.grad(slope[:, i].sum(), points, retain_graph=True)[0][:, i] for i in range(2))
by_transforms = torch.func.vmap(lambda point: torch.func.hessian(field)(point).trace())(points.detach())
print(curvature, torch.allclose(curvature, by_transforms))
print(torch.func.jacrev(lambda matrix: matrix[:, 1] ** 2)(points.detach()))
unused = torch.ones(1, requires_grad=True)
try:
    torch.autograd.grad(field(points).sum(), [points, unused])
except RuntimeError as error:
    print(error)
print(torch.autograd.grad(field(points).sum(), [unused], materialize_grads=True))
