"""Runs the command on a little data and checks what it prints, leaves and refuses."""

import csv
import io
import os
import pathlib
import shlex
import subprocess
import sys
import tomllib

import numpy
import pytest

from lampas.train import command_line, run
from lampas.train.command_line import main, make_parser
from lampas.train.problem import Problem
from lampas.train.progress import ProgressLine
from lampas.train.results import RunFolder, toml_text
from lampas.vision.datasets.idx import write_idx

LEFT = [
    "best.pt",
    "config.toml",
    "confusion.png",
    "curves.png",
    "last.pt",
    "metrics.csv",
    "predictions.png",
    "result.toml",
]


def rows_of(folder):
    with open(os.path.join(folder, "metrics.csv"), newline="") as file:
        return list(csv.DictReader(file))


def test_a_run_and_what_it_leaves(few_digits, capsys):
    status = main(
        ["train", "--data", few_digits, "--model", "mlp", "--epochs", "4", "--name", "mine", "--seed", "5"]
    )
    assert status == 0
    assert sorted(os.listdir("runs/mine")) == LEFT

    config = tomllib.loads(pathlib.Path("runs/mine/config.toml").read_text())
    assert (config["run"]["data"], config["run"]["epochs"], config["run"]["seed"]) == (few_digits, 4, 5)
    assert config["versions"]["lampas"]

    rows = rows_of("runs/mine")
    assert [row["epoch"] for row in rows] == ["1", "2", "3", "4"]
    losses = [float(row["train_loss"]) for row in rows]
    assert losses[0] > losses[1] > losses[2] > 0
    assert all(
        0 <= float(row[column]) <= 1 for row in rows for column in ("train_accuracy", "validation_accuracy")
    )
    assert float(rows[2]["train_accuracy"]) > 0.5  # chance is 0.1

    result = tomllib.loads(pathlib.Path("runs/mine/result.toml").read_text())["test"]
    assert result["count"] == 100 and result["correct"] == round(result["accuracy"] * 100)
    assert result["accuracy"] > 0.4
    for name in ("curves", "confusion", "predictions"):
        assert pathlib.Path(f"runs/mine/{name}.png").read_bytes().startswith(b"\x89PNG")

    lines = capsys.readouterr().out.splitlines()
    assert [line[:5] for line in lines if line.startswith("[")] == ["[1/4]", "[2/4]", "[3/4]", "[4/4]"]
    assert "270 to train, 30 to validate, 100 to test; 1x28x28 pixels, 10 classes" in lines[1]
    assert "model mlp, 109,386 parameters" in lines[2]
    epochs = [line for line in lines if line.startswith("  epoch")]
    assert len(epochs) == 4 and epochs[0].startswith("  epoch 1/4  loss ")
    assert f"test accuracy {100 * result['accuracy']:.2f} % ({result['correct']} of 100)" in lines[-3]
    assert f"left in runs/mine/: {', '.join(LEFT)}" in lines[-2]
    assert lines[-1].startswith("  next, try: ")


def test_the_next_command_is_understood(few_digits, capsys):
    for data in (few_digits, "digits"):
        main(["train", "--data", data, "--model", "mlp", "--epochs", "1"])
        commands = capsys.readouterr().out.splitlines()[-1].split("next, try: ")[1]
        for command in commands.split(", or "):
            words = shlex.split(command)
            begin = words.index("train" if "train" in words else "test")
            make_parser().parse_args(words[begin:])


def test_the_command_fits_the_installation(tmp_path, monkeypatch):
    folder = tmp_path / ".venv" / "bin"
    folder.mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "/usr/bin")
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    assert command_line.invocation() == ".venv/bin/python -m lampas"
    (folder / "lampas").write_text("#!/bin/sh\n")
    (folder / "lampas").chmod(0o755)
    assert command_line.invocation() == ".venv/bin/lampas"
    monkeypatch.setattr(sys, "prefix", str(tmp_path / ".venv"))
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    assert command_line.invocation() == ".venv/bin/lampas"
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / ".venv"))
    assert command_line.invocation() == "lampas"


def test_the_seed_decides_everything(few_digits):
    for name, seed in [("a", "1"), ("b", "1"), ("c", "2")]:
        main(["train", "--data", few_digits, "--epochs", "2", "--name", name, "--seed", seed])
    runs = [rows_of(f"runs/{name}") for name in "abc"]
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]


def test_options_reach_the_run(few_digits):
    options = [
        "--lr",
        "0",
        "--momentum",
        "0",
        "--batch-size",
        "50",
        "--validation",
        "0",
        "--out",
        "elsewhere",
    ]
    assert main(["train", "--data", few_digits, "--epochs", "2", "--name", "still", *options]) == 0
    first, second = rows_of("elsewhere/still")
    # With a learning rate of zero nothing is learned, and no picture was kept to validate with.
    assert first["train_accuracy"] == second["train_accuracy"]
    assert float(first["train_loss"]) == pytest.approx(float(second["train_loss"]), rel=1e-4)
    assert first["validation_loss"] == first["validation_accuracy"] == ""


