"""A transformer encoder classifies padded sentences: warm-up, masks, evaluation without gradients."""

import math

import torch
import torch.nn.functional as F
from torch import nn
from torch.optim.lr_scheduler import CosineAnnealingLR, LambdaLR, LinearLR, SequentialLR

torch.manual_seed(7)


class PositionalEncoding(nn.Module):
    def __init__(self, width, dropout=0.1, longest=50):
        super().__init__()
        self.dropout = nn.Dropout(p=dropout)
        position = torch.arange(longest).unsqueeze(1)
        frequency = torch.exp(torch.arange(0, width, 2) * (-math.log(10000.0) / width))
        table = torch.zeros(1, longest, width)
        table[0, :, 0::2] = torch.sin(position * frequency)
        table[0, :, 1::2] = torch.cos(position * frequency)
        self.register_buffer("table", table)

    def forward(self, x):
        return self.dropout(x + self.table[:, : x.size(1)])


class Classifier(nn.Module):
    def __init__(self, words=20, width=16, classes=3):
        super().__init__()
        self.width = width
        self.embedding = nn.Embedding(words, width, padding_idx=0)
        self.position = PositionalEncoding(width)
        layer = nn.TransformerEncoderLayer(width, 2, 32, 0.1, activation="gelu", batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2)
        self.head = nn.Linear(width, classes)
        for parameter in self.encoder.parameters():
            if parameter.dim() > 1:
                nn.init.xavier_uniform_(parameter)

    def forward(self, words, padding):
        x = self.position(self.embedding(words) * math.sqrt(self.width))
        x = self.encoder(x, src_key_padding_mask=padding)
        return self.head(x.mean(1))  # zeros of the padding included, where evaluation leaves them


model = Classifier()
print(model)
words = torch.randint(1, 20, (24, 12))
padding = torch.arange(12)[None, :] >= torch.randint(4, 12, (24,))[:, None]
words[padding] = 0
labels = words.sum(1) % 3
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2, betas=(0.9, 0.98), eps=1e-9)
schedule = LambdaLR(optimizer, lambda step: min((step + 1) ** -0.5, (step + 1) * 4**-1.5))
for step in range(8):
    model.train()
    loss = F.cross_entropy(model(words, padding), labels, label_smoothing=0.1)
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    schedule.step()
    print(f"step {step} loss {loss:.5f} lr {schedule.get_last_lr()[0]:.6f}")

model.eval()
print("with gradients", model(words, padding)[:3])
with torch.no_grad():
    print("without", model(words, padding)[:3])
    in_front = padding.flip(1)
    print("padded in front", model(words.flip(1), in_front)[:3])
with torch.inference_mode():
    scores = model(words, padding)
    print(scores.is_inference(), (scores.argmax(-1) == labels).float().mean())
    torch.backends.mha.set_fastpath_enabled(False)
    print("the slow way", model(words, padding)[:3])

attention = nn.MultiheadAttention(16, 4, batch_first=True)
tokens = torch.randn(2, 5, 16)
later = nn.Transformer.generate_square_subsequent_mask(5)
mixed, weights = attention(tokens, tokens, tokens, attn_mask=later, average_attn_weights=False)
print(mixed.std(), weights[0, 0])
plain = torch.optim.SGD(model.parameters(), lr=1.0)
chain = SequentialLR(
    plain, [LinearLR(plain, 0.1, total_iters=3), CosineAnnealingLR(plain, T_max=5)], milestones=[3]
)
for _ in range(6):
    plain.step()
    chain.step()
    print(round(chain.get_last_lr()[0], 5))
