"""Strides, empty and zero-dimensional tensors, out=, in place, views: the same values and history."""

import re

import pytest

import lampas
from ops import behaviour
from ops.cases import CASES
from ops.gradients import assert_gradients
from ops.recorded import recorded_op
from ops.tensors import as_list, assert_close, build, tensors_in, to_array
from ops.test_forward import assert_results, call_default, expected_results

LAYOUTS = ("transposed", "strided")
# What view and as_strided give depends on the strides: they have tests of their own below.
OF_STRIDES = ("view", "view_as", "view_copy", "as_strided", "as_strided_copy", "as_strided_scatter")
STRIDED = [case for case in CASES if case.reference and case.name not in OF_STRIDES]
OVERLAPPING = ("expand", "expand_as", "as_strided")  # their results cannot be written
IN_PLACE = [case for case in CASES if case.has("in_place") and not case.view]


@pytest.mark.parametrize("case", STRIDED, ids=str)
def test_strides_do_not_matter(case):
    for dtype in {case.dtypes[0], case.dtypes[-1]}:
        for sample in case.samples_of(dtype):
            expected = expected_results(case, sample)
            for layout in LAYOUTS:
                arguments, keywords = build(lampas, sample, layout)
                assert_results(case, sample, call_default(case, arguments, keywords), expected, layout)


def agrees(battery_line, ours, theirs):
    """Whether an outcome is PyTorch's, or differs in one of the ways in which Lampas does on purpose."""
    if ours == theirs:
        return True
    our_result, their_result = ours.split(" | ")[0], theirs.split(" | ")[0]
    if battery_line == "expanded":  # Lampas never writes to a memory that overlaps itself
        return "more than one element of the written-to tensor refers to" in ours
    if battery_line == "one element further":  # where a temporary was in between, the result is right
        return our_result.endswith("is out as without out")
    if battery_line == "of another shape":  # Lampas warns for every op that resizes
        return our_result == their_result and "An output with one or more elements was resized" in ours
    if battery_line in ("one row", "asking for a gradient", "of inputs that ask for a gradient", "text"):
        return our_result.split(":")[0] == their_result.split(":")[0]  # the exception's type
    # PyTorch casts into out= in some ops and refuses in others, in several wordings; Lampas casts in all ops
    # what `can_cast` allows.
    if re.match(r"\w+: .*(dtype|scalar type|out type|can't be cast|not implemented for)", theirs):
        return our_result.endswith("is out as without out") or "can't be cast to the desired" in ours
    return False


def assert_agrees(ours, theirs):
    """Compare the outcomes of a battery, line by line."""
    assert ours.keys() == theirs.keys()
    differing = {
        name: (ours[name], theirs[name]) for name in theirs if not agrees(name, ours[name], theirs[name])
    }
    assert not differing


@pytest.mark.parametrize("case", [case for case in CASES if case.has("out")], ids=str)
def test_out_is_written_as_recorded(case):
    assert_agrees(behaviour.out(lampas, case), recorded_op("out", case))


@pytest.mark.parametrize("case", [case for case in CASES if case.has("out") and case.reference], ids=str)
def test_out_holds_the_values(case):
    if not case.fills:
        pytest.skip("the contents are not defined")
    for dtype in {case.dtypes[0], case.dtypes[-1]}:
        for sample in case.samples_of(dtype):
            arguments, keywords = build(lampas, sample)
            plain = as_list(case.call(lampas, *arguments, **keywords))
            for layout in ("contiguous", *LAYOUTS):
                outs = [empty_like_with_layout(each, layout) for each in plain]
                case.call(lampas, *arguments, **keywords, out=outs[0] if len(outs) == 1 else tuple(outs))
                assert_results(case, sample, outs, expected_results(case, sample), f"out, {layout}")


