"""Checks `lampas compare`, with a small package that stands for PyTorch on machines that have none."""

import subprocess
import sys

import pytest

from lampas.drop_in.compare import Difference, differences, finds_torch
from lampas.train.command_line import main

STAND_IN = """
import math

class Value(float):
    def item(self):
        return float(self)

def tensor(value):
    return Value(value)
"""


@pytest.fixture
def python(tmp_path):
    """An interpreter that finds a module torch: not PyTorch, but with a function `tensor`."""
    (tmp_path / "packages" / "torch").mkdir(parents=True)
    (tmp_path / "packages" / "torch" / "__init__.py").write_text(STAND_IN)
    path = tmp_path / "python"
    path.write_text(f'#!/bin/sh\nPYTHONPATH={tmp_path / "packages"} exec {sys.executable} "$@"\n')
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def script(tmp_path):
    def write(source):
        path = tmp_path / "program.py"
        path.write_text(source)
        return str(path)

    return write


def test_numbers_within_tolerance_are_the_same():
    theirs = "step 1: loss 2.3026 (nan)\n<object at 0x7f01>\nend"
    assert differences(theirs, "step 1: loss 2.3027 (nan)\n<object at 0x55aa>\nend") == []
    assert differences(theirs, theirs.replace("2.3026", "2.4")) == [
        Difference(["step 1: loss 2.3026 (nan)"], ["step 1: loss 2.4 (nan)"])
    ]
    assert differences("1e-9", "3e-9") == [] and differences("1.0", "inf") != []


def test_lines_that_are_missing_or_other():
    assert differences("one\ntwo\nthree", "one\nthree") == [Difference(["two"], [])]
    assert differences("a\nb", "a\nb\nc 1") == [Difference([], ["c 1"])]
    assert differences("version 2.13", "version two") == [Difference(["version 2.13"], ["version two"])]


RUN_AND_TELL = """
import sys
from lampas.drop_in.compare import run
outcome = run([sys.executable, "-c", "x = b'1' * 60_000_000; print(len(x)); raise SystemExit(3)"])
assert (outcome.status, outcome.output) == (3, "60000000\\n")
assert 0 < outcome.processor_seconds and 0 < outcome.seconds
print(outcome.memory)
"""


@pytest.mark.weighs_memory
def test_what_a_run_used():
    """The system counts for a child what its parent had when it was made: so the parent is a small one."""
    done = subprocess.run([sys.executable, "-c", RUN_AND_TELL], capture_output=True, text=True, check=True)
    assert 60_000_000 < int(done.stdout) < 200_000_000


def test_a_script_that_does_the_same(script, python, capsys):
    path = script("import sys, torch\nprint(sys.argv[1:], torch.tensor(1.5).item())")
    assert main(["compare", "--python", python, path, "--rtol", "x"]) == 0
    output = capsys.readouterr().out
    assert "output: the same, 1 lines" in output and "peak memory" in output


def test_a_script_that_differs(script, python, capsys):
    path = script("import torch\nprint(torch.tensor(1.5))\nprint('torch' in repr(torch), torch.sqrt)")
    assert main(["compare", "--python", python, path]) == 1
    output = capsys.readouterr().out
    assert "  PyTorch | 1.5\n  Lampas  | tensor(1.5000)" in output
    assert "PyTorch ended with status 1: AttributeError: module 'torch' has no attribute 'sqrt'" in output


def test_without_pytorch(script, tmp_path, capsys):
    empty = tmp_path / "python"
    empty.write_text(f'#!/bin/sh\nexec {sys.executable} -I -S "$@"\n')
    empty.chmod(0o755)
    assert not finds_torch(str(empty))
    assert main(["compare", "--python", str(empty), script("import torch")]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"lampas: {empty} has no PyTorch to compare with: install torch")
    assert error.count("\n") == 1


def test_without_a_script(capsys):
    assert main(["compare", "missing.py"]) == 2
    assert capsys.readouterr().err == "lampas: there is no script 'missing.py'\n"


def test_scripts_that_fail_alike_or_otherwise(script, python, capsys):
    failing = "import torch\nraise ValueError('no')"
    assert main(["compare", "--python", python, script(failing)]) == 0
    other = "import sys, torch\nraise (KeyError if hasattr(torch, 'nn') else ValueError)('no')"
    assert main(["compare", "--python", python, script(other)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert "Lampas ended with status 1: KeyError: 'no'" in lines


def test_the_error_is_named_not_the_notes_below_it(script, python, capsys):
    main(["compare", "--python", python, script("import torch\ntorch.nn.Linear(3, 2)(torch.ones(4))")])
    assert any(": RuntimeError: " in line for line in capsys.readouterr().out.splitlines())


def test_one_place_differs(script, python, capsys):
    assert main(["compare", "--python", python, script("import torch\nprint(hasattr(torch, 'nn'))")]) == 1
    assert "output: 1 place differs:" in capsys.readouterr().out
