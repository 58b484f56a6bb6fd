"""Loss, accuracy and confusion over the pictures that a model has seen."""

from typing import Any

import lampas
from lampas import nn
from lampas.utils.data import DataLoader

_EVALUATION_BATCH = 500


class Score:
    """Loss and accuracy over all pictures seen so far.

    Args:
        classes (int, optional): how many classes there are, where `confusion` is wanted.
        keeps_chances (bool): whether `chances` and `targets` gather the probabilities and classes of batches.
    """

    def __init__(self, classes=None, keeps_chances=False):
        self.keeps_chances = keeps_chances
        self.chances: list = []
        self.targets: list = []
        self.count = 0
        self.correct = 0
        self.loss_sum = 0.0
        self.confusion: Any = None if classes is None else lampas.zeros(classes, classes, dtype=lampas.int64)

    def add(self, scores, targets, loss):
        """Count one batch: scores of classes (N, classes), targets (N), and their mean loss."""
        self.count += len(targets)
        self.loss_sum += loss * len(targets)
        predicted = scores.detach().argmax(1)
        self.correct += int((predicted == targets).sum())
        if self.keeps_chances:
            self.chances.append(scores.detach().softmax(1))
            self.targets.append(targets)
        if self.confusion is not None:
            classes = len(self.confusion)
            flat = self.confusion.view(-1)
            flat.scatter_add_(0, targets * classes + predicted, lampas.ones_like(targets))

    @property
    def loss(self):
        """The mean loss of a picture."""
        return self.loss_sum / self.count

    @property
    def accuracy(self):
        """The share of pictures whose class was the likeliest."""
        return self.correct / self.count

    def class_lines(self, names):
        """Return a line for each class: its name, its accuracy, and what it was taken for most often."""
        width = max(map(len, names))
        lines = []
        for i, name in enumerate(names):
            row = self.confusion[i].tolist()
            total = sum(row)
            if not total:
                lines.append(f"{name:>{width}}       no pictures")
                continue
            text = f"{name:>{width}}  {100 * row[i] / total:6.2f} %  ({row[i]} of {total})"
            others = [(count, names[j]) for j, count in enumerate(row) if j != i and count]
            if others:
                count, other = max(others, key=lambda pair: pair[0])
                text += f", {count} taken for {other}"
            lines.append(text)
        return lines

    def text(self):
        """Return loss and accuracy in one line."""
        return f"loss {self.loss:.4f}  accuracy {100 * self.accuracy:.2f} %"


def evaluate(model, dataset, classes=None, keeps_chances=False):
    """Return the score of a model on a data set; nothing is recorded, dropout is off."""
    model.eval()
    score = Score(classes, keeps_chances)
    loss_function = nn.CrossEntropyLoss()
    with lampas.no_grad():
        for pictures, targets in DataLoader(dataset, batch_size=_EVALUATION_BATCH):
            scores = model(pictures)
            score.add(scores, targets, loss_function(scores, targets).item())
    return score
