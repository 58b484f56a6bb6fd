"""Wrong calls raise PyTorch's exception type with its first line, and harm nothing."""

import subprocess
import sys

import pytest

import lampas
from ops import behaviour
from ops.cases import CASES
from ops.recorded import recorded_op

WRONG = [case for case in CASES if case.samples_of_errors(case.main_dtype)]


@pytest.mark.parametrize("case", WRONG, ids=str)
def test_raises_what_was_recorded(case):
    assert behaviour.errors(lampas, case) == recorded_op("errors", case)


@pytest.mark.parametrize("case", WRONG, ids=str)
def test_wrong_calls_leave_the_inputs_as_they_were(case):
    """A failed call neither writes nor bumps a version, and the op works afterwards."""
    for sample in case.samples_of_errors(case.main_dtype):
        arguments, keywords = behaviour.build(lampas, sample)
        tensors = behaviour.tensors_in((arguments, keywords))
        before = [(each.tolist(), each._version) for each in tensors]
        behaviour.outcome(lampas, lambda: behaviour.call(lampas, case, arguments, keywords))  # noqa: B023
        assert [(each.tolist(), each._version) for each in tensors] == before
    sample = case.samples_of(case.main_dtype)[0]
    behaviour.call(lampas, case, *behaviour.build(lampas, sample))


def test_what_pytorch_warns_of_once_a_process_is_warned_of_once():
    program = """
import warnings
import lampas
x, index = lampas.ones(3), lampas.tensor([0, 1, 2])
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    for _ in range(2):
        x.index_reduce(0, index, x, "prod")
        x.scatter(0, index, x, reduce="add")
        lampas.cross(x, x)
for each in caught:
    print(str(each.message)[:24])
"""
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert finished.stdout.splitlines() == [
        "index_reduce() is in bet",
        "The reduce argument of t",
        "Using torch.cross withou",
    ]
