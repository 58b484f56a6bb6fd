"""One training run, from the options to the results; begun anew or gone on with."""

import math
import os
import shlex
import time
from typing import Any

import lampas
from lampas import nn, optim
from lampas.train import checkpoint
from lampas.train.data import NAMES, load_data
from lampas.train.models import MODELS, describe, fault_of, make_model
from lampas.train.problem import Problem
from lampas.train.progress import ProgressLine
from lampas.train.results import RunFolder
from lampas.train.score import Score, evaluate
from lampas.utils.data import DataLoader

_PICTURES_SHOWN, _MISTAKES_SHOWN = 16, 8
# What belongs to a call of the command, not to the run.
_NOT_SETTINGS = ("command", "name", "resume", "out")
_FROM_DATA = ("shape", "classes", "spread", "handwriting")
# What a run that goes on may have changed in config.toml.
_MAY_CHANGE = ("epochs", "data_root", "download", "workers")


def make_optimizer(options, parameters):
    """Return the optimizer that the options name."""
    if options.optimizer == "sgd":
        return optim.SGD(
            parameters, lr=options.lr, momentum=options.momentum, weight_decay=options.weight_decay
        )
    kind = {"adam": optim.Adam, "adamw": optim.AdamW}[options.optimizer]
    return kind(parameters, lr=options.lr, weight_decay=options.weight_decay)


def set_rate(optimizer, options, epoch):
    """Set an epoch's learning rate: half a wave of the cosine from `lr` towards 0, or always `lr`.

    It follows from the epoch alone, so that a run that goes on needs to remember nothing.
    Source: I. Loshchilov and F. Hutter, "SGDR", 2017.
    """
    share = (epoch - 1) / options.epochs if options.schedule == "cosine" else 0.0
    for group in optimizer.param_groups:
        group["lr"] = options.lr * 0.5 * (1 + math.cos(math.pi * share))


