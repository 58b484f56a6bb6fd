"""Gradient accumulation, clipping, autocast, checkpoints, averaged weights and their schedule."""

import torch
from torch import nn
from torch.optim.swa_utils import SWALR, AveragedModel, get_ema_multi_avg_fn, update_bn
from torch.utils.checkpoint import checkpoint, checkpoint_sequential

torch.manual_seed(4)
body = nn.Sequential(nn.Linear(8, 16), nn.BatchNorm1d(16), nn.GELU(), nn.Dropout(0.2))
net = nn.Sequential(body, nn.Linear(16, 3))
decayed = [parameter for parameter in net.parameters() if parameter.dim() > 1]
others = [parameter for parameter in net.parameters() if parameter.dim() == 1]
optimizer = torch.optim.AdamW(
    [{"params": decayed, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0, "lr": 1e-2}], lr=3e-3
)
print(optimizer)
scheduler = SWALR(optimizer, swa_lr=[1e-3, 2e-3], anneal_epochs=3)
exponential = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(0.9))
equal = AveragedModel(net)
inputs = torch.randn(64, 8)
labels = inputs[:, :3].argmax(1)
for epoch in range(4):
    for i, (x, y) in enumerate(zip(inputs.chunk(8), labels.chunk(8), strict=True)):
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=epoch == 3):
            scores = net[1](checkpoint(body, x, use_reentrant=False))
            loss = nn.functional.cross_entropy(scores, y, label_smoothing=0.1) / 4
        loss.backward()
        if i % 4 == 3:
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
            exponential.update_parameters(net)
    equal.update_parameters(net)
    scheduler.step()
    print(epoch, scores.dtype, loss, scheduler.get_last_lr())
update_bn(inputs.split(16), equal)
print(
    exponential.n_averaged, equal.module[0][1].running_var, equal.module[1].bias, exponential.module[1].bias
)
x = inputs[:4].requires_grad_()
y = checkpoint_sequential([*body[:3], net[1]], 2, x, use_reentrant=True)
print(y, torch.autograd.functional.vjp(lambda z: body(z).sum(), x)[1][0])
