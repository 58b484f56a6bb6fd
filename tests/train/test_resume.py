"""A run that was cut off anywhere goes on as if nothing had happened, bit for bit."""

import multiprocessing
import os
import pathlib
import random
import signal
import subprocess
import sys
import time

import pytest

import lampas
from lampas.train import run
from lampas.train.command_line import main

# Dropout draws, workers load, momentum is remembered: all that a checkpoint has to bring back.
OPTIONS = ["--model", "cnn", "--epochs", "3", "--batch-size", "50", "--workers", "2", "--lr", "0.01"]
KILLS = int(os.environ.get("LAMPAS_KILLS", "3"))


def assert_same_run(first, second):
    """Compare weights, optimizer states, random numbers and metrics of two runs, bit for bit."""
    states = [lampas.load(f"{folder}/last.pt") for folder in (first, second)]
    assert_same(*[{**state, "settings": None} for state in states])
    best = [lampas.load(f"{folder}/best.pt")["model"] for folder in (first, second)]
    assert_same(*best)
    for name in ("metrics.csv", "result.toml"):
        assert pathlib.Path(first, name).read_bytes() == pathlib.Path(second, name).read_bytes()


def assert_same(left, right):
    assert type(left) is type(right)
    if isinstance(left, dict):
        assert list(left) == list(right)
        for key in left:
            assert_same(left[key], right[key])
    elif isinstance(left, list | tuple):
        assert len(left) == len(right)
        for one, other in zip(left, right, strict=True):
            assert_same(one, other)
    elif isinstance(left, lampas.Tensor):
        assert lampas.equal(left, right)
    else:
        assert left == right


@pytest.fixture
def undisturbed(few_digits):
    """The folder of a run that nothing happened to."""
    assert main(["train", "--data", few_digits, "--name", "undisturbed", *OPTIONS]) == 0
    return "runs/undisturbed"


@pytest.mark.parametrize(
    ("line", "changed", "message"),
    [
        ("seed = 0", "seed = 7", "seed was 0 when the run began and is 7 now"),
        (
            'optimizer = "sgd"',
            'optimizer = "adam"',
            "optimizer was 'sgd' when the run began and is 'adam' now",
        ),
        ("lr = 0.03", 'lr = "much"', "lr was 0.03 when the run began and is 'much' now"),
        ("lr = 0.03", "", "lr was 0.03 when the run began and is None now"),
        ("epochs = 1", "epochs = 0", "epochs was 1 when the run began and is 0 now"),
        ("epochs = 1", 'epochs = "2"', "epochs was 1 when the run began and is '2' now"),
    ],
)
def test_a_changed_configuration_is_refused(few_digits, capsys, line, changed, message):
    assert main(["train", "--data", few_digits, "--model", "mlp", "--epochs", "1", "--name", "a"]) == 0
    config = pathlib.Path("runs/a/config.toml")
    assert f"\n{line}\n" in config.read_text()
    config.write_text(config.read_text().replace(f"\n{line}\n", f"\n{changed}\n"))
    capsys.readouterr()
    assert main(["train", "--resume", "runs/a"]) == 2
    assert capsys.readouterr().err.startswith(f"lampas: runs/a/config.toml: {message}: put it back")


