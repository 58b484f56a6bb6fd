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

from lampas.data import Digits
from lampas.train import command_line, run
from lampas.train.command_line import main, make_parser
from lampas.train.progress import ProgressLine
from lampas.train.results import RunFolder, write_toml
from lampas.vision.datasets.idx import write_idx


@pytest.fixture
def few_digits(tmp_path, monkeypatch):
    """Work in an empty folder beside `few`, which holds 300 digits to train and 100 to test."""
    few = tmp_path / "few"
    few.mkdir()
    for train, prefix, count in [(True, "train", 300), (False, "t10k", 100)]:
        digits = Digits(train)
        write_idx(few / f"{prefix}-images-idx3-ubyte.gz", digits.data[:count].numpy())
        write_idx(few / f"{prefix}-labels-idx1-ubyte.gz", digits.targets[:count].numpy())
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return str(few)


def rows_of(folder):
    with open(os.path.join(folder, "metrics.csv"), newline="") as file:
        return list(csv.DictReader(file))


def test_a_run_and_what_it_leaves(few_digits, capsys):
    status = main(["train", "--data", few_digits, "--epochs", "3", "--name", "mine", "--seed", "5"])
    assert status == 0
    assert sorted(os.listdir("runs/mine")) == ["config.toml", "curves.png", "metrics.csv", "result.toml"]

    config = tomllib.loads(pathlib.Path("runs/mine/config.toml").read_text())
    assert config["run"]["name"] == "mine"
    assert (config["run"]["data"], config["run"]["epochs"], config["run"]["seed"]) == (few_digits, 3, 5)
    assert config["versions"]["lampas"]

    rows = rows_of("runs/mine")
    assert [row["epoch"] for row in rows] == ["1", "2", "3"]
    losses = [float(row["train_loss"]) for row in rows]
    assert losses[0] > losses[1] > losses[2] > 0
    assert all(
        0 <= float(row[column]) <= 1 for row in rows for column in ("train_accuracy", "validation_accuracy")
    )
    assert float(rows[2]["train_accuracy"]) > 0.5  # chance is 0.1

    result = tomllib.loads(pathlib.Path("runs/mine/result.toml").read_text())["test"]
    assert result["count"] == 100 and result["correct"] == round(result["accuracy"] * 100)
    assert result["accuracy"] > 0.4
    assert pathlib.Path("runs/mine/curves.png").read_bytes().startswith(b"\x89PNG")

    lines = capsys.readouterr().out.splitlines()
    assert [line[:5] for line in lines if line.startswith("[")] == ["[1/4]", "[2/4]", "[3/4]", "[4/4]"]
    assert "270 to train, 30 to validate, 100 to test; 784 pixels, 10 classes" in lines[1]
    assert "784-128-64-10, 109,386 parameters" in lines[2]
    epochs = [line for line in lines if line.startswith("  epoch")]
    assert len(epochs) == 3 and epochs[0].startswith("  epoch 1/3  loss ")
    assert f"test accuracy {100 * result['accuracy']:.2f} % ({result['correct']} of 100)" in lines[-3]
    assert "left in runs/mine/: config.toml, curves.png, metrics.csv, result.toml" in lines[-2]
    assert lines[-1].startswith("  next, try: ")


def test_the_next_command_is_understood(few_digits, capsys):
    for data in (few_digits, "digits"):
        main(["train", "--data", data, "--epochs", "1"])
        command = capsys.readouterr().out.splitlines()[-1].split("next, try: ")[1]
        words = shlex.split(command)
        make_parser().parse_args(words[words.index("train") :])


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
    runs = [[{**row, "seconds": ""} for row in rows_of(f"runs/{name}")] for name in "abc"]
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
    os.makedirs("runs/folder-mlp-7")
    main(["train", "--data", few_digits, "--epochs", "1"])
    assert sorted(os.listdir("runs")) == ["folder-mlp-1", "folder-mlp-2", "folder-mlp-7", "folder-mlp-8"]


def problem_of(arguments, capsys):
    """Run a command that must fail with status 2 and return its one line."""
    assert main(arguments) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1 and lines[0].startswith("lampas: ")
    return lines[0].removeprefix("lampas: ")


def test_problems_with_data(few_digits, tmp_path, capsys):
    assert problem_of(["train", "--data", "nowhere"], capsys) == (
        "--data nowhere: neither digits nor mnist, nor is there such a folder"
    )
    assert "give --download, or its folder by --data-root" in problem_of(["train", "--data", "mnist"], capsys)
    assert "not found (looked in" in problem_of(["train", "--data", str(tmp_path / "work")], capsys)
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
    assert problem == "runs/taken exists already; give another --name"
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
        ["train", "--model", "unheard-of"],
        ["train", "--unknown"],
    ],
    ids=" ".join,
)
def test_wrong_arguments(arguments, capsys):
    with pytest.raises(SystemExit) as raised:
        main(arguments)
    assert raised.value.code == 2
    assert "error: " in capsys.readouterr().err.splitlines()[-1]


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
    assert capsys.readouterr().err.endswith("lampas: stopped\n")
    assert len(rows_of("runs/cut")) == 2
    assert sorted(os.listdir("runs/cut")) == ["config.toml", "curves.png", "metrics.csv"]


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


def test_progress_on_a_terminal_is_written_over():
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


def test_toml_says_what_was_written(tmp_path):
    table = {"text": 'a "quoted" \\ path\nand é', "whole": 3, "number": 0.1, "yes": True, "tiny": 1e-30}
    write_toml(tmp_path / "file.toml", {"first": table, "second": {"a": 1, "missing": None}})
    assert tomllib.loads((tmp_path / "file.toml").read_text("utf-8")) == {"first": table, "second": {"a": 1}}


def test_metrics_are_there_after_each_epoch(tmp_path):
    folder = RunFolder(str(tmp_path), None, "x")
    folder.add_epoch({"epoch": 1, "train_loss": 0.123456789, "seconds": 2.0})
    assert (tmp_path / "x-1" / "metrics.csv").read_text().splitlines() == [
        "epoch,train_loss,train_accuracy,validation_loss,validation_accuracy,seconds",
        "1,0.123457,,,,2",
    ]
