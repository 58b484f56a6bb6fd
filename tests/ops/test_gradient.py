"""First and second derivatives and forward mode against finite differences; names of the recorded nodes."""

import pytest

import lampas
from ops import behaviour
from ops.cases import CASES
from ops.gradients import assert_forward_mode, assert_gradients
from ops.recorded import recorded_op
from ops.tensors import build, tensors_in

DIFFERENTIABLE = [case for case in CASES if case.derivatives and not case.has_only("in_place")]


def seeded(case):
    """The op as a function whose random draws are the same each time."""

    def function(*arguments, **keywords):
        if case.random:
            lampas.manual_seed(0)
        return case.call(lampas, *arguments, **keywords)

    return function


@pytest.mark.parametrize("case", DIFFERENTIABLE, ids=str)
def test_derivatives_agree_with_finite_differences(case):
    for sample in case.samples_of(case.precise_dtype):
        assert_gradients(seeded(case), sample, f"{case.name}{sample}", order=case.derivatives)


@pytest.mark.parametrize("case", DIFFERENTIABLE, ids=str)
def test_forward_mode_agrees_with_finite_differences(case):
    for sample in case.samples_of(case.precise_dtype):
        assert_forward_mode(seeded(case), sample, f"{case.name}{sample}")


@pytest.mark.parametrize("case", DIFFERENTIABLE, ids=str)
def test_records_the_nodes_that_pytorch_records(case):
    assert behaviour.graph(lampas, case) == recorded_op("graph", case)


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.samples_of("float32", ("special",))], ids=str
)
def test_meets_special_values_as_pytorch_does(case):
    for actual, expected in zip(behaviour.special(lampas, case), recorded_op("special", case), strict=True):
        assert actual.keys() == expected.keys()
        for key in expected:
            for ours, theirs in zip(actual[key], expected[key], strict=True):
                assert (ours is None) == (theirs is None)
                assert ours is None or ours == pytest.approx(theirs, rel=1e-5, abs=1e-37, nan_ok=True), key


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.derivatives == 0 and not case.random], ids=str
)
def test_what_has_no_derivative_asks_for_none(case):
    for sample in case.samples_of(case.main_dtype):
        arguments, keywords = build(lampas, sample, requires_grad=True)
        if case.has_only("in_place"):
            continue
        for result in tensors_in(case.call(lampas, *arguments, **keywords)):
            assert not result.requires_grad and result.grad_fn is None


@pytest.mark.parametrize("case", DIFFERENTIABLE, ids=str)
def test_no_grad_records_nothing(case):
    sample = case.samples_of(case.precise_dtype)[0]
    arguments, keywords = build(lampas, sample, requires_grad=True)
    with lampas.no_grad():
        for result in tensors_in(case.call(lampas, *arguments, **keywords)):
            assert result.grad_fn is None
