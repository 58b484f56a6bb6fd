"""A BiLSTM with a CRF tags words; convolutions over words; CTC aligns letters; packed sequences."""

import itertools

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pack_sequence, pad_sequence, unpack_sequence

torch.manual_seed(1)
START, STOP = "<START>", "<STOP>"
TAGS = {"B": 0, "I": 1, "O": 2, START: 3, STOP: 4}
SENTENCES = [
    ("the wall street journal reported today that apple made money", "B I I I O O O B O O"),
    ("georgia tech is a university in georgia", "B I O O O O B"),
]
WORDS = {}
for sentence, _ in SENTENCES:
    for word in sentence.split():
        WORDS.setdefault(word, len(WORDS))


class Tagger(nn.Module):
    def __init__(self, width=5, hidden=4):
        super().__init__()
        self.embeds = nn.Embedding(len(WORDS), width)
        self.lstm = nn.LSTM(width, hidden // 2, num_layers=1, bidirectional=True)
        self.to_tags = nn.Linear(hidden, len(TAGS))
        self.transitions = nn.Parameter(torch.randn(len(TAGS), len(TAGS)))  # [to, from]
        self.transitions.data[TAGS[START], :] = -10000
        self.transitions.data[:, TAGS[STOP]] = -10000

    def features(self, words):
        outputs, _ = self.lstm(self.embeds(words).view(len(words), 1, -1))
        return self.to_tags(outputs.view(len(words), -1))

    def log_of_all_paths(self, features):
        scores = torch.full((1, len(TAGS)), -10000.0)
        scores[0][TAGS[START]] = 0.0
        for feature in features:
            scores = torch.logsumexp(scores + self.transitions, dim=1) + feature
            scores = scores.view(1, -1)
        return torch.logsumexp(scores + self.transitions[TAGS[STOP]], dim=1)

    def score(self, features, tags):
        tags = torch.cat([torch.tensor([TAGS[START]]), tags])
        total = torch.zeros(1)
        for place, feature in enumerate(features):
            total = total + self.transitions[tags[place + 1], tags[place]] + feature[tags[place + 1]]
        return total + self.transitions[TAGS[STOP], tags[-1]]

    def best_path(self, words):
        scores = torch.full((len(TAGS),), -10000.0)
        scores[TAGS[START]] = 0.0
        back = []
        for feature in self.features(words):
            best, source = (scores + self.transitions).max(1)
            back.append(source)
            scores = best + feature
        path = [int((scores + self.transitions[TAGS[STOP]]).argmax())]
        for source in reversed(back):
            path.append(int(source[path[-1]]))
        return path[:0:-1][1:] + path[:1]


tagger = Tagger()
optimizer = torch.optim.SGD(tagger.parameters(), lr=0.1, weight_decay=1e-4)
for epoch in range(4):
    for sentence, tags in SENTENCES:
        words = torch.tensor([WORDS[word] for word in sentence.split()])
        wanted = torch.tensor([TAGS[tag] for tag in tags.split()])
        tagger.zero_grad()
        features = tagger.features(words)
        loss = tagger.log_of_all_paths(features) - tagger.score(features, wanted)
        loss.backward()
        optimizer.step()
    print(epoch, loss)
with torch.no_grad():
    print(tagger.best_path(words))

embedding = nn.Embedding(30, 8, padding_idx=0)
convolutions = nn.ModuleList([nn.Conv1d(8, 6, size) for size in (2, 3)])
texts, classes = torch.randint(0, 30, (16, 9)), torch.randint(0, 3, (16,))
pooled = [F.relu(conv(embedding(texts).permute(0, 2, 1))).max(2)[0] for conv in convolutions]
loss = F.multi_margin_loss(nn.Linear(12, 3)(torch.cat(pooled, 1)), classes)
loss.backward()
print(loss.item(), embedding.weight.grad[0], embedding.weight.grad.norm())

scores = torch.randn(12, 3, 6).log_softmax(2).detach().requires_grad_()
letters = torch.randint(1, 6, (3, 4))
lengths, letter_lengths = torch.tensor([12, 10, 9]), torch.tensor([4, 3, 2])
loss = nn.CTCLoss(blank=0, zero_infinity=True)(scores, letters, lengths, letter_lengths)
loss.backward()
print(loss, scores.grad.abs().sum())
joined = torch.cat([letters[0], letters[1, :3], letters[2, :2]])
print(F.ctc_loss(scores, joined, (12, 10, 9), (4, 3, 2), reduction="none"))
print([[letter for letter, _ in itertools.groupby(row.tolist()) if letter] for row in scores.argmax(2).T])

sequences = [torch.randn(length, 5) for length in (6, 4, 2)]
gru = nn.GRU(5, 4, 2, bidirectional=True)
outputs, hidden = gru(pack_sequence(sequences))
print(outputs.batch_sizes, hidden[-1, 0], [each.shape for each in unpack_sequence(outputs)])
alone = [gru(each)[0] for each in sequences]
together = unpack_sequence(outputs)
print(all(torch.allclose(a, b, atol=1e-6) for a, b in zip(alone, together, strict=True)))
packed = pack_padded_sequence(pad_sequence(sequences, batch_first=True), [6, 4, 2], batch_first=True)
print(packed._replace(data=packed.data * 2).data.sum() / packed.data.sum())
