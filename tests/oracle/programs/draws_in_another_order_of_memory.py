"""Random numbers of permuted tensors, channels-last pictures, and the strides of what is made of them."""

import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(4, 5, 6).permute(2, 0, 1)
for make in (
    torch.rand_like,
    torch.randn_like,
    torch.zeros_like,
    torch.clone,
    torch.bernoulli if x.min() >= 0 else torch.exp,
    lambda t: t.double(),
    lambda t: t[::2].float().double(),
    lambda t: t.reshape(6, -1),
    lambda t: nn.functional.dropout(t, 0.3),
    lambda t: nn.functional.dropout1d(t, 0.5),
    lambda t: t.clone().uniform_(),
    lambda t: t.clone().normal_(),
    lambda t: t.clone().exponential_(),
    lambda t: torch.randint_like(t, 10, memory_format=torch.contiguous_format),
):
    made = make(x)
    print(made.dtype, made.shape, made.stride(), made.is_contiguous(), made.flatten()[:8])
picture = torch.rand(2, 3, 4, 5).to(memory_format=torch.channels_last)
for made in (
    picture,
    picture.relu(),
    picture.clone(),
    picture.contiguous(),
    torch.rand_like(picture),
    torch.empty_like(picture, memory_format=torch.contiguous_format),
    torch.empty(2, 3, 4, 5, memory_format=torch.channels_last),
):
    print(made.stride(), made.is_contiguous(memory_format=torch.channels_last))
attention = nn.MultiheadAttention(8, 2, dropout=0.2, batch_first=True)
layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.3, batch_first=True)
sentence = torch.rand(3, 4, 8)
print(nn.functional.dropout(attention(sentence, sentence, sentence)[0])[0], layer(sentence)[0])
