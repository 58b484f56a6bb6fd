"""nn.Transformer with masks and dropout: a batch that lies in memory by sentences draws other places."""

import math

import torch
from torch import nn

torch.manual_seed(11)


class PositionalEncoding(nn.Module):
    def __init__(self, width, dropout=0.1, longest=50):
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        places = torch.arange(longest).unsqueeze(1)
        rates = torch.exp(torch.arange(0, width, 2) * (-math.log(10000.0) / width))
        table = torch.zeros(longest, width)
        table[:, 0::2] = torch.sin(places * rates)
        table[:, 1::2] = torch.cos(places * rates)
        self.register_buffer("table", table)

    def forward(self, x):
        return self.dropout(x + self.table[: x.size(1)])


class Model(nn.Module):
    def __init__(self, words, width):
        super().__init__()
        self.embedding = nn.Embedding(words, width, padding_idx=0)
        self.places = PositionalEncoding(width)
        self.transformer = nn.Transformer(width, 4, 1, 1, 32, dropout=0.1, batch_first=True)
        self.out = nn.Linear(width, words)

    def forward(self, source, target):
        mask = self.transformer.generate_square_subsequent_mask(target.size(1))
        padding = source == 0
        states = self.transformer(
            self.places(self.embedding(source)),
            self.places(self.embedding(target)),
            tgt_mask=mask.isinf(),
            src_key_padding_mask=padding,
            memory_key_padding_mask=padding,
        )
        return self.out(states)


model = Model(20, 16)
print(model)
source = torch.randint(1, 20, (6, 7))
source[1, 5:] = source[4, 3:] = 0
target = source.roll(1, 1)
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1, (step + 1) / 4))
for _ in range(6):
    scores = model(source, target[:, :-1])
    loss = nn.functional.cross_entropy(scores.transpose(1, 2), target[:, 1:], ignore_index=0)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    scheduler.step()
    print(loss, scheduler.get_last_lr())
model.eval()
print(scores.stride(), model(source, target).softmax(-1).max(-1).values.detach())
