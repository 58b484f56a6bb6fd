"""Trains the second tutorial's LeNet on MNIST in 32x32: accuracy of three seeds, epochs chosen by validation.

    python benchmarks/document_lenet.py MNIST_FOLDER

Asked: a mean of at least 98.5 % on the test set within 3 epochs of batches of 64, each seed in under 60 s.
"""

import argparse
import time

import lampas
import lampas.nn.functional as F
from lampas import nn, optim
from lampas.vision.datasets import MNIST

SEEDS, EPOCHS, BATCH, HELD_OUT = (0, 1, 2), 3, 64, 5000


class Net(nn.Module):
    """The network as the document writes it."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, input):
        s2 = F.max_pool2d(F.relu(self.conv1(input)), (2, 2))
        s4 = lampas.flatten(F.max_pool2d(F.relu(self.conv2(s2)), 2), 1)
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(s4)))))


def read(folder, train):
    """Return pictures (N, 1, 32, 32), normalised, and their classes."""
    dataset = MNIST(folder, train=train)
    pictures = dataset.data.unsqueeze(1).to(lampas.float32) / 255
    pictures = F.interpolate(pictures, size=(32, 32), mode="bilinear", align_corners=False)
    return (pictures - 0.1307) / 0.3081, dataset.targets


def accuracy(model, pictures, targets):
    correct = 0
    with lampas.no_grad():
        for first in range(0, len(targets), 1000):
            chosen = slice(first, first + 1000)
            correct += int((model(pictures[chosen]).argmax(1) == targets[chosen]).sum())
    return correct / len(targets)


def run(seed, train, test):
    """Return the test accuracy of the best epoch and the seconds of training."""
    lampas.manual_seed(seed)
    pictures, targets = train
    order = lampas.randperm(len(targets))
    held_out, kept = order[:HELD_OUT], order[HELD_OUT:]
    model = Net()
    optimizer = optim.SGD(model.parameters(), lr=0.03, momentum=0.9)
    best, best_state = -1.0, None
    begin = time.perf_counter()
    for epoch in range(EPOCHS):
        for group in optimizer.param_groups:
            group["lr"] = 0.03 * (1 - epoch / EPOCHS)
        shuffled = kept[lampas.randperm(len(kept))]
        for first in range(0, len(shuffled), BATCH):
            batch = shuffled[first : first + BATCH]
            optimizer.zero_grad()
            F.cross_entropy(model(pictures[batch]), targets[batch]).backward()
            optimizer.step()
        validation = accuracy(model, pictures[held_out], targets[held_out])
        if validation > best:
            best = validation
            best_state = {name: value.clone() for name, value in model.state_dict().items()}
    seconds = time.perf_counter() - begin
    model.load_state_dict(best_state)
    return accuracy(model, *test), seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", help="where MNIST/raw/ or the four files are")
    folder = parser.parse_args().folder
    train, test = read(folder, True), read(folder, False)
    results = [run(seed, train, test) for seed in SEEDS]
    for seed, (right, seconds) in zip(SEEDS, results, strict=True):
        print(f"seed {seed}: test accuracy {right:.2%}, trained in {seconds:.1f} s")
    print(f"mean {sum(right for right, _ in results) / len(results):.2%}")


if __name__ == "__main__":
    main()
