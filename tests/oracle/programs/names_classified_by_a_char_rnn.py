"""Names are sorted by language with a character-level RNN that reads one-hot letters."""

import random
import string

import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence

torch.manual_seed(3)
random.seed(3)
LETTERS = string.ascii_letters + " .,;'"
NAMES = {
    "Vietnamese": ["Nguyen", "Tran", "Le", "Pham", "Hoang"],
    "Irish": ["Adam", "Daly", "Kelly", "Nolan", "O'Neal"],
    "Japanese": ["Abe", "Sato", "Suzuki", "Tanaka", "Mori"],
}


def one_hot(name):
    places = torch.tensor([LETTERS.find(letter) for letter in name])
    return nn.functional.one_hot(places, len(LETTERS)).float()


class NameReader(nn.Module):
    def __init__(self, hidden, languages):
        super().__init__()
        self.rnn = nn.RNN(len(LETTERS), hidden)
        self.out = nn.Linear(hidden, languages)

    def forward(self, packed):
        states, last = self.rnn(packed)
        return self.out(last[0]).log_softmax(1), pad_packed_sequence(states)


reader = NameReader(32, len(NAMES))
print(reader)
examples = [(one_hot(name), label) for label, names in enumerate(NAMES.values()) for name in names]
optimizer = torch.optim.SGD(reader.parameters(), lr=0.2, momentum=0.5)
for epoch in range(6):
    random.shuffle(examples)
    for start in range(0, len(examples), 5):
        letters, labels = zip(*examples[start : start + 5], strict=True)
        scores, (states, lengths) = reader(pack_sequence(letters, enforce_sorted=False))
        loss = nn.functional.nll_loss(scores, torch.tensor(labels))
        optimizer.zero_grad()
        loss.backward()
        norm = nn.utils.clip_grad_norm_(reader.parameters(), 3)
        optimizer.step()
    print(epoch, loss, norm, states.shape, lengths)
print(scores.topk(2))
