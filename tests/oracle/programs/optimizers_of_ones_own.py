"""Optimizers and schedules as people write them; PyTorch's inner classes tell the layers apart."""

import io
import math

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.init import _calculate_fan_in_and_fan_out
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.utils import _pair
from torch.optim.lr_scheduler import _LRScheduler
from torch.optim.optimizer import Optimizer


class WarmupCosine(_LRScheduler):
    def __init__(self, optimizer, warmup, total, last_epoch=-1):
        self.warmup, self.total = warmup, total
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        if self.last_epoch < self.warmup:
            return [base * (self.last_epoch + 1) / self.warmup for base in self.base_lrs]
        done = (self.last_epoch - self.warmup) / (self.total - self.warmup)
        return [base * 0.5 * (1 + math.cos(math.pi * done)) for base in self.base_lrs]


class Lion(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.99), weight_decay=0.0):
        if lr < 0.0:
            raise ValueError(f"Invalid learning rate: {lr}")
        super().__init__(params, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                state = self.state[p]
                if len(state) == 0:
                    state["average"] = torch.zeros_like(p, memory_format=torch.preserve_format)
                average, (first, second) = state["average"], group["betas"]
                p.data.mul_(1 - group["lr"] * group["weight_decay"])
                p.add_((average * first + p.grad * (1 - first)).sign_(), alpha=-group["lr"])
                average.mul_(second).add_(p.grad, alpha=1 - second)
        return loss


class SharpnessAware(Optimizer):
    def __init__(self, params, base_optimizer, rho=0.05, **options):
        super().__init__(params, dict(rho=rho, **options))
        self.base_optimizer = base_optimizer(self.param_groups, **options)
        self.param_groups = self.base_optimizer.param_groups
        self.defaults.update(self.base_optimizer.defaults)

    @torch.no_grad()
    def climb(self):
        parameters = [p for group in self.param_groups for p in group["params"]]
        length = torch.norm(torch.stack([p.grad.norm(p=2) for p in parameters]), p=2)
        for p in parameters:
            self.state[p]["before"] = p.data.clone()
            p.add_(p.grad * (self.defaults["rho"] / (length + 1e-12)).to(p))
        self.zero_grad()

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                p.data = self.state[p]["before"]
        self.base_optimizer.step()
        self.zero_grad()


def network():
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Conv2d(1, 4, _pair(3), padding=_pair(1)),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(64, 3),
    )
    for layer in net:
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            fan_in, _ = _calculate_fan_in_and_fan_out(layer.weight)
            nn.init.uniform_(layer.bias, -1 / math.sqrt(fan_in), 1 / math.sqrt(fan_in))
    return net


def groups(net):
    norms = [layer for layer in net.modules() if isinstance(layer, _BatchNorm)]
    undecayed = {id(p) for layer in norms for p in layer.parameters()}
    return [
        {"params": [p for p in net.parameters() if id(p) in undecayed], "weight_decay": 0.0},
        {"params": [p for p in net.parameters() if id(p) not in undecayed]},
    ]


torch.manual_seed(2)
pictures, labels = torch.randn(16, 1, 4, 4), torch.arange(16) % 3
net = network()
lion = Lion(groups(net), 1e-2, weight_decay=0.1)
schedule = WarmupCosine(lion, 2, 6)
for _ in range(6):
    loss = F.cross_entropy(net(pictures), labels)
    lion.zero_grad()
    loss.backward()
    lion.step()
    schedule.step()
    print(loss.item(), schedule.get_last_lr())
print(lion, len(lion.state), lion.state_dict()["param_groups"])

net = network()
aware = SharpnessAware(net.parameters(), torch.optim.SGD, lr=0.1, momentum=0.9)
hook = net[1].register_forward_hook(lambda layer, inputs, output: print(output.mean().item()))
for _ in range(3):
    loss = F.cross_entropy(net(pictures), labels)
    loss.backward()
    aware.climb()
    F.cross_entropy(net(pictures), labels).backward()
    aware.step()
    print(loss)
hook.remove()
file = io.BytesIO()
torch.save(net, file)
file.seek(0)
again = torch.load(file, weights_only=False)
print(torch.equal(again(pictures), net(pictures)), again)
