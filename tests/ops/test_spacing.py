"""linspace and logspace between bounds that are tensors, and arange where a step is cut to nothing."""

import pytest

import lampas

SPACERS = [lampas.linspace, lampas.logspace]


@pytest.mark.parametrize("spaced", SPACERS)
@pytest.mark.parametrize("learnt", [False, True])
def test_bounds_may_be_tensors(spaced, learnt):
    start, end = lampas.tensor(0.5, requires_grad=learnt), lampas.tensor(2.5, requires_grad=learnt)
    wanted = spaced(0.5, 2.5, 7)
    for result in (spaced(start, end, 7), spaced(start, 2.5, 7), spaced(0.5, end, 7)):
        assert not result.requires_grad and lampas.equal(result, wanted)
    into = lampas.empty(7, dtype=lampas.float64)
    assert spaced(start, end, 7, out=into) is into
    assert lampas.equal(into, spaced(0.5, 2.5, 7, dtype=lampas.float64))


@pytest.mark.parametrize("spaced", SPACERS)
def test_bounds_without_values_are_refused(spaced):
    with pytest.raises(RuntimeError, match="meta tensors"):
        spaced(lampas.tensor(0.5, device="meta"), 2.5, 3)


def test_logspace_of_integers_is_cut_after_raising():
    assert lampas.logspace(0, 3, 5, dtype=lampas.int64).tolist() == [1, 5, 31, 177, 1000]
    assert lampas.logspace(0, 40, 2, dtype=lampas.int64).tolist() == [1, -(2**63)]  # out of range, as on x86


def test_arange_refuses_a_step_that_integers_cannot_take():
    with pytest.raises(ValueError, match="step must be nonzero"):
        lampas.arange(0, 64, 0.5, out=lampas.empty(0, dtype=lampas.int64))