def train_epoch(model, loader, optimizer, line):
    """Train on every batch once; return the score, or raise a Problem where the loss is no number."""
    model.train()
    loss_function = nn.CrossEntropyLoss()
    score = Score()
    for step, (pictures, targets) in enumerate(loader, 1):
        scores = model(pictures)
        loss = loss_function(scores, targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss_value = loss.item()
        if not math.isfinite(loss_value):
            line.abandon()
            lr = optimizer.param_groups[0]["lr"]
            if step == 1:
                raise Problem(
                    f"the loss is {loss_value} at step 1: look at what the network makes of the pictures"
                )
            raise Problem(f"the loss became {loss_value} at step {step}; try a smaller --lr (it is {lr})")
        score.add(scores, targets, loss_value)
        line.update(step, score.text())
    return score


class Run:
    """A run between two epochs: model, optimizer, random numbers, metrics; written to last.pt after each.

    Args:
        options (Namespace): the options of `lampas train`.
        data (Data): what `load_data` gave.
        folder (RunFolder): where results are left.
    """

    def __init__(self, options, data, folder):
        self.options, self.data, self.folder = options, data, folder
        self.settings = {key: value for key, value in vars(options).items() if key not in _NOT_SETTINGS}
        self.settings |= {"shape": list(data.shape), "classes": list(data.classes)}
        self.settings |= {"spread": [list(part) for part in data.spread], "handwriting": data.is_handwriting}
        lampas.manual_seed(options.seed)
        self.model = make_model(options.model, data.shape, len(data.classes))
        self._try_model()
        self.optimizer = make_optimizer(options, self.model.parameters())
        self.progress: dict[str, Any] = {"epoch": 0, "rows": [], "best_epoch": 0}

    def _try_model(self):
        """Stop early where the network does not fit the pictures."""
        name = self.options.model
        state = lampas.get_rng_state()
        try:
            with lampas.no_grad():
                scores = self.model.eval()(lampas.zeros(2, *self.data.shape))
        except Exception as error:  # whatever a network of the user's does wrong
            raise Problem(
                f"--model {name} does not take pictures {self.data.shape}: {fault_of(error, name)}"
            ) from error
        lampas.set_rng_state(state)
        is_tensor = isinstance(scores, lampas.Tensor)
        if not is_tensor or tuple(scores.shape) != (2, len(self.data.classes)):
            given = tuple(scores.shape) if is_tensor else f"a {type(scores).__name__}"
            raise Problem(f"--model {name} gives {given} for two pictures, not a score a class")
        if not any(parameter.requires_grad for parameter in self.model.parameters()):
            raise Problem(f"--model {name} has no parameters to train")

    def save(self):
        """Write last.pt, best.pt where this epoch is the best, metrics.csv: each whole or not at all."""
        state = checkpoint.state_of(self.model, self.optimizer, self.settings, self.progress)
        self._save(state, "last.pt")
        if 0 < self.progress["best_epoch"] == self.progress["epoch"]:
            self._save(state, "best.pt")
        self.folder.write_metrics(self.progress["rows"])

    def _save(self, state, name):
        try:
            lampas.save(state, self.folder.file(name))
        except RuntimeError as error:
            raise Problem(f"cannot write {self.folder.file(name)}: {error}") from error

    def restore(self):
        """Go back to where last.pt was written; where there is none yet, write it for the beginning."""
        if not os.path.exists(self.folder.file("last.pt")):
            self.save()
            return
        state = checkpoint.read(self.folder.file("last.pt"))
        try:
            self.model.load_state_dict(state["model"])
            self.optimizer.load_state_dict(state["optimizer"])
        except (RuntimeError, ValueError, KeyError) as error:
            raise Problem(f"{self.folder.file('last.pt')} does not fit the run: {error}") from error
        lampas.set_rng_state(state["random"])
        self.progress = state["progress"]
        self.save()  # the process may have ended between last.pt and the files after it

    def train(self):
        """Train the epochs that are left."""
        options = self.options
        loader = DataLoader(
            self.data.train, batch_size=options.batch_size, shuffle=True, num_workers=options.workers
        )
        width = len(str(options.epochs))
        for epoch in range(self.progress["epoch"] + 1, options.epochs + 1):
            start = time.monotonic()
            set_rate(self.optimizer, options, epoch)
            line = ProgressLine(f"  epoch {epoch:{width}d}/{options.epochs}", len(loader))
            score = train_epoch(self.model, loader, self.optimizer, line)
            validation = evaluate(self.model, self.data.validation) if len(self.data.validation) else None
            self._add_epoch(epoch, score, validation)
            text = score.text() + (f"  validation {validation.text()}" if validation else "")
            line.finish(f"{text}  {time.monotonic() - start:.1f} s")

    def _add_epoch(self, epoch, score, validation):
        row = {"epoch": epoch, "train_loss": score.loss, "train_accuracy": score.accuracy}
        if validation is not None:
            row |= {"validation_loss": validation.loss, "validation_accuracy": validation.accuracy}
        rows = self.progress["rows"]
        best = rows[self.progress["best_epoch"] - 1] if rows else None
        # Without validation pictures the last epoch counts as the best.
        is_best = best is None or validation is None or _quality(row) > _quality(best)
        self.progress = {
            "epoch": epoch,
            "rows": [*rows, row],
            "best_epoch": epoch if is_best else self.progress["best_epoch"],
        }
        self.save()

    def finish(self):
        """Test the best epoch's model, leave the pictures, and return its score."""
        state = checkpoint.read(self.folder.path)
        self.model.load_state_dict(state["model"])
        classes, title = self.data.classes, f"{self.folder.name}: {self.options.model} on {self.options.data}"
        score = evaluate(self.model, self.data.test, len(classes), keeps_chances=True)
        self.folder.write_curves(title)
        self.folder.write_confusion(score.confusion, classes, f"{title}, {score.count:,} test pictures")
        groups = prediction_groups(lampas.cat(score.chances), lampas.cat(score.targets), self.data)
        self.folder.write_predictions(groups, classes, title)
        result = {
            "loss": score.loss,
            "accuracy": score.accuracy,
            "correct": score.correct,
            "count": score.count,
        }
        self.folder.write_result(result | {"epoch": state["progress"]["epoch"]})
        return score


def _quality(row):
    return row["validation_accuracy"], -row["validation_loss"]


def prediction_groups(chances, targets, data):
    """Return what predictions.png shows: the first test pictures, and the surest of the mistakes.

    Args:
        chances (Tensor): probabilities of the test pictures, (N, classes).
        targets (Tensor): their classes, (N).
        data (Data): where the pictures are.
    """
    predicted = chances.argmax(1)
    wrong = [i for i in range(len(targets)) if int(predicted[i]) != int(targets[i])]
    wrong.sort(key=lambda i: -float(chances[i, predicted[i]]))
    groups = []
    for heading, chosen in (
        ("Test pictures", list(range(min(_PICTURES_SHOWN, len(targets))))),
        (f"The worst of {len(wrong)} mistakes", wrong[:_MISTAKES_SHOWN]),
    ):
        pictures = [unspread(data.test[i][0], data.spread) for i in chosen]
        index = lampas.tensor(chosen, dtype=lampas.int64)
        groups.append((heading, pictures, chances[index], targets[index].tolist()))
    return groups


def unspread(picture, spread):
    """Return a normalised picture (C, H, W) as it was, from 0 to 1."""
    mean, deviation = (lampas.tensor(part).view(-1, 1, 1) for part in spread)
    return (picture * deviation + mean).clamp(0, 1)


def _next_command(options, folder, command):
    """Return what to try after this run."""
    path = shlex.quote(folder.path)
    if options.data == "digits":
        return f"{command} test {path}, or {command} train --data mnist --download"
    return f"{command} train --resume {path} --epochs {options.epochs * 2}"


def _begin(options):
    stem_of_data = options.data if options.data in NAMES else "folder"
    stem_of_model = os.path.basename(options.model).replace(".py:", "-").replace(":", "-")
    settings = {key: value for key, value in vars(options).items() if key not in _NOT_SETTINGS}
    return RunFolder.make(options.out, options.name, f"{stem_of_data}-{stem_of_model}", settings)


def _check_unchanged(settings, begun_with, folder):
    """Stop where config.toml no longer says what the run was begun with, or says what cannot be."""
    for name in settings.keys() | begun_with.keys():
        if name in _FROM_DATA:
            continue
        value, first = settings.get(name), begun_with.get(name)
        is_allowed = name in _MAY_CHANGE and type(value) is type(first) and (name != "epochs" or value > 0)
        if value != first and not is_allowed:
            raise Problem(
                f"{folder.file('config.toml')}: {name} was {first!r} when the run began and is {value!r} "
                "now: put it back, or begin another run"
            )


def _resume(options):
    """Return the run's folder and its own options; only --epochs may change."""
    folder = RunFolder.open(options.resume)
    settings = folder.read_config()
    if os.path.exists(folder.file("last.pt")):
        _check_unchanged(settings, checkpoint.read(folder.file("last.pt"))["settings"], folder)
    if options.epochs is not None:
        settings["epochs"] = options.epochs
    return folder, checkpoint.options_of(settings)


def train(options, command="lampas"):
    """Train, validate and test a network, and leave the results in a folder.

    Args:
        options (Namespace): the options of `lampas train`.
        command (str): how the user calls the tool, for the command to try next.
    """
    folder = None
    if options.resume:
        folder, options = _resume(options)
    print(f"[1/4] data {options.data}", flush=True)
    data = load_data(options)
    counts = f"{len(data.train):,} to train, {len(data.validation):,} to validate, {len(data.test):,} to test"
    shape = "x".join(map(str, data.shape))
    print(f"  {counts}; {shape} pixels, {len(data.classes)} classes")

    if folder is None:
        folder = _begin(options)
    run = Run(options, data, folder)
    print(f"[2/4] model {options.model}, {describe(run.model)}")
    run.restore()
    done = run.progress["epoch"]
    left = max(0, options.epochs - done)
    method = f"{options.optimizer} lr {options.lr:g}"
    after = f" after {done}" if done else ""
    epochs = f"{left} epoch{'s' * (left != 1)}{after}"
    print(f"[3/4] training {epochs} in batches of {options.batch_size}, {method}", flush=True)
    start = time.monotonic()
    try:
        run.train()
    except KeyboardInterrupt:
        print(f"\n  stopped; go on with: {command} train --resume {shlex.quote(folder.path)}", flush=True)
        raise
    except Exception as error:
        if options.workers and str(error).startswith("DataLoader worker"):
            raise Problem(
                f"{error}, perhaps for want of memory; go on with: {command} train --resume "
                f"{shlex.quote(folder.path)}; fewer workers = {options.workers} in config.toml need less"
            ) from error
        if isinstance(error, Problem) or options.model in MODELS:
            raise
        raise Problem(
            f"--model {options.model} fails in training: {fault_of(error, options.model)}"
        ) from error
    seconds = time.monotonic() - start

    print("[4/4] testing", flush=True)
    score = run.finish()
    for line in score.class_lines(data.classes):
        print(f"  {line}")
    percent = 100 * score.accuracy
    best = run.progress["best_epoch"]
    print(
        f"  test accuracy {percent:.2f} % ({score.correct:,} of {score.count:,}), loss {score.loss:.4f}, "
        f"by the model of epoch {best}"
    )
    print(f"  trained in {seconds:.1f} s; left in {folder.path}/: {', '.join(folder.written_files())}")
    print(f"  next, try: {_next_command(options, folder, command)}")
