"""A residual network is frozen, gets a new head, loses and gains layers, and its weights are renamed."""

import copy
from collections import OrderedDict

import torch
from torch import nn

torch.manual_seed(2)


class Block(nn.Module):
    def __init__(self, channels, wider, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, wider, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(wider)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(wider, wider, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(wider)
        self.downsample = None
        if stride != 1:
            shortcut = nn.Conv2d(channels, wider, 1, stride, bias=False)
            self.downsample = nn.Sequential(shortcut, nn.BatchNorm2d(wider))

    def forward(self, x):
        y = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        y += x if self.downsample is None else self.downsample(x)
        return self.relu(y)


net = nn.Sequential(
    OrderedDict(
        stem=nn.Conv2d(3, 8, 7, 2, 3, bias=False),
        pool=nn.MaxPool2d(3, 2, 1),
        layer1=Block(8, 8),
        layer2=Block(8, 16, 2),
        average=nn.AdaptiveAvgPool2d((1, 1)),
        flatten=nn.Flatten(),
        fc=nn.Linear(16, 10),
    )
)
for module in net.modules():
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
for parameter in net.parameters():
    parameter.requires_grad = False
net.fc = nn.Linear(net.fc.in_features, 2)
print(net, [name for name, parameter in net.named_parameters() if parameter.requires_grad])

optimizer = torch.optim.SGD(net.fc.parameters(), lr=0.1, momentum=0.9)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.1)
pictures, labels = torch.randn(8, 3, 32, 32), torch.randint(0, 2, (8,))
best = copy.deepcopy(net.state_dict())
for _ in range(4):
    loss = nn.CrossEntropyLoss()(net(pictures), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    scheduler.step()
    print(loss, scheduler.get_last_lr())

wrapped = OrderedDict(("module." + name, value) for name, value in best.items())
for state in (wrapped, {**best, "fc.weight": torch.zeros(3, 16)}):
    try:
        net.load_state_dict(state)
    except RuntimeError as error:
        print(error)
print(net.load_state_dict({name: best[name] for name in best if "fc" not in name}, strict=False))
features = {}
handle = net.layer1.register_forward_hook(lambda module, inputs, output: features.update(layer1=output))
net(pictures)
handle.remove()
print(features["layer1"].shape, nn.Sequential(*list(net.children())[:-1])(pictures).std())
net.layer1 = nn.Identity()
del net.average
print(net, net.get_submodule("layer2.downsample.0"), net.double().fc.weight.dtype, sep="\n")
