"""One training run, from the options to the results."""

import math
import shlex
import time

import lampas
from lampas import nn, optim
from lampas.train.data import load_data
from lampas.train.models import MODELS, describe
from lampas.train.problem import Problem
from lampas.train.progress import ProgressLine
from lampas.train.results import RunFolder
from lampas.utils.data import DataLoader

_EVALUATION_BATCH = 1000


class Score:
    """Loss and accuracy over all pictures seen so far."""

    def __init__(self):
        self.count = 0
        self.correct = 0
        self.loss_sum = 0.0

    def add(self, log_probabilities, targets, loss):
        """Count one batch: log-probabilities (N, classes), targets (N), and their mean loss."""
        self.count += len(targets)
        self.loss_sum += loss * len(targets)
        predictions = log_probabilities.detach().max(1)[1]
        self.correct += int((predictions == targets).sum())

    @property
    def loss(self):
        """The mean loss of a picture."""
        return self.loss_sum / self.count

    @property
    def accuracy(self):
        """The share of pictures whose class was the likeliest."""
        return self.correct / self.count

    def text(self):
        """Return both in one line."""
        return f"loss {self.loss:.4f}  accuracy {100 * self.accuracy:.2f} %"


def train_epoch(model, loader, loss_function, optimizer, line):
    """Train on every batch once; return the score, or raise a Problem where the loss is no number."""
    model.train()
    score = Score()
    for step, (pictures, targets) in enumerate(loader, 1):
        log_probabilities = model(pictures)
        loss = loss_function(log_probabilities, targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss_value = loss.item()
        if not math.isfinite(loss_value):
            line.abandon()
            lr = optimizer.param_groups[0]["lr"]
            raise Problem(f"the loss became {loss_value} at step {step}; try a smaller --lr (it is {lr})")
        score.add(log_probabilities, targets, loss_value)
        line.update(step, score.text())
    return score


def evaluate(model, dataset, loss_function):
    """Return the score of a model on a data set."""
    model.eval()
    score = Score()
    with lampas.no_grad():
        for pictures, targets in DataLoader(dataset, batch_size=_EVALUATION_BATCH):
            log_probabilities = model(pictures)
            score.add(log_probabilities, targets, loss_function(log_probabilities, targets).item())
    return score


def _epoch_row(epoch, train_score, validation_score, seconds):
    row = {"epoch": epoch, "train_loss": train_score.loss, "train_accuracy": train_score.accuracy}
    if validation_score is not None:
        row["validation_loss"] = validation_score.loss
        row["validation_accuracy"] = validation_score.accuracy
    row["seconds"] = seconds
    return row


def _train_all_epochs(model, data, options, folder):
    loss_function = nn.NLLLoss()
    optimizer = optim.SGD(model.parameters(), lr=options.lr, momentum=options.momentum)
    loader = DataLoader(data.train, batch_size=options.batch_size, shuffle=True)
    for epoch in range(1, options.epochs + 1):
        start = time.monotonic()
        line = ProgressLine(f"  epoch {epoch:{len(str(options.epochs))}d}/{options.epochs}", len(loader))
        train_score = train_epoch(model, loader, loss_function, optimizer, line)
        validation_score = evaluate(model, data.validation, loss_function) if len(data.validation) else None
        seconds = time.monotonic() - start
        folder.add_epoch(_epoch_row(epoch, train_score, validation_score, seconds))
        text = train_score.text()
        if validation_score is not None:
            text += f"  validation {validation_score.text()}"
        line.finish(f"{text}  {seconds:.1f} s")


def _next_command(options, command):
    """Return what to try after this run."""
    if options.data == "digits":
        return f"{command} train --data mnist --download"
    root = "" if options.data_root == "data" else f" --data-root {shlex.quote(options.data_root)}"
    data = shlex.quote(options.data)
    return f"{command} train --data {data}{root} --lr {options.lr / 2:g} --epochs {options.epochs * 2}"


def train(options, command="lampas"):
    """Train, validate and test a network, and leave the results in a folder.

    Args:
        options (Namespace): the options of `lampas train`.
        command (str): how the user calls the tool, for the command to try next.
    """
    print(f"[1/4] data {options.data}", flush=True)
    data = load_data(options)
    parts = [(data.train, "train"), (data.validation, "validate"), (data.test, "test")]
    counts = ", ".join(f"{len(part):,} to {purpose}" for part, purpose in parts)
    print(f"  {counts}; {data.picture_size} pixels, {data.classes} classes")

    lampas.manual_seed(options.seed)
    model = MODELS[options.model](data.picture_size, data.classes)
    print(f"[2/4] model {options.model} {describe(model)}")

    stem = f"{options.data if options.data in ('digits', 'mnist') else 'folder'}-{options.model}"
    folder = RunFolder(options.out, options.name, stem)
    settings = {key: value for key, value in vars(options).items() if key not in ("command", "name")}
    versions = {"lampas": lampas.__version__}
    folder.write_config({"run": {"name": folder.name, **settings}, "versions": versions})
    epochs = f"{options.epochs} epoch{'s' * (options.epochs > 1)}"
    method = f"SGD lr {options.lr:g} momentum {options.momentum:g}"
    print(f"[3/4] training {epochs} in batches of {options.batch_size}, {method}", flush=True)
    start = time.monotonic()
    try:
        _train_all_epochs(model, data, options, folder)
    finally:
        if folder.rows:
            folder.write_curves(f"{folder.name}: {options.model} on {options.data}")
    seconds = time.monotonic() - start

    print("[4/4] testing", flush=True)
    score = evaluate(model, data.test, nn.NLLLoss())
    folder.write_result(
        {"loss": score.loss, "accuracy": score.accuracy, "correct": score.correct, "count": score.count}
    )
    percent = 100 * score.accuracy
    print(f"  test accuracy {percent:.2f} % ({score.correct:,} of {score.count:,}), loss {score.loss:.4f}")
    print(f"  trained in {seconds:.1f} s; left in {folder.path}/: {', '.join(folder.written_files())}")
    print(f"  next, try: {_next_command(options, command)}")