def test_names_are_counted_up(few_digits):
    for _ in range(2):
        main(["train", "--data", few_digits, "--epochs", "1"])
    os.makedirs("runs/folder-lenet-7")
    main(["train", "--data", few_digits, "--epochs", "1"])
    assert sorted(os.listdir("runs")) == [
        "folder-lenet-1",
        "folder-lenet-2",
        "folder-lenet-7",
        "folder-lenet-8",
    ]


def problem_of(arguments, capsys):
    """Run a command that must fail with status 2 and return its one line."""
    assert main(arguments) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1 and lines[0].startswith("lampas: ")
    return lines[0].removeprefix("lampas: ")


def test_problems_with_data(few_digits, tmp_path, capsys):
    assert problem_of(["train", "--data", "nowhere"], capsys) == (
        "--data nowhere: neither one of digits, mnist, fashion-mnist, cifar10, nor is there such a folder"
    )
    assert "give --download, or its folder by --data-root" in problem_of(["train", "--data", "mnist"], capsys)
    corrupt = problem_of(["train", "--data", "cifar10"], capsys)
    assert "not found or corrupt under data; give --download" in corrupt
    assert "any class folder" in problem_of(["train", "--data", str(tmp_path / "work")], capsys)
    path = pathlib.Path(few_digits) / "t10k-images-idx3-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-100])
    assert f"{path} is corrupt" in problem_of(["train", "--data", few_digits], capsys)
    assert not os.path.exists("runs")  # nothing is left of a run that never began


def test_too_few_pictures(few_digits, capsys):
    for name in ("images-idx3", "labels-idx1"):
        shape = (0, 28, 28) if "images" in name else (0,)
        write_idx(os.path.join(few_digits, f"train-{name}-ubyte.gz"), numpy.zeros(shape))
    assert "too few pictures (0 to train, 100 to test)" in problem_of(["train", "--data", few_digits], capsys)


def test_pictures_of_different_sizes(few_digits, capsys):
    write_idx(os.path.join(few_digits, "t10k-images-idx3-ubyte.gz"), numpy.zeros((100, 20, 20)))
    assert "of different sizes" in problem_of(["train", "--data", few_digits], capsys)


def test_problems_with_the_run_folder(few_digits, capsys):
    os.makedirs("runs/taken")
    arguments = ["train", "--data", few_digits, "--epochs", "1"]
    problem = problem_of([*arguments, "--name", "taken"], capsys)
    assert problem == "runs/taken exists already; give another --name, or --resume runs/taken"
    assert "must not lead to another folder" in problem_of([*arguments, "--name", "../up"], capsys)
    pathlib.Path("file").write_text("")
    assert problem_of([*arguments, "--out", "file"], capsys).startswith("--out file: ")


def test_loss_that_is_no_number(few_digits, capsys):
    problem = problem_of(["train", "--data", few_digits, "--lr", "1e20"], capsys)
    assert problem.startswith("the loss became ") and "try a smaller --lr (it is 1e+20)" in problem


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["fly"],
        ["train", "--epochs", "0"],
        ["train", "--epochs", "x"],
        ["train", "--lr", "-1"],
        ["train", "--lr", "nan"],
        ["train", "--lr", "inf"],
        ["train", "--batch-size", "-3"],
        ["train", "--validation", "1"],
        ["train", "--workers", "-1"],
        ["train", "--optimizer", "unheard-of"],
        ["summary", "lenet", "--shape", "3x3"],
        ["predict", "run"],
        ["train", "--unknown"],
    ],
    ids=" ".join,
)
def test_wrong_arguments(arguments, capsys):
    with pytest.raises(SystemExit) as raised:
        main(arguments)
    assert raised.value.code == 2
    assert "error: " in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize(
    "arguments", [["train", "--epochs", "x"], ["train", "--seed", str(2**64)], ["fly"], []]
)
def test_wrong_arguments_are_one_line(arguments, capsys):
    with pytest.raises(SystemExit):
        main(arguments)
    (line,) = capsys.readouterr().err.splitlines()
    assert "_positive_int" not in line and "--help tells more" in line


def test_a_run_that_goes_on_refuses_other_options(few_digits, capsys):
    problem = problem_of(["train", "--resume", "runs/x", "--lr", "0.5", "--data", few_digits], capsys)
    assert problem.startswith("--data, --lr: a run goes on by its own options")


