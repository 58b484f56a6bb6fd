"""A sequence is turned round by a GRU encoder and a GRU decoder that attends to it (Bahdanau, 2015)."""

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(7)
WORDS, LENGTH, HIDDEN, BEGIN = 12, 6, 24, 0


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(WORDS, HIDDEN)
        self.gru = nn.GRU(HIDDEN, HIDDEN, batch_first=True)
        self.dropout = nn.Dropout(0.1)

    def forward(self, words):
        return self.gru(self.dropout(self.embedding(words)))


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(WORDS, HIDDEN)
        self.of_query, self.of_key = nn.Linear(HIDDEN, HIDDEN), nn.Linear(HIDDEN, HIDDEN)
        self.score = nn.Linear(HIDDEN, 1)
        self.gru = nn.GRU(2 * HIDDEN, HIDDEN, batch_first=True)
        self.out = nn.Linear(HIDDEN, WORDS)

    def step(self, word, state, keys):
        query = state.permute(1, 0, 2)
        scores = self.score(torch.tanh(self.of_query(query) + self.of_key(keys)))
        weights = F.softmax(scores.squeeze(2).unsqueeze(1), dim=-1)
        context = torch.bmm(weights, keys)
        output, state = self.gru(torch.cat((self.embedding(word), context), dim=2), state)
        return self.out(output), state, weights

    def forward(self, keys, state, targets=None):
        word = torch.full((keys.size(0), 1), BEGIN)
        outputs, attention = [], []
        for place in range(LENGTH):
            output, state, weights = self.step(word, state, keys)
            outputs.append(output)
            attention.append(weights)
            word = output.argmax(-1).detach() if targets is None else targets[:, place : place + 1]
        return torch.cat(outputs, 1), torch.cat(attention, 1)


sentences = torch.randint(1, WORDS, (48, LENGTH))
loader = DataLoader(TensorDataset(sentences, sentences.flip(1)), batch_size=16, shuffle=True)
encoder, decoder = Encoder(), Decoder()
optimizer = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=0.01)
for epoch in range(5):
    for words, turned in loader:
        outputs, _ = decoder(*encoder(words), turned)
        loss = F.cross_entropy(outputs.flatten(0, 1), turned.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(epoch, loss)
encoder.eval()
with torch.no_grad():
    outputs, attention = decoder(*encoder(sentences[:2]))
print(outputs.argmax(-1), attention[0], sep="\n")