def empty_like_with_layout(tensor, layout):
    """A tensor to be overwritten, of the shape and dtype of another one."""
    if layout == "strided" and tensor.dim():
        larger = lampas.zeros((*tensor.shape[:-1], 2 * tensor.shape[-1] + 1), dtype=tensor.dtype)
        return larger[..., 1::2]
    if layout == "transposed":
        return behaviour.transposed_zeros(lampas, tensor)
    return lampas.zeros(tensor.shape, dtype=tensor.dtype)


@pytest.mark.parametrize("case", [case for case in CASES if case.has("in_place")], ids=str)
def test_in_place_behaves_as_recorded(case):
    assert_agrees(behaviour.in_place(lampas, case), recorded_op("in_place", case))


@pytest.mark.parametrize("case", [case for case in IN_PLACE if case.reference], ids=str)
def test_in_place_writes_the_values(case):
    for sample in case.samples_of(case.precise_dtype):
        expected = expected_results(case, sample)[0]
        if expected.shape != sample.arguments[0].shape:
            continue
        for layout in ("contiguous", *LAYOUTS):
            arguments, keywords = build(lampas, sample, layout)
            case.call_in_place(*arguments, **keywords)
            context = f"{case.name}_{sample}, {layout}"
            actual = to_array(arguments[0]).astype(expected.dtype)
            assert_close(actual, expected, case.precise_dtype, case.tolerance, context)


@pytest.mark.parametrize("case", [case for case in CASES if case.view], ids=str)
def test_views_lie_on_the_memory_of_their_input(case):
    for sample in case.samples_of(case.main_dtype):
        arguments, keywords = build(lampas, sample)
        base = arguments[0]
        results = tensors_in(case.call(lampas, *arguments, **keywords))
        for result in results:
            assert result.untyped_storage().data_ptr() == base.untyped_storage().data_ptr()
            if case.name != "detach":
                assert result._base is base or result is base, f"{case.name}{sample}"
            if result.numel() and case.name not in OVERLAPPING:
                before = base._version
                with lampas.no_grad():
                    result.fill_(1)
                assert base._version == before + 1
                assert lampas.equal(result, lampas.ones_like(result))


def through_a_view(case, arguments, keywords, layout):
    """Overwrite a part of a larger tensor in place and return the larger one."""
    target = arguments[0]
    larger = lampas.cat([target, target * 2, target], -1) if target.dim() else target * 1
    view = larger
    if layout == "narrowed" and target.dim():
        view = larger.narrow(-1, target.shape[-1], target.shape[-1])
    elif layout == "strided" and target.dim():
        view = larger[..., ::3]
    case.call_in_place(view, *arguments[1:], **keywords)
    return larger


@pytest.mark.parametrize("layout", ["narrowed", "strided"])
@pytest.mark.parametrize("case", [case for case in IN_PLACE if case.derivatives and not case.random], ids=str)
def test_writing_into_a_view_rewrites_the_history_of_its_base(case, layout):
    for sample in case.samples_of(case.precise_dtype):
        expected = expected_results(case, sample)[0]
        if expected.shape != sample.arguments[0].shape or not expected.size:
            continue

        def overwrite(*arguments, **keywords):
            return through_a_view(case, arguments, keywords, layout)

        assert_gradients(overwrite, sample, f"{case.name}_{sample} into a {layout} view")


def test_view_needs_fitting_strides():
    tensor = lampas.zeros(3, 4).t()
    assert tensor.view(2, 2, 3).shape == (2, 2, 3)
    with pytest.raises(RuntimeError, match="view size is not compatible with input tensor's size and stride"):
        tensor.view(12)
    assert tensor.reshape(12).shape == (12,)


def test_view_splits_and_joins_strided_dims():
    tensor = lampas.arange(24.0).view(2, 3, 4)[:, :, ::2]
    assert tensor.view(6, 2).tolist() == [[0, 2], [4, 6], [8, 10], [12, 14], [16, 18], [20, 22]]
    assert tensor.view(6, 2)._base is not None