MODEL_FILE = """
import torch
from beside_it import WIDTH

class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = torch.nn.Linear(784, WIDTH)
    def forward(self, x):
        return self.fc(x.flatten(1))

class Unknown(Net):
    def forward(self, x):
        return self.fc(y)

class Pair(Net):
    def forward(self, x):
        return super().forward(x), x

class Nothing(torch.nn.Module):
    def forward(self, x):
        return x.flatten(1)[:, :10]

class Exits(Net):
    def __init__(self):
        raise SystemExit(3)

class Cut(Net):
    def forward(self, x):
        return super().forward(x).detach()

class NaN(Net):
    def forward(self, x):
        return super().forward(x) * float("nan")

class FailsLater(Net):
    def forward(self, x):
        return super().forward(x) if not self.training else self.fc(x)
"""


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "Unknown",
            "NameError: name 'y' is not defined (net_of_mine.py, line 14); in Unknown; given: a tensor",
        ),
        ("Pair", "gives a tuple for two pictures"),
        ("Nothing", "has no parameters to train"),
        ("Exits", "SystemExit: 3 (net_of_mine.py, line 26)"),
        ("Cut", "fails in training: RuntimeError: element 0 of tensors does not require grad"),
        ("NaN", "the loss is nan at step 1"),
        ("FailsLater", "(net_of_mine.py, line 38); in FailsLater.fc: Linear(in_features=784, "),
    ],
)
def test_mistakes_in_a_network_of_ones_own(few_digits, monkeypatch, capsys, name, message):
    monkeypatch.setattr(sys, "path", list(sys.path))
    pathlib.Path("net_of_mine.py").write_text(MODEL_FILE)
    pathlib.Path("beside_it.py").write_text("WIDTH = 10")
    arguments = ["train", "--data", few_digits, "--epochs", "1", "--model", f"net_of_mine.py:{name}"]
    assert message in problem_of(arguments, capsys)


@pytest.mark.parametrize("workers", ["0", "1"])
def test_a_picture_that_cannot_be_read_is_named(tmp_path, monkeypatch, capsys, workers):
    image = pytest.importorskip("PIL.Image")
    monkeypatch.chdir(tmp_path)
    for folder in ("a", "b"):
        os.makedirs(f"pictures/{folder}")
        for i in range(9):
            image.new("RGB", (9, 9), (20 * i, 0, 0)).save(f"pictures/{folder}/{i}.png")
    pathlib.Path("pictures/b/5.png").write_bytes(pathlib.Path("pictures/b/5.png").read_bytes()[:40])
    arguments = ["train", "--data", "pictures", "--epochs", "1", "--model", "mlp", "--workers", workers]
    assert problem_of(arguments, capsys).startswith("pictures/b/5.png is no picture that can be read: ")


def test_one_class_is_not_enough(tmp_path, monkeypatch, capsys):
    image = pytest.importorskip("PIL.Image")
    monkeypatch.chdir(tmp_path)
    os.makedirs("pictures/a")
    for i in range(9):
        image.new("RGB", (9, 9)).save(f"pictures/a/{i}.png")
    assert "only one class, a" in problem_of(["train", "--data", "pictures"], capsys)


@pytest.mark.parametrize("model", ["lenet", "cnn"])
def test_pictures_too_small_for_a_network(model, recwarn, capsys):
    problem = problem_of(["summary", model, "--shape", "1x3x50"], capsys)
    assert problem.startswith(f"--model {model}: pictures of 3x50 are too small, ") and not recwarn.list


def test_names_that_the_terminal_cannot_show():
    code = "from lampas.train.command_line import main; main(['predict', 'ảnh', 'chó.png']); print('ảnh')"
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment, timeout=60)
    assert (result.returncode, result.stdout) == (0, b"\\u1ea3nh\n")
    assert result.stderr == b"lampas: there is no \\u1ea3nh\n"


def test_interrupted_run_keeps_what_is_finished(few_digits, monkeypatch, capsys):
    train_epoch = run.train_epoch
    calls = []

    def interrupted(*arguments):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return train_epoch(*arguments)

    monkeypatch.setattr(run, "train_epoch", interrupted)
    assert main(["train", "--data", few_digits, "--epochs", "9", "--name", "cut"]) == 130
    captured = capsys.readouterr()
    assert captured.err.endswith("lampas: stopped\n")
    assert "stopped; go on with: " in captured.out and "train --resume runs/cut" in captured.out
    assert len(rows_of("runs/cut")) == 2
    assert sorted(os.listdir("runs/cut")) == ["best.pt", "config.toml", "last.pt", "metrics.csv"]


