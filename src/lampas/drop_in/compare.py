"""Runs one script under PyTorch and under Lampas, each in a process of its own, and compares what they do."""

import difflib
import math
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple

_NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+|nan|inf)(?![\w.])")
_SOURCES = pathlib.Path(__file__).parents[2]
# The line that names an error in a traceback, such as "ValueError: no", with or without its module.
_ERROR_LINE = re.compile(r"[A-Za-z_][\w.]*(Error|Exception|Exit|Interrupt|Iteration|Warning)(:|$)")
_ADDRESS = re.compile(r"0x[0-9a-f]+")


class Outcome(NamedTuple):
    """What one run gave: its exit status, what it printed, its seconds and its largest memory in bytes."""

    status: int
    output: str
    errors: str
    seconds: float
    processor_seconds: float
    memory: int


class Difference(NamedTuple):
    """Lines that differ, each as a list; one side may be empty."""

    theirs: list[str]
    ours: list[str]


def finds_torch(python):
    """Return whether an interpreter can import PyTorch.

    Example:
        >>> finds_torch("/nowhere/python")
        False
    """
    question = "import importlib.util, sys; sys.exit(importlib.util.find_spec('torch') is None)"
    try:
        return subprocess.run([python, "-c", question], capture_output=True).returncode == 0
    except OSError:
        return False


def _contents(file):
    file.seek(0)
    return file.read().decode(errors="replace")


def run(command, environment=None):
    """Run a command to its end and return its Outcome; interrupting it interrupts the command too."""
    with tempfile.TemporaryFile() as output_file, tempfile.TemporaryFile() as error_file:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=output_file, stderr=error_file, env=environment)
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            process.wait()
            raise
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - start
        output, errors = _contents(output_file), _contents(error_file)
    processor_seconds = usage.ru_utime + usage.ru_stime
    return Outcome(process.returncode, output, errors, seconds, processor_seconds, usage.ru_maxrss * 1024)


def _masked(line):
    return _NUMBER.sub("#", _ADDRESS.sub("0x#", line)).replace(" ", "")


def _close(theirs, ours, rtol, atol):
    pairs = zip(_NUMBER.findall(theirs), _NUMBER.findall(ours), strict=True)
    for their, our in ((float(their), float(our)) for their, our in pairs):
        both_nan = math.isnan(their) and math.isnan(our)
        if not both_nan and not math.isclose(their, our, rel_tol=rtol, abs_tol=atol):
            return False
    return True


def differences(theirs, ours, rtol=1e-3, atol=1e-5):
    """Return where two texts differ, line by line; numbers may differ a little, addresses freely.

    Args:
        theirs, ours (str): what the two runs printed.
        rtol, atol (float): relative and absolute tolerance of numbers.

    Returns a list of Difference.

    Example:
        >>> differences("loss 0.50000\\ndone", "loss 0.50001\\ndone")
        []
        >>> differences("loss 0.5", "loss 0.7")
        [Difference(theirs=['loss 0.5'], ours=['loss 0.7'])]
    """
    their_lines, our_lines = theirs.splitlines(), ours.splitlines()
    matcher = difflib.SequenceMatcher(
        None, [_masked(line) for line in their_lines], [_masked(line) for line in our_lines], autojunk=False
    )
    found = []
    for kind, start, end, our_start, our_end in matcher.get_opcodes():
        if kind != "equal":
            found.append(Difference(their_lines[start:end], our_lines[our_start:our_end]))
            continue
        for their, our in zip(their_lines[start:end], our_lines[our_start:our_end], strict=True):
            if not _close(their, our, rtol, atol):
                found.append(Difference([their], [our]))
    return found


def _table(theirs, ours):
    rows = [
        ("wall time", theirs.seconds, ours.seconds, "{:.2f} s"),
        ("processor time", theirs.processor_seconds, ours.processor_seconds, "{:.2f} s"),
        ("peak memory", theirs.memory / 1e6, ours.memory / 1e6, "{:.0f} MB"),
    ]
    lines = [f"{'':16}{'PyTorch':>12}{'Lampas':>12}{'ratio':>8}"]
    for name, their, our, form in rows:
        lines.append(f"{name:16}{form.format(their):>12}{form.format(our):>12}{their / max(our, 1e-9):>8.1f}")
    return "\n".join(lines)


def error_line(errors):
    """Return the line of standard error that names the error a program ended with; "" where there is none.

    Example:
        >>> error_line("Traceback ...\\nValueError: no\\nin Linear(2, 3)")
        'ValueError: no'
    """
    lines = errors.strip().splitlines()
    # Notes stand below the error; they are indented or in words.
    named = [line for line in lines if _ERROR_LINE.match(line)]
    return (named or lines or [""])[-1]


def _failure(name, outcome):
    return f"{name} ended with status {outcome.status}: {error_line(outcome.errors) or 'nothing on stderr'}"


def _end_alike(theirs, ours):
    kinds = [error_line(outcome.errors).partition(":")[0] for outcome in (theirs, ours)]
    return theirs.status == ours.status and (ours.status == 0 or kinds[0] == kinds[1])


def _shown(difference, most=6):
    lines = []
    for sign, side in (("PyTorch", difference.theirs), ("Lampas ", difference.ours)):
        lines += [f"  {sign} | {line}" for line in side[:most]]
        if len(side) > most:
            lines.append(f"  {sign} | … and {len(side) - most} lines more")
        if not side:
            lines.append(f"  {sign} | (nothing)")
    return "\n".join(lines)


def compare(script, arguments=(), python=None, rtol=1e-3, atol=1e-5, most=10):
    """Run a script under PyTorch and under Lampas, and print how they compare.

    Args:
        script (str): its path; both run in the current folder.
        arguments (list of str): what the script is given.
        python (str): the interpreter that has PyTorch; this one when not given.
        rtol, atol (float): how far numbers in the output may differ.
        most (int): how many differences are shown.

    Returns True if both ended alike and printed the same.

    Raises FileNotFoundError where there is no script, ModuleNotFoundError where there is no PyTorch.
    """
    if not os.path.isfile(script):
        raise FileNotFoundError(f"there is no script {script!r}")
    python = python or sys.executable
    if not finds_torch(python):
        raise ModuleNotFoundError(
            f"{python} has no PyTorch to compare with: install torch there, or name another interpreter "
            "with --python"
        )
    theirs = run([python, script, *arguments])
    python_path = os.pathsep.join([str(_SOURCES), os.environ.get("PYTHONPATH", "")])
    ours = run(
        [sys.executable, "-m", "lampas", script, *arguments], {**os.environ, "PYTHONPATH": python_path}
    )
    found = differences(theirs.output, ours.output, rtol, atol)
    print(_table(theirs, ours))
    for name, outcome in (("PyTorch", theirs), ("Lampas", ours)):
        if outcome.status != 0:
            print(_failure(name, outcome))
    count = len(ours.output.splitlines())
    if not found:
        print(f"output: the same, {count} lines (numbers within rtol {rtol:g}, atol {atol:g})")
    else:
        places = "1 place differs" if len(found) == 1 else f"{len(found)} places differ"
        print(f"output: {places}" + (f", the first {most}:" if len(found) > most else ":"))
        print("\n".join(_shown(difference) for difference in found[:most]))
    return not found and _end_alike(theirs, ours)
