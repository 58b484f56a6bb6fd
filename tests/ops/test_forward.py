"""Every op gives what NumPy gives, as a function and as a method, on every dtype of its row."""

import numpy as np
import pytest

import lampas
from ops import behaviour
from ops.cases import CASES
from ops.recorded import recorded_op
from ops.tensors import as_list, assert_close, build, build_for_reference, dtype_name, tensors_in, to_array

REFERENCED = [(case, dtype) for case in CASES if case.reference for dtype in case.dtypes]


def expected_results(case, sample):
    """What the row's NumPy reference gives."""
    arguments, keywords = build_for_reference(sample)
    return as_list(case.reference(*arguments, **keywords))


def assert_results(case, sample, results, expected, context=""):
    """Compare the results of a call, tensors or plain values, with arrays."""
    results = as_list(results)
    assert len(results) == len(expected), f"{case.name}{sample} {context}"
    for result, wanted in zip(results, expected, strict=True):
        if not isinstance(result, lampas.Tensor):
            assert result == wanted, f"{case.name}{sample} {context}"
        elif case.fills:
            name = dtype_name(result.dtype)
            assert_close(to_array(result), wanted, name, case.tolerance, f"{case.name}{sample} {context}")
        else:
            assert tuple(result.shape) == wanted.shape, f"{case.name}{sample} {context}"


def call_default(case, arguments, keywords):
    """Call an op in its first form; the in-place form where it has no other."""
    if case.has_only("in_place"):
        return case.call_in_place(*arguments, **keywords)
    return case.call(lampas, *arguments, **keywords)


@pytest.mark.parametrize(("case", "dtype"), REFERENCED, ids=lambda value: str(value))
def test_gives_what_numpy_gives(case, dtype):
    samples = case.samples_of(dtype, ("plain", "large"))
    assert samples
    for sample in samples:
        expected = expected_results(case, sample)
        arguments, keywords = build(lampas, sample)
        assert_results(case, sample, call_default(case, arguments, keywords), expected)
        if case.has("function") and case.has("method"):
            assert_results(case, sample, case.call_method(*arguments, **keywords), expected, "method")


@pytest.mark.parametrize("case", [case for case in CASES if case.random], ids=str)
def test_draws_what_pytorch_draws(case):
    expected, actual = recorded_op("draws", case), behaviour.draws(lampas, case)
    assert actual.keys() == expected.keys()
    for dtype, records in expected.items():
        for (line, values, following), (our_line, our_values, our_following) in zip(
            records, actual[dtype], strict=True
        ):
            assert our_line == line
            assert our_values == pytest.approx(values, rel=1e-6, nan_ok=True), f"{case.name}, {dtype}"
            assert our_following == following  # as many numbers were drawn


@pytest.mark.parametrize("case", [case for case in CASES if not case.has_only("in_place")], ids=str)
def test_leaves_its_inputs_alone(case):
    for sample in case.samples_of(case.dtypes[0]):
        arguments, keywords = build(lampas, sample)
        before = [(to_array(tensor).copy(), tensor._version) for tensor in tensors_in((arguments, keywords))]
        case.call(lampas, *arguments, **keywords)
        after = [(to_array(tensor), tensor._version) for tensor in tensors_in((arguments, keywords))]
        for (values, version), (values_after, version_after) in zip(before, after, strict=True):
            assert version == version_after
            assert np.array_equal(values, values_after, equal_nan=values.dtype.kind != "b")