def test_info(capsys):
    assert main(["info"]) == 0
    facts = dict(line.split(None, 1) for line in capsys.readouterr().out.splitlines())
    assert facts["python"].startswith(f"{sys.version_info.major}.{sys.version_info.minor}.")
    assert {"lampas", "core", "instruction", "threads", "numpy", "pillow"} <= facts.keys()


def test_module_can_be_run():
    command = [sys.executable, "-m", "lampas", "--version"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("lampas ")


def test_reader_that_goes_away():
    """`lampas info | true` must end without a traceback."""
    code = "import sys; from lampas.train.command_line import main; sys.exit(main(['info']))"
    reading, writing = os.pipe()
    os.close(reading)
    result = subprocess.run(
        [sys.executable, "-u", "-c", code], stdout=writing, stderr=subprocess.PIPE, timeout=60
    )
    os.close(writing)
    assert (result.returncode, result.stderr) == (1, b"")


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_on_a_terminal_is_written_over(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    output = Terminal()
    line = ProgressLine("epoch 1", 10, output)
    for step in range(1, 11):
        line.last_shown = 0.0  # as if time had passed
        line.update(step, f"loss {step}")
    line.finish("loss 10")
    parts = output.getvalue().split("\r\x1b[K")
    assert len(parts) == 12
    assert parts[5] == "epoch 1 [############............]  50 %  loss 5"
    assert parts[11] == "epoch 1  loss 10\n"


def test_progress_fits_a_narrow_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "30")
    output = Terminal()
    line = ProgressLine("epoch 1", 10, output)
    line.update(5, "loss 1.2345  accuracy 50.00 %")
    assert len(output.getvalue().removeprefix("\r\x1b[K")) == 29


def test_progress_is_not_written_too_often():
    output = Terminal()
    line = ProgressLine("epoch 1", 1000, output)
    for step in range(1000):
        line.update(step, "")
    assert output.getvalue().count("\r") <= 3


def test_progress_elsewhere_is_one_plain_line():
    output = io.StringIO()
    line = ProgressLine("epoch 1", 2, output)
    line.update(1, "loss 1")
    line.update(2, "loss 2")
    line.finish("loss 2")
    assert output.getvalue() == "epoch 1  loss 2\n"


def test_toml_says_what_was_written():
    table = {"text": 'a "quoted" \\ path\nand é', "whole": 3, "number": 0.1, "yes": True, "tiny": 1e-30}
    text = toml_text({"first": {**table, "several": ["a", "b"]}, "second": {"a": 1, "missing": None}})
    assert tomllib.loads(text) == {"first": {**table, "several": ["a", "b"]}, "second": {"a": 1}}


def test_runs_that_begin_at_the_same_moment_have_names_of_their_own(tmp_path, monkeypatch):
    """Another run takes the name between our look and our move."""
    rename, settings = os.rename, {"epochs": 3}

    def late(source, target):
        if target.endswith("-1") and not os.path.exists(target):
            os.makedirs(target)
            (pathlib.Path(target) / "config.toml").write_text("another's")
        rename(source, target)

    monkeypatch.setattr(os, "rename", late)
    assert RunFolder.make(str(tmp_path), None, "x", settings).name == "x-2"
    with pytest.raises(Problem, match="mine-1 exists already"):
        RunFolder.make(str(tmp_path), "mine-1", "x", settings)
    assert sorted(os.listdir(tmp_path)) == ["mine-1", "x-1", "x-2"]


def test_metrics_are_written_whole(tmp_path):
    folder = RunFolder.make(str(tmp_path), None, "x", {"epochs": 3})
    folder.write_metrics([{"epoch": 1, "train_loss": 0.123456789}])
    assert (tmp_path / "x-1" / "metrics.csv").read_text().splitlines() == [
        "epoch,train_loss,train_accuracy,validation_loss,validation_accuracy",
        "1,0.123457,,,",
    ]
    assert folder.read_config() == {"epochs": 3}


def test_a_file_is_old_or_new(tmp_path, monkeypatch):
    folder = RunFolder.make(str(tmp_path), None, "x", {"epochs": 3})

    def fail(*arguments):
        raise OSError("no space")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(Problem, match="cannot write .*config.toml.*no space"):
        folder.write_config({"epochs": 4})
    assert folder.read_config() == {"epochs": 3} and os.listdir(folder.path) == ["config.toml"]


def test_a_checkpoint_that_cannot_be_written_is_one_line(few_digits, monkeypatch, capsys):
    replace = os.replace

    def fail(source, target):
        if target.endswith("last.pt"):
            raise OSError("no space")
        replace(source, target)

    monkeypatch.setattr(os, "replace", fail)
    problem = problem_of(["train", "--data", few_digits, "--model", "mlp", "--epochs", "1"], capsys)
    assert problem.startswith("cannot write ") and "last.pt" in problem and "no space" in problem
