"""Transforms of functions: gradients of each example, Jacobians, Hessians, and an ensemble under vmap."""

import copy

import torch
from torch import nn
from torch.autograd import functional
from torch.func import functional_call, grad, hessian, jacrev, jvp, stack_module_state, vmap

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))
parameters = {name: parameter.detach() for name, parameter in net.named_parameters()}
inputs, labels = torch.randn(5, 3), torch.randint(0, 2, (5,))


def loss(parameters, x, y):
    scores = functional_call(net, parameters, (x.unsqueeze(0),))
    return nn.functional.cross_entropy(scores, y.unsqueeze(0))


each = vmap(grad(loss), in_dims=(None, 0, 0))(parameters, inputs, labels)
print({name: (value.shape, value.norm()) for name, value in each.items()})
print(vmap(jacrev(net))(inputs)[0].detach(), hessian(lambda x: net(x).sum())(inputs[0]).detach())
print(jvp(torch.sin, (inputs[0],), (torch.ones(3),)))
models = [nn.Linear(3, 2) for _ in range(4)]
base = copy.deepcopy(models[0]).to("meta")
ensemble = vmap(lambda p, b, x: functional_call(base, (p, b), (x,)), in_dims=(0, 0, None))
print(ensemble(*stack_module_state(models), inputs).std(0))
print(functional.jacobian(lambda x: (x.exp(), x.sum()), inputs[0]))
print(functional.jacobian(net, inputs[0], vectorize=True, strategy="forward-mode").detach())
print(functional.hessian(lambda x, y: (x * y).pow(2).sum(), (inputs[0], inputs[1])))
print(functional.hvp(lambda x: x.pow(3).sum(), inputs[0], torch.ones(3)))
for bad in (lambda: functional.vjp(torch.exp, inputs), lambda: functional.hessian(net, inputs[0])):
    try:
        bad()
    except RuntimeError as error:
        print(error)
