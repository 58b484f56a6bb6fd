"""Wrong calls raise PyTorch's exception type with its first line, and harm nothing."""

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