def test_a_worker_that_is_killed_is_one_line(few_digits, undisturbed, monkeypatch, capsys):
    train_epoch, calls = run.train_epoch, []

    def with_a_kill(model, loader, *arguments):
        calls.append(1)
        if len(calls) < 2:
            return train_epoch(model, loader, *arguments)
        batches = iter(loader)
        for process in multiprocessing.active_children():
            process.kill()
        return train_epoch(model, batches, *arguments)

    monkeypatch.setattr(run, "train_epoch", with_a_kill)
    assert main(["train", "--data", few_digits, "--name", "cut", *OPTIONS]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("lampas: DataLoader worker") and "train --resume runs/cut" in line
    monkeypatch.setattr(run, "train_epoch", train_epoch)
    assert main(["train", "--resume", "runs/cut"]) == 0
    assert_same_run("runs/cut", undisturbed)


def test_what_may_change_and_other_line_ends(few_digits, capsys):
    assert main(["train", "--data", few_digits, "--model", "mlp", "--epochs", "1", "--name", "a"]) == 0
    config = pathlib.Path("runs/a/config.toml")
    text = config.read_text().replace("epochs = 1", "epochs = 2").replace("workers = 0", "workers = 1")
    config.write_bytes(text.replace("\n", "\r\n").encode())
    assert main(["train", "--resume", "runs/a"]) == 0
    assert "by the model of epoch" in capsys.readouterr().out
    assert len(pathlib.Path("runs/a/metrics.csv").read_text().splitlines()) == 3


def test_interrupted_between_epochs(few_digits, undisturbed, monkeypatch):
    train_epoch, calls = run.train_epoch, []

    def interrupted(*arguments):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return train_epoch(*arguments)

    monkeypatch.setattr(run, "train_epoch", interrupted)
    assert main(["train", "--data", few_digits, "--name", "cut", *OPTIONS]) == 130
    monkeypatch.setattr(run, "train_epoch", train_epoch)
    assert main(["train", "--resume", "runs/cut"]) == 0
    assert_same_run(undisturbed, "runs/cut")


def test_interrupted_in_the_first_epoch(few_digits, undisturbed, monkeypatch):
    """A checkpoint is there from the beginning on."""
    train_epoch = run.train_epoch

    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(run, "train_epoch", interrupted)
    assert main(["train", "--data", few_digits, "--name", "cut", *OPTIONS]) == 130
    assert lampas.load("runs/cut/last.pt")["progress"]["epoch"] == 0
    monkeypatch.setattr(run, "train_epoch", train_epoch)
    assert main(["train", "--resume", "runs/cut"]) == 0
    assert_same_run(undisturbed, "runs/cut")


def test_killed_at_any_moment(few_digits, undisturbed):
    """SIGKILL at seeded moments, again and again until the run is through; some fall into the saving."""
    command = [sys.executable, "-m", "lampas", "train"]
    begin = time.monotonic()
    subprocess.run(
        [*command, "--data", few_digits, "--name", "timed", *OPTIONS], check=True, capture_output=True
    )
    whole = time.monotonic() - begin
    moments = random.Random(0)
    arguments = ["--data", few_digits, "--name", "killed", *OPTIONS]
    for _ in range(KILLS):
        process = subprocess.Popen(
            [*command, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
        )
        try:
            process.communicate(timeout=moments.uniform(0.1, 1.0) * whole)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
        if os.path.isdir("runs/killed"):
            arguments = ["--resume", "runs/killed"]
    subprocess.run([*command, *arguments], check=True, capture_output=True)
    assert_same_run(undisturbed, "runs/killed")
    assert not [name for name in os.listdir("runs/killed") if name.startswith("tmp")]


def test_killed_between_the_files(few_digits, undisturbed):
    """last.pt is there, what is written after it is not yet."""
    assert main(["train", "--data", few_digits, "--name", "cut", *OPTIONS, "--epochs", "1"]) == 0
    for name in ("best.pt", "metrics.csv", "result.toml"):
        os.remove(f"runs/cut/{name}")
    # Another number of epochs is another fall of the learning rate: compared is a run of one epoch.
    assert main(["train", "--resume", "runs/cut"]) == 0
    assert main(["train", "--data", few_digits, "--name", "one", *OPTIONS, "--epochs", "1"]) == 0
    assert_same_run("runs/one", "runs/cut")


def test_more_epochs(few_digits, capsys):
    arguments = ["train", "--data", few_digits, "--model", "mlp", "--name", "a", "--epochs", "1"]
    assert main(arguments) == 0
    assert main(["train", "--resume", "runs/a", "--epochs", "3"]) == 0
    assert "training 2 epochs after 1" in capsys.readouterr().out
    assert len(pathlib.Path("runs/a/metrics.csv").read_text().splitlines()) == 4


def test_problems(few_digits, capsys):
    os.makedirs("runs/empty")
    for path in ("nowhere", "runs/empty"):
        assert main(["train", "--resume", path]) == 2
        assert "is not the folder of a run" in capsys.readouterr().err
    assert main(["train", "--data", few_digits, "--model", "mlp", "--name", "a", "--epochs", "1"]) == 0
    path = pathlib.Path("runs/a/last.pt")
    path.write_bytes(path.read_bytes()[:1000])
    capsys.readouterr()
    assert main(["train", "--resume", "runs/a"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("lampas: runs/a/last.pt cannot be read") and len(error.splitlines()) == 1
